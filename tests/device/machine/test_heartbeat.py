"""A machine says how it is while post and sign may lie still, and writes down what central wants of it."""

import json
import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from contract.fleet import MachineSaid, UnitFacts
from device.machine.facts import Machine
from device.machine.heartbeat import MachineHeart, Stranger
from device.machine.whom import Whom, whom
from device.session import CentralSession
from tests.device.machine.machine import NEXT, RUNS, MachineFolder, wanted
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock

DAY_S = 24 * 3600


class Central(Answers):
    """Gives the same answer again and again, until a test changes it."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.words: dict[str, Any] = {"every_s": 60}
        self.is_away = False

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self.is_away:
            self.fail(requests.ConnectionError("no route"))
        elif self.status == 401:
            self.refuse(401, "unknown_device", "This token is not known.")
        else:
            self.give(self.status, self.words)
        return super().send(request, *args, **kwargs)

    @property
    def told(self) -> MachineSaid:
        """The last heartbeat, as central reads it."""
        return msgspec.json.decode(self.asked[-1].body or b"", type=MachineSaid)


class Rig:
    """A machine with a heart whose turns are taken by hand."""

    def __init__(self, root: Path) -> None:
        self.machine = MachineFolder(root)
        self.clock = FakeClock()
        self.central = Central()
        self.units = [UnitFacts(unit="portvakt-kiosk.service", state="active", restarts=2)]
        self.start()

    def start(self) -> None:
        """Begin, or begin again as systemd does."""
        places = self.machine.places
        said = Machine(places, self.clock, lambda _: self.units).said
        self.heart = MachineHeart(
            places,
            self.clock,
            said,
            self.machine.runtime,
            self._session,
            lambda settings: whom(settings, self.machine.credentials),
            lambda _, whole: whole,
        )

    def _session(self, us: Whom) -> CentralSession:
        return self.central.session(us.central.url, us.token)

    def beats_within(self, seconds: int) -> list[int]:
        """Let time pass; the seconds at which one was tried."""
        beats = []
        for second in range(seconds):
            if self.heart.turn():
                beats.append(second)
            self.clock.advance(1000)
        return beats

    def lives_s(self, most: int = 2_000) -> int:
        """Let time pass until the process ends to get another token; after how many seconds that was."""
        for second in range(most):
            try:
                self.heart.turn()
            except Stranger:
                return second
            self.clock.advance(1000)
        return most

    @property
    def wanted(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.machine.places.wanted.read_bytes())
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_once_a_minute_the_machine_says_how_it_is(rig: Rig) -> None:
    assert rig.beats_within(150) == [0, 60, 120]

    asked, told = rig.central.asked[0], rig.central.told
    assert asked.path_url == "/v1/stations/pitea/devices/post-1/machine"
    assert asked.headers["Authorization"] == "Bearer token-1"
    assert (told.release, told.platform, told.roles) == (RUNS, "cp311-aarch64", ["post"])
    assert (told.boot, told.uptime_s, told.clock_synced) == ("boot-1", 120, True)
    assert told.units == rig.units
    assert (told.phase, told.about, told.why) == ("settled", "", "")


@pytest.mark.parametrize(("asked", "every_s"), [(30, 30), (0, 5), (100_000, 600)])
def test_central_says_how_often_within_limits(rig: Rig, asked: int, every_s: int) -> None:
    rig.central.words = {"every_s": asked}
    assert rig.beats_within(every_s + 1) == [0, every_s]


def test_what_central_wants_is_written_down_when_it_changes_and_only_then(rig: Rig) -> None:
    rig.central.words = {"wanted": msgspec.to_builtins(wanted(b"x"))}
    rig.beats_within(1)
    assert rig.wanted["wanted"]["release"] == NEXT
    assert rig.wanted["heard_at"] == "2026-11-23T07:30:00+00:00"

    before = rig.machine.places.wanted.stat().st_ino
    rig.beats_within(180)
    assert rig.machine.places.wanted.stat().st_ino == before
    rig.central.words = {}
    rig.beats_within(60)
    assert rig.wanted["wanted"] is None


def test_a_folder_that_takes_nothing_does_not_end_the_heartbeat(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.machine.places.wanted.parent.rmdir()
    rig.machine.places.wanted.parent.write_text("")

    assert rig.beats_within(61) == [0, 60]
    assert "wanted release not kept" in caplog.text


@pytest.mark.parametrize("status", [200, 401, 500, 502, 503, 504])
def test_every_answer_leaves_the_mark_by_which_a_release_is_judged(rig: Rig, status: int) -> None:
    """A central that is down behind its proxy takes a connection: no release is to blame for it."""
    mark = rig.machine.runtime / "reached"
    rig.central.is_away = True
    rig.beats_within(60)
    assert not mark.exists()

    rig.central.is_away, rig.central.status = False, status
    rig.machine.wrote("trial.json", {"release": RUNS})
    rig.beats_within(61)
    assert mark.exists()


def test_an_answer_that_this_release_cannot_read_leaves_no_mark(rig: Rig) -> None:
    rig.central.words = {"every_s": "soon"}
    rig.beats_within(61)
    assert not (rig.machine.runtime / "reached").exists()


@pytest.mark.parametrize("status", [None, 502])
def test_a_central_that_is_not_there_yet_at_a_boot_is_asked_again_soon(
    rig: Rig, status: int | None
) -> None:
    rig.central.is_away, rig.central.status = status is None, status or 200

    assert rig.beats_within(160) == [0, 5, 15, 35, 95, 155]
    rig.central.is_away, rig.central.status = False, 200
    assert rig.beats_within(180) == [55, 115, 175]
    rig.central.is_away = True
    assert rig.beats_within(70) == [55, 60]


@pytest.mark.parametrize("status", [404, 405])
def test_an_older_central_is_reached_and_left_alone_for_ten_minutes(
    rig: Rig, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rig.central.status = status

    assert rig.beats_within(1_300) == [0, 600, 1200]
    assert (rig.machine.runtime / "reached").exists()
    assert len(caplog.records) == 1


def test_a_central_that_is_away_for_a_week_costs_two_lines_of_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rig.beats_within(1)
    caplog.clear()
    rig.central.is_away = True
    for _ in range(7 * DAY_S // 60):
        rig.clock.advance(60_000)
        rig.heart.turn()
    rig.central.is_away = False
    rig.beats_within(61)

    lost, back = (record.getMessage() for record in caplog.records)
    assert lost.startswith("machine heartbeat lost")
    assert back.startswith("machine heartbeat back after_s=604800 missed=10080")


def test_a_token_that_was_renewed_is_taken_up_by_a_new_start(rig: Rig) -> None:
    rig.beats_within(1)
    rig.central.status = 401
    rig.clock.advance(60_000)
    with pytest.raises(Stranger):
        rig.heart.turn()

    rig.machine.enrolled("token-2")
    rig.central.status = 200
    rig.start()
    rig.beats_within(1)
    assert rig.central.asked[-1].headers["Authorization"] == "Bearer token-2"


def test_a_revoked_machine_starts_again_every_ten_minutes_not_every_minute(rig: Rig) -> None:
    rig.central.status = 401
    (rig.machine.places.proc / "uptime").write_text("90000.0 1.0\n")
    assert rig.lives_s() == 0
    rig.start()
    assert 600 <= rig.lives_s() < 700


def test_a_machine_that_was_just_set_up_is_soon_seen_once_it_is_enrolled(rig: Rig) -> None:
    (rig.machine.credentials / "post-token").write_text("\n")
    assert rig.lives_s() == 0
    rig.start()
    assert rig.lives_s() == 0

    rig.machine.enrolled("token-1", "sign-token")
    rig.start()
    rig.beats_within(1)
    assert rig.central.told.release == RUNS


def test_while_a_release_is_watched_no_start_is_asked_for(rig: Rig) -> None:
    rig.machine.wrote("trial.json", {"release": RUNS})
    rig.central.status = 401

    assert rig.lives_s(most=700) == 700
    assert (rig.machine.runtime / "reached").exists()


def test_a_token_says_nothing_of_itself_in_any_file_or_line(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rig.central.status = 401
    rig.lives_s()

    written = [path.read_bytes() for path in rig.machine.runtime.iterdir()]
    assert written
    assert not any(b"token-1" in content for content in written)
    assert "token-1" not in caplog.text


def test_settings_that_cannot_be_read_are_looked_at_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    path = rig.machine.places.settings / "post.toml"
    good = path.read_text()
    path.write_text("[central")
    rig.beats_within(100)
    assert rig.central.asked == []
    assert len(caplog.records) == 1

    path.write_text(good)
    rig.beats_within(60)
    assert rig.central.told.release == RUNS


def test_a_hall_box_asks_its_own_central(rig: Rig) -> None:
    words = {"device": "hall", "token": "t", "station": "pitea", "url": "http://127.0.0.1:8081"}
    (rig.machine.credentials / "hall-token").write_text(json.dumps(words))
    (rig.machine.places.settings / "post.toml").unlink()

    rig.beats_within(1)
    assert (
        rig.central.asked[0].url == "http://127.0.0.1:8081/v1/stations/pitea/devices/hall/machine"
    )
