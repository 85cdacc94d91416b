"""What is written, when, and what a beat may say about it."""

import pytest
from msgspec import structs

from contract.wire import PanelFacts, PanelState, Sent
from signage.face import Face
from signage.frame import Frame
from signage.health import Health
from signage.layout import Canvas, layout
from signage.panel import PanelLost, Traits, described
from signage.showing import PAGE_MS, Script, Showing

PLATE = Script(("c1",), (layout("ABC 123", 40, 8),))
ABC = Showing(PLATE, 6_800)


class Notebook:
    """A panel that writes down its deeds, and fails while told to."""

    canvas = Canvas(40, 8)
    facts = PanelFacts(width_px=40, fonts=described(canvas), holds_last_frame=True, worst_dark_ms=0)

    def __init__(self, traits: Traits = Traits()) -> None:  # noqa: B008 - it is frozen
        self.traits = traits
        self.deeds: list[str] = []
        self.broken = False
        self.confirms: bool | None = None

    def _do(self, deed: str) -> str:
        self.deeds.append(deed)
        if self.broken:
            raise PanelLost("the wall", "no answer")
        return f"hash of {deed}"

    def init(self) -> None:
        self._do("init")

    def show(self, frame: Frame, ttl_ms: int) -> str:
        return self._do(f"show for {ttl_ms}")

    def blank(self) -> str:
        return self._do("blank")

    def heal(self, ttl_ms: int) -> None:
        self._do(f"heal for {ttl_ms}")

    def dim(self, percent: int) -> int:
        self.deeds.append(f"dim to {percent}")
        return percent

    def health(self) -> bool | None:
        return self.confirms

    def close(self) -> None:
        self.deeds.append("close")


def is_dark(face: Face, now_ms: int) -> bool:
    """Whether central is told that no plate stands there."""
    report = face.report(now_ms)
    return report.is_sure(reads_back=False) and report.sent.call is None


@pytest.fixture
def panel() -> Notebook:
    return Notebook()


@pytest.fixture
def face(panel: Notebook) -> Face:
    face = Face(panel)
    assert face.dark(0)
    panel.deeds.clear()
    return face


def test_the_first_deed_is_to_start_and_blank(panel: Notebook) -> None:
    face = Face(panel)
    assert not is_dark(face, 0)
    face.dark(0)
    assert ["init", "blank"] == panel.deeds
    assert is_dark(face, 0)


def test_a_plate_is_written_once_and_healed_every_second(face: Face, panel: Notebook) -> None:
    for now_ms in range(100, 3_200, 50):
        face.put(ABC, now_ms)
    assert ["show for 6800", "heal for 6800", "heal for 6800", "heal for 6800"] == panel.deeds
    assert Sent(call="c1", sha256="hash of show for 6800", whole=True) == face.sent


def test_a_dark_panel_is_healed_too(face: Face, panel: Notebook) -> None:
    face.put(None, 999)
    assert [] == panel.deeds
    face.put(None, 1_000)
    assert ["heal for 0"] == panel.deeds


def test_until_a_blank_has_left_the_old_call_may_still_stand(face: Face, panel: Notebook) -> None:
    face.put(ABC, 100)
    panel.broken = True
    face.put(None, 200)
    assert ("c1", False) == (face.sent.call, face.sent.whole)
    assert not is_dark(face, 200)


def test_a_failed_write_is_tried_again_soon_and_starts_from_the_beginning(
    face: Face, panel: Notebook
) -> None:
    panel.broken = True
    face.put(ABC, 100)
    panel.broken = False
    face.put(ABC, 150)
    assert ["show for 6800"] == panel.deeds
    face.put(ABC, 200)
    assert ["show for 6800", "init", "show for 6800"] == panel.deeds
    assert PanelState.OK == face.health.state


