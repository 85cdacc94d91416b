"""A network cable that a test can pull out and plug in, and listen in on."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: the other end sees the line break at once
Tap = Callable[[int, bytes], None]


class Cable:
    """Carries TCP from a port of its own to *target* on loopback.

    *tap* makes, for each connection, a function that hears what *target* says: CLOCK_MONOTONIC in ns
    and bytes, before they are handed on.
    """

    def __init__(self, target: int, tap: Callable[[], Tap] | None = None) -> None:
        self.target = target
        self._tap = tap
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._whole = True
        self._listening = _listen(0)
        self.port: int = self._listening.getsockname()[1]
        self._threads = [self._accepting()]

    @property
    def url(self) -> str:
        """Where to reach the target through this cable."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Pull the cable: what is open breaks, what is tried anew is refused."""
        with self._lock:
            self._whole = False
            for end in (*self._ends, self._listening):
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    end.shutdown(socket.SHUT_RDWR)
        self._threads[-1].join()
        self._listening.close()

    def mend(self) -> None:
        """Plug it in again, at the same port."""
        with self._lock:
            self._listening = _listen(self.port)
            self._whole = True
        self._threads.append(self._accepting())

    def close(self) -> None:
        """Pull it for good."""
        if self._whole:
            self.cut()
        for thread in self._threads:
            thread.join()

    def _accepting(self) -> threading.Thread:
        thread = threading.Thread(target=self._accept, args=(self._listening,), daemon=True)
        thread.start()
        return thread

    def _accept(self, listening: socket.socket) -> None:
        carrying = []
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                thread = threading.Thread(target=self._carry, args=(near,), daemon=True)
                thread.start()
                carrying.append(thread)
        for thread in carrying:
            thread.join()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            far.settimeout(None)
            with far, self._kept(near), self._kept(far):
                back = threading.Thread(
                    target=_pump, args=(far, near, self._listener()), daemon=True
                )
                back.start()
                _pump(near, far, None)
                back.join()

    def _listener(self) -> Tap | None:
        return None if self._tap is None else self._tap()

    @contextlib.contextmanager
    def _kept(self, end: socket.socket) -> Iterator[None]:
        with self._lock:
            if not self._whole:
                raise ConnectionAbortedError
            self._ends.add(end)
        try:
            yield
        finally:
            with self._lock:
                self._ends.discard(end)


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def _pump(source: socket.socket, sink: socket.socket, heard: Tap | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            if heard is not None:
                heard(time.monotonic_ns(), data)
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
