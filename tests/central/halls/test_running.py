"""The thread that speaks with the office: when it asks, and that nothing ends it."""

import pytest

from central.halls.link import OfficeAway
from central.halls.running import BREATH_S, EVERY_S, LONGEST_S, Uplink, pause_s


class Turns:
    """A link whose turns go as a test says."""

    def __init__(self, *goes: bool | Exception) -> None:
        self.goes = list(goes)
        self.taken = 0

    def turn(self) -> bool:
        self.taken += 1
        one = self.goes.pop(0) if self.goes else False
        if isinstance(one, Exception):
            raise one
        return one


def uplink(**links: Turns) -> Uplink:
    return Uplink(lambda: list(links), links.__getitem__, luck=lambda: 0.5)


def test_all_is_well_so_it_asks_each_half_minute() -> None:
    assert pause_s(0, 0.5) == EVERY_S


def test_halls_do_not_all_ask_at_the_same_moment() -> None:
    assert pause_s(0, 0.0) < pause_s(0, 0.5) < pause_s(0, 1.0)


def test_while_there_is_more_it_takes_a_breath_only() -> None:
    assert pause_s(0, 0.5, more=True) == BREATH_S


def test_after_failures_it_waits_ever_longer_up_to_five_minutes() -> None:
    waits = [pause_s(failures, 1.0) for failures in range(1, 40)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5.0, LONGEST_S)
    assert all(pause_s(failures, 0.0) >= 2.5 for failures in range(1, 2_000))


def test_a_station_is_asked_when_it_is_due_and_not_before() -> None:
    pitea = Turns()
    line = uplink(pitea=pitea)
    line.step(0.0)
    line.step(EVERY_S - 1)
    assert pitea.taken == 1
    line.step(EVERY_S)
    assert pitea.taken == 2


def test_one_that_fails_does_not_keep_the_other_waiting(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    pitea, lulea = Turns(OfficeAway("The office is not reached."), OfficeAway("Again.")), Turns()
    line = uplink(pitea=pitea, lulea=lulea)
    for second in range(60):
        line.step(float(second))
    assert lulea.taken == 2
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "office lost station=pitea reason=The office is not reached.",
        "office back station=pitea",
    ]


def test_whatever_breaks_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    pitea = Turns(ZeroDivisionError())
    line = uplink(pitea=pitea)
    for second in range(10):
        line.step(float(second))
    assert pitea.taken == 2
    assert "link with the office broken" in caplog.text


def test_a_station_that_is_set_up_later_is_reported_too() -> None:
    links = {"pitea": Turns()}
    line = Uplink(lambda: list(links), links.__getitem__, luck=lambda: 0.5)
    line.step(0.0)
    links["lulea"] = Turns()
    line.step(1.0)
    assert links["lulea"].taken == 1


def test_who_wants_to_know_hears_what_was_wrong_and_that_it_is_well_again() -> None:
    pitea = Turns(OfficeAway("The office is not reached."))
    heard: list[tuple[str, str]] = []

    def told(station: str, wrong: str) -> None:
        heard.append((station, wrong))

    line = Uplink(lambda: ["pitea"], lambda _: pitea, luck=lambda: 0.5, told=told)
    line.step(0.0)
    line.step(60.0)
    assert heard == [("pitea", "The office is not reached."), ("pitea", "")]
