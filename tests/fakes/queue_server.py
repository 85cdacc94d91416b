"""The in-memory central on a real port, for posts that run as processes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from tests.fakes.queue_central import QueueCentral


class QueueServer:
    """Serves a QueueCentral on 127.0.0.1 from `start` to `stop`; the port stays the same."""

    def __init__(self, central: QueueCentral) -> None:
        self.central = central
        self._server = self._bound(0)
        self.port = self._server.server_port
        self._server.server_close()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = self._bound(self.port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._thread = None

    def _bound(self, port: int) -> ThreadingHTTPServer:
        central = self.central

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def _answer(self, body: bytes) -> None:
                path = self.path.removeprefix("/v1/stations/pitea/")
                asked = SimpleNamespace(method=self.command, headers=self.headers, body=body)
                central.asked.append(f"{self.command} {path}")
                status, words, headers = central._answer(asked, path)
                content = b"" if words is None else json.dumps(words).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        return server
