"""A keep-alive HTTP connection that costs little enough not to be what is measured."""

import socket
from collections.abc import Mapping


class Connection:
    """One connection to a server on loopback; `ask` sends a request whole and reads the answer whole."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Give the status and the body.  Raises ConnectionError when the server hangs up."""
        self._socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        length = _content_length(head)
        while len(self._buffer) < length:
            self._read()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return int(head[9:12]), body

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._read()
        head, self._buffer = self._buffer.split(mark, 1)
        return head

    def _read(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("the server hung up in the middle of an answer")
        self._buffer += more


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Spell a request out as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
