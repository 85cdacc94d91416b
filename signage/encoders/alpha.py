"""Bytes for an LED sign that speaks the Alpha protocol (Adaptive Micro Systems, form 9708-8061).

Everything goes to the priority file, which stands before every other text of the sign.  Darkness is that
file with a position and a mode and no text.  Written with nothing at all the file would be given up, and
the sign's old text come back (mjaksn/readerboard, docs/protocol-notes.md, measured on a BetaBrite).  Newer
signs list a command `T`, a message for when the host falls silent; nobody has been seen to use it, so
neither do we.
"""

import string

BAUD, PARITY, BITS = 9_600, "E", 7
# Five nulls let the sign find the speed.
_WAKE = bytes(5)
_SOH, _STX, _ETX, _EOT = b"\x01", b"\x02", b"\x03", b"\x04"
_PRIORITY = b"A0"  # write a TEXT file, label 0
_HELD = b"\x1b b"  # in the middle of the lines, without any movement
_NEW_LINE = b"\r"
_BLOCK = b"\x7f"
PRIORITY_BYTES = 125

# Letters beyond ASCII are two codes on a line of seven bits.  The table runs as code page 437 up to A8H.
# There is no Ø in it, and the marks on its C, D, S and Z cannot be told apart in the document: those
# letters are not drawn at all rather than drawn wrong.
_EXTENDED = {
    "Å": b"\x08\x2f",
    "Ä": b"\x08\x2e",
    "Ö": b"\x08\x39",
    "Æ": b"\x08\x32",
    "Ü": b"\x08\x3a",
}
LETTERS = string.ascii_uppercase + "".join(_EXTENDED) + string.digits + "-.:/!"
ADVANCE_PX, GAP_PX, ROWS_PX = 6, 7, 7


def text(words: str, kind: str = "Z", address: str = "00") -> bytes:
    """Give the packet that shows *words*, a line break between two lines.

    Raises:
        ValueError: a letter that the sign lacks, or more than its priority file holds.
    """
    message = _HELD + b"".join(_code(sign) for sign in words)
    if len(message) > PRIORITY_BYTES:
        raise ValueError(f"{words} is longer than the {PRIORITY_BYTES} bytes of the priority file")
    return packet(_PRIORITY + message, kind, address)


def blocks(count: int, kind: str = "Z", address: str = "00") -> bytes:
    """Give the packet that lights *count* places whole: a picture that nobody can take for a text."""
    return packet(_PRIORITY + _HELD + _BLOCK * count, kind, address)


def blank(kind: str = "Z", address: str = "00") -> bytes:
    """Give the packet that keeps the whole sign dark."""
    return packet(_PRIORITY + _HELD, kind, address)


def packet(command: bytes, kind: str = "Z", address: str = "00") -> bytes:
    """Wrap *command* for the signs of one type code at one address; Z and 00 are all of them.

    The checksum is the sum of all from STX to ETX, as four hex digits.
    """
    body = _STX + command + _ETX
    head = _WAKE + _SOH + kind.encode("ascii") + address.encode("ascii")
    return head + body + b"%04X" % (sum(body) & 0xFFFF) + _EOT


def _code(sign: str) -> bytes:
    if sign == "\n":
        return _NEW_LINE
    if sign != " " and sign not in LETTERS:
        raise ValueError(f"an Alpha sign has no {sign}")
    return _EXTENDED.get(sign) or sign.encode("ascii")
