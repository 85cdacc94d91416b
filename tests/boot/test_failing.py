"""A service that hangs, dies or cannot start comes back by itself, and no plate stands meanwhile."""

import time
from functools import partial

import pytest

from tests.boot.hall import CENTRAL, KIOSK, SIGN, STATION, UNITS, Hall
from tests.boot.said import measured
from tests.fakes.alpha_sign import AlphaSign
from tests.waiting import until

pytestmark = pytest.mark.boxes

# The units' own limit is 30 s for these two; a person who waits for the test has less patience.
SOONER = "[Service]\nWatchdogSec=5\n"
# systemd's own limit, which our units switch off, would be reached after five starts in ten seconds.
TOO_MANY = 7


@pytest.fixture(scope="module")
def impatient(hall: Hall) -> Hall:
    """The hall with a shorter watchdog for the post and central."""
    for unit in (KIOSK, CENTRAL):
        place = f"/run/systemd/system/{unit}.d"
        hall.box.run(f"mkdir -p {place} && cat >{place}/sooner.conf", stdin=SOONER)
    hall.box.run(f"systemctl daemon-reload && systemctl restart {KIOSK} {CENTRAL}", 90)
    hall.wait_ready()
    return hall


def test_a_service_that_hangs_is_ended_by_the_watchdog_and_comes_back(impatient: Hall) -> None:
    hall = impatient
    before = {unit: (hall.restarts(unit), hall.kill(unit, "STOP")) for unit in UNITS}
    begun = time.monotonic()
    for unit, (restarts, pid) in before.items():
        until(
            partial(_is_new, hall, unit, pid),
            60,
            f"a new {unit}",
        )
        measured(f"{unit} hung: READY again within {time.monotonic() - begun:.1f} s")
        assert hall.restarts(unit) > restarts
        assert "Watchdog timeout" in hall.journal(unit)


def test_a_service_that_dies_at_every_start_is_started_until_it_works_again(hall: Hall) -> None:
    program = "/opt/portvakt/current/venv/bin/portvakt"
    before = {unit: hall.restarts(unit) for unit in UNITS}
    hall.box.run(f"mv {program} {program}.away && printf '#!/bin/sh\\nexit 1\\n' >{program}")
    hall.box.run(f"chmod 755 {program} && systemctl kill --signal=KILL {' '.join(UNITS)}")
    for unit in UNITS:
        until(
            partial(_restarted, hall, unit, before[unit] + TOO_MANY),
            60,
            f"{TOO_MANY} starts of {unit}",
        )
    assert {hall.is_ready(unit) for unit in UNITS} == {False}
    hall.box.run(f"mv {program}.away {program}")
    hall.wait_ready()
    starts = {unit: hall.restarts(unit) - before[unit] for unit in UNITS}
    measured(f"crash loop: READY again by itself after {starts} starts")


def test_a_sign_that_is_killed_while_it_shows_a_plate_is_dark_within_a_second(hall: Hall) -> None:
    plate = _called(hall)
    until(lambda: hall.shows().replace(" ", "") == plate, 30, f"{plate} on the panel")
    killed_at = time.monotonic()
    hall.kill(SIGN, "KILL")
    until(lambda: hall.restarts(SIGN) and hall.is_ready(SIGN), 30, "a new sign")
    after = [burst for burst in hall.told() if burst.at_s > killed_at]
    assert _plain(after[0].data) == "", "the first that the panel was told is not darkness"
    measured(f"sign killed: blank bytes after {after[0].at_s - killed_at:.2f} s")
    assert after[0].at_s - killed_at < 1.5


def _is_new(hall: Hall, unit: str, pid: int) -> bool:
    """Whether another process than *pid* is ready."""
    return hall.pid(unit) not in (0, pid) and hall.is_ready(unit)


def _restarted(hall: Hall, unit: str, times: int) -> bool:
    return hall.restarts(unit) >= times


def _called(hall: Hall) -> str:
    """A car arrives and is called to the sign's door; its plate."""
    code = hall.central(f"create user Desk --station {STATION} --role manager --invite")
    sent = hall.calls("tests.boot.rush", STATION, "123", "1", stdin=hall.token())
    assert sent.returncode == 0, sent.stderr
    invitation = code.splitlines()[1].split()[0]
    called = hall.calls("tests.boot.desk", STATION, "1", stdin=invitation)
    assert called.returncode == 0, called.stderr
    return called.stdout.strip().replace(" ", "")


def _plain(data: bytes) -> str:
    panel = AlphaSign(old="?")
    panel.take(data)
    return panel.shows
