"""One way to talk to central: with deadlines, with our token, with errors that say what to do."""

from datetime import UTC, datetime
from types import UnionType
from typing import Any, TypeVar, overload

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from contract.reading import from_json
from device.distrust import why
from device.no_answer import (
    CentralRefused,
    CentralUnreachable,
    CentralUnreadable,
    CentralUntrusted,
    in_short,
    refusal,
)
from device.trust import CaUnusable, Trust

__all__ = [
    "CentralRefused",
    "CentralSession",
    "CentralUnreachable",
    "CentralUnreadable",
    "CentralUntrusted",
]

T = TypeVar("T")
Headers = dict[str, str]

# A little over 3 s: the first repeat of a lost TCP packet comes after 3 (RFC 6298).
CONNECT_S = 3.05
ANSWER_S = 10.0
# A stream has a heartbeat every 15 s; two may be missed.
STREAM_SILENCE_S = 40.0

SUCCESS = 2
NOT_MODIFIED = 304


class _Bearer(AuthBase):
    """Our token; set as `auth`, because otherwise a .netrc of the machine would replace the header."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class _TrustedAdapter(HTTPAdapter):
    """HTTPS under the rules of one context, to which nobody may add a CA."""

    def __init__(self, trust: Trust) -> None:
        self._context = trust.context()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, *_: Any, **__: Any) -> None:  # noqa: ANN401 - as requests has it
        # requests would load its own bundle of public CAs into the context, beside the pinned one.
        conn.cert_reqs = "CERT_REQUIRED"


class CentralSession(requests.Session):
    """A session for one central.  Paths are relative to `base_url`; every request has a deadline.

    Not to be shared between threads: each thread makes its own.  Proxies and other settings from
    the environment are ignored, so a device behaves the same however it was started.  *trust* says
    whom an https:// address must prove to be; without it the CAs of the system do.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        timeout: tuple[float, float] = (CONNECT_S, ANSWER_S),
        trust: Trust | None = None,
    ) -> None:
        super().__init__()
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.trust_env = False
        self.auth = None if token is None else _Bearer(token)
        self._unusable: CaUnusable | None = None
        self._trust = trust
        if self.base_url.startswith("https:"):
            self._trust = self._pinned(trust or Trust())

    def _pinned(self, trust: Trust) -> Trust:
        """A CA that cannot be used is said at each request, for a post takes plates without central."""
        try:
            self.mount("https://", _TrustedAdapter(trust))
        except CaUnusable as error:
            self._unusable = error
        return trust

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """As requests does it, with our address in front and our deadlines; redirects are answers.

        Raises:
            CentralUnreachable: no answer.
            CentralUntrusted: the far end does not prove to be central.
        """
        if self._unusable is not None:
            raise CentralUntrusted(self.base_url, str(self._unusable).rstrip("."))
        kwargs.setdefault("timeout", self.timeout)
        kwargs.setdefault("allow_redirects", False)
        address = f"{self.base_url}{url}" if str(url).startswith("/") else url
        try:
            return super().request(method, address, *args, **kwargs)
        except requests.RequestException as error:
            raise self._lost(error) from error

    def _lost(self, error: requests.RequestException) -> CentralUnreachable:
        now = datetime.now(UTC) if self._trust is None else self._trust.clock.now()
        is_pinned = self._trust is not None and self._trust.ca_file is not None
        if distrusted := why(error, self.base_url, now, is_pinned=is_pinned):
            return CentralUntrusted(self.base_url, distrusted)
        return CentralUnreachable(self.base_url, in_short(error))

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | msgspec.Struct | None = None,
        headers: Headers | None = None,
    ) -> requests.Response:
        """Send one request and give the whole answer, which is a 2xx or a 304.

        Raises:
            CentralUnreachable: no answer.
            CentralRefused: any other status.
        """
        data = msgspec.json.encode(body) if isinstance(body, msgspec.Struct) else body
        sent = {"Accept": "application/json", **(headers or {})}
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        response = self.request(method, path, data=data, headers=sent)
        return _accepted(response)

    @overload
    def call(
        self,
        method: str,
        path: str,
        body: bytes | msgspec.Struct | None = ...,
        answer: None = ...,
        headers: Headers | None = ...,
    ) -> None: ...

    @overload
    def call(
        self,
        method: str,
        path: str,
        body: bytes | msgspec.Struct | None,
        answer: type[T],
        headers: Headers | None = ...,
    ) -> T: ...

    @overload
    def call(
        self,
        method: str,
        path: str,
        body: bytes | msgspec.Struct | None,
        answer: UnionType,
        headers: Headers | None = ...,
    ) -> Any: ...  # noqa: ANN401 - a union has no type[]

    def call(
        self,
        method: str,
        path: str,
        body: bytes | msgspec.Struct | None = None,
        answer: Any = None,
        headers: Headers | None = None,
    ) -> Any:
        """Send *body* as JSON (bytes go as they are) and read the answer as the type *answer*.

        Raises:
            CentralUnreachable: no answer.
            CentralUnreadable: a 2xx that central did not write (a hotspot's log-in page).
            CentralRefused: central said no.
        """
        response = self.exchange(method, path, body, headers)
        if answer is None:
            return None
        return decoded(response, answer)

    def listen(self, path: str, headers: Headers | None = None) -> requests.Response:
        """Open a stream of server-sent events, to be read by `device.sse.read_events`.

        Raises as `call` does.
        """
        response = self.request(
            "GET",
            path,
            headers={
                "Accept": "text/event-stream",
                "Accept-Encoding": "identity",  # a compressor would hold events back
                "Cache-Control": "no-store",
                **(headers or {}),
            },
            stream=True,
            timeout=(self.timeout[0], STREAM_SILENCE_S),
        )
        return _accepted(response)


def decoded(response: requests.Response, answer: Any) -> Any:  # noqa: ANN401
    """Read the body of *response* as the type *answer*; CentralUnreadable when it is something else."""
    try:
        return from_json(response.content, answer)
    except msgspec.MsgspecError as error:
        # A question holds a plate, and this sentence goes to the log.
        address = response.url.partition("?")[0]
        raise CentralUnreadable(address, f"something else answered: {error}") from error


def _accepted(response: requests.Response) -> requests.Response:
    if response.status_code // 100 == SUCCESS or response.status_code == NOT_MODIFIED:
        return response
    with response:
        raise refusal(response)
