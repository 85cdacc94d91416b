"""`portvakt kiosk show` with a browser that draws, goes deaf, ends, or never begins."""

import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from device.clock import SystemClock
from kiosk.browser import Show, fresh_profile, limits_of
from kiosk.browser_failures import Failures
from kiosk.browser_watch import Limits
from kiosk.output_settings import ScreenSettings
from kiosk.page import PageServer, create_app
from kiosk.screen_guard import plugged_in
from kiosk.settings import BrowserSettings, CentralSettings, PageSettings, PostSettings
from kiosk.showing import Showing
from tests.fakes.clock import FakeClock
from tests.kiosk.post_process import free_port
from tests.kiosk.typist import Typist
from tests.waiting import until

pytestmark = pytest.mark.processes

SHORT = Limits(first_ms=10_000, patience_ms=600)
PATIENT = Limits(first_ms=10_000, patience_ms=10_000)
FAKE = Path(__file__).with_name("fake_browser.py")


@pytest.fixture
def showing() -> Showing:
    showing = Showing()
    showing.show(Typist().screen)
    return showing


@pytest.fixture
def port(showing: Showing) -> Iterator[int]:
    """Where a post serves its page."""
    central = CentralSettings(url="http://central", station="pitea")
    server = PageServer(create_app(PostSettings(central=central), showing), 0)
    port, stopping = server.open(), threading.Event()
    thread = threading.Thread(target=server.run, args=(stopping,))
    thread.start()
    yield port
    stopping.set()
    thread.join(5)


class Stage:
    """One run of the command, with all that it told systemd."""

    def __init__(self, folder: Path, port: int, clock: FakeClock | None = None) -> None:
        self.told: list[str] = []
        self.has_screen: bool | None = None
        self._folder = folder
        self._notes = folder / "notes"
        self._port = port
        self._clock = clock or SystemClock()
        self._show: Show | None = None
        self._status: list[int] = []
        self.failures: Failures | None = None
        self.shell: tuple[str, ...] = (sys.executable, str(FAKE))

    def run(self, mode: str, limits: Limits = PATIENT) -> int:
        return self._made(mode, limits).run(self._folder)

    def start(self, mode: str, limits: Limits = PATIENT) -> threading.Thread:
        show = self._made(mode, limits)
        thread = threading.Thread(target=lambda: self._status.append(show.run(self._folder)))
        thread.start()
        return thread

    def stop(self, thread: threading.Thread) -> int:
        assert self._show is not None
        self._show.stop()
        return self.ended(thread)

    def ended(self, thread: threading.Thread) -> int:
        thread.join(10)
        return self._status.pop()

    def is_ready(self) -> bool:
        return any("READY=1" in told for told in self.told)

    def pings(self) -> int:
        return self.told.count("WATCHDOG=1")

    def child_is_gone(self) -> bool:
        """Whether also the part of the browser that hung has ended; a zombie has."""
        try:
            state = Path(f"/proc/{self._notes.read_text()}/stat").read_text()
        except FileNotFoundError:
            return True
        return state.rsplit(")")[-1].split()[0] == "Z"

    def _made(self, mode: str, limits: Limits) -> Show:
        shell = (*self.shell, mode, str(self._notes))
        settings = PostSettings(
            central=CentralSettings(url="http://central", station="pitea"),
            page=PageSettings(port=self._port),
            browser=BrowserSettings(shell=shell, restart_at="03:30"),
        )
        self._show = Show(
            settings,
            limits,
            self._clock,
            failures=self.failures,
            poll_s=0.02,
            tell=self.told.append,
            has_screen=lambda: self.has_screen,
        )
        return self._show


@pytest.fixture
def stage(tmp_path: Path, port: int) -> Stage:
    return Stage(tmp_path, port)


def test_a_browser_that_draws_is_ready_and_stays_until_it_is_told_to_stop(stage: Stage) -> None:
    thread = stage.start("draws")
    until(lambda: stage.pings() > 30, what="pings")
    assert stage.told.index("READY=1\nSTATUS=the browser draws") < stage.told.index("WATCHDOG=1")
    assert stage.stop(thread) == 0
    assert stage.told[-1] == "STOPPING=1"
    until(stage.child_is_gone, what="the end of all its processes")


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("deaf", "the browser has not drawn for 0.6 s"),
        ("stands still", "the browser has shown an old screen for 0.6 s"),
        ("exits", "the shell or the browser ended with status 3"),
    ],
)
def test_a_browser_that_fails_ends_the_command_with_a_sentence(
    stage: Stage,
    showing: Showing,
    caplog: pytest.LogCaptureFixture,
    mode: str,
    sentence: str,
) -> None:
    thread = stage.start(mode, SHORT)
    until(stage.is_ready, what="the first picture")
    showing.show(Typist().screen)
    assert stage.ended(thread) == 1
    assert sentence in caplog.text
    assert stage.told[-1] == "STOPPING=1", "no ping after the end"
    until(stage.child_is_gone, what="the end of all its processes")


def test_a_browser_that_never_draws_is_given_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    assert stage.run("never", Limits(first_ms=300, patience_ms=400)) == 1
    assert "the browser has not drawn once in 0.3 s" in caplog.text
    assert not stage.is_ready()
    assert stage.pings() == 0
    until(stage.child_is_gone, what="the end of all its processes")


def test_a_browser_that_does_not_end_when_asked_is_killed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kiosk.browser_process.END_S", 0.2)
    thread = stage.start("stubborn")
    until(stage.is_ready, what="the first picture")
    assert stage.stop(thread) == 0
    assert "it is killed" in caplog.text
    until(stage.child_is_gone, what="the end of all its processes")


