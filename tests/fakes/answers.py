"""Central's answers without a network: requests' own adapter interface, fed by a test."""

import io
import json
from collections import deque
from typing import Any

import requests
import urllib3

from device.session import CentralSession


class Answers(requests.adapters.BaseAdapter):
    """Gives prepared answers in order and keeps what was asked.  An exception among them is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []
        self._next: deque[urllib3.HTTPResponse | Exception] = deque()

    def give(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        """Answer the next request with *body* as JSON (bytes go as they are)."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Content-Type": "application/json", **(headers or {})}
        self._next.append(
            urllib3.HTTPResponse(io.BytesIO(content), named, status, preload_content=False)
        )

    def refuse(self, status: int, reason: str, detail: str) -> None:
        """Answer the next request with a problem document."""
        problem = {"reason": reason, "detail": detail, "status": status}
        self.give(status, problem, {"Content-Type": "application/problem+json"})

    def fail(self, error: Exception) -> None:
        """Let the next request fail."""
        self._next.append(error)

    def session(self, url: str, token: str | None = None) -> CentralSession:
        """A session that asks here."""
        session = CentralSession(url, token)
        session.mount("http://", self)
        return session

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        self.timeouts.append(kwargs.get("timeout"))
        answer = self._next.popleft()
        if isinstance(answer, Exception):
            raise answer
        return requests.adapters.HTTPAdapter().build_response(request, answer)

    def close(self) -> None:
        """Nothing is open."""
