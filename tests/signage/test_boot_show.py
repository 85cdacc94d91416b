"""After power came the sign tells how far it is, and nothing that a driver could take for a call."""

import socket
from pathlib import Path

import pytest

from contract.problems import CODE_REFUSED, TOO_MANY, UNKNOWN_DEVICE
from contract.wire import Role
from device.boot_story import Step, Story
from device.central_settings import CentralPlace
from device.fault_codes import CODES
from device.identity import Identity
from device.net_state import NetState
from device.session import CentralRefused, CentralUnreachable
from signage.boot_show import LONGEST_MS, PAGE_MS, READY_MS, BootShow, page
from signage.layout import Canvas, plate
from signage.light_settings import SelfTestSettings
from signage.story import SignStory
from tests.fakes.clock import FakeClock
from tests.signage.door_rig import Door

WALL = Canvas(48, 8)
TURN_MS = 50


class Watcher:
    """Somebody with a ladder, who reads the sign turn by turn."""

    def __init__(
        self, canvas: Canvas = WALL, *, begins_anew: bool = True, pages: bool = True
    ) -> None:
        self.story = Story(Step.NET)
        self.now_ms = 10_000
        self.show = BootShow(
            canvas, lambda: self.story, lambda: "0417-2", begins_anew=begins_anew, pages=pages
        )

    def reads(self, ms: int, *, free: bool = True) -> list[str]:
        """What stands there in the next *ms*, each once; "" is darkness."""
        seen: list[str] = []
        for _ in range(0, ms, TURN_MS):
            frame = self.show.frame(self.now_ms, free=free)
            words = "" if frame is None else frame.words
            if seen[-1:] != [words]:
                seen.append(words)
            self.now_ms += TURN_MS
        return seen


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def test_the_sign_tells_its_name_then_net_enrol_ready_and_goes_dark(watcher: Watcher) -> None:
    assert watcher.reads(2 * PAGE_MS) == ["0417-2", "NET"]
    watcher.story = Story(Step.ENROL)
    assert watcher.reads(2 * PAGE_MS)[-1] == "ENROL"
    watcher.story = Story(Step.READY)
    watcher.reads(1_000)
    told = watcher.reads(READY_MS)
    assert set(told[:-1]) == {"0417-2", "READY"}
    assert told[-1] == ""
    assert watcher.reads(60_000) == [""]


def test_a_sign_that_was_enrolled_before_power_came_tells_its_name_and_no_word_of_being_ready() -> (
    None
):
    watcher = Watcher(begins_anew=False)
    assert watcher.reads(2 * PAGE_MS) == ["0417-2", "NET"]
    watcher.story = Story(Step.READY)
    watcher.reads(1_000)
    assert watcher.reads(READY_MS) == ["0417-2", ""]


def test_a_fault_is_told_by_its_two_digits(watcher: Watcher) -> None:
    watcher.story = Story(Step.ENROL, CODES["code_refused"])
    assert watcher.reads(3 * PAGE_MS) == ["0417-2", "ENROL", "E 32"]


def test_what_is_wrong_with_a_sign_that_works_is_told_beside_ready(watcher: Watcher) -> None:
    watcher.story = Story(Step.READY, CODES["rolled_back"])
    assert watcher.reads(3 * PAGE_MS) == ["0417-2", "READY", "E 71"]


def test_a_panel_that_blinks_at_each_change_shows_one_page_a_step() -> None:
    watcher = Watcher(pages=False)
    assert watcher.reads(10_000) == ["NET"]
    watcher.story = Story(Step.NET, CODES["no_link"])
    assert watcher.reads(10_000)[-1] == "E 21"
    watcher.story = Story(Step.READY)
    watcher.reads(1_000)
    assert watcher.reads(5_000) == ["0417-2"]


def test_whatever_else_shall_stand_there_ends_the_story_for_good(watcher: Watcher) -> None:
    assert watcher.reads(1_000) == ["0417-2"]
    assert watcher.reads(TURN_MS, free=False) == [""]
    assert watcher.reads(20_000) == [""]


