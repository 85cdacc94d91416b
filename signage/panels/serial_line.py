"""A serial line to a panel, by pyserial: every deed ends in time, done whole or PanelLost."""

import errno
import math
import os
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import serial

from signage.panel import PanelLost

# A write has failed when it takes this much longer than its bytes need on the wire.
WRITE_S = 0.5
_LOOK_S = 0.002
# A pseudo-terminal, where a simulated sign may sit, refuses parity and seven bits.
_PSEUDO = Path("/dev/pts")
_FAULTS = (OSError, termios.error)  # serial.SerialException is an OSError
_REASONS = {
    errno.ENOENT: "it is not there",
    errno.ENXIO: "it is not there",
    errno.ENODEV: "it was unplugged",
    errno.EIO: "it was unplugged",
    errno.EACCES: "it may not be opened; the sign must be in the group dialout",
    errno.EPERM: "the unit's DeviceAllow= does not name it",
    errno.EAGAIN: "another program has it open",
    errno.EBUSY: "another program has it open",
}


class SerialLine:
    """One line, opened by the first deed and again by the first one after `close`, for us alone.

    Args:
        place: a device, or one of pyserial's URLs (`socket://`, `rfc2217://`, `loop://`).
        baud: bits a second.
        parity: "N", "E" or "O".
        bits: data bits, 7 or 8.
        stop: stop bits, 1 or 2.
        write_s: when a write has failed, in seconds beyond its time on the wire.
        gap_s: how long the line must be quiet between two writes; a write waits for it.
        now_s: a monotonic clock.
        sleep_s: waits.
    """

    def __init__(
        self,
        place: str,
        baud: int,
        parity: str = "N",
        bits: int = 8,
        stop: int = 1,
        *,
        write_s: float = WRITE_S,
        gap_s: float = 0.0,
        now_s: Callable[[], float] = time.monotonic,
        sleep_s: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name = place
        self.form = f"{baud} {bits}{parity}{stop}"
        self._form = {"baudrate": baud, "parity": parity, "bytesize": bits, "stopbits": stop}
        self._byte_s = (1 + bits + (parity != "N") + stop) / baud
        self._write_s = write_s
        self._gap_s = gap_s
        self._left_s = -math.inf
        self.now_s = now_s
        self._sleep_s = sleep_s
        self._port: Any = None

    def write(self, data: bytes) -> None:
        """Send *data* and wait until it has left: as long as it takes on the wire, and the kernel's queue.

        Raises:
            PanelLost: it did not leave whole in time; the line is closed, and what waited in the kernel
                thrown away, so that it cannot come after what is sent next.
        """
        self._sleep_s(max(0.0, self._gap_s - self.quiet_s))
        begun_s, wire_s = self.now_s(), len(data) * self._byte_s
        try:
            port = self._opened()
            port.write_timeout = self._write_s + wire_s
            port.write(data)
            self._drain(port, begun_s + self._write_s + wire_s)
        except serial.SerialTimeoutException as error:
            raise self._lost("it takes too long") from error
        except _FAULTS as error:
            raise self._lost(_reason(error)) from error
        finally:
            self._left_s = self.now_s()
        # An adapter's own buffer is in no queue that the kernel counts.
        self._sleep_s(max(0.0, begun_s + wire_s - self.now_s()))
        self._left_s = self.now_s()

    @property
    def quiet_s(self) -> float:
        """How long ago the last write ended."""
        return self.now_s() - self._left_s

    def wire_ms(self, data: bytes) -> int:
        """How long *data* takes on the wire."""
        return math.ceil(len(data) * self._byte_s * 1_000)

    def read(self, size: int, timeout_s: float) -> bytes:
        """Take at most *size* bytes that come within *timeout_s*; fewer, or none, when they do not.

        Raises:
            PanelLost: the line is gone.
        """
        try:
            port = self._opened()
            port.timeout = timeout_s
            return bytes(port.read(size))
        except _FAULTS as error:
            raise self._lost(_reason(error)) from error

    def reset_input(self) -> None:
        """Throw away what has come and was not read.

        Raises:
            PanelLost: the line is gone.
        """
        try:
            self._opened().reset_input_buffer()
        except _FAULTS as error:
            raise self._lost(_reason(error)) from error

    def close(self) -> None:
        """Let go of the line at once: the kernel would wait up to 30 s for what has not left."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(*_FAULTS):
                port.reset_output_buffer()
            with suppress(*_FAULTS):
                port.close()

    def _opened(self) -> Any:  # noqa: ANN401 - pyserial has no types
        if self._port is None:
            form = self._form
            if Path(self.name).resolve().parent == _PSEUDO:
                form = form | {"parity": "N", "bytesize": 8}
            self._port = serial.serial_for_url(self.name, exclusive=True, **form)
        return self._port

    def _drain(self, port: Any, deadline_s: float) -> None:  # noqa: ANN401 - pyserial has no types
        """Wait for the kernel's queue; tcdrain(3) would wait for ever."""
        while isinstance(port, serial.Serial) and port.out_waiting:
            if self.now_s() > deadline_s:
                raise serial.SerialTimeoutException("Drain timeout")
            self._sleep_s(_LOOK_S)

    def _lost(self, why: str) -> PanelLost:
        self.close()
        return PanelLost(self.name, why)


def _reason(error: Exception) -> str:
    # pyserial puts the kernel's own error into words, and termios has its number only as an argument.
    for one in (error, error.__context__):
        number = getattr(one, "errno", None) or (one.args[0] if one and one.args else None)
        if isinstance(number, int):
            return _REASONS.get(number, os.strerror(number))
    return str(error)
