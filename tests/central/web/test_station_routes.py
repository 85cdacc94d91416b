"""What a page must know of a station, and which stations are somebody's."""

from central.web.routes import Who
from tests.central.web.hall import Hall, reason


def test_whoever_is_signed_in_learns_name_clock_and_doors(hall: Hall) -> None:
    assert hall.person(Who.TECHNICIAN).get("facts").json == {
        "station": "hall",
        "name": "Hall",
        "time_zone": "Europe/Stockholm",
        "doors": [{"bay": "bay-1", "door": "1"}, {"bay": "bay-2", "door": "2"}],
    }


def test_nothing_is_told_of_a_station_that_is_not_theirs(hall: Hall) -> None:
    answer = hall.person(Who.STAFF, "other").get("facts")
    assert reason(answer) == (403, "not_allowed")


def test_all_stations_are_named_to_whom_all_are_theirs(hall: Hall) -> None:
    """A page offers stations by name; `*` is none."""
    session = hall.person(Who.OFFICE, "*").get("/v1/session").json
    assert session is not None
    assert (session["stations"], session["everywhere"]) == (["hall", "other"], True)


def test_the_stations_of_anybody_else_are_theirs_and_no_more(hall: Hall) -> None:
    session = hall.person(Who.OFFICE).get("/v1/session").json
    assert session is not None
    assert (session["stations"], session["everywhere"]) == (["hall"], False)
