"""Who is told that no copy left the box: the board, and whoever gives `portvakt check`."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from central.box import setting_up
from central.box.certificates import ends_at
from central.box.left import Left
from central.box.notices import notices
from central.box.place import Place
from central.box.setting_up import Asked
from device.check import Verdict, answer
from portvakt.check_box import OFFICE, box_questions
from tests.central.box.conftest import NOW
from tests.central.yards import PITEA, Station

DAYS_5 = timedelta(days=5)


def on_the_board(station: Station) -> list[str]:
    queue = station.yard.queue(PITEA)
    return [f"{one.name}: {fault.part}" for one in queue.devices for fault in one.faults]


def test_the_board_says_it_and_says_it_no_more_when_a_copy_left(
    sqlite_station: Station, place: Place
) -> None:
    station, left = sqlite_station, Left(place.left)
    station.yard.tells_of(partial(notices, place.left))
    assert on_the_board(station) == []
    left.failed(station.clock.now() - DAYS_5, "No stick of this box is there.")
    assert on_the_board(station) == ["Central: copies"]
    left.done(station.clock.now(), "portvakt-x.jsonl.gz", station.clock.now())
    assert on_the_board(station) == []


def asked(place: Place, name: str, now: Callable[[], datetime] = lambda: NOW) -> str:
    (question,) = (one for one in box_questions(place, now) if one.name == name)
    said = answer(question)
    return f"{said.verdict} {said.sentence}"


def test_check_says_what_to_do_while_no_stick_was_ever_there(place: Place) -> None:
    assert asked(place, "Copies") == "LOOK no copy of a backup has left this box yet."


def test_check_fails_when_the_last_copy_is_too_old_and_says_since_when(place: Place) -> None:
    left = Left(place.left)
    left.done(NOW, "portvakt-x.jsonl.gz", NOW)
    assert asked(place, "Copies").startswith("PASS portvakt-x.jsonl.gz is on the stick since")
    later = NOW + DAYS_5
    assert asked(place, "Copies", lambda: later) == "FAIL no copy has left this box for 5 days."


@pytest.mark.parametrize(
    ("days", "verdict"), [(200, Verdict.PASS), (50, Verdict.LOOK), (3, Verdict.FAIL)]
)
def test_check_says_when_the_certificate_was_not_renewed(
    place: Place, days: int, verdict: Verdict
) -> None:
    words = Asked(proxy="nginx", name="hall.example.com", address="192.0.2.20")
    setting_up.set_up(place, words, datetime.now(NOW.tzinfo), lambda name: name)
    now = ends_at(place.tls / "fullchain.pem") - timedelta(days=days, minutes=1)
    assert asked(place, "Certificate", lambda: now).startswith(f"{verdict} ")
    assert "certificate" in asked(Place(place.root / "elsewhere"), "Certificate")


def of_office(place: Place, wrong: str = "", days: int = 700) -> str:
    file = place.root / OFFICE
    file.parent.mkdir(parents=True, exist_ok=True)
    ends = (NOW + timedelta(days=days)).isoformat()
    file.write_text(json.dumps({PITEA: {"wrong": wrong, "key_ends_at": ends}}))
    return asked(place, "Office")


def test_check_says_when_the_office_s_key_ends_two_months_before(place: Place) -> None:
    day = f"{NOW + timedelta(days=59):%Y-%m-%d}"
    assert asked(place, "Office") == "PASS this box reports to no office."
    assert of_office(place, days=61) == "PASS the office hears this hall."
    assert of_office(place, days=59) == f"LOOK the key for the office ends on {day}."
    assert of_office(place, days=0).startswith("FAIL the key for the office ended on ")


def test_check_says_why_the_office_does_not_hear_this_hall(place: Place) -> None:
    why = "The office says: 3 vehicles are still on the board of Piteå at the office."
    assert of_office(place, why) == f"LOOK pitea: {why}"
