"""What an answer of central looks like on this sign: a plate and then how to drive in, lines, or a notice."""

from dataclasses import dataclass

from contract.wire import Dark, Grant, Lease, Listed, Listing
from signage.frame import Frame
from signage.layout import CannotDraw, Canvas, call_page, lines_of, listing, notice, plate
from signage.showing import Script

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
    """

    canvas: Canvas
    second: str = ""
    arrow: str = "none"
    door: bool = False

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
        step = max(1, lines_of(self.canvas))
        groups = [drawable[at : at + step] for at in range(0, len(drawable), step)]
        pages = tuple(
            listing([(row.text, row.door) for row in rows], self.canvas) for rows in groups
        )
        return Script(
            calls=tuple(row.call for row in drawable if row.call is not None),
            pages=pages or (Frame.dark(self.canvas.width_px, self.canvas.height_px),),
            lists=True,
            page_ms=LIST_PAGE_MS,
            refusal=refused,
        )

    def _sorted_out(self, rows: list[Listed]) -> tuple[list[Listed], str]:
        drawable, refused = [], ""
        for row in rows:
            try:
                listing([(row.text, row.door)], self.canvas)
            except CannotDraw as error:
                refused = f"{error.reason}: {error.detail}"
            else:
                drawable.append(row)
        return drawable, refused
