"""When silence halts a release: two machines that fell silent on it, and nothing else that is dark."""

from datetime import UTC, datetime, timedelta
from typing import Any

from central.fleet import halting
from central.fleet.halting import Heard

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
NEW = "26.11.5"


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def on_it(name: str, silent_min: float, station: str = "0417", begun_min: float = 40) -> Heard:
    """A machine that began the release so long ago, and was last heard."""
    return Heard(station, name, ago(silent_min), NEW, ago(begun_min))


def other(name: str, silent_min: float, station: str = "0417") -> Heard:
    """One that never began it."""
    return Heard(station, name, ago(silent_min))


def why(*machines: Heard, **words: Any) -> str:
    times = {"awake": NEVER, "resumed": NEVER} | words
    return halting.why(halting.silent(machines, NEW, NOW, **times))


def test_two_that_fell_silent_since_they_began_it_halt_it() -> None:
    told = why(on_it("Post 1", 20, "0312"), on_it("Sign 2", 16))
    assert told == "0312 Post 1 and 0417 Sign 2 have not been heard since they began it"


def test_one_does_not() -> None:
    assert why(on_it("Post 1", 20), on_it("Sign 2", 2)) == ""


def test_who_restarts_for_some_minutes_is_not_silent() -> None:
    assert why(on_it("Post 1", 14), on_it("Sign 2", 14)) == ""


def test_who_never_began_it_does_not_count() -> None:
    assert why(on_it("Post 1", 20, "0312"), other("Sign 2", 20)) == ""


def test_a_station_whose_line_is_cut_does_not_count() -> None:
    assert why(on_it("Post 1", 20), on_it("Sign 2", 21), other("Sign 3", 20)) == ""


def test_one_that_was_dark_long_before_does_not_excuse_the_others() -> None:
    assert why(on_it("Post 1", 20), on_it("Sign 2", 21), other("Sign 3", 600))


def test_whoever_ran_it_for_days_fell_silent_over_something_else() -> None:
    days = 3 * 24 * 60
    assert why(on_it("Post 1", 20, begun_min=days), on_it("Sign 2", 20, begun_min=days)) == ""


def test_who_did_not_listen_calls_nobody_silent() -> None:
    silent = (on_it("Post 1", 60), on_it("Sign 2", 60))
    assert why(*silent, awake=ago(5)) == ""
    assert why(*silent, awake=ago(15)) != ""


def test_those_that_a_person_knew_of_do_not_halt_it_again() -> None:
    known = (on_it("Post 1", 60, "0312"), on_it("Sign 2", 60))
    assert why(*known, resumed=ago(10)) == ""
    assert why(*known, on_it("Post 3", 16), resumed=ago(10)) == ""
    assert why(*known, on_it("Post 3", 16), on_it("Post 4", 16), resumed=ago(10)) != ""
