"""A line between two machines that a test cuts, or lets hang, and heals."""

import contextlib
import socket
import threading
from collections.abc import Iterator

_AT_ONCE = 65_536


class Relay:
    """Passes bytes to *port* of this machine while it is whole.

    Cut, it breaks what is open and refuses what comes; hanging, it takes everything and answers nothing.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._state = "whole"
        self.taken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many questions stand open here."""
        with self._lock:
            return len(self._open)

    def cut(self) -> None:
        self._become("cut")

    def hang(self) -> None:
        self._become("hang")

    def heal(self) -> None:
        self._become("whole")

    def close(self) -> None:
        self._become("cut")
        self._listener.close()

    def _become(self, state: str) -> None:
        with self._lock:
            self._state = state
            broken, self._open = self._open, set()
        for one in broken:
            _break(one)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.taken += 1
                with self._lock:
                    state = self._state
                    if state != "cut":
                        self._open.add(client)
                if state == "cut":
                    client.close()
                elif state == "whole":
                    self._join(client)

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except OSError:
            _break(client)
            return
        with self._lock:
            self._open.add(server)
        for ends in ((client, server), (server, client)):
            threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, from_: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := from_.recv(_AT_ONCE):
                to.sendall(data)
        with self._lock:
            self._open -= {from_, to}
        _break(from_)
        _break(to)


def _break(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
