import threading

import pytest

from central.serving.ticker import Ticker
from contract import problems
from contract.problems import Problem
from tests.waiting import until


def test_it_ticks_until_it_is_left() -> None:
    ticks = threading.Semaphore(0)
    with Ticker(ticks.release, 0.01) as ticker:
        for _ in range(3):
            assert ticks.acquire(timeout=5)
        assert ticker.alive
        assert ticker.turns
    assert not ticker.alive


def test_a_full_disk_is_logged_once_and_does_not_stop_it(caplog: pytest.LogCaptureFixture) -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) < 4:
            raise Problem(problems.NOT_SAVED, "The disk is full.")

    caplog.set_level("INFO")
    with Ticker(tick, 0.01):
        until(lambda: len(ticks) >= 6, what="six ticks")

    said = [record.getMessage() for record in caplog.records]
    assert said == ["tick lost reason=The disk is full.", "tick back"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_that_nobody_expected_is_a_dead_part() -> None:
    def tick() -> None:
        raise ZeroDivisionError

    with Ticker(tick, 0.01) as ticker:
        until(lambda: not ticker.alive, what="the end of the ticker")
