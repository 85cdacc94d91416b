"""The sample bookings of a day, with a central that only writes down what it is asked."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portvakt.demo.parts import TIME_ZONE, Folders
from portvakt.demo.seed import Desk

EVENING = datetime(2026, 11, 21, 22, 40, tzinfo=ZoneInfo(TIME_ZONE))


class Office(Desk):
    """Asks nobody; keeps the files that it would have handed over."""

    def __init__(self, folder: Path) -> None:
        self.time = EVENING
        self.handed_over: list[str] = []
        super().__init__(Folders(folder, folder), lambda: self.time)

    def _ask(self, do: str, /, **args: Any) -> Any:
        assert do == "import_bookings"
        self.handed_over.append(args["csv"])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_bookings_of_a_day_are_handed_over_once(office: Office) -> None:
    first = office.bookings()
    office.time += timedelta(minutes=10)
    assert office.bookings() == first
    assert len(office.handed_over) == 1


def test_a_demo_that_is_open_at_midnight_has_bookings_on_both_sides_of_it(office: Office) -> None:
    office.time = EVENING.replace(hour=23)
    today = office.bookings()
    assert len(office.handed_over) == 2
    office.time += timedelta(minutes=30)
    tomorrow = office.bookings()
    assert len(office.handed_over) == 2
    assert [one.at.day for one in today + tomorrow] == [21] * len(today) + [22] * len(tomorrow)
