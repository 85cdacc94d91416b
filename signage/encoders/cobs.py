"""Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking, 1999).

Bytes without a zero among them, so that a zero on the wire is the end of a message and nothing else.
"""

from collections.abc import Iterator

LONGEST_RUN = 254  # what one code byte can stand for
MESSAGE_MAX_BYTES = 2_112  # a picture of 256 x 64 dots, its head and tail, and the code bytes


class NotStuffed(ValueError):
    """The bytes cannot have come from `stuffed`."""


def stuffed(body: bytes) -> bytes:
    """Write *body* without a zero byte; at most one byte in 254, and one, longer."""
    out = bytearray()
    runs = body.split(b"\0")
    for at, run in enumerate(runs):
        rest = run
        while len(rest) >= LONGEST_RUN:
            out += b"\xff" + rest[:LONGEST_RUN]
            rest = rest[LONGEST_RUN:]
            # A full run at the very end needs no code byte for the nothing behind it.
            if not rest and at == len(runs) - 1:
                return bytes(out)
        out.append(len(rest) + 1)
        out += rest
    return bytes(out)


def unstuffed(stuff: bytes) -> bytes:
    """Undo `stuffed`.

    Raises:
        NotStuffed: a code byte is zero or points behind the end.
    """
    out = bytearray()
    at = 0
    while at < len(stuff):
        code = stuff[at]
        run = stuff[at + 1 : at + code]
        if code == 0 or len(run) != code - 1 or 0 in run:
            raise NotStuffed(f"the code byte {code} at {at} is wrong")
        out += run
        at += code
        # A full run stands for no zero, and the end of the message for none either.
        if code <= LONGEST_RUN and at < len(stuff):
            out.append(0)
    return bytes(out)


class Splitter:
    """Cuts what comes over a line at its zero bytes; what is longer than a message may be is dropped."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data* has made whole: never empty, never trusted."""
        for byte in data:
            if byte == 0:
                whole, too_long = bytes(self._waiting), self._too_long
                self._waiting, self._too_long = bytearray(), False
                if whole and not too_long:
                    yield whole
            elif len(self._waiting) < MESSAGE_MAX_BYTES:
                self._waiting.append(byte)
            else:
                self._too_long = True
