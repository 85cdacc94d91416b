"""A hall's key ends one day: the office says so in time, and so does the hall."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from central.halls.noting import FILE, OfficeNote
from central.words import SYSTEM
from contract.accounts import Scope, TokenMade, TokenWords
from contract.halls import HallReport, HallSaid
from tests.central.halls.offices import Cable, Office
from tests.central.yards import PITEA, Station
from tests.waiting import until

REPORT = HallReport(epoch="e", said=HallSaid(name="Piteå"))
ENDS = datetime(2027, 3, 12, tzinfo=UTC)


def key(station: Station, days: int) -> TokenMade:
    words = TokenWords(name="Hall box", scopes=[Scope.HALL], days=days)
    return station.yard.tokens.create([PITEA], SYSTEM, words)


def ends_at(station: Station) -> datetime | None:
    return station.yard.halls.rows()[0].key_ends_at


def uses(station: Station, made: TokenMade) -> None:
    """A question with that key; its stamp is not waited for, so it is looked for."""
    station.clock.advance(120_000)
    station.yard.tokens.by_token(made.token)
    now = station.clock.now()

    def stamped() -> bool:
        rows = station.yard.tokens.of_station(PITEA)
        return any(row.id == made.row.id and row.last_used_at == now for row in rows)

    until(stamped)


def test_the_office_knows_when_the_key_ends(station: Station) -> None:
    made = key(station, 30)
    assert ends_at(station) == made.row.expires_at


def test_a_newer_key_that_was_not_carried_to_the_hall_calms_nobody(station: Station) -> None:
    old = key(station, 30)
    uses(station, old)
    new = key(station, 730)
    assert ends_at(station) == old.row.expires_at
    uses(station, new)
    assert ends_at(station) == new.row.expires_at


def test_a_key_that_was_revoked_is_none(station: Station) -> None:
    old, new = key(station, 730), key(station, 30)
    uses(station, new)
    station.yard.halls.report(PITEA, SYSTEM, REPORT)
    station.yard.tokens.revoke(PITEA, SYSTEM, new.row.id)
    assert ends_at(station) == old.row.expires_at
    station.yard.tokens.revoke(PITEA, SYSTEM, old.row.id)
    assert ends_at(station) is None


def test_a_token_of_a_booking_system_is_no_hall_s_key(station: Station) -> None:
    made = key(station, 30)
    words = TokenWords(name="Bokningar", scopes=[Scope.BOOKINGS_READ], days=730)
    station.yard.tokens.create([PITEA], SYSTEM, words)
    assert ends_at(station) == made.row.expires_at


def test_the_answer_to_a_report_carries_the_end_of_the_key_that_it_came_with(
    office: Office, cable: Cable
) -> None:
    office.connect(PITEA)
    old = office.yard.tokens.of_station(PITEA)[-1]
    assert cable.report(PITEA, REPORT).key_ends_at == old.expires_at


def test_what_the_hall_knows_of_its_office_stands_where_check_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    note = OfficeNote()
    note.note(PITEA, "The office is not reached.", ENDS)
    assert json.loads((tmp_path / FILE).read_text("utf-8")) == {
        PITEA: {"wrong": "The office is not reached.", "key_ends_at": ENDS.isoformat()}
    }


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "none"))
    OfficeNote().note(PITEA, "", ENDS)
    assert list(tmp_path.iterdir()) == []
