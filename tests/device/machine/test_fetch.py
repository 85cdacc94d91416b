"""A release comes over a bad line, is proven, and lies ready; whatever is wrong is one sentence."""

import json
import logging
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contract.fleet import QuietTime
from deploy.switch.staging import NEEDED_MIB
from device.machine.fetch import SPARE, Fetcher
from device.machine.whom import Whom, whom
from tests.device.machine.machine import (
    FILE,
    NEXT,
    NIGHT,
    QUIET,
    RUNS,
    MachineFolder,
    Signer,
    wanted,
)
from tests.device.machine.release_server import ReleaseServer
from tests.fakes.clock import FakeClock

CONTENT = b"a release " * 50_000
ROOM = 10_000_000_000

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen here: apt-get install openssh-client"
)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("signer") / "key")


@pytest.fixture(scope="session")
def signature(signer: Signer) -> bytes:
    return signer.signature(CONTENT)


@pytest.fixture
def server() -> Iterator[ReleaseServer]:
    server = ReleaseServer()
    yield server
    server.stop()


class Night:
    """A machine at night, whose central has a release for it."""

    def __init__(self, root: Path, server: ReleaseServer, signer: Signer, signature: bytes) -> None:
        self.machine = MachineFolder(root, server.url)
        self.server = server
        self.clock = FakeClock(NIGHT)
        self.room = ROOM
        signer.trusted_by(self.machine)
        server.files = {FILE: CONTENT, f"{FILE}.sig": signature}
        self.machine.hears(wanted(CONTENT))

    def look(self) -> bool:
        return Fetcher(self.machine.places, self.clock, find=self._whom, room=self._room).look()

    def _whom(self, settings: Path) -> Whom:
        return whom(settings, self.machine.credentials)

    def _room(self, _: Path) -> int:
        return self.room

    @property
    def why(self) -> str:
        return self.machine.fetched()["why"]

    @property
    def phase(self) -> str:
        return self.machine.fetched()["phase"]


@pytest.fixture
def night(tmp_path: Path, server: ReleaseServer, signer: Signer, signature: bytes) -> Night:
    return Night(tmp_path, server, signer, signature)


def test_a_wanted_release_is_brought_proven_and_laid_ready(night: Night) -> None:
    assert night.look()

    ready = json.loads((night.machine.places.incoming / "ready.json").read_bytes())
    assert ready == {"release": NEXT, "file": FILE}
    assert night.machine.incoming == {FILE, f"{FILE}.sig", "ready.json"}
    assert (night.machine.places.incoming / FILE).read_bytes() == CONTENT
    assert night.server.tokens == {"Bearer token-1"}


def test_what_lies_ready_is_offered_again_without_another_download(night: Night) -> None:
    night.look()
    (night.machine.places.incoming / "ready.json").unlink()
    asked = len(night.server.asked)

    assert night.look()
    assert "ready.json" in night.machine.incoming
    assert len(night.server.asked) == asked


def test_a_line_that_breaks_costs_only_what_had_not_come(night: Night) -> None:
    night.server.cut = 200_000
    assert not night.look()
    assert "the line broke" in night.why
    assert night.phase == "settled"

    assert night.look()
    assert night.server.asked[-1] == (FILE, "bytes=196608-"), "whole pieces are kept"
    assert (night.machine.places.incoming / FILE).read_bytes() == CONTENT


def test_a_central_that_knows_no_ranges_sends_the_whole_file_again(night: Night) -> None:
    night.server.cut, night.server.knows_ranges = 200_000, False
    night.look()

    assert night.look()
    assert (night.machine.places.incoming / FILE).read_bytes() == CONTENT


def test_a_central_that_is_away_is_asked_again_with_the_next_look(night: Night) -> None:
    night.server.stop()
    try:
        assert not night.look()
    finally:
        night.server = ReleaseServer()
    assert "the line broke" in night.why
    night.server.stop()