def test_three_failed_writes_are_a_fault_that_shows_nothing(face: Face, panel: Notebook) -> None:
    panel.broken = True
    for now_ms in range(100, 500, 100):
        face.put(ABC, now_ms)
    assert PanelState.FAULT == face.health.state
    assert "no answer" == face.report(500).fault
    panel.deeds.clear()

    panel.broken = False
    face.put(ABC, 1_500)
    assert ["init", "blank"] == panel.deeds
    assert PanelState.FAULT == face.health.state


def test_three_good_writes_end_a_fault(face: Face, panel: Notebook) -> None:
    panel.broken = True
    for now_ms in range(100, 500, 100):
        face.put(ABC, now_ms)
    panel.broken = False
    for now_ms in range(1_500, 1_800, 100):
        face.put(None, now_ms)
    assert PanelState.OK == face.health.state
    face.put(ABC, 1_850)
    assert "show for 6800" == panel.deeds[-1]


def test_good_writes_must_come_in_a_row() -> None:
    health = Health(PanelState.FAULT, "gone", failed=3)
    for error in (None, None, "gone", None, None):
        health = health.after_write(error)
        assert PanelState.FAULT == health.state
    assert Health() == health.after_write(None)


def test_failed_writes_must_come_in_a_row() -> None:
    health = Health()
    for error in ("x", "x", None, "x", "x"):
        health = health.after_write(error)
        assert PanelState.OK == health.state
    assert PanelState.FAULT == health.after_write("x").state


# -- slow panels, sensors, yard signs ----------------------------------------------------------------

LISTING = Showing(Script(("c1", "c2"), (layout("AB 1", 40, 8),), lists=True), 6_800)
SHORTER = Showing(Script(("c2",), (layout("AB 2", 40, 8),), lists=True), 6_800)


@pytest.fixture
def slow() -> Face:
    """A panel that draws for a second, dark."""
    face = Face(Notebook(Traits(heal_ms=10_000, settle_ms=1_000, pages=False)))
    assert face.dark(0)
    return face


def test_a_slow_panel_counts_as_dark_only_when_it_has_drawn_its_darkness(slow: Face) -> None:
    assert not is_dark(slow, 999)
    assert is_dark(slow, 1_000)


def test_it_is_counted_from_when_the_bytes_have_left(panel: Notebook) -> None:
    panel.traits = Traits(settle_ms=1_000)
    face = Face(panel, clock_ms=lambda: 300)
    face.dark(0)
    assert not is_dark(face, 1_299)
    assert is_dark(face, 1_300)


def test_a_slow_panel_is_healed_seldom_and_that_draws_nothing_new(slow: Face) -> None:
    for now_ms in range(50, 10_000, 50):
        slow.put(None, now_ms)
    assert is_dark(slow, 9_999)
    slow.put(None, 10_000)
    assert is_dark(slow, 10_000)


def test_a_plate_on_a_slow_panel_is_whole_only_when_it_stands(slow: Face) -> None:
    slow.put(ABC, 2_000)
    assert not slow.report(2_999).sent.whole
    assert slow.report(3_000).sent.whole


def test_the_lines_of_a_yard_sign_count_as_read_until_they_are_gone(slow: Face) -> None:
    slow.put(LISTING, 2_000)
    slow.put(SHORTER, 5_000)
    assert {"c1", "c2"} == set(slow.report(5_900).listed)
    assert ("c2",) == slow.report(6_000).listed


def test_lines_whose_end_was_not_taken_may_still_be_read(face: Face, panel: Notebook) -> None:
    face.put(LISTING, 100)
    panel.broken = True
    face.put(None, 200)
    assert {"c1", "c2"} <= set(face.report(200).listed)
    panel.broken = False
    face.put(None, 300)
    assert () == face.report(300).listed


def test_a_listing_is_no_call_of_a_door(face: Face) -> None:
    face.put(LISTING, 100)
    assert face.report(100).sent.call is None


