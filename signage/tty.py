"""A serial line by the kernel alone, for the blanker: no write and no close takes longer than it may."""

import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A write has failed when it takes this much longer than its bytes need on the wire.
SLACK_S = 0.4
_LOOK_S = 0.005
_BITS_A_BYTE = 10  # start, seven and parity or eight, stop


@dataclass(frozen=True, slots=True)
class Form:
    """Speed of a line, and whether its bytes are seven bits with even parity rather than eight without."""

    baud: int
    seven_even: bool = False


def send(path: Path, packets: Sequence[bytes], form: Form) -> None:
    """Send *packets*; what another process had left in the queue is thrown away.

    Raises:
        OSError: it is not there, no serial line, unplugged, or does not take them in time.
    """
    # Without O_NONBLOCK the kernel would wait for a carrier.
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    have_left = False
    try:
        _form(handle, form)
        termios.tcflush(handle, termios.TCOFLUSH)
        for packet in packets:
            _write(handle, packet, len(packet) * _BITS_A_BYTE / form.baud)
        have_left = True
    except termios.error as error:
        raise OSError(*error.args) from error
    finally:
        if not have_left:
            # Else close(2) would wait up to 30 s for it.
            with suppress(termios.error):
                termios.tcflush(handle, termios.TCOFLUSH)
        os.close(handle)


def _form(handle: int, form: Form) -> None:
    try:
        termios.tcsetattr(handle, termios.TCSANOW, _raw(handle, form))
    except termios.error:
        # A pseudo-terminal has no parity.
        termios.tcsetattr(handle, termios.TCSANOW, _raw(handle, Form(form.baud)))


def _raw(handle: int, form: Form) -> list[Any]:
    """Attributes as termios(3) has them: nothing is translated, echoed or held back."""
    *_, controls = termios.tcgetattr(handle)
    bits = termios.CS7 | termios.PARENB if form.seven_even else termios.CS8
    speed = getattr(termios, f"B{form.baud}")
    return [0, 0, bits | termios.CREAD | termios.CLOCAL, 0, speed, speed, controls]


def _write(handle: int, packet: bytes, wire_s: float) -> None:
    begun_s = time.monotonic()
    deadline_s = begun_s + wire_s + SLACK_S
    while packet:
        _, ready, _ = select.select([], [handle], [], max(0.0, deadline_s - time.monotonic()))
        if not ready:
            raise TimeoutError("it does not take what is written to it")
        packet = packet[os.write(handle, packet) :]
    # What has not left by then never will: closing throws it away.
    while _waiting(handle):
        if time.monotonic() > deadline_s:
            raise TimeoutError("it does not take what is written to it")
        time.sleep(_LOOK_S)
    # An adapter's own buffer is in no queue that the kernel counts.
    time.sleep(max(0.0, begun_s + wire_s - time.monotonic()))


def _waiting(handle: int) -> int:
    answer = fcntl.ioctl(handle, termios.TIOCOUTQ, bytes(4))
    waiting: int = struct.unpack("I", answer)[0]
    return waiting
