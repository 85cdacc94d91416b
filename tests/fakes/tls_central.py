"""A central behind real TLS on 127.0.0.1, with certificates that a test makes."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

HOST = "127.0.0.1"
# Certificates that hold on whatever day a test runs.
BEGUN, ENDS = datetime(2010, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class _Answers(BaseHTTPRequestHandler):
    """Says `{}` to everything, and two events to a stream."""

    def do_GET(self) -> None:
        stream = self.path == "/nudges"
        body = b"event: beat\ndata: \n\nevent: dark\ndata: c1\n\n" if stream else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if stream else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """A handshake that the far end breaks off is what these tests are about."""


def leaf_of(
    ca: trustme.CA, name: str = HOST, begins: datetime = BEGUN, ends: datetime = ENDS
) -> trustme.LeafCert:
    """A certificate for *name* by *ca*."""
    return ca.issue_cert(name, not_before=begins, not_after=ends)


@contextmanager
def served(leaf: trustme.LeafCert | None, newest: ssl.TLSVersion | None = None) -> Iterator[int]:
    """Serve behind *leaf*, without TLS if there is none, no newer than *newest*; give the port."""
    server = _Server((HOST, 0), _Answers)
    if leaf is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        if newest is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        # The handshake belongs to the request's own thread, or a bad one would end the server.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def written(folder: Path, *cas: trustme.CA, name: str = "central-ca.pem") -> Path:
    """Write a file that pins *cas*."""
    path = folder / name
    path.write_bytes(b"".join(ca.cert_pem.bytes() for ca in cas))
    return path