@pytest.mark.parametrize(
    ("panels", "sensors", "together"),
    [
        (None, None, None),
        (True, None, True),
        (None, True, True),
        (True, False, False),
        (False, True, False),
    ],
)
def test_one_that_says_no_outweighs_one_that_says_yes(
    face: Face,
    panel: Notebook,
    panels: bool | None,
    sensors: bool | None,
    together: bool | None,
) -> None:
    panel.confirms = panels
    face.feel(sensors, "")
    assert together is face.report(100).confirmed


def test_a_panel_that_draws_current_though_it_is_dark_is_a_fault(face: Face) -> None:
    face.feel(False, "The panel draws current though it is dark.")
    assert PanelState.FAULT == face.report(100).state
    assert "draws current" in face.report(100).fault
    face.put(ABC, 100)
    assert not is_dark(face, 100)
    assert face.report(100).sent.call is None, "no plate is put on such a panel"
    face.feel(True, "")
    assert PanelState.OK == face.report(200).state


def test_a_panel_with_a_clock_of_its_own_is_told_again_before_it_goes_dark_for_nothing() -> None:
    panel = Notebook()
    panel.facts = structs.replace(panel.facts, holds_last_frame=False)
    face = Face(panel)
    face.dark(0)
    panel.deeds.clear()
    face.put(Showing(PLATE, 300), 100)
    face.put(Showing(PLATE, 250), 150)
    face.put(Showing(PLATE, 6_800), 200)
    face.put(Showing(PLATE, 6_750), 250)
    assert ["show for 300", "heal for 6800"] == panel.deeds


def test_the_picture_is_what_left_last(face: Face) -> None:
    assert not any(face.picture(50).columns)
    face.put(ABC, 100)
    picture = face.picture(100)
    assert list(PLATE.pages[0].columns) == picture.columns
    assert ("hash of show for 6800", True) == (picture.sha256, picture.whole)


# -- pages -----------------------------------------------------------------------------------------

PAGED = Showing(Script(("c1",), (layout("ABC 123", 40, 8), layout("KÖR IN", 40, 8))), 6_800)


def read_from(face: Face, start_ms: int, for_ms: int) -> list[str]:
    """The pages that stand one after the other."""
    read: list[str] = []
    for now_ms in range(start_ms, start_ms + for_ms, 50):
        face.put(PAGED, now_ms)
        words = "" if face.standing is None or not face.sent.whole else face.standing.words
        if not read or read[-1] != words:
            read.append(words)
    return read


def test_pages_follow_one_another_the_plate_first(face: Face) -> None:
    assert ["ABC 123", "KÖR IN", "ABC 123", "KÖR IN"] == read_from(face, 100, 4 * PAGE_MS)


def test_after_the_panel_was_lost_the_plate_comes_first_again(face: Face, panel: Notebook) -> None:
    read_from(face, 100, PAGE_MS + 200)
    panel.broken = True
    face.put(PAGED, 1_950)
    face.put(PAGED, 2_900)
    panel.broken = False
    assert "ABC 123" == read_from(face, 3_000, PAGE_MS)[-1]


def test_a_plate_that_could_not_be_written_gets_its_whole_time_later(
    face: Face, panel: Notebook
) -> None:
    panel.broken = True
    face.put(PAGED, 100)
    panel.broken = False
    assert ["ABC 123"] == read_from(face, 100 + PAGE_MS, PAGE_MS)


def test_a_panel_without_supply_shows_nothing_and_begins_anew_when_it_has_it_back(
    face: Face, panel: Notebook
) -> None:
    read_from(face, 100, PAGE_MS + 200)
    face.supplied(False)
    assert PanelState.FAULT == face.report(1_850).state
    assert "taken its supply away" in face.report(1_850).fault
    assert [""] == read_from(face, 1_850, 500) or face.standing is None
    face.supplied(True)
    panel.deeds.clear()
    assert "ABC 123" == read_from(face, 10_000, PAGE_MS)[-1]
    assert "init" == panel.deeds[0]
