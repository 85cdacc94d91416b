"""The real process, a real central-shaped server, and a panel that stands outside of both."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract.wire import PanelState, Role
from signage.encoders.max7219 import encode
from signage.frame import Frame
from signage.layout import Canvas, layout, listing
from tests.fakes.panel_recorder import Chain, PanelRecorder
from tests.fakes.sign_central import CODE, DEVICE, TOKEN, SignCentral
from tests.waiting import patiently

pytestmark = pytest.mark.processes

ABC = list(layout("ABC 123", 40, 8).rows)
DARK = list(Frame.dark(40, 8).rows)
OFF = bytes.fromhex("0c00") * 5
SETTINGS = """
[central]
url = "{url}"
station = "pitea"
[identity]
token_file = "{folder}/token.json"
code_file = "{folder}/code"
[panel]
modules = 5
bus = "unix:{panel}"
[lease]
ttl_ms = 3000
beat_lit_ms = 500
beat_dark_ms = 1000
[pages]
second = ""
[self_test]
at_start = false
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def config(tmp_path: Path, recorder: PanelRecorder, central: SignCentral) -> Path:
    (tmp_path / "code").write_text(f"{CODE}\n")
    path = tmp_path / "sign.toml"
    path.write_text(SETTINGS.format(url=central.url, folder=tmp_path, panel=recorder.path))
    return path


