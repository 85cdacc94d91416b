"""A cable to PostgreSQL that can lose the answer to one COMMIT."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

_AT_ONCE = 65_536


class LossyCable:
    """Passes bytes between clients at `url` and the server; `lose_next_commit` cuts once, behind it."""

    def __init__(self, folder: Path, server: str) -> None:
        self._server = make_url(server)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self.url = self._server.set(query={"host": str(folder)}).render_as_string()
        self.lost = threading.Event()
        self._armed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next_commit(self) -> None:
        """Let the server have the next COMMIT, and its client no answer."""
        self._armed = True

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(_path(self._server))
                cut = threading.Event()
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(*ends, cut), daemon=True).start()

    def _pass(self, from_: socket.socket, to: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := from_.recv(_AT_ONCE):
                if self._armed and b"COMMIT\0" in data:
                    self._armed = False
                    cut.set()
                elif cut.is_set():
                    self.lost.set()  # before the asker can hear that the line is dead
                    break  # the server has answered: it is on disk, and nobody hears of it
                to.sendall(data)
        for end in (from_, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        from_.close()  # each end is closed by the thread that reads it


@contextlib.contextmanager
def lossy(folder: Path, server: str) -> Iterator[LossyCable]:
    """A cable for one test; skips it where the server has no socket on this machine."""
    if "host" not in make_url(server).query:
        pytest.skip("the cable needs a server's Unix socket")
    cable = LossyCable(folder, server)
    try:
        yield cable
    finally:
        cable.close()


def _path(url: URL) -> str:
    return f"{url.query['host']}/.s.PGSQL.5432"
