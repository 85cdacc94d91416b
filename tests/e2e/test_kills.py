"""`kill -9` of each part at random moments while cars come and are called.

What is judged: every arrival that the post confirmed is there exactly once; no plate stands without a
live lease, by the panels' bytes against central's grants; a sign killed while lit is dark once its
blanker has run.  PORTVAKT_SOAK=1 makes 50 rounds of the 10, PORTVAKT_SEED repeats a run.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from central.serving.admin import AdminClient
from contract.plate import Plate
from portvakt.demo.parts import TIME_ZONE
from portvakt.demo.sample import Booking, as_csv, presses_of
from tests.e2e.hands import Colleague, Customer, Eyes
from tests.e2e.judge import Grants, Shown, drawn, faults, on_two_doors, shown
from tests.e2e.running import READY_S, RunningDemo, free_ports
from tests.fakes.proxy import Cable
from tests.waiting import until

pytestmark = pytest.mark.processes

ROUNDS = 50 if os.environ.get("PORTVAKT_SOAK") else 10
SEED = int(os.environ.get("PORTVAKT_SEED", random.SystemRandom().randrange(10**6)))
TTL_MS = 3_500
LATEST_KILL_S = 4.0
HALF = 0.5
PARTS = ("post", "central", "sign-1", "sign-2")
LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"


@dataclass
class Kill:
    """A process that was killed, and when (CLOCK_MONOTONIC)."""

    part: str
    pid: int
    ns: int


@dataclass
class RoughDay:
    """A station on which parts die, with everything that is needed to judge it afterwards."""

    demo: RunningDemo
    folder: Path
    grants: Grants
    customer: Customer
    colleague: Colleague
    dice: random.Random
    plates: Iterator[str]
    kills: list[Kill] = field(default_factory=list)
    services: set[int] = field(default_factory=set)

    def serve_one_car(self, bay: str, before_it_drives_in: Callable[[], object]) -> None:
        """A car comes, is called, sees its plate, perhaps stands there a while, drives in and leaves."""
        plate = next(self.plates)
        text = Plate.parse(plate).display
        self.customer.enters(plate)
        self.colleague.calls(plate, bay)
        self.sees(text, bay)
        before_it_drives_in()
        self.sees(text, bay)
        self.colleague.sees_in(plate, bay)

    def sees(self, text: str, bay: str) -> None:
        """Wait until *text* stands above the door."""
        until(lambda: self.demo.rows(bay) == drawn(text), READY_S, f"{text} above door {bay}")

    def kill(self, part: str) -> None:
        """`kill -9`, noted."""
        ns = time.monotonic_ns()
        self.kills.append(Kill(part, self.demo.kill(part), ns))

    def note_services(self) -> None:
        """Note which processes are the services themselves, once all are ready."""
        self.demo.wait_ready()
        self.services |= {part["pid"] for part in self.demo.state()["parts"].values()}

    def pictures(self, sign: str) -> list[Shown]:
        """Everything that a sign's panel has shown."""
        return shown(self.folder / f"{sign}.log")

    def texts(self) -> list[str]:
        """Every text that may have stood on a sign."""
        return [Plate.parse(plate).display for plate in self.customer.confirmed]


def _plates(dice: random.Random, count: int) -> list[str]:
    """Plates whose presses differ, as a keypad of twelve keys wants them."""
    found: dict[str, str] = {}
    while len(found) < count:
        plate = "".join(dice.choices(LETTERS, k=3) + dice.choices("0123456789", k=3))
        found.setdefault(presses_of(Plate.parse(plate).text), Plate.parse(plate).text)
    return list(found.values())


def _book(data: Path, plates: list[str]) -> None:
    now = datetime.now(ZoneInfo(TIME_ZONE))
    days = now, now + timedelta(days=1)  # midnight may pass while we are at it
    rows = [
        Booking(f"{plate}-{at.day}", Plate.parse(plate), "full", at)
        for plate in plates
        for at in days
    ]
    AdminClient(data / "central" / "central.sock").ask(
        "import_bookings", station="demo", csv=as_csv(rows)
    )


