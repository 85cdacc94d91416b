"""When somebody truly came, whatever the clocks on the way say."""

from datetime import UTC, datetime, timedelta

import pytest

from central.line.meeting import own_time
from central.words import SendClocks
from contract.wire import Arrival

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOOT = "post-boot"


def typed(at: datetime = NOON, *, synced: bool = True, mono_ms: int = 60_000) -> Arrival:
    return Arrival(
        id="019ab0f2-7b4a-7c11-b2d3-4e5f60718293",
        plate="ABC123",
        at=at,
        synced=synced,
        boot_id=BOOT,
        mono_ms=mono_ms,
    )


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_slow_network_makes_nobody_late() -> None:
    sent = SendClocks(BOOT, 61_000, NOON + seconds(1), synced=True)
    assert NOON == own_time(typed(), sent, NOON + seconds(19))


def test_without_a_synced_clock_receipt_is_all_we_have() -> None:
    sent = SendClocks(BOOT, 61_000, NOON + seconds(1), synced=False)
    assert NOON + seconds(18) == own_time(typed(), sent, NOON + seconds(19))


@pytest.mark.parametrize(
    ("behind_s", "believed"), [(0, True), (20, True), (20.001, False), (-0.001, False)]
)
def test_a_time_of_sending_is_believed_for_twenty_seconds_and_never_ahead(
    behind_s: float, believed: bool
) -> None:
    sent = SendClocks(BOOT, 90_000, NOON - seconds(behind_s), synced=True)
    moment = NOON - seconds(behind_s) if believed else NOON
    assert moment - seconds(30) == own_time(typed(), sent, NOON)


@pytest.mark.parametrize("skew", [-DAY, DAY], ids=["a day behind", "a day ahead"])
def test_a_post_whose_clock_is_a_day_wrong_is_not_believed_within_a_boot(skew: timedelta) -> None:
    sent = SendClocks(BOOT, 61_000, NOON + skew, synced=True)
    assert NOON - seconds(1) == own_time(typed(at=NOON + skew), sent, NOON)


def test_after_a_reboot_a_clock_that_is_a_day_ahead_gives_the_start_of_this_boot() -> None:
    sent = SendClocks("next-boot", 90_000, NOON + DAY, synced=True)
    assert NOON - seconds(90) == own_time(typed(at=NOON + DAY), sent, NOON)


def test_after_a_reboot_without_any_clock_it_was_typed_before_this_boot_began() -> None:
    sent = SendClocks("next-boot", 90_000, NOON - seconds(3), synced=True)
    assert NOON - seconds(93) == own_time(typed(synced=False), sent, NOON)


def test_what_waited_without_any_clock_keeps_the_order_in_which_it_was_typed() -> None:
    first = own_time(typed(synced=False), SendClocks("next-boot", 90_000, age_ms=91_000), NOON)
    second = own_time(typed(synced=False), SendClocks("next-boot", 90_007, age_ms=90_007), NOON)
    assert first == NOON - seconds(91)
    assert first < second < NOON - seconds(90)


def test_after_a_reboot_an_uptime_that_cannot_be_leaves_the_moment_of_sending() -> None:
    sent = SendClocks("next-boot", 2**53)
    assert NOON == own_time(typed(synced=False), sent, NOON)


@pytest.mark.parametrize("mono_ms", [0, 2**53], ids=["younger than itself", "older than the earth"])
def test_an_age_that_cannot_be_leaves_the_body_s_own_time(mono_ms: int) -> None:
    sent = SendClocks(BOOT, mono_ms)
    assert NOON - DAY == own_time(typed(at=NOON - DAY), sent, NOON)
