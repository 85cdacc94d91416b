"""What an answer of central looks like on this sign: a plate and then how to drive in, lines, or a notice."""

from dataclasses import dataclass
from typing import TypeVar

from contract.wire import Dark, Grant, Lease, Listed, Listing
from signage.frame import Frame
from signage.layout import CannotDraw, Canvas, call_page, lines_of, listing, notice, plate
from signage.showing import Script

T = TypeVar("T")

# A list is read line by line, so its pages stay longer than a door's two.
LIST_PAGE_MS = 4_000


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a station wants its plates shown on one canvas.

    Args:
        canvas: the panel's dots and letters.
        second: the words of the page after the plate; empty: the plate alone.
        arrow: `none`, `left`, `right` or `ahead`, beside those words.
        door: whether the door's name stands there too.
        door_word: what stands before a door's name in a list, where there is room for it.
        next_word: what stands above those who are next in line.
    """

    canvas: Canvas
    second: str = ""
    arrow: str = "none"
    door: bool = False
    door_word: str = "PORT"
    next_word: str = "NÄST"

    def script(self, lease: Lease) -> Script:
        """Draw an answer that shows something.

        Raises:
            CannotDraw: the plate or the notice does not fit, or has a letter that this sign lacks.
        """
        match lease:
            case Grant():
                return Script((lease.call,), self._pages(lease))
            case Listing():
                return self._lines(lease)
            case Dark():
                return Script((), (notice(lease.notice, self.canvas),))

    def second_page(self, door: str) -> Frame | None:
        """How to drive in, at *door*; None where it is not wanted.  It raises CannotDraw."""
        name = door if self.door else ""
        if not (self.second or name or self.arrow != "none"):
            return None
        return call_page(self.second, name, self.arrow, self.canvas)

    def _pages(self, grant: Grant) -> tuple[Frame, ...]:
        first = plate(grant.text, self.canvas)
        try:
            second = self.second_page(grant.door)
        except CannotDraw:  # the plate is what a driver waits for
            second = None
        return (first,) if second is None else (first, second)

    def _lines(self, told: Listing) -> Script:
        """As many pages as the lines need; a line that cannot be drawn is left out, and said."""
        drawable, refused = self._sorted_out(told.rows)
        called = [row for row in drawable if row.door is not None]
        pages = self._of_called(called) + self._of_next(
            [row.text for row in drawable if not row.door]
        )
        return Script(
            calls=tuple(row.call for row in called if row.call is not None),
            pages=pages or (Frame.dark(self.canvas.width_px, self.canvas.height_px),),
            lists=True,
            page_ms=LIST_PAGE_MS,
            refusal=refused,
        )

    def _of_called(self, rows: list[Listed]) -> tuple[Frame, ...]:
        """Each plate with its door: as PORT 1 where that fits for all of a page, or as 1."""
        return tuple(self._called_page(group) for group in _groups(rows, lines_of(self.canvas)))

    def _called_page(self, rows: list[Listed]) -> Frame:
        try:
            return listing(
                [(row.text, f"{self.door_word} {row.door}".strip()) for row in rows], self.canvas
            )
        except CannotDraw:
            return listing([(row.text, row.door) for row in rows], self.canvas)

    def _of_next(self, texts: list[str]) -> tuple[Frame, ...]:
        """Who is next in line, under a word that says so: a bare plate would call its driver in."""
        room = lines_of(self.canvas)
        if room > 1:
            heads: list[list[tuple[str, str | None]]] = [
                [(self.next_word, None), *((text, None) for text in group)]
                for group in _groups(texts, room - 1)
            ]
        else:
            heads = [[(f"{self.next_word} {text}", None)] for text in texts]
        return tuple(listing(rows, self.canvas) for rows in heads)

    def _sorted_out(self, rows: list[Listed]) -> tuple[list[Listed], str]:
        drawable, refused = [], ""
        for row in rows:
            try:
                if row.door is None:
                    self._of_next([row.text])
                else:
                    self._called_page([row])
            except CannotDraw as error:
                refused = f"{error.reason}: {error.detail}"
            else:
                drawable.append(row)
        return drawable, refused


def _groups(items: list[T], room: int) -> list[list[T]]:
    return [items[at : at + max(1, room)] for at in range(0, len(items), max(1, room))]
