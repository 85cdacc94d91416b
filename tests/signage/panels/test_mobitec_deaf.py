"""A Mobitec sign that hears nothing while it draws, behind the real driver and the real face.

What the face calls whole, dark or gone must be so on the sign, whatever packet was lost on the way.
"""

from collections.abc import Callable

import pytest

from signage.encoders.mobitec import Sign
from signage.face import Face
from signage.layout import Canvas, listing, notice, plate
from signage.panel_settings import MobitecSettings
from signage.panels.mobitec import MobitecPanel
from signage.showing import Script, Showing
from tests.fakes.clock import FakeClock
from tests.fakes.deaf_line import DARK, DeafLine, Picture, drawn_by

SIGN = Sign(6, 112, 16)
TICK_MS = 50
# How long after another change the one comes that counts: in the midst of a drawing, or just before its end.
AFTER_MS = (0, 50, 300, 700, 950, 1_000, 1_300, 2_050)


class Wall:
    """A sign and the loop that drives it; time passes by `turns` and on the wire."""

    def __init__(
        self, draws: str = "text", draws_ms: int = 1_000, measured_ms: int = 1_000
    ) -> None:
        self.clock = FakeClock()
        self.line = DeafLine(self.clock, draws_ms)
        how = MobitecSettings(draws=draws, draws_ms=measured_ms)
        self.panel = MobitecPanel(self.line, SIGN, how)  # type: ignore[arg-type]
        self.face = Face(self.panel, self.clock.monotonic_ms)
        self.showing: Showing | None = None
        self.turns(15_000)

    def puts(self, showing: Showing | None) -> None:
        self.showing = showing
        self.face.put(showing, self.clock.mono_ms)

    def turns(self, ms: int) -> None:
        until_ms = self.clock.mono_ms + ms
        while self.clock.mono_ms < until_ms:
            self.clock.advance(TICK_MS)
            self.face.put(self.showing, self.clock.mono_ms)

    def until_whole(self) -> None:
        """Turn until central is told that this stands and nothing else; at most 4 s."""
        for _ in range(4_000 // TICK_MS):
            if self.face.report(self.clock.mono_ms).sent.whole:
                return
            self.turns(TICK_MS)
        raise AssertionError("never said")

    def ms_until_only(self, wanted: Picture) -> int:
        """How long until nobody can read anything but *wanted*."""
        begun_ms = self.clock.mono_ms
        while self.line.readable != {wanted}:
            assert self.clock.mono_ms < begun_ms + 15_000, "it stands for ever"
            self.turns(TICK_MS)
        return self.clock.mono_ms - begun_ms

    def picture(self, showing: Showing) -> Picture:
        (frame,) = showing.script.pages
        return drawn_by(self.panel.drawn(frame))


def call(canvas: Canvas, text: str = "ABC 123") -> Showing:
    return Showing(Script(("c1",), (plate(text, canvas),)), 7_000)


def says(canvas: Canvas) -> Showing:
    return Showing(Script((), (notice("STÄNGT", canvas),)), 7_000)


def lines(canvas: Canvas, *texts: str) -> Showing:
    rows = [(text, "1") for text in texts]
    return Showing(Script(texts, (listing(rows, canvas),), lists=True), 7_000)


def two_lines(canvas: Canvas) -> Showing:
    return lines(canvas, "ABC 123", "BCD 234")


def one_line(canvas: Canvas) -> Showing:
    return lines(canvas, "BCD 234")


@pytest.mark.parametrize("after_ms", AFTER_MS)
@pytest.mark.parametrize(
    ("draws", "first", "then"),
    [
        ("dots", two_lines, one_line),  # a car of the yard sign's list has been served
        ("text", call, says),  # a door closes with a plate lit
        ("dots", call, says),
    ],
)
def test_what_is_said_to_be_gone_can_be_read_by_nobody(
    draws: str, first: Callable[[Canvas], Showing], then: Callable[[Canvas], Showing], after_ms: int
) -> None:
    wall = Wall(draws)
    wall.puts(first(wall.panel.canvas))
    wall.turns(after_ms)
    shown = then(wall.panel.canvas)
    wall.puts(shown)
    wall.until_whole()
    assert wall.line.readable == {wall.picture(shown)}


@pytest.mark.parametrize("after_ms", AFTER_MS)
@pytest.mark.parametrize("draws", ["text", "dots"])
def test_what_is_said_to_be_dark_is_dark(draws: str, after_ms: int) -> None:
    wall = Wall(draws)
    wall.puts(call(wall.panel.canvas))
    wall.turns(after_ms)
    wall.puts(None)
    wall.until_whole()
    assert wall.line.readable == {DARK}


@pytest.mark.parametrize("after_ms", AFTER_MS)
def test_a_call_that_comes_while_the_sign_draws_is_shown_all_the_same(after_ms: int) -> None:
    """A cancelled call, and the next one before its darkness is drawn."""
    wall = Wall()
    wall.puts(call(wall.panel.canvas))
    wall.turns(5_000)
    wall.puts(None)
    wall.turns(after_ms)
    shown = call(wall.panel.canvas, "BCD 234")
    wall.puts(shown)
    wall.until_whole()
    assert wall.line.readable == {wall.picture(shown)}


@pytest.mark.parametrize("after_ms", AFTER_MS)
@pytest.mark.parametrize(("draws", "draws_ms"), [("text", 1_000), ("text", 500), ("dots", 300)])
def test_it_is_dark_as_soon_as_it_promises(draws: str, draws_ms: int, after_ms: int) -> None:
    wall = Wall(draws, draws_ms, measured_ms=draws_ms)
    wall.puts(call(wall.panel.canvas))
    wall.turns(5_000)
    # Decided while the longest write is on the wire.
    decided_ms = wall.clock.mono_ms
    wall.puts(call(wall.panel.canvas, "WWW 88W"))
    if after_ms:
        wall.turns(after_ms)
        decided_ms = wall.clock.mono_ms
    wall.puts(None)
    written_ms = wall.clock.mono_ms
    dark_ms = written_ms - decided_ms + wall.ms_until_only(DARK)
    assert dark_ms <= wall.panel.facts.worst_dark_ms


def test_a_blank_lost_in_a_drawing_is_told_again_after_it() -> None:
    wall = Wall(draws_ms=500, measured_ms=500)
    wall.puts(call(wall.panel.canvas))
    wall.puts(None)
    assert wall.ms_until_only(DARK) > 500, "the first blank was heard: this test tests nothing"


def test_a_blank_spoilt_by_noise_is_told_again_within_two_seconds() -> None:
    wall = Wall(draws_ms=500, measured_ms=500)
    wall.puts(call(wall.panel.canvas))
    wall.turns(5_000)
    wall.line.spoils = 1
    wall.puts(None)
    assert wall.ms_until_only(DARK) <= 2_000


def test_after_a_lost_line_the_plate_is_told_until_the_sign_must_have_heard() -> None:
    wall = Wall()
    wall.line.is_cut = True
    shown = call(wall.panel.canvas)
    wall.puts(shown)
    wall.turns(2_000)
    wall.line.is_cut = False
    wall.until_whole()
    assert wall.line.readable == {wall.picture(shown)}
