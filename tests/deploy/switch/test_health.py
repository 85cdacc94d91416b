"""What makes a release good, and what makes the machine go back."""

from dataclasses import replace

import pytest

from deploy.switch.health import ACTIVE, STARTING, Look, Watch
from deploy.switch.records import Before
from deploy.switch.settings import Settings

SIGN, KIOSK = "portvakt-sign.service", "portvakt-kiosk.service"
WELL = Look({SIGN: ACTIVE, KIOSK: ACTIVE}, {SIGN: 0, KIOSK: 0}, reached=True)
SPEAKS = frozenset({"portvakt-sign", "portvakt-kiosk"})
WELL = replace(WELL, speaks=SPEAKS)
SETTINGS = Settings(watch_s=600, steady_s=60)


def judged(*looks: tuple[float, Look], before: Before | None = None) -> str | None:
    """The judgement after *looks* at their seconds; None while it is open."""
    watch = Watch(SETTINGS, before or WELL.before())
    for at_s, look in looks:
        result = watch.look(look, at_s)
        if isinstance(result, str):
            return result
        watch = result
    return None


def test_a_release_whose_services_run_to_the_end_is_good() -> None:
    assert judged((0, WELL), (60, WELL), (300, WELL), (600, WELL)) == ""


def test_nothing_is_judged_in_the_first_minute() -> None:
    fallen = replace(WELL, states={SIGN: "failed", KIOSK: ACTIVE})

    assert judged((1, fallen), (59, fallen)) is None
    assert judged((1, fallen), (600, WELL)) == ""


@pytest.mark.parametrize("state", ["failed", "auto-restart", "dead"])
def test_a_service_that_does_not_run_after_a_minute_is_no_release(state: str) -> None:
    fallen = replace(WELL, states={SIGN: state, KIOSK: ACTIVE})

    assert judged((60, fallen)) == f"{SIGN} is {state}"


def test_a_service_that_is_gone_is_named() -> None:
    assert judged((60, replace(WELL, states={KIOSK: ACTIVE}))) == f"{SIGN} is not there"


def test_a_service_that_did_not_run_before_need_not_run_now() -> None:
    """A post whose screen is broken gets its updates, too."""
    broken = replace(WELL, states={SIGN: ACTIVE, KIOSK: "failed"})

    assert judged((60, broken), (600, broken), before=broken.before()) == ""


def test_a_start_may_take_its_time_but_not_the_whole_watch() -> None:
    starting = replace(WELL, states={SIGN: STARTING, KIOSK: ACTIVE})

    assert judged((60, starting), (300, starting), (600, WELL)) == ""
    assert judged((60, starting), (600, starting)) == f"{SIGN} is {STARTING}"


def test_a_service_that_falls_and_rises_after_the_first_minute_is_no_release() -> None:
    again = replace(WELL, restarts={SIGN: 1, KIOSK: 0})

    assert judged((60, again), (600, again)) == "", "it fell within the first minute"
    assert judged((60, WELL), (90, again)) == f"{SIGN} was started again by itself"


def test_a_part_that_worked_before_and_stays_away_is_the_release_s_fault() -> None:
    away = replace(WELL, faults=frozenset({"portvakt-sign: panel"}))

    assert judged((60, away), (90, away)) is None
    assert judged((60, away), (120, away)) == "portvakt-sign: panel: it worked before"
    assert judged((60, WELL), (590, away), (600, away)) == "portvakt-sign: panel: it worked before"


def test_a_cable_that_was_touched_is_not() -> None:
    away = replace(WELL, faults=frozenset({"portvakt-sign: panel"}))

    assert judged((60, WELL), (100, away), (130, WELL), (170, away), (200, WELL), (600, WELL)) == ""


def test_a_part_that_was_broken_before_is_not_the_release_s_fault() -> None:
    away = replace(WELL, faults=frozenset({"portvakt-sign: panel"}))

    assert judged((60, away), (600, away), before=away.before()) == ""


def test_a_service_that_said_how_it_is_and_says_so_no_longer_is_no_release() -> None:
    silent = replace(WELL, speaks=frozenset({"portvakt-sign"}))

    assert judged((60, silent), (600, silent)) == "portvakt-kiosk does not say how it is"


@pytest.mark.parametrize(
    ("before", "now", "answers", "why"),
    [
        (True, False, True, "central answers, and this release does not reach it"),
        (True, False, False, ""),  # the cable was pulled
        (True, False, None, ""),  # nobody could ask
        (False, False, True, ""),  # it was not reached before either
        (True, True, None, ""),
    ],
)
def test_only_a_central_that_answers_others_counts(
    before: bool, now: bool, answers: bool | None, why: str
) -> None:
    look = replace(WELL, reached=now, answers=answers)
    was = replace(WELL, reached=before).before()

    assert judged((60, look), (600, look), before=was) == why
