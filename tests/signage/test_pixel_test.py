"""`portvakt sign test`: every dot once, nothing like a plate, dark at the end however it ends."""

import errno
import fcntl
import os
import signal
from pathlib import Path

import pytest

from device.settings import SettingsError
from signage import pixel_test
from signage.alone import NotAlone, alone
from signage.encoders.mobitec import Sign
from signage.frame import Frame
from signage.panel import PanelLost, Traits
from signage.panel_settings import MobitecSettings
from signage.panels.emulator import EmulatorPanel
from signage.panels.mobitec import MobitecPanel
from signage.pixel_test import Hand, Stopped, run, shown
from signage.png import png
from signage.self_test import patterns
from signage.timer_line import TimerLine
from tests.fakes.clock import FakeClock
from tests.fakes.deaf_line import DARK, DeafLine, drawn_by

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


@pytest.mark.parametrize("patience", [12, 20, 65, 75, 1_000])
def test_a_sign_that_is_deaf_while_it_draws_is_dark_when_that_is_said(patience: int) -> None:
    person = Person(patience)
    line = DeafLine(person.clock, draws_ms=1_000)
    panel = MobitecPanel(line, Sign(6, 112, 16), MobitecSettings())  # type: ignore[arg-type]
    assert 0 == shown(panel, person.hand, person.heard.append)
    assert {DARK} == line.readable


def test_such_a_sign_shows_the_patterns_all_the_same() -> None:
    person = Person()
    line = DeafLine(person.clock, draws_ms=1_000)
    panel = MobitecPanel(line, Sign(6, 112, 16), MobitecSettings())  # type: ignore[arg-type]
    stood = []

    def say(_: str) -> None:
        stood.append(line.readable)

    shown(panel, person.hand, say)
    # Each is looked at just before the next one is named; darkness after the last.
    drawn = [{drawn_by(panel.drawn(frame))} for frame in patterns(112, 16)[:3]]
    assert [*drawn, {DARK}] == stood[1:]


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


ENDS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.parametrize("end", ENDS)
def test_ctrl_c_or_a_lost_connection_ends_the_patterns_and_gives_the_signals_back(
    sign_toml: Path, end: signal.Signals
) -> None:
    said: list[str] = []
    heard: list[int] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 1:
            os.kill(os.getpid(), end)

    before = signal.signal(end, lambda number, _: heard.append(number))
    ours = signal.getsignal(end)
    try:
        assert 0 == run(sign_toml, say)
        assert ours is signal.getsignal(end)
    finally:
        signal.signal(end, before)
    assert ["Now a checkerboard.", "Stopped.", "The panel is dark."] == said
    assert [] == heard
    assert png(Frame.dark(16, 7)) == (sign_toml.parent / "now.png").read_bytes()


def test_a_terminal_that_has_gone_does_not_matter(sign_toml: Path) -> None:
    def say(sentence: str) -> None:
        if sentence.startswith("Now"):
            os.kill(os.getpid(), signal.SIGHUP)
        raise OSError(errno.EIO, "Input/output error")

    assert 0 == run(sign_toml, say)
    assert png(Frame.dark(16, 7)) == (sign_toml.parent / "now.png").read_bytes()


class Interrupted(EmulatorPanel):
    """Somebody presses Ctrl-C whenever it is being made dark, and it takes its time with that."""

    traits = Traits(pages=False, settle_ms=100)

    def blank(self) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return super().blank()


def test_ctrl_c_during_the_last_darkness_leaves_it_dark(
    sign_toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, said = Interrupted(16, 8), list[str]()
    monkeypatch.setattr(pixel_test, "panel_of", lambda _: panel)
    monkeypatch.setattr(pixel_test, "STILL_S", 0)
    monkeypatch.setattr(pixel_test, "POWER_S", 0)
    assert 0 == run(sign_toml, said.append)
    assert panel.frames[-1].is_dark
    assert 5 <= len(panel.frames)
    assert "The panel is dark." == said[-1]


def test_a_panel_that_the_driver_refuses_is_refused_in_a_sentence(sign_toml: Path) -> None:
    refused = 'kind = "signhead"\nbus = "serial:/dev/portvakt-sign"\nbaud = 4800'
    sign_toml.write_text(sign_toml.read_text().replace('kind = "emulator"', refused))
    with pytest.raises(SettingsError, match=r"^panel: "):
        run(sign_toml, print)


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
