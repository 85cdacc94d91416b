import json
import logging
from pathlib import Path
from typing import Any

import pytest
import requests

from contract.masking import fitting, without_plates
from contract.plate import Plate
from contract.wire import DeviceFault, Heartbeat
from device.heartbeat import Heart, LastError
from device.own_identity import OwnIdentity
from device.session import CentralSession
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock

PATH = "/v1/stations/pitea/devices/post-1/heartbeat"


class Central(Answers):
    """Gives the same answer again and again, until a test changes it."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.words: dict[str, object] = {"every_s": 60}
        self.is_away = False

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self.is_away:
            self.fail(requests.ConnectionError("no route"))
        else:
            self.give(self.status, self.words)
        return super().send(request, *args, **kwargs)

    @property
    def told(self) -> dict[str, Any]:
        """The last heartbeat, as it travelled."""
        words: dict[str, Any] = json.loads(self.asked[-1].body or b"")
        return words


class Device:
    """A device with a heart whose turns are taken by hand."""

    station = "/v1/stations/pitea"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.central = Central()
        self.device = "post-1"
        self.now = Heartbeat(release="26.11.0", boot="boot-1")
        self.own = OwnIdentity(Path("/proc/none/token"))
        self._session = self.central.session("http://central", "token")
        self.heart = Heart(self, lambda: self.now, self.clock, lambda _, whole: whole)

    def session(self) -> CentralSession:
        return self._session

    def beats_within(self, seconds: float) -> list[float]:
        """Let time pass; the seconds at which a heartbeat was tried."""
        beats = []
        for quarter in range(round(seconds * 4)):
            if self.heart.turn():
                beats.append(quarter / 4)
            self.clock.advance(250)
        return beats


@pytest.fixture
def device() -> Device:
    return Device()


def test_it_beats_once_a_minute_from_the_start(device: Device) -> None:
    assert [0, 60, 120] == device.beats_within(150)
    assert PATH == device.central.asked[0].path_url
    assert "Bearer token" == device.central.asked[0].headers["Authorization"]
    assert "26.11.0" == device.central.told["release"]


@pytest.mark.parametrize(("asked", "every_s"), [(30, 30), (0, 5), (100_000, 600)])
def test_central_says_how_often_within_limits(device: Device, asked: int, every_s: int) -> None:
    device.central.words = {"every_s": asked}
    assert [0, every_s] == device.beats_within(every_s + 1)


def test_a_fault_is_told_at_once(device: Device) -> None:
    device.beats_within(20)
    device.heart.soon()
    assert [0, 60] == device.beats_within(61)


def test_a_contact_that_flickers_is_told_every_five_seconds(device: Device) -> None:
    beats = []
    for second in range(20):
        device.heart.soon()
        beats += [second + beat for beat in device.beats_within(1)]
    assert [0, 5, 10, 15] == beats


def test_what_came_while_one_was_sent_is_told_in_the_next(device: Device) -> None:
    def changing() -> Heartbeat:
        device.heart.soon()
        return Heartbeat(release="26.11.0", boot="boot-1")

    device.heart = Heart(device, changing, device.clock, lambda _, whole: whole)
    assert [0, 5] == device.beats_within(6)


def test_devices_that_start_together_do_not_stay_together(device: Device) -> None:
    device.heart = Heart(device, lambda: device.now, device.clock, lambda short, _: short)
    assert [0, 54, 108] == device.beats_within(120)


def test_nothing_is_sent_before_enrolment(device: Device) -> None:
    device.device = ""
    assert [] == device.beats_within(70)
    device.device = "post-1"
    assert [0] == device.beats_within(5)


def test_a_central_that_is_away_is_logged_once_and_tried_each_minute(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    device.central.is_away = True
    assert [0, 60, 120] == device.beats_within(170)
    device.central.is_away = False
    assert [10] == device.beats_within(20)
    lost, back = (record.getMessage() for record in caplog.records)
    assert lost.startswith("heartbeat lost")
    assert "heartbeat back after_s=180 missed=3" == back


def test_a_refusal_is_logged_once_and_tried_each_minute(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    device.central.status, device.central.words = 401, {}
    assert [0, 60, 120] == device.beats_within(130)
    assert 1 == len(caplog.records)


def test_an_older_central_is_left_alone_for_ten_minutes_whatever_happens_here(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    device.central.status, device.central.words = 404, {}
    assert [0] == device.beats_within(300)
    device.heart.soon()
    assert [300] == device.beats_within(400)
    assert ["heartbeat not known to central again_s=600"] == [
        record.getMessage() for record in caplog.records
    ]


def test_a_central_that_was_replaced_by_a_newer_one_hears_it_again(device: Device) -> None:
    device.central.status = 404
    device.beats_within(1)
    device.central.status = 200
    assert [599, 659] == device.beats_within(660)


def test_a_log_in_page_in_between_is_no_answer(device: Device) -> None:
    device.central.words = {"every_s": "<html>"}
    assert [0, 60] == device.beats_within(61)


# -- no plates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plate",
    ["ABC123", "ABC 123", "ABC-12D", "abc12d", "AB 12345", "AB12 CDE", "12-ABC-3", "B-AB 1234"],
)
def test_what_looks_like_a_plate_is_masked(plate: str) -> None:
    said = without_plates(f"row of {plate}: no answer")
    assert plate not in said
    assert said.startswith("row of ")
    assert said.endswith(": no answer")


def test_a_plate_without_a_shape_is_masked_in_an_address() -> None:
    said = without_plates("GET /v1/stations/pitea/status?plate=KORIN&x=1 failed")
    assert "GET /v1/stations/pitea/status?plate=K****N&x=1 failed" == said


@pytest.mark.parametrize(
    "reason",
    [
        "The keypad on /dev/ttyUSB0 does not answer for 30 s (Errno 5).",
        "GPIO 17 cannot be used (GPIO busy); check signals.buzzer and signals.lamp.",
        "Central refused with 503 not_saved: the disk is full, 1048576 bytes.",
        "/var/lib/portvakt-kiosk/outbox.sqlite3 cannot be written: read-only; change the card.",
        "USB 2047:0855 is gone since 04:12; 3 tries in 15 s.",
    ],
)
def test_what_a_technician_needs_is_not_masked(reason: str) -> None:
    assert reason == without_plates(reason)


def test_no_plate_travels_in_any_text(device: Device) -> None:
    fault = DeviceFault(part="outbox", reason="not saved: ABC 123 " + "x" * 200)
    device.now = Heartbeat(
        release="26.11.0",
        boot="boot-1",
        shows="place ABC123",
        faults=[fault],
        last_error="arrival not taken plate=KORIN reason=" + "y" * 200,
    )
    device.beats_within(1)
    told = device.central.told
    assert "place A****3" == told["shows"]
    assert told["faults"][0]["reason"].startswith("not saved: A****3")
    assert told["last_error"].startswith("arrival not taken plate=K****N")
    assert [200, 200] == [len(told["faults"][0]["reason"]), len(told["last_error"])]


def test_a_text_is_cut_after_it_was_masked() -> None:
    """Half of a plate at the end would have no shape any more."""
    told = Heartbeat(release="1", boot="b", last_error="x" * 193 + " ABC123")
    assert fitting(told).last_error.endswith("x A****3")


def test_a_name_that_is_no_unicode_does_not_stop_a_heartbeat(device: Device) -> None:
    device.now = Heartbeat(release="1", boot="b", last_error="no file b\udce9la")
    assert [0] == device.beats_within(1)
    assert "no file b?la" == device.central.told["last_error"]


@pytest.fixture
def errors() -> LastError:
    return LastError(FakeClock())


def test_the_last_error_of_the_log_is_kept_without_its_traceback(errors: LastError) -> None:
    with errors.listening():
        logging.getLogger("kiosk").error("outbox lost plate=%s", Plate.parse("KORIN"))
        logging.getLogger("kiosk").warning("central lost")
        logging.getLogger("kiosk").error("stopped\nbadly", exc_info=ValueError("ABC123"))
    assert "stopped" == errors.text


def test_a_plate_among_the_words_of_an_error_is_masked_whatever_its_shape(
    errors: LastError,
) -> None:
    with errors.listening():
        logging.getLogger("kiosk").error("not saved plate=%s", Plate.parse("KORIN"))
    logging.getLogger("kiosk").error("after the end")
    assert "not saved plate=K***N" == errors.text


def test_a_line_of_log_that_does_not_fit_its_arguments_hurts_nobody(
    errors: LastError, capsys: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("kiosk", logging.ERROR, __file__, 1, "%d rows", ("many",), None)
    errors.handle(record)
    assert "" == errors.text
    assert "Logging error" in capsys.readouterr().err


def test_an_error_is_forgotten_after_a_day() -> None:
    clock = FakeClock()
    errors = LastError(clock)
    assert "" == errors.text
    with errors.listening():
        logging.getLogger("kiosk").error("outbox lost")
    clock.advance(24 * 3_600_000)
    assert "outbox lost" == errors.text
    clock.advance(1)
    assert "" == errors.text