@pytest.fixture
def start(config: Path) -> Iterator[Start]:
    """Start the sign's service, after *first* has been run in its process."""
    started: list[subprocess.Popen[str]] = []

    def start(first: str = "") -> "subprocess.Popen[str]":
        code = f"import sys; from pathlib import Path; {first}\nfrom signage.service import run\n"
        code += f"sys.exit(run(Path({str(config)!r})))"
        with (config.parent / "sign.log").open("a") as log:
            process = subprocess.Popen([sys.executable, "-c", code], stderr=log, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def lit(start: Start, recorder: PanelRecorder, central: SignCentral) -> "subprocess.Popen[str]":
    """A sign that shows ABC 123."""
    process = start()
    patiently(lambda: central.listeners, what="the stream of nudges")
    central.light("c1", "ABC 123")
    patiently(lambda: recorder.rows() == ABC, what="the plate")
    return process


def ended(process: "subprocess.Popen[str]") -> int:
    patiently(lambda: process.poll() is not None, what="the end of the process")
    return process.returncode


def test_a_call_is_lit_and_goes_dark_when_it_ends(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral
) -> None:
    patiently(lambda: "c1" == central.beats[-1].commanded, what="a beat that says what is shown")
    patiently(lambda: central.beats[-1].sent.whole, what="a beat that says it has left")
    assert "c1" == central.beats[-1].sent.call
    assert b"".join(encode(layout("ABC 123", 40, 8))) in b"".join(recorder.seen())

    central.end()

    patiently(lambda: recorder.is_dark, what="darkness")
    patiently(lambda: central.beats[-1].seq == central.seq, what="a beat that knows of the end")
    assert central.beats[-1].commanded is None
    assert central.beats[-1].sent.whole


def test_a_picture_of_what_stands_there_comes_with_the_next_beat_and_only_that(
    lit: "subprocess.Popen[str]", central: SignCentral
) -> None:
    central.nudge("picture")
    patiently(lambda: central.beats[-1].picture is not None, what="a beat with a picture")
    (picture,) = [beat.picture for beat in central.beats if beat.picture is not None]
    assert picture is not None
    assert list(layout("ABC 123", 40, 8).columns) == picture.columns
    assert picture.whole
    patiently(lambda: central.beats[-1].picture is None, what="a beat without one")


def test_a_station_may_say_why_a_door_is_shut(
    start: Start, recorder: PanelRecorder, central: SignCentral
) -> None:
    start()
    patiently(lambda: central.listeners, what="the stream of nudges")
    central.notice = "RAST"
    central.nudge("beat")
    patiently(lambda: recorder.rows() == list(layout("RAST", 40, 8).rows), what="the notice")
    central.notice = ""
    central.nudge("beat")
    patiently(lambda: recorder.is_dark, what="darkness")


def test_a_yard_sign_lists_who_is_called_and_goes_dark_without_central(
    start: Start, recorder: PanelRecorder, central: SignCentral
) -> None:
    start()
    patiently(lambda: central.listeners, what="the stream of nudges")
    central.list(("c1", "AB 1", "2"))
    line = list(listing([("AB 1", "2")], Canvas(40, 8)).rows)
    patiently(lambda: recorder.rows() == line, what="the line")
    patiently(lambda: ["c1"] == central.beats[-1].listed, what="a beat that says what is listed")
    central.list()
    patiently(lambda: recorder.is_dark, what="darkness")
    patiently(lambda: [] == central.beats[-1].listed, what="a beat that says that nothing is")


def test_what_cannot_be_drawn_is_said_by_a_yard_sign_once_and_by_no_other(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral, tmp_path: Path
) -> None:
    """Its text for "nothing is known" is too long for five modules; a door's sign never shows it."""
    log = tmp_path / "sign.log"
    assert "stale text refused" not in log.read_text()
    for plate in ("AB 1", "AB 2"):
        central.list(("c1", plate, "2"))
        line = list(listing([(plate, "2")], Canvas(40, 8)).rows)
        patiently(lambda line=line: recorder.rows() == line, what="the line")  # type: ignore[misc]
    assert 1 == log.read_text().count("stale text refused")


def test_a_code_for_a_post_makes_no_sign_and_the_next_code_does(
    start: Start, central: SignCentral, tmp_path: Path
) -> None:
    central.makes = Role.POST
    start()
    patiently((tmp_path / "enrol-code.refused").exists, what="a note of the refusal")
    assert not (tmp_path / "token.json").exists()
    assert [Role.SIGN] == [enrol.role for enrol in central.enrolled]
    central.makes = Role.SIGN
    (tmp_path / "code").write_text("another-code")
    patiently((tmp_path / "token.json").exists, what="its own token")
    assert [CODE, "another-code"] == [enrol.code for enrol in central.enrolled]


def test_it_says_how_its_machine_is(lit: "subprocess.Popen[str]", central: SignCentral) -> None:
    patiently(lambda: central.heartbeats, what="a heartbeat")
    assert 0 == central.heartbeats[0].restarts
    assert "" == central.heartbeats[0].last_error


def test_rule_7_it_blanks_before_it_talks_to_anybody(
    start: Start, recorder: PanelRecorder, central: SignCentral
) -> None:
    left_standing = recorder.chain
    for register, value in ((0xB, 7), (1, 0xFF), (0xC, 1)):
        left_standing.take(bytes((register, value)) * 5)
    central.close()
    start()
    patiently(lambda: recorder.is_dark, what="darkness")
    assert OFF == recorder.seen()[0]


def test_it_enrols_with_its_code_once(
    lit: "subprocess.Popen[str]", start: Start, central: SignCentral, tmp_path: Path
) -> None:
    lit.terminate()
    ended(lit)
    assert DEVICE in (tmp_path / "token.json").read_text()
    boots = {beat.boot for beat in central.beats}
    start()
    patiently(lambda: {beat.boot for beat in central.beats} - boots, what="a beat of the new life")
    assert [CODE] == [enrol.code for enrol in central.enrolled]


def test_a_token_that_cannot_be_kept_does_not_stop_the_sign(
    start: Start, central: SignCentral, config: Path
) -> None:
    words = config.read_text().replace(f"{config.parent}/token.json", "/proc/nothing/token.json")
    config.write_text(words)
    start()
    patiently(lambda: central.beats, what="a beat")
    assert "token not kept" in (config.parent / "sign.log").read_text()


def test_a_sign_changes_its_token_while_it_is_lit(
    start: Start, recorder: PanelRecorder, central: SignCentral, tmp_path: Path
) -> None:
    central.light("call-1", "ABC 123")
    central.wants_new_token = True
    start()
    patiently(lambda: central.token != TOKEN, what="a use of the new token")
    before = len(central.beats)
    patiently(lambda: len(central.beats) > before + 2, what="beats under the new token")
    patiently(lambda: recorder.rows() == ABC, what="the plate")
    assert central.token in (tmp_path / "token.json").read_text()
    assert [CODE] == [enrol.code for enrol in central.enrolled]
    assert "unknown_device" not in (tmp_path / "sign.log").read_text()


def test_unknown_device_leads_to_enrolment_with_a_new_code(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral, tmp_path: Path
) -> None:
    central.knows_the_sign = False
    (tmp_path / "code").write_text("another-code")
    patiently(lambda: len(central.enrolled) == 2, what="a second enrolment")
    patiently(lambda: recorder.rows() == ABC, what="the plate")


def test_a_used_code_on_the_card_is_not_tried_again(
    lit: "subprocess.Popen[str]", start: Start, central: SignCentral
) -> None:
    lit.terminate()
    ended(lit)
    central.takes_codes = central.knows_the_sign = False
    start()
    patiently(lambda: central.strangers > 2, what="beats that are refused")
    assert 1 == len(central.enrolled)
    central.knows_the_sign = True
    known = len(central.beats)
    patiently(lambda: len(central.beats) > known, what="a beat under the token that it has")


def test_a_sign_that_is_brought_a_code_of_another_door_is_that_doors_although_its_token_is_good(
    lit: "subprocess.Popen[str]", start: Start, central: SignCentral, tmp_path: Path
) -> None:
    lit.terminate()
    ended(lit)
    (tmp_path / "code").write_text("another-code")
    central.bay = "3"
    start()
    patiently(lambda: '"bay":"3"' in (tmp_path / "token.json").read_text(), what="the other door")
    assert [CODE, "another-code"] == [enrol.code for enrol in central.enrolled]


def test_a_wrong_code_leaves_a_sign_what_it_was(
    lit: "subprocess.Popen[str]", start: Start, central: SignCentral, tmp_path: Path
) -> None:
    lit.terminate()
    ended(lit)
    (tmp_path / "code").write_text("another-code")
    central.takes_codes = False
    before = len(central.beats)
    start()
    patiently(lambda: len(central.beats) > before, what="a beat under the token that it has")
    assert [CODE, "another-code"] == [enrol.code for enrol in central.enrolled]


def test_a_damaged_token_file_is_mended_by_a_new_code(
    start: Start, central: SignCentral, tmp_path: Path
) -> None:
    (tmp_path / "token.json").write_text("{")
    start()
    patiently(lambda: central.beats, what="a beat")
    assert TOKEN in (tmp_path / "token.json").read_text()
    assert "identity lost" in (tmp_path / "sign.log").read_text()


def test_a_refused_code_of_a_new_sign_is_shown_once_and_the_next_one_too(
    start: Start, central: SignCentral, tmp_path: Path
) -> None:
    central.takes_codes = False
    start()
    patiently((tmp_path / "enrol-code.refused").exists, what="a note of the refusal")
    assert CODE not in (tmp_path / "sign.log").read_text()
    (tmp_path / "code").write_text("another-code")
    patiently(lambda: len(central.enrolled) == 2, what="the other code")
    assert [CODE, "another-code"] == [enrol.code for enrol in central.enrolled]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_rule_7_stopped_it_blanks_and_ends_well(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, stop: signal.Signals
) -> None:
    lit.send_signal(stop)
    assert 0 == ended(lit)
    patiently(lambda: recorder.is_dark, what="darkness")


def test_rule_7_killed_it_leaves_the_plate_and_the_blanker_takes_it_away(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, config: Path
) -> None:
    lit.kill()
    assert -signal.SIGKILL == ended(lit)
    assert ABC == recorder.rows()
    command = [sys.executable, "-m", "signage.blank", "--config", str(config)]
    assert 0 == subprocess.run(command, check=False).returncode
    patiently(lambda: recorder.is_dark, what="darkness")


def test_rule_7_an_error_while_drawing_ends_in_darkness_and_status_one(
    start: Start, recorder: PanelRecorder, central: SignCentral, config: Path
) -> None:
    process = start(
        "import signage.script as s; whole = s.plate\n"
        "def fails(text, canvas):\n"
        "    if 'X' in text: raise ZeroDivisionError('a defect')\n"
        "    return whole(text, canvas)\n"
        "s.plate = fails"
    )
    patiently(lambda: central.listeners, what="the stream of nudges")
    central.light("c1", "ABC 123")
    patiently(lambda: recorder.rows() == ABC, what="the plate")
    central.light("c2", "XXX 123")
    assert 1 == ended(process)
    patiently(lambda: recorder.is_dark, what="darkness")
    assert "ZeroDivisionError" in (config.parent / "sign.log").read_text()


def test_rule_2_without_central_the_plate_goes_dark_when_its_lease_ends(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral
) -> None:
    central.answers = False
    patiently(lambda: recorder.is_dark, what="darkness")
    assert lit.poll() is None
    central.answers = True
    patiently(lambda: recorder.rows() == ABC, what="the plate again")


class Watchdog:
    """systemd's side of the watchdog: hears the pings of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def heard(self) -> list[bytes]:
        """Everything since the last look."""
        words = []
        while True:
            try:
                words.append(self._socket.recv(4096))
            except BlockingIOError:
                return words

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def watchdog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watchdog]:
    watchdog = Watchdog(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(watchdog.path))
    yield watchdog
    watchdog.close()


def test_rule_8_a_process_that_hangs_pings_no_more_and_the_units_end_of_it_is_darkness(
    watchdog: Watchdog,
    lit: "subprocess.Popen[str]",
    recorder: PanelRecorder,
    config: Path,
) -> None:
    patiently(lambda: b"WATCHDOG=1" in watchdog.heard(), what="a ping")
    lit.send_signal(signal.SIGSTOP)
    patiently(lambda: not watchdog.heard() and not watchdog.heard(), what="the end of the pings")
    assert ABC == recorder.rows(), (
        "a hung process keeps its picture; that is why there is a watchdog"
    )
    lit.kill()
    ended(lit)
    unit = (Path(__file__).parents[2] / "systemd" / "portvakt-sign.service").read_text()
    assert "WatchdogSec=3\n" in unit
    (post,) = (line for line in unit.splitlines() if line.startswith("ExecStopPost="))
    words = post.split()[1:]
    words[words.index("--config") + 1] = str(config)
    assert 0 == subprocess.run([sys.executable, *words], check=False).returncode
    patiently(lambda: recorder.is_dark, what="darkness")


def test_rule_8_a_write_that_hangs_stops_the_pings(
    watchdog: Watchdog, start: Start, recorder: PanelRecorder, central: SignCentral
) -> None:
    """As a call into the kernel does that never comes back."""
    start(
        "import signage.script as s, threading; whole = s.plate\n"
        "def hangs(text, canvas):\n"
        "    if 'X' in text: threading.Event().wait()\n"
        "    return whole(text, canvas)\n"
        "s.plate = hangs"
    )
    patiently(lambda: central.listeners, what="the stream of nudges")
    central.light("c1", "ABC 123")
    patiently(lambda: recorder.rows() == ABC, what="the plate")
    central.light("c2", "XXX 123")
    patiently(lambda: central.beats[-1].commanded == "c1", what="a beat")
    patiently(lambda: not watchdog.heard() and not watchdog.heard(), what="the end of the pings")


def test_rule_8_an_unplugged_panel_is_a_fault_and_comes_back_dark_first(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral, tmp_path: Path
) -> None:
    recorder.close()
    patiently(lambda: PanelState.FAULT == central.beats[-1].state, what="a beat that says fault")
    assert central.beats[-1].commanded is None
    assert not central.beats[-1].sent.whole
    assert lit.poll() is None

    again = PanelRecorder(tmp_path / "panel.sock", 5)
    patiently(lambda: again.rows() == ABC, what="the plate on the panel that is back")
    assert OFF == again.seen()[0]
    again.close()


def test_rule_8_a_panel_that_hangs_is_a_fault_not_the_end(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral
) -> None:
    recorder.hang()
    patiently(lambda: PanelState.FAULT == central.beats[-1].state, what="a beat that says fault")
    assert lit.poll() is None
    lit.terminate()
    assert 0 == ended(lit)
    recorder.resume()


def test_every_picture_on_the_wire_was_the_plate_or_darkness(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, central: SignCentral
) -> None:
    central.end()
    patiently(lambda: recorder.is_dark, what="darkness")
    central.light("c2", "ABC 123")
    patiently(lambda: recorder.rows() == ABC, what="the plate")
    lit.terminate()
    ended(lit)
    patiently(lambda: recorder.is_dark, what="darkness")
    chain = Chain(5)
    pictures: list[list[str]] = []
    for transfer in recorder.seen():
        chain.take(transfer)
        if not pictures or pictures[-1] != chain.rows():
            pictures.append(chain.rows())
    assert [DARK, ABC, DARK, ABC, DARK] == pictures


def test_rule_7_no_plate_is_written_to_the_disk(
    lit: "subprocess.Popen[str]", recorder: PanelRecorder, tmp_path: Path
) -> None:
    lit.terminate()
    ended(lit)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"token.json", "sign.log"} <= {path.name for path in files}
    assert not [path for path in files if b"ABC" in path.read_bytes()]