def test_after_ten_minutes_without_a_network_dark_is_the_rule_again(watcher: Watcher) -> None:
    watcher.story = Story(Step.NET, CODES["no_link"])
    watcher.reads(LONGEST_MS)
    assert watcher.reads(60_000) == [""]


@pytest.mark.parametrize("words", ["0417-2", "NET", "ENROL", "READY", "E 22"])
@pytest.mark.parametrize("canvas", [WALL, Canvas(96, 16), Canvas(64, 16)])
def test_a_page_has_a_bar_at_each_end_which_no_plate_has(words: str, canvas: Canvas) -> None:
    bar = (1 << canvas.height_px) - 1
    drawn = page(words, canvas)
    assert drawn is not None
    assert (drawn.columns[0], drawn.columns[-1]) == (bar, bar)
    if "-" not in words:
        assert plate(words, canvas).columns[0] != bar


def test_a_name_that_does_not_fit_is_dark_and_the_rest_is_told() -> None:
    watcher = Watcher(Canvas(32, 8))
    watcher.show = BootShow(Canvas(40, 8), lambda: watcher.story, lambda: "NORRKOPING-12")
    assert watcher.reads(2 * PAGE_MS) == ["", "NET"]


class Line:
    """A line to central that a test sets."""

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self.has_code = True
        self.why_not = ""
        self.lost_token = False
        self.begins_anew = False
        self.answered = False
        self.trouble: Exception | None = None


class Bench:
    def __init__(self, folder: Path) -> None:
        self.line, self.folder = Line(), folder
        self.net = NetState(link=True, address=True)
        self.url = "https://central.example"
        self.settings_fault = False

    @property
    def story(self) -> SignStory:
        central = CentralPlace(self.url, "0417")
        return SignStory(
            central,
            self.line,
            FakeClock(),
            settings_fault=self.settings_fault,
            net=lambda: self.net,
            records=self.folder,
        )

    def told(self) -> tuple[str, int | None]:
        told = self.story.look()
        return str(told.step), told.fault.number if told.fault else None


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_cable_that_is_not_in_is_told_before_anything_was_tried(bench: Bench) -> None:
    bench.net = NetState(link=False, address=False)
    assert bench.told() == ("NET", 21)
    bench.net = NetState(link=True, address=False)
    assert bench.told() == ("NET", 22)
    bench.net = NetState(link=True, address=True)
    assert bench.told() == ("NET", None)


def test_a_central_on_the_same_machine_needs_no_cable(bench: Bench) -> None:
    bench.url, bench.net = "http://127.0.0.1:8081", NetState(link=False, address=False)
    assert bench.told() == ("NET", None)


def test_what_central_says_to_a_code_is_told(bench: Bench) -> None:
    bench.line.trouble = CentralRefused(403, CODE_REFUSED.reason, "no")
    assert bench.told() == ("ENROL", 32)


def test_a_sign_without_a_code_says_so_whatever_its_network_is_like(bench: Bench) -> None:
    bench.line.has_code = False
    assert bench.told() == ("ENROL", 31)


def test_a_refused_code_is_said_after_a_restart_too(bench: Bench) -> None:
    bench.line.has_code, bench.line.why_not = False, CODE_REFUSED.reason
    assert bench.told() == ("ENROL", 32)


def test_a_damaged_token_file_is_said(bench: Bench) -> None:
    bench.line.lost_token, bench.line.has_code = True, False
    assert bench.told() == ("ENROL", 35)


def test_a_sign_that_was_revoked_says_so(bench: Bench) -> None:
    bench.line.identity = Identity("sign-1", "t", "0417", Role.SIGN, "Sign 2", "2")
    bench.line.trouble = CentralRefused(401, UNKNOWN_DEVICE.reason, "no")
    assert bench.told() == ("ENROL", 33)


