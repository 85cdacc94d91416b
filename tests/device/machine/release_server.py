"""A central that gives out releases over a line that may break."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/v1/stations/pitea/releases/"


class ReleaseServer:
    """Serves `files`.  `cut` ends the next large answer after so many bytes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: int | None = None
        self.knows_ranges = True
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        name, span = asked.path.removeprefix(PREFIX), asked.headers.get("Range", "")
        self.asked.append((name, span))
        self.tokens.add(asked.headers.get("Authorization", ""))
        content = self.files.get(name)
        if content is None:
            asked.send_response(404)
            asked.end_headers()
            return
        begins = int(span.removeprefix("bytes=").rstrip("-")) if span and self.knows_ranges else 0
        if begins >= len(content) > 0:
            asked.send_response(416)
            asked.end_headers()
            return
        asked.send_response(206 if begins else 200)
        if begins:
            whole = f"bytes {begins}-{len(content) - 1}/{len(content)}"
            asked.send_header("Content-Range", whole)
        rest = content[begins:]
        asked.send_header("Content-Length", str(len(rest)))
        asked.end_headers()
        if self.cut is not None and not name.endswith(".sig"):
            rest, self.cut = rest[: self.cut], None
        asked.wfile.write(rest)

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