def test_without_a_screen_on_the_cable_a_silent_browser_is_left_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.has_screen = False
    thread = stage.start("deaf", SHORT)
    until(lambda: "no screen is connected" in caplog.text, what="the warning")
    before = stage.pings()
    until(lambda: stage.pings() > before + 5, what="pings")
    assert caplog.text.count("no screen is connected") == 1
    stage.has_screen = True
    assert stage.ended(thread) == 1


def test_the_display_is_looked_for_on_the_socket_that_the_settings_name(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "card1-Writeback-1").mkdir()
    (tmp_path / "card1-Writeback-1/status").write_text("unknown\n")
    for name, status in (("HDMI-A-1", "connected"), ("DSI-1", "disconnected")):
        (tmp_path / f"card1-{name}").mkdir()
        (tmp_path / f"card1-{name}/status").write_text(f"{status}\n")
        for file in ("enabled", "dpms"):
            (tmp_path / f"card1-{name}/{file}").write_text("Off\n")
    monkeypatch.setattr("kiosk.browser.plugged_in", partial(plugged_in, tmp_path))
    told: list[str] = []
    settings = PostSettings(
        central=CentralSettings(url="http://central", station="pitea"),
        page=PageSettings(port=port),
        screen=ScreenSettings(connector="DSI-1"),
        browser=BrowserSettings(shell=(sys.executable, str(FAKE), "never", str(tmp_path / "n"))),
    )
    limits = Limits(first_ms=100, patience_ms=100)
    show = Show(settings, limits, SystemClock(), poll_s=0.02, tell=told.append)
    thread = threading.Thread(target=show.run, args=(tmp_path,))
    thread.start()
    until(lambda: len(told) > 30, what="turns without a picture")
    show.stop()
    thread.join(10)


def test_before_the_post_answers_nothing_is_started_and_systemd_is_asked_for_time(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path, free_port())
    thread = stage.start("draws")
    until(lambda: len(stage.told) > 3, what="turns")
    assert set(stage.told) == {
        "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting for the post's page",
    }
    assert not (tmp_path / "notes").exists()
    assert stage.stop(thread) == 0


def test_at_night_it_ends_in_good_order_to_be_started_afresh(
    tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clock = FakeClock(datetime(2026, 2, 3, 0, 20, tzinfo=UTC))
    stage = Stage(tmp_path, port, clock)
    thread = stage.start("draws", Limits(first_ms=60_000, patience_ms=60_000))
    until(tmp_path.joinpath("notes").exists, what="the browser")
    clock.advance(30_000)
    until(stage.is_ready, what="the first picture")
    clock.advance(130 * 60_000)
    assert stage.ended(thread) == 0
    assert "the browser starts afresh" in caplog.text


def test_the_third_quick_failure_asks_for_a_reboot_and_the_next_ones_for_patience(
    tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    stage = Stage(tmp_path, port, clock)
    stage.shell = ("/bin/false",)
    ended = []
    for _ in range(3):
        stage.failures = Failures(tmp_path / "failures", clock)
        ended.append(stage.run("exits"))
    assert ended == [1, 1, 10]
    assert "the machine is started again" in caplog.text
    clock.reboot("boot-2")
    for _ in range(3):
        stage.failures = Failures(tmp_path / "failures", clock)
        assert stage.run("exits") == 1

    stage.failures = Failures(tmp_path / "failures", clock)
    stage.told.clear()
    thread = stage.start("exits")
    until(lambda: len(stage.told) > 3, what="turns")
    assert set(stage.told) == {
        "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=the browser failed 3 times; the next try in 10 s"
    }
    clock.advance(10_000)
    assert stage.ended(thread) == 1
    assert stage.failures.pause_ms() == 20_000


def test_a_person_who_restarts_the_unit_need_not_wait(tmp_path: Path, port: int) -> None:
    clock = FakeClock()
    stage = Stage(tmp_path, port, clock)
    stage.failures = Failures(tmp_path / "failures", clock)
    for _ in range(3):
        stage.failures.note(0)
    thread = stage.start("draws")
    until(lambda: stage.told, what="the pause")
    assert stage.stop(thread) == 0
    assert Failures(tmp_path / "failures", clock).pause_ms() == 0


def test_a_program_that_cannot_be_run_is_a_failure_like_others(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "chromium"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    stage.shell = (str(broken),)
    assert stage.run("draws") == 1
    assert "cannot be started" in caplog.text


def test_the_post_notices_that_the_page_which_spoke_has_gone(showing: Showing, port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stream", timeout=5) as stream:
        stream.readline()
        showing.drawn(1)
        assert not showing.shown()["page_changes"]

    def noticed() -> bool:
        showing.beat()
        return bool(showing.shown()["page_changes"])

    until(noticed, what="the end of the stream")


def test_each_start_gets_an_empty_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with fresh_profile() as profile:
        (profile / "Default").mkdir()
        (profile / "Default/History").write_text("yesterday")
    with fresh_profile() as profile:
        assert profile == tmp_path / "profile"
        assert list(profile.iterdir()) == []


def test_a_profile_made_by_hand_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    with fresh_profile() as profile:
        assert profile.is_dir()
    assert not profile.exists()


def test_the_limits_are_those_of_the_settings() -> None:
    assert limits_of(BrowserSettings()) == Limits(first_ms=60_000, patience_ms=15_000)
