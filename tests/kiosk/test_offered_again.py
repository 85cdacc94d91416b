"""A restored database may have lost what it had taken: the post offers the day again, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.happenings import Answer
from tests.kiosk.test_uplink import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.outbox.close()


def test_a_restored_central_gets_back_what_it_has_lost_before_anything_newer(line: Line) -> None:
    for plate in ("ABC123", "DEF456"):
        line.save(plate)
        line.deliveries.round()
    line.central.restored("ABC123", "DEF456")

    line.save("GHJ789", ticket=9)
    line.questions.turn(0)
    assert line.deliveries._wake.is_set(), "the list alone says that the database is another one"
    line.deliveries.round()

    assert line.central.plates == ["ABC123", "DEF456", "GHJ789"]
    tickets = [answer.ticket for answer in line.heard(Answer) if isinstance(answer, Answer)]
    assert tickets == [1, 1, 9], "nobody who has gone is told anything again"


def test_the_answer_to_an_arrival_says_it_too_and_the_rest_waits_behind_the_lost_ones(
    line: Line,
) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.central.restored("ABC123")
    for plate in ("DEF456", "GHJ789"):
        line.save(plate)

    assert line.deliveries.round() == 0, "it goes on at once"
    line.deliveries.round()

    assert line.central.plates == ["DEF456", "ABC123", "GHJ789"]


def test_what_is_offered_again_is_offered_once_and_known_by_its_id(line: Line) -> None:
    made = line.save("ABC123")
    line.deliveries.round()
    line.central.restored()
    line.questions.turn(0)
    line.deliveries.round()
    line.deliveries.round()

    assert list(line.central.arrivals) == [made]
    assert line.central.asked.count("POST arrivals") == 2


def test_after_a_restart_the_post_still_knows_who_took_what(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    line.boot()

    line.questions.turn(0)
    line.deliveries.round()
    assert line.central.asked.count("POST arrivals") == 1, "the same database has it"

    line.central.restored("ABC123")
    line.clock.advance(30_000)
    line.questions.turn(0)
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


def test_a_central_that_does_not_say_its_epoch_is_offered_nothing_again(line: Line) -> None:
    line.central.epoch = ""
    line.save("ABC123")
    line.deliveries.round()
    line.central.arrivals.clear()
    line.questions.turn(0)
    line.deliveries.round()

    assert line.central.plates == []


def test_yesterdays_plates_are_wiped_from_the_post(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.clock.advance(24 * 3_600_000)
    line.deliveries.round()

    files = line.folder.glob("outbox.sqlite3*")
    assert not any(b"ABC123" in file.read_bytes() for file in files)
