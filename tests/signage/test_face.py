"""What is written, when, and what a beat may say about it."""

import pytest

from contract.wire import PanelFacts, PanelState, Sent
from signage.face import Face
from signage.frame import Frame, layout
from signage.health import Health
from signage.panel import PanelLost, described
from signage.showing import Showing

ABC = Showing("c1", layout("ABC 123", 40, 8), 6_800)


class Notebook:
    """A panel that writes down its deeds, and fails while told to."""

    facts = PanelFacts(width_px=40, fonts=[described()], holds_last_frame=True, worst_dark_ms=0)
    height_px = 8

    def __init__(self) -> None:
        self.deeds: list[str] = []
        self.broken = False

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

    def heal(self) -> None:
        self._do("heal")

    def health(self) -> bool | None:
        return None

    def close(self) -> None:
        self.deeds.append("close")


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
    assert not face.report().is_dark
    face.dark(0)
    assert ["init", "blank"] == panel.deeds
    assert face.report().is_dark


def test_a_plate_is_written_once_and_healed_every_second(face: Face, panel: Notebook) -> None:
    for now_ms in range(100, 3_200, 50):
        face.put(ABC, now_ms)
    assert ["show for 6800", "heal", "heal", "heal"] == panel.deeds
    assert Sent(call="c1", sha256="hash of show for 6800", whole=True) == face.sent


def test_a_dark_panel_is_healed_too(face: Face, panel: Notebook) -> None:
    face.put(None, 999)
    assert [] == panel.deeds
    face.put(None, 1_000)
    assert ["heal"] == panel.deeds


def test_until_a_blank_has_left_the_old_call_may_still_stand(face: Face, panel: Notebook) -> None:
    face.put(ABC, 100)
    panel.broken = True
    face.put(None, 200)
    assert ("c1", False) == (face.sent.call, face.sent.whole)
    assert not face.report().is_dark


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
    assert "no answer" == face.report().fault
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