@pytest.fixture
def rough_day(tmp_path: Path) -> Iterator[RoughDay]:
    print(f"seed {SEED}: repeat with PORTVAKT_SEED={SEED}")  # noqa: T201 - shown when it fails
    dice, grants, port = random.Random(SEED), Grants(), free_ports()
    plates = _plates(dice, ROUNDS + 2)
    with ExitStack() as open_parts:
        cable = open_parts.enter_context(closing(Cable(port + 1, grants.tap)))
        environment = {
            "PORTVAKT_DEMO_SIGN_CENTRAL": cable.url,
            "PORTVAKT_DEMO_LEASE_TTL_MS": str(TTL_MS),
            "PORTVAKT_DEMO_RECORD": str(tmp_path),
        }
        demo = RunningDemo(port, ("--data", str(tmp_path / "data")), environment)
        open_parts.enter_context(demo)
        _book(tmp_path / "data", plates)
        demo.kill("post")  # the new one fetches today's list at once
        demo.wait_ready()
        customer = Customer(demo.post_url, open_parts.enter_context(closing(Eyes(demo.post_url))))
        colleague = Colleague(open_parts.enter_context(demo.staff_session()))
        day = RoughDay(demo, tmp_path, grants, customer, colleague, dice, iter(plates))
        day.note_services()
        yield day


def test_no_confirmed_arrival_is_lost_or_doubled_and_no_plate_stands_without_a_lease(
    rough_day: RoughDay,
) -> None:
    day = rough_day
    _kill_a_sign_while_lit(day)
    for number in range(ROUNDS):
        _round(day, bay=str(1 + number % 2))
    day.demo.stop()
    end_ns = time.monotonic_ns()

    one, two = day.pictures("sign-1"), day.pictures("sign-2")
    for bay, pictures in (("1", one), ("2", two)):
        granted = [grant for grant in day.grants.all if grant.bay == bay]
        assert faults(pictures, granted, day.texts(), end_ns) == []
        assert not pictures[-1].lit
    assert on_two_doors(one, two, end_ns) == []
    assert {shown.picture for shown in one + two} >= {drawn(text) for text in day.texts()}
    assert _blanked_by_a_service(day) == []
    assert _times_there(day.folder / "data" / "central" / "central.db") == dict.fromkeys(
        day.customer.confirmed, (1, 1)
    )
    assert len(day.customer.confirmed) == ROUNDS + 1


def _kill_a_sign_while_lit(day: RoughDay) -> None:
    def kill_and_see_darkness() -> None:
        day.kill("sign-1")
        until(lambda: not any("#" in row for row in day.demo.rows("1")), READY_S, "darkness")

    day.serve_one_car("1", kill_and_see_darkness)
    day.note_services()


def _round(day: RoughDay, bay: str) -> None:
    part, after_s = day.dice.choice(PARTS), day.dice.uniform(0, LATEST_KILL_S)
    killer = threading.Timer(after_s, day.kill, (part,))
    killer.start()
    # Every other car stays in front of the door until the part has died, wherever the work is then.
    day.serve_one_car(bay, killer.join if day.dice.random() < HALF else bool)
    killer.join()
    day.note_services()


def _blanked_by_a_service(day: RoughDay) -> list[str]:
    """Signs that were killed while lit and made dark by anybody but the blanker."""
    found = []
    for kill in day.kills:
        if not kill.part.startswith("sign"):
            continue
        pictures = day.pictures(kill.part)
        stood = [picture for picture in pictures if picture.ns < kill.ns][-1]
        after = [picture for picture in pictures if picture.ns >= kill.ns]
        if stood.lit and after and after[0].lit is False and after[0].sender in day.services:
            found.append(f"{kill.part} was blanked by process {after[0].sender}")
    return found


def _times_there(database: Path) -> dict[str, tuple[int, int]]:
    """For each plate that ever arrived: how many visits it has, and how many arrivals were counted."""
    visits = "SELECT plate, count(*) FROM visit GROUP BY plate"
    arrived = (
        "SELECT plate, count(*) FROM event JOIN visit ON visit.id = event.visit "
        "WHERE event.kind = 'arrived' GROUP BY plate"
    )
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        counted = dict(connection.execute(arrived).fetchall())
        return {
            plate: (count, counted.get(plate, 0)) for plate, count in connection.execute(visits)
        }
    finally:
        connection.close()
