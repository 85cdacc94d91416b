"""The cable between a sign and its fake panel: a Unix socket on which every packet is one SPI transfer."""

import contextlib
import socket
import struct
import threading
from pathlib import Path
from typing import TextIO

from portvakt.demo.fake_panel import FakePanel, Transfer

_CREDENTIALS = struct.Struct("iII")
LONGEST_TRANSFER = 4096  # the kernel's own limit for one SPI message


class PanelSocket:
    """Listens at *path* and clocks what comes into *panel*.

    *record* gets a line for each transfer: CLOCK_MONOTONIC in ns, the sender's process, the bytes.
    The sign and its blanker may hold the cable at the same time, as two processes may hold /dev/spidev.
    """

    def __init__(self, path: Path, panel: FakePanel, record: TextIO | None = None) -> None:
        self.path = path
        self.panel = panel
        self._record = record
        self._recording = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._open = threading.Lock()
        self._closing = False
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(str(path))
        path.chmod(0o600)
        self._listening.listen()
        self._thread = threading.Thread(target=self._accept, name=f"panel {path.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Pull the cable; the picture stays."""
        with self._open:
            self._closing = True
            for end in (self._listening, *self._ends):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _accept(self) -> None:
        readers = []
        with contextlib.suppress(OSError):  # shutdown() ends accept()
            while True:
                end, _ = self._listening.accept()
                reader = threading.Thread(target=self._read, args=(end,), daemon=True)
                reader.start()
                readers.append(reader)
        for reader in readers:
            reader.join()

    def _read(self, end: socket.socket) -> None:
        with end:
            with self._open:
                if self._closing:
                    return
                self._ends.add(end)
            sender = _sender(end)
            with contextlib.suppress(OSError):
                while data := end.recv(LONGEST_TRANSFER):
                    self._write_down(sender, self.panel.transfer(data))
            with self._open:
                self._ends.discard(end)

    def _write_down(self, sender: int, happened: Transfer) -> None:
        if self._record is None:
            return
        with self._recording:
            self._record.write(f"{happened.ns} {sender} {happened.data.hex()}\n")
            self._record.flush()


def _sender(end: socket.socket) -> int:
    """The process at the other end (SO_PEERCRED of unix(7): pid, uid, gid)."""
    pid: int = _CREDENTIALS.unpack(
        end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )[0]
    return pid
