"""A vehicle register on a local port that answers as a test says: well, slowly, wrongly, or for ever."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

JSON = "application/json"


class Asked(BaseHTTPRequestHandler):
    """One request; *answers* of the server decide what it gets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, RegisterServer)
        server.asked.append((self.path, self.headers.get("Authorization")))
        with suppress(OSError):  # the asker may be gone by then
            server.answer(self)

    def gives(
        self,
        body: bytes,
        status: int = 200,
        kind: str = JSON,
        *,
        length: int | None = None,
        location: str = "",
    ) -> None:
        """Answer whole, unless *length* promises more."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def drips(self, body: bytes) -> None:
        """Say the headers, and then nothing more until the test ends."""
        server = self.server
        assert isinstance(server, RegisterServer)
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body) + 1))
        self.end_headers()
        self.wfile.write(body)
        server.over.wait()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class RegisterServer(ThreadingHTTPServer):
    """Answers by `answer`; `asked` are the paths and the tokens; `over` ends whoever drags on."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Asked], None]) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answer = answer
        self.asked: list[tuple[str, str | None]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/vehicles"

    def begin(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self


@contextmanager
def register_server(answer: Callable[[Asked], None]) -> Iterator[RegisterServer]:
    with RegisterServer(answer) as server:
        server.begin()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
