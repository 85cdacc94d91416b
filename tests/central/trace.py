"""A recording of what a program asked of its files, as strace wrote it (`-f -y -xx`)."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

NEVER = 1 << 60

_WHOLE = re.compile(rb"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(rb"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_ENDED = re.compile(rb"^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
_FILE = re.compile(rb"^\d+<((?:\\x..)+)>")
_STRINGS = re.compile(rb'"((?:\\x..)*)"')
_NUMBERS = re.compile(rb'^\d+<[^>]*>, "[^"]*", (\d+)(?:, (\d+))?$')


class NotModelled(Exception):
    """The program changed its files in a way that the model of the disk does not know."""


@dataclass(slots=True)
class Call:
    """One call to the kernel: the lines of the trace on which it began and ended, and what it asked."""

    name: str
    words: bytes
    begun: int
    ended: int = NEVER
    result: int = -1

    @property
    def failed(self) -> bool:
        """Whether the kernel refused it."""
        return self.ended != NEVER and self.result < 0

    @property
    def file(self) -> str:
        """The path behind its descriptor; empty when it has none."""
        found = _FILE.match(self.words)
        return _bytes(found[1]).decode() if found else ""

    @property
    def paths(self) -> list[str]:
        """The paths that it names."""
        return [_bytes(path).decode() for path in _STRINGS.findall(self.words)]

    @property
    def written(self) -> bytes:
        """The bytes that it writes."""
        data, numbers = _STRINGS.search(self.words), _NUMBERS.match(self.words)
        written = _bytes(data[1]) if data else b""
        if numbers is None or len(written) != int(numbers[1]):
            raise NotModelled(f"a write whose bytes the trace cuts short, to {self.file}")
        return written

    @property
    def number(self) -> int:
        """Its last number: an offset, or a length."""
        return int(self.words.rpartition(b", ")[2])


def read(trace: Path) -> list[Call]:
    """Every call of a trace, in the order in which they began."""
    calls: list[Call] = []
    open_calls: dict[bytes, Call] = {}
    for number, line in enumerate(trace.read_bytes().splitlines()):
        if whole := _WHOLE.match(line):
            calls.append(Call(whole[2].decode(), whole[3], number, number, int(whole[4])))
        elif begun := _BEGUN.match(line):
            open_calls[begun[1]] = Call(begun[2].decode(), begun[3], number)
            calls.append(open_calls[begun[1]])
        elif ended := _ENDED.match(line):
            call = open_calls.pop(ended[1])
            call.words, call.ended, call.result = call.words + ended[3], number, int(ended[4])
    return calls


@dataclass(frozen=True, slots=True)
class Said:
    """What was written into a file, and the line of the trace on which each write began."""

    lines: list[int]
    words: list[bytes]

    def before(self, line: int) -> list[bytes]:
        """What was said before *line* of the trace."""
        return self.words[: bisect_left(self.lines, line)]


def said(calls: list[Call], path: Path) -> Said:
    """What *calls* wrote into the file at *path*."""
    words = [call for call in calls if call.name == "write" and call.file == str(path)]
    return Said([call.begun for call in words], [call.written for call in words])


def _bytes(escaped: bytes) -> bytes:
    return bytes.fromhex(escaped.replace(b"\\x", b"").decode())
