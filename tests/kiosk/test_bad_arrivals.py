"""An arrival that breaks central holds up no other; a central that fails at each is left alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract import problems
from contract.problems import ProblemType
from device.outbox import SavedAt
from kiosk.happenings import Answer, Link, NoAnswer, NotTaken
from tests.fakes.queue_central import QueueCentral
from tests.kiosk.test_uplink import Line

PLATES = ["ABC123", "DEF456", "GHJ789", "KLM012", "NPR345", "STU678"]


class SickCentral(QueueCentral):
    """Falls over some plates: with a problem, or, where that is None, with words that nobody can read."""

    def __init__(self) -> None:
        super().__init__()
        self.sick: dict[str, ProblemType | None] = {}

    def _arrive(self, request: Any) -> tuple[int, Any, dict[str, str]]:
        plate = next((plate for plate in self.sick if plate.encode() in request.body), None)
        if plate is None:
            return super()._arrive(request)
        kind = self.sick[plate]
        return (201, {"place": -1}, {}) if kind is None else self._refused(kind)


class SickLine(Line):
    """A line to such a central."""

    central: SickCentral

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.central = SickCentral()
        self.boot()

    def posts_in_a_round(self) -> int:
        before = self.central.asked.count("POST arrivals")
        self.deliveries.round()
        return self.central.asked.count("POST arrivals") - before

    def refused(self) -> int:
        """What the heartbeat tells of arrivals that central answered and did not take."""
        clock = self.clock
        now = SavedAt(clock.boot_id, clock.monotonic_ms(), clock.now())
        return self.outbox.facts(now).refused


@pytest.fixture
def line(tmp_path: Path) -> Iterator[SickLine]:
    line = SickLine(tmp_path)
    yield line
    line.outbox.close()


@pytest.mark.parametrize("sick", [problems.BROKEN, problems.UNSURE, None])
def test_an_arrival_that_breaks_central_is_passed_in_the_same_round(
    line: SickLine, sick: ProblemType | None
) -> None:
    line.central.sick = {"ABC123": sick}
    line.save("ABC123", ticket=1)
    line.save("DEF456", ticket=2)
    line.deliveries.round()
    assert line.central.plates == ["DEF456"]
    assert line.heard(NoAnswer) == [NoAnswer(1)]
    assert line.heard(NotTaken) == [], "it may have been taken all the same"
    assert Link(False) not in line.news
    assert [row.tries for row in line.outbox.waiting()] == [1]
    named = 1 if sick is problems.BROKEN else 0
    assert line.refused() == named, "the board names what central itself breaks over"


def test_it_is_sent_again_under_its_id_and_its_customer_may_still_hear(line: SickLine) -> None:
    line.central.sick = {"ABC123": problems.UNSURE}
    made = line.save("ABC123", ticket=1)
    assert line.posts_in_a_round() == 1
    assert line.posts_in_a_round() == 0, "not before its pause is over"
    line.central.sick.clear()
    line.clock.advance(60_000)
    line.deliveries.round()
    assert list(line.central.arrivals) == [made]
    assert [one.ticket for one in line.heard(Answer) if isinstance(one, Answer)] == [1]
    assert line.refused() == 0


def test_a_single_one_that_fails_over_and_over_says_nothing_of_the_line(line: SickLine) -> None:
    line.central.sick = {"ABC123": problems.BROKEN}
    line.save("ABC123")
    for _ in range(5):
        line.deliveries.round()
        line.clock.advance(60_000)
    assert line.heard(Link) == []


def test_two_failures_running_are_an_overloaded_central_and_everybody_here_hears_so(
    line: SickLine,
) -> None:
    line.central.sick = dict.fromkeys(PLATES, problems.NOT_SAVED)
    for ticket, plate in enumerate(PLATES):
        line.save(plate, ticket)
    assert line.posts_in_a_round() == 2
    assert line.heard(Link) == [Link(False)]
    told = {one.ticket for one in line.heard(NoAnswer) if isinstance(one, NoAnswer)}
    assert told == set(range(len(PLATES)))
    assert line.heard(NotTaken) == []


def test_an_overloaded_central_gets_two_tries_a_round_and_the_rounds_come_further_apart(
    line: SickLine,
) -> None:
    line.central.sick = dict.fromkeys(PLATES, problems.NOT_SAVED)
    for plate in PLATES:
        line.save(plate)
    waits_ms = []
    for _ in range(8):
        asked = line.central.asked.count("POST arrivals")
        waits_ms.append(line.deliveries.round())
        assert 1 <= line.central.asked.count("POST arrivals") - asked <= 2
        line.clock.advance(60_000)
    assert waits_ms[-1] >= 30_000
    line.central.sick.clear()
    assert line.deliveries.round() == 0, (
        "its first answer names its database, so the next round is at once"
    )
    line.deliveries.round()
    assert sorted(line.central.plates) == PLATES


def test_two_bad_ones_whose_pauses_end_apart_do_not_make_the_line_flicker(line: SickLine) -> None:
    line.central.sick = dict.fromkeys(PLATES[:2], problems.BROKEN)
    for plate in PLATES[:2]:
        line.save(plate)
        line.deliveries.round()
        line.clock.advance(200)
    assert line.heard(Link) == []


def test_many_bad_arrivals_leave_every_new_one_its_try(line: SickLine) -> None:
    line.central.sick = dict.fromkeys(PLATES[:5], problems.BROKEN)
    for plate in PLATES[:5]:
        line.save(plate)
    for _ in range(10):
        line.deliveries.round()
        line.clock.advance(60_000)
    line.news.clear()
    line.save("STU678", ticket=9)
    line.deliveries.round()
    assert line.central.plates == ["STU678"]
    assert Link(False) not in line.news, "it has just answered"


def test_a_server_error_at_the_enrolment_is_no_refusal_of_an_arrival(
    line: SickLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: Any, path: str) -> tuple[int, Any, dict[str, str]]:
        return line.central._refused(problems.BROKEN)

    monkeypatch.setattr(line.central, "_answer", broken)
    line.save("ABC123", ticket=1)
    line.deliveries.round()
    assert line.heard(Link) == [Link(False)]
    assert line.heard(NoAnswer) == [NoAnswer(1)]
    assert line.refused() == 0


@pytest.mark.parametrize("spoiled", [b'{"id": "spo', b'{"id": "spo\xc3led"}'])
def test_a_row_that_the_disk_has_spoiled_holds_up_nobody_after_a_reboot(
    line: SickLine, spoiled: bytes
) -> None:
    older = SavedAt("boot-0", 1_000, line.clock.now())
    line.outbox.save("spoiled", spoiled, older)
    line.save("DEF456")
    line.deliveries.round()
    line.deliveries.round()
    assert "DEF456" in line.central.plates
