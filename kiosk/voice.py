"""What reads a screen aloud."""

from typing import Protocol


class Voice(Protocol):
    """Reads aloud.  No call ever waits for the end of what is read."""

    @property
    def can_speak(self) -> bool:
        """Whether there is anything to read with."""

    def say(self, text: str, language: str, volume: int) -> None:
        """Read *text*, instead of what is being read; *volume* counts steps from the softest, 0."""

    def hush(self) -> None:
        """Stop reading."""

    def close(self) -> None:
        """Stop for good."""


class Mute:
    """Speech is switched off in the settings."""

    can_speak = False

    def say(self, text: str, language: str, volume: int) -> None:
        """Say nothing."""

    def hush(self) -> None:
        """Be still."""

    def close(self) -> None:
        """Have nothing to let go."""
