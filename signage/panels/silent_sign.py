"""What signs have in common that listen on a serial line and never say a word."""

from signage.panels.serial_line import SerialLine


class SilentSign:
    """A sign that has no brightness to set, and confirms nothing."""

    line: SerialLine

    def dim(self, percent: int) -> int:
        """Not every sign can, and none says whether it did."""
        del percent
        return 100

    def health(self) -> bool | None:
        """Nobody can tell."""
        return None

    def close(self) -> None:
        """Let go of the line."""
        self.line.close()
