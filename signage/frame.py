"""What stands on a sign: a picture of dots that are lit or not."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Frame:
    """One picture.  `columns` run from left to right; bit 0 of each is its top dot.

    `words` is what it says, a line break between its lines, for panels with letters of their own; a
    pattern says nothing.
    """

    width_px: int
    height_px: int
    columns: tuple[int, ...]
    words: str = ""

    @classmethod
    def dark(cls, width_px: int, height_px: int) -> "Frame":
        """The picture with nothing lit."""
        return cls(width_px, height_px, (0,) * width_px)

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """From top to bottom, `#` for a lit dot and `.` for a dark one."""
        return tuple(
            "".join("#" if column >> y & 1 else "." for column in self.columns)
            for y in range(self.height_px)
        )

    @cached_property
    def lit_dots(self) -> int:
        """How many dots are lit."""
        return sum(column.bit_count() for column in self.columns)

    @property
    def is_dark(self) -> bool:
        """Whether nothing is lit."""
        return not any(self.columns)

    def __str__(self) -> str:
        return "\n".join(self.rows)