def test_a_file_that_was_changed_is_thrown_away_and_named(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    night.server.files[FILE] = CONTENT[:-1] + b"!"

    assert not night.look()
    assert night.why == f"{FILE} is not the file that central announced; it was thrown away"
    assert night.phase == "refused"
    assert night.machine.incoming == set()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_file_that_was_refused_is_not_fetched_again_in_the_same_night(night: Night) -> None:
    night.server.files[FILE] = CONTENT[:-1] + b"!"
    night.look()
    night.clock.wall = _now_by_files(night)
    asked = len(night.server.asked)

    night.machine.hears(wanted(CONTENT), _around(night))
    assert not night.look()
    assert len(night.server.asked) == asked

    night.server.files[FILE] = CONTENT
    night.clock.wall += timedelta(hours=7)
    night.machine.hears(wanted(CONTENT), _around(night))
    assert night.look()


def test_what_the_updater_refused_is_not_fetched_again_in_the_same_night(night: Night) -> None:
    night.machine.wrote("last.json", {"phase": "refused", "about": NEXT, "why": "it is torn"})
    night.clock.wall = _now_by_files(night, "state/last.json")
    night.machine.hears(wanted(CONTENT), _around(night))

    assert not night.look()
    assert night.server.asked == []


def test_a_file_that_another_signed_is_thrown_away_and_named(night: Night, tmp_path: Path) -> None:
    night.server.files[f"{FILE}.sig"] = Signer(tmp_path / "other").signature(CONTENT)

    assert not night.look()
    assert night.why == f"{FILE} is not signed by release@portvakt; it was thrown away"
    assert night.phase == "refused"
    assert night.machine.incoming == set()


def test_a_signature_for_another_purpose_does_not_count(night: Night, signer: Signer) -> None:
    night.server.files[f"{FILE}.sig"] = signer.signature(CONTENT, "git")

    assert not night.look()
    assert night.phase == "refused"


def test_without_anybody_to_believe_nothing_is_laid_ready(night: Night) -> None:
    (night.machine.places.settings / "allowed_signers").unlink()

    assert not night.look()
    assert "no release is believed" in night.why
    assert "ready.json" not in night.machine.incoming


def test_a_full_disk_is_said_before_anything_is_fetched_and_over_when_there_is_room(
    night: Night,
) -> None:
    night.room = 1_000_000
    assert not night.look()
    assert night.why == "the disk has no room for it: 210 MB are missing"
    assert (night.phase, night.server.asked) == ("refused", [])

    night.room = ROOM
    assert night.look()


def test_what_is_fetched_leaves_the_room_that_the_updater_asks_for(night: Night) -> None:
    assert SPARE == NEEDED_MIB * 2**20
    night.room = len(CONTENT) + SPARE - 1
    assert not night.look()
    night.room += 1
    assert night.look()


def test_a_file_that_is_larger_than_announced_is_thrown_away(night: Night) -> None:
    night.server.files[FILE] = CONTENT + b"more"

    assert not night.look()
    assert night.why == "the file is larger than central said"


def test_a_release_that_central_does_not_have_is_named(night: Night) -> None:
    night.server.files.clear()

    assert not night.look()
    assert night.why == f"central does not have {FILE}.sig"


@pytest.mark.parametrize("hour", [5, 12, 19])
def test_in_opening_hours_nothing_is_fetched(night: Night, hour: int) -> None:
    night.clock.wall = NIGHT.replace(hour=hour)

    assert not night.look()
    assert "until the station is shut" in night.why
    assert night.server.asked == []


def test_with_a_clock_that_nobody_set_nothing_is_fetched(night: Night) -> None:
    night.clock.is_synced = False

    assert not night.look()
    assert "the clock is not set" in night.why
    assert night.server.asked == []


def test_a_station_may_say_that_any_time_will_do(night: Night) -> None:
    night.clock.wall, night.clock.is_synced = NIGHT.replace(hour=12), False
    rules = 'quiet = "any"\nneed_synced_clock = false\n'
    (night.machine.places.settings / "update.toml").write_text(rules)

    assert night.look()


def test_a_file_of_rules_that_cannot_be_read_leaves_the_careful_ones(night: Night) -> None:
    night.clock.wall = NIGHT.replace(hour=12)
    (night.machine.places.settings / "update.toml").write_text("quiet = ")

    assert not night.look()


def test_while_a_release_is_watched_no_other_comes(night: Night) -> None:
    night.machine.wrote("trial.json", {"release": RUNS})

    assert not night.look()
    assert "the trial that is under way" in night.why


def test_a_release_that_was_taken_back_is_not_fetched_and_what_lay_there_goes(night: Night) -> None:
    night.look()
    night.machine.wrote("bad.json", [{"release": NEXT, "why": "panel: it worked before"}])

    assert not night.look()
    assert night.why == "it was tried here and is not tried again (panel: it worked before)"
    assert night.machine.incoming == set()


def test_a_release_that_runs_already_is_not_fetched_and_what_lay_there_goes(night: Night) -> None:
    night.look()
    night.machine.hears(wanted(CONTENT, release=RUNS))

    assert not night.look()
    assert night.machine.incoming == set()


def test_when_another_release_is_wanted_the_file_of_the_first_goes(
    night: Night, signer: Signer
) -> None:
    night.look()
    other, file = b"another", "portvakt-26.11.6-9f9f9f9f-cp311-aarch64.tar"
    night.server.files = {file: other, f"{file}.sig": signer.signature(other)}
    night.machine.hears(wanted(other, "26.11.6-9f9f9f9f", file))

    assert night.look()
    assert night.machine.incoming == {file, f"{file}.sig", "ready.json"}


def test_before_central_said_anything_nothing_happens(night: Night) -> None:
    night.machine.places.wanted.unlink()

    assert not night.look()
    assert night.server.asked == []


def test_the_same_wait_is_written_into_the_journal_once(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    night.clock.wall = NIGHT.replace(hour=12)
    for _ in range(3):
        night.look()

    assert len(caplog.records) == 1


def test_a_machine_that_is_not_enrolled_says_so(night: Night) -> None:
    (night.machine.credentials / "post-token").write_text("\n")

    assert not night.look()
    assert "not enrolled" in night.why


def _now_by_files(night: Night, name: str = "incoming/fetch.json") -> datetime:
    at = (night.machine.places.update / name).stat().st_mtime
    return datetime.fromtimestamp(at, NIGHT.tzinfo) + timedelta(minutes=1)


def _around(night: Night) -> QuietTime:
    span = timedelta(hours=1)
    return QuietTime(begins_at=night.clock.wall - span, ends_at=night.clock.wall + span)


def test_the_times_of_the_tests_are_of_one_night() -> None:
    assert QUIET.begins_at < NIGHT < QUIET.ends_at
