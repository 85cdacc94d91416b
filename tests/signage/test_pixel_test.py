"""`portvakt sign test`: every dot once, nothing like a plate, dark at the end however it ends."""

import fcntl
import os
import signal
from pathlib import Path

import pytest

from signage.alone import NotAlone, alone
from signage.frame import Frame
from signage.panel import PanelLost
from signage.panels.emulator import EmulatorPanel
from signage.pixel_test import Hand, Stopped, run, shown
from signage.timer_line import TimerLine
from tests.fakes.clock import FakeClock

SIGN = """
[central]
url = "http://127.0.0.1:9"
station = "pitea"
[identity]
token_file = "{folder}/token.json"
[panel]
kind = "emulator"
width_px = 16
picture = "{folder}/now.png"
"""


class CountedTimer(TimerLine):
    """Notes when it was kicked."""

    def __init__(self) -> None:
        super().__init__(None)
        self.kicks: list[int] = []
        self.is_closed = False

    def kick(self, now_ms: int) -> None:
        self.kicks.append(now_ms)

    def close(self) -> None:
        self.is_closed = True


class Person:
    """Looks on, and may have seen enough after some waits."""

    def __init__(self, patience: int = 1_000_000) -> None:
        self.clock = FakeClock()
        self.timer = CountedTimer()
        self.heard: list[str] = []
        self._patience = patience

    @property
    def hand(self) -> Hand:
        return Hand(self.timer, self.clock, self._wait)

    def _wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * 1_000))
        self._patience -= 1
        if not self._patience:
            raise Stopped


def lit_dots(frames: list[Frame]) -> list[tuple[int, int]]:
    return [
        (x, y)
        for one in frames
        for x, column in enumerate(one.columns)
        for y in range(8)
        if column >> y & 1
    ]


def test_every_dot_is_lit_and_nothing_can_be_read_as_a_plate() -> None:
    person, panel = Person(), EmulatorPanel(16, 8)
    assert 0 == shown(panel, person.hand, person.heard.append)
    seen = [frame for frame in panel.frames if not frame.is_dark]
    assert {(x, y) for x in range(16) for y in range(8)} == set(lit_dots(seen[:2]))
    assert 128 == len(lit_dots(seen[:2])), "each of them once in the first two"
    assert [1 << x for x in range(16)] == [
        sum(1 << x for x, column in enumerate(frame.columns) if column) for frame in seen[4:]
    ]
    assert {""} == {frame.words for frame in seen}
    assert panel.frames[-1].is_dark
    assert "The panel is dark." == person.heard[-1]


def test_the_timer_is_kicked_all_the_time_and_let_go_at_the_end() -> None:
    person = Person()
    shown(EmulatorPanel(16, 8), person.hand, person.heard.append)
    gaps = [
        later - one for one, later in zip(person.timer.kicks, person.timer.kicks[1:], strict=False)
    ]
    assert max(gaps) <= 100
    assert person.timer.is_closed


def test_who_has_seen_enough_leaves_it_dark() -> None:
    person, panel = Person(patience=30), EmulatorPanel(16, 8)
    assert 0 == shown(panel, person.hand, person.heard.append)
    assert panel.frames[-1].is_dark
    assert ["Stopped.", "The panel is dark."] == person.heard[-2:]


class Deaf(EmulatorPanel):
    """Takes a picture once, and then nothing."""

    def blank(self) -> str:
        if any(not frame.is_dark for frame in self.frames):
            raise PanelLost("here", "it was unplugged")
        return super().blank()


def test_a_panel_that_may_not_be_dark_is_said_loudly() -> None:
    person = Person(patience=30)
    assert 1 == shown(Deaf(16, 8), person.hand, person.heard.append)
    assert person.heard[-1].startswith("THE PANEL MAY NOT BE DARK")


@pytest.fixture
def sign_toml(tmp_path: Path) -> Path:
    path = tmp_path / "sign.toml"
    path.write_text(SIGN.format(folder=tmp_path))
    return path


def test_it_refuses_while_the_service_runs_and_touches_nothing(sign_toml: Path) -> None:
    with (
        alone(sign_toml.parent),
        pytest.raises(NotAlone, match="sudo systemctl stop portvakt-sign"),
    ):
        run(sign_toml, print)
    assert not (sign_toml.parent / "now.png").exists()


def test_ctrl_c_ends_the_patterns_and_gives_the_signals_back(sign_toml: Path) -> None:
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    assert 0 == run(sign_toml, say)
    assert ["Now a checkerboard.", "Stopped.", "The panel is dark."] == said
    assert before is signal.getsignal(signal.SIGINT)


def test_a_sign_can_be_had_again_when_the_other_has_gone(tmp_path: Path) -> None:
    for _ in range(2):
        with alone(tmp_path / "state"):
            handle = os.open(tmp_path / "state", os.O_RDONLY)
            with pytest.raises(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(handle)


def test_a_folder_that_may_not_be_opened_asks_for_sudo(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(NotAlone, match="run it with sudo"), alone(tmp_path / "state"):
        pass
