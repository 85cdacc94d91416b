"""A sign that speaks the Alpha protocol: decodes every byte by the protocol document (Adaptive 9708-8061).

It shares no code with the sign's encoder, so that both cannot be wrong in the same way.
"""

from dataclasses import dataclass, field

NUL, SOH, STX, ETX, EOT, BACK, CR, ESC = 0, 1, 2, 3, 4, 8, 13, 27
WAKE_NULS = 5


@dataclass
class AlphaSign:
    """One sign.  `old` is the text in its memory, which stands there whenever the priority file is given up.

    `restarts`: whether an SOH in the middle of a packet begins a new one; makers' signs may do either.
    """

    kind: str = "^"
    address: str = "01"
    old: str = "OLD TEXT"
    restarts: bool = True
    priority: str | None = None
    taken: list[bytes] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    _nuls: int = 0
    _packet: bytearray | None = None

    @property
    def shows(self) -> str:
        """What a person reads; an empty text is darkness."""
        return self.old if self.priority is None else self.priority

    @property
    def is_dark(self) -> bool:
        """Whether nothing is lit."""
        return not self.shows

    def power_cut(self) -> None:
        """Lose the priority file and whatever was half received; the old text comes back."""
        self.priority = None
        self._nuls, self._packet = 0, None

    def take(self, data: bytes) -> None:
        """Receive bytes, however they are cut."""
        for byte in data:
            self._receive(byte & 0x7F)

    def _receive(self, byte: int) -> None:
        if byte == SOH and self._nuls >= WAKE_NULS and (self._packet is None or self.restarts):
            self._packet = bytearray()
        elif byte == EOT and self._packet is not None:
            packet, self._packet = bytes(self._packet), None
            self._end(packet)
        elif self._packet is not None:
            self._packet.append(byte)
        self._nuls = self._nuls + 1 if byte == NUL else 0

    def _end(self, packet: bytes) -> None:
        kind, address, rest = chr(packet[0]), packet[1:3].decode(), packet[3:]
        if kind not in ("Z", self.kind) or address not in ("00", self.address) or rest[0] != STX:
            return
        command, ended, check = rest[1:].partition(bytes((ETX,)))
        total = STX + sum(command) + ETX
        # The document lets a packet go without a checksum.
        if ended and check.decode("latin-1") != f"{total % 0x10000:04X}":
            self.refused.append(packet)
            return
        self.taken.append(packet)
        self._obey(command)

    def _obey(self, command: bytes) -> None:
        assert command[:2] == b"A0", f"{command!r} writes another file than the priority file"
        message = command[2:]
        if not message:
            self.priority = None
            return
        assert message[0] == ESC, "a position and a mode come first"
        assert message[1:3] == b" b", "not held in the middle: it would move"
        assert len(message) <= 125, "longer than the priority file"
        self.priority = _read(message[3:])


def _read(message: bytes) -> str:
    """The text as it stands there; an unknown code is the sign's own question mark."""
    words, at = "", 0
    while at < len(message):
        byte = message[at]
        if byte == BACK:
            at += 1
            # 20H to 48H are code page 437 from 80H to A8H.
            code = message[at] + 0x60
            words += bytes((code,)).decode("cp437") if 0x80 <= code <= 0xA8 else "?"
        elif byte == CR:
            words += "\n"
        elif byte == 0x7F:
            words += "█"
        else:
            words += chr(byte) if 0x20 <= byte < 0x7E else "?"
        at += 1
    return words
