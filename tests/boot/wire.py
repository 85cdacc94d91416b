"""A bad network cable between boxes, for machines whose kernel has no netem.

Each end is a TAP device in the network of a box; a process of ours carries the frames from one end to all
others, late, out of order, or not at all.  `python -m tests.boot.wire NET ADDRESS ...` is that process; a
line on its standard input tells it how bad the cable is: delay and jitter in ms, and the share that is lost.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field

from deploy.roles import CHECKOUT
from tests.boot.net import NAMES, give_address

LINK = "cable0"
_CLONE_NEWNET = 0x40000000  # setns(2)
_TUNSETIFF = 0x400454CA  # include/uapi/linux/if_tun.h
_TAP_WITHOUT_HEADER = 0x0002 | 0x1000
_LARGEST = 65_536
SEED = 2_100


@dataclass(frozen=True, slots=True)
class Quality:
    """How bad a cable is, each way."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0

    @classmethod
    def read(cls, line: str) -> "Quality":
        """Read what `said` wrote."""
        return cls(*(float(word) for word in line.split()))

    def said(self) -> str:
        """As one line."""
        return " ".join(str(one) for one in astuple(self)) + "\n"


PERFECT = Quality()
BAD = Quality(delay_ms=50, jitter_ms=10, loss=0.1)
CUT = Quality(loss=1.0)


@dataclass
class Line:
    """Frames on their way: pure, so that it can be tested without a network."""

    dice: random.Random
    ends: int = 2
    quality: Quality = PERFECT
    _frames: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    _count: int = 0

    def put(self, frame: bytes, end: int, now_s: float) -> None:
        """Take a frame that was sent at the end numbered *end*; it leaves for all others."""
        for other in range(self.ends):
            if other != end:
                self._put(frame, other, now_s)

    def _put(self, frame: bytes, end: int, now_s: float) -> None:
        if self.dice.random() < self.quality.loss:
            return
        spread = self.dice.uniform(-self.quality.jitter_ms, self.quality.jitter_ms)
        at_s = now_s + max(0.0, self.quality.delay_ms + spread) / 1_000
        self._count += 1
        heapq.heappush(self._frames, (at_s, self._count, end, frame))

    def due(self, now_s: float) -> Iterator[tuple[int, bytes]]:
        """Frames that arrive by *now_s*, each with the end where it does."""
        while self._frames and self._frames[0][0] <= now_s:
            _, _, end, frame = heapq.heappop(self._frames)
            yield end, frame

    def wait_s(self, now_s: float) -> float | None:
        """How long nothing will arrive; None when nothing is on its way."""
        return max(0.0, self._frames[0][0] - now_s) if self._frames else None


class Cable:
    """The cable as a test holds it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def become(self, quality: Quality) -> None:
        """Be as bad as *quality* from now on."""
        assert self._process.stdin is not None
        self._process.stdin.write(quality.said())
        self._process.stdin.flush()


@contextmanager
def cable(*ends: tuple[str, str], quality: Quality = PERFECT) -> Iterator[Cable]:
    """Join networks, each given as its name and the address of its end, such as 10.7.0.1/24."""
    words = [word for end in ends for word in end]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.boot.wire", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n", "the cable could not be laid"
            held = Cable(process)
            held.become(quality)
            yield held
        finally:
            process.kill()


def main() -> None:
    """Carry frames until the standard input ends."""
    words = sys.argv[1:]
    ends = [_end(*end) for end in zip(words[::2], words[1::2], strict=True)]
    line = Line(random.Random(SEED), len(ends))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told = sys.stdin.fileno()
    while True:
        wait_s = line.wait_s(time.monotonic())
        readable, _, _ = select.select([*ends, told], [], [], wait_s)
        if told in readable:
            words = os.read(told, 4_096).decode("ascii").splitlines()
            if not words:
                return
            line.quality = Quality.read(words[-1])
        for number, handle in enumerate(ends):
            if handle in readable:
                line.put(os.read(handle, _LARGEST), number, time.monotonic())
        for end, frame in line.due(time.monotonic()):
            os.write(ends[end], frame)


def _end(net: str, address: str) -> int:
    """A TAP device in the network *net*; its handle works from here."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(NAMES / net, os.O_RDONLY)
    _must(libc.setns(there, _CLONE_NEWNET))
    handle = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22s", LINK.encode(), _TAP_WITHOUT_HEADER, b""))
    _must(libc.setns(home, _CLONE_NEWNET))
    os.close(there)
    os.close(home)
    give_address(net, LINK, address)
    return handle


def _must(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), "setns")


if __name__ == "__main__":
    main()