def test_a_name_that_nobody_knows_is_told_apart_from_a_central_that_is_silent(
    bench: Bench,
) -> None:
    silent = CentralUnreachable("https://central.example", "no answer in time")
    bench.line.trouble = silent
    assert bench.told() == ("NET", 24)
    silent.__cause__ = OSError()
    silent.__cause__.__context__ = socket.gaierror(-2, "Name or service not known")
    assert bench.told() == ("NET", 23)


def test_ready_comes_with_what_is_wrong_all_the_same(bench: Bench) -> None:
    bench.line.identity = Identity("sign-1", "t", "0417", Role.SIGN, "Sign 2", "2")
    bench.line.answered = True
    assert bench.told() == ("READY", None)
    (bench.folder / "last.json").write_text('{"phase": "refused"}')
    assert bench.told() == ("READY", 72)
    bench.settings_fault = True
    assert bench.told() == ("READY", 11)


def test_the_name_is_the_station_and_the_bay_as_soon_as_that_is_known(bench: Bench) -> None:
    assert bench.story.name() == "0417"
    bench.line.identity = Identity("sign-1", "t", "0417", Role.SIGN, "Sign 2", "2")
    assert bench.story.name() == "0417-2"


# -- on the wall -----------------------------------------------------------------------------------


def test_the_story_comes_after_darkness_and_the_pattern_and_ends_when_central_answers(
    tmp_path: Path,
) -> None:
    test = SelfTestSettings(at_start=True, at="")
    door = Door(tmp_path, self_test=test)
    door.sign.turn()
    door.turns(2_500)
    assert not door.is_dark
    door.line.identity = Identity("sign-1", "t", "pitea", Role.SIGN, "Sign 1", "1")  # type: ignore[assignment]
    door.line.answered = True
    door.wakes()
    door.turns(READY_MS + 1_500)
    assert door.is_dark

    again = Door(tmp_path, self_test=test)
    again.sign.turn()
    again.turns(5_000)
    assert again.is_dark, "a restart is no start of the machine"


def test_a_sign_that_is_being_enrolled_tells_its_story_whenever_it_starts(tmp_path: Path) -> None:
    test = SelfTestSettings(at_start=True, at="")
    Door(tmp_path, self_test=test).sign.turn()
    again = Door(tmp_path, self_test=test)
    again.line.begins_anew = True
    again.sign.turn()
    again.turns(5_000)
    assert not again.is_dark


def test_a_new_sign_whose_code_is_not_judged_for_too_many_tries_shows_enrol_and_34(
    tmp_path: Path,
) -> None:
    test = SelfTestSettings(at_start=True, at="")
    Door(tmp_path, self_test=test).sign.turn()
    door = Door(tmp_path, self_test=test)
    door.line.begins_anew = door.line.has_code = True
    door.line.trouble = CentralRefused(429, TOO_MANY.reason, "wait a minute", 60)
    door.sign.turn()
    seen: list[list[str]] = []
    for _ in range(0, 10 * PAGE_MS, 50):
        door.turns(50)
        seen.append(door.chain.rows())
    for words in ("ENROL", "E 34"):
        drawn = page(words, Canvas(40, 8))
        assert drawn is not None
        assert list(drawn.rows) in seen


def test_a_plate_takes_the_panel_from_the_story_at_once_and_for_good(tmp_path: Path) -> None:
    door = Door(tmp_path, self_test=SelfTestSettings(at_start=True, at=""))
    door.sign.turn()
    door.turns(3_000)
    assert not door.is_dark
    door.darkens()
    door.grants()
    assert door.shows(*plate("ABC 123", Canvas(40, 8)).rows)
    door.darkens()
    door.turns(5_000)
    assert door.is_dark


def test_a_sign_in_its_story_says_that_it_shows_no_call(tmp_path: Path) -> None:
    door = Door(tmp_path, self_test=SelfTestSettings(at_start=True, at=""))
    door.sign.turn()
    door.turns(3_000)
    beat = door.beat()
    assert (beat.commanded, beat.sent.call) == (None, None)
