"""Two hall boxes and their office as processes: a day with the line between them cut, and healed."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from central.privacy import inventory
from contract.ids import uuid7
from tests.central.halls.relay import Relay, relay_to
from tests.central.web.served import PASSWORD, Served, running
from tests.waiting import until

pytestmark = pytest.mark.processes

NAMES = ("lulea", "pitea")
CARS = 12
PATIENCE_S = 150
TIMEOUT_S = 20


@dataclass
class Box:
    """A hall box, and a member of its staff."""

    name: str
    served: Served
    desk: requests.Session
    cable: Relay | None = None

    def post(self, path: str, words: object) -> requests.Response:
        return self.desk.post(self._url(path), json=words, timeout=TIMEOUT_S)

    def queue(self) -> dict[str, Any]:
        found: dict[str, Any] = self.desk.get(self._url("queue"), timeout=TIMEOUT_S).json()
        return found

    def comes(self, plate: str) -> dict[str, Any]:
        """A car comes, is called, enters and is done; what central answered, but for ids and times."""
        row = self._done("arrivals", {"id": new_id(), "plate": plate})
        row = self._done("bays/1/call-next", {"visit": row["visit"], "version": 1})
        for verb, more in (("enter", {"bay": "1"}), ("finish", {})):
            words = {"version": row["version"], **more}
            row = self._done(f"visits/{row['visit']}/{verb}", words)
        return {"plate": row["plate"], "state": row["state"], "rule": row["rule"]}

    def waits(self, plate: str) -> None:
        self._done("arrivals", {"id": new_id(), "plate": plate})

    def line(self) -> list[tuple[str, str]]:
        return [(row["plate"], row["state"]) for row in self.queue()["line"]]

    def events(self) -> list[tuple[Any, ...]]:
        """Its own, as retention leaves them."""
        rows = rows_of(
            self.served,
            "SELECT seq, at, kind, actor_kind, actor_id, visit, bay, call, data FROM event ORDER BY seq",
        )
        return [
            (*row[:4], "" if row[3] == "staff" else row[4], *row[5:8], bare(row[8])) for row in rows
        ]

    def _done(self, path: str, words: object) -> dict[str, Any]:
        answer = self.post(path, words)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _url(self, path: str) -> str:
        return f"{self.served.address}/v1/stations/{self.name}/{path}"


def new_id() -> str:
    return uuid7(int(datetime.now(UTC).timestamp() * 1000))


def bare(data: str) -> dict[str, Any]:
    return inventory.without_names(inventory.without_customer(json.loads(data)))


def rows_of(served: Served, asked: str, *words: object) -> list[tuple[Any, ...]]:
    """What stands in a running central's file; nothing is written by reading it so."""
    file = f"file:{served.data / 'central.db'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as connection:
        return connection.execute(asked, words).fetchall()


def at_the_office(office: Served, name: str) -> list[tuple[Any, ...]]:
    rows = rows_of(
        office,
        "SELECT seq, at, kind, actor_kind, actor_id, visit, bay, call, data FROM hall_event"
        " WHERE station = ? ORDER BY seq",
        name,
    )
    return [(*row[:8], json.loads(row[8])) for row in rows]


def set_up(served: Served, name: str, user: str) -> requests.Session:
    served.admin.ask("create_station", station=name, name=name.title())
    served.admin.ask("create_bay", station=name, bay="1", door="1")
    served.admin.ask("create_user", name=user, password=PASSWORD, stations=[name])
    return served.person(user)


def connected(office: Served, folder: Path, name: str) -> Path:
    """The office makes the hall's token; it is carried there in a file."""
    office.admin.ask("create_station", station=name, name=name.title())
    words = {"name": f"Hall {name}", "scopes": ["hall:link"], "days": 30}
    made = office.admin.ask("create_token", stations=[name], words=words)
    file = folder / f"{name}.token"
    file.write_text(made["token"])
    return file


Day = tuple[Served, list[Box], Box]


@contextmanager
def a_day(folder: Path) -> Iterator[Day]:
    """An office, two halls that report to it, and one that has never heard of an office."""
    with ExitStack() as stack:
        office = stack.enter_context(running(made(folder / "office"), limits_times=100))
        port = urlsplit(office.address).port
        assert port is not None
        boxes = []
        for name in NAMES:
            cable = stack.enter_context(relay_to(port))
            words = {
                "url": f"http://127.0.0.1:{cable.port}",
                "token_file": str(connected(office, folder, name)),
            }
            hall = stack.enter_context(
                running(made(folder / name), office=words, office_every_s=0.3, limits_times=100)
            )
            boxes.append(Box(name, hall, set_up(hall, name, "Desk 1"), cable))
        alone = stack.enter_context(running(made(folder / "alone"), limits_times=100))
        yield office, boxes, Box("alone", alone, set_up(alone, "alone", "Desk 1"))


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """One that begins with nobody in the yards: its cars are counted and compared."""
    with a_day(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def any_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One for all who look at nothing but what they brought themselves."""
    with a_day(tmp_path_factory.mktemp("day")) as found:
        yield found


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def has_all(office: Served, box: Box) -> bool:
    return len(at_the_office(office, box.name)) >= len(box.events())


def test_a_day_without_the_office_changes_nothing_in_the_halls_and_is_told_afterwards(
    day: Day,
) -> None:
    office, boxes, alone = day
    everybody = [*boxes, alone]
    morning = [f"MRN{number:03}" for number in range(CARS)]
    answered = {box.name: [box.comes(plate) for plate in morning] for box in everybody}
    for box in boxes:
        until(partial(has_all, office, box), PATIENCE_S, "the morning at the office")
        assert box.cable is not None
        box.cable.cut()
    before = {box.name: len(at_the_office(office, box.name)) for box in boxes}

    noon = [f"NNN{number:03}" for number in range(CARS)]
    for box in everybody:
        answered[box.name] += [box.comes(plate) for plate in noon]
        box.waits("WTS001")
    assert {box.name: len(at_the_office(office, box.name)) for box in boxes} == before
    for box in boxes:
        assert answered[box.name] == answered["alone"]
        assert box.line() == alone.line()
        assert box.cable is not None
        box.cable.heal()

    for box in boxes:
        until(partial(has_all, office, box), PATIENCE_S, "the rest of the day at the office")
        assert at_the_office(office, box.name) == box.events()


def test_what_is_entered_at_the_office_reaches_its_hall_and_no_other(
    any_day: Day,
) -> None:
    office, (lulea, pitea), _ = any_day
    office.admin.ask("create_user", name="Office", password=PASSWORD, stations=["*"], role="office")
    person = office.person("Office")
    slot = datetime.now(UTC) + timedelta(hours=2)
    words = {"plate": "BKD 777", "slot_at": slot.isoformat()}
    path = f"{office.address}/v1/stations/pitea/bookings/B-1041"
    assert person.put(path, json=words, timeout=TIMEOUT_S).status_code == 201
    office.admin.ask("create_user", name="Desk 9", password=PASSWORD, stations=["pitea"])

    def signs_in(box: Box) -> bool:
        form = {"login": "Desk 9", "password": PASSWORD}
        answer = requests.post(
            f"{box.served.address}/login",
            form,
            headers={"Accept": "application/json"},
            allow_redirects=False,
            timeout=TIMEOUT_S,
        )
        return answer.status_code == 303

    def is_booked(box: Box) -> bool:
        return bool(rows_of(box.served, "SELECT 1 FROM booking WHERE ref = 'B-1041'"))

    def is_known(box: Box) -> bool:
        return bool(rows_of(box.served, "SELECT 1 FROM person WHERE name = 'Desk 9'"))

    until(lambda: is_booked(pitea) and is_known(pitea), PATIENCE_S, "the booking and the account")
    assert signs_in(pitea)
    pitea.waits("BKD777")
    assert pitea.queue()["line"][-1]["rule"] == "booked"
    assert not is_booked(lulea)
    assert not signs_in(lulea)
    assert not rows_of(pitea.served, "SELECT 1 FROM person WHERE name = 'Office'")


def test_arrivals_do_not_wait_for_an_office_that_hangs(
    any_day: Day,
) -> None:
    _, (lulea, _), _ = any_day
    cable = lulea.cable
    assert cable is not None
    cable.hang()
    until(lambda: cable.waiting, PATIENCE_S, "a question that hangs")
    asked = cable.taken
    for number in range(5):
        lulea.waits(f"HNG{number:03}")
    # It was the same question all the time: nobody had its answer, and nobody waited for it.
    assert (cable.waiting, cable.taken) == (1, asked)
    cable.heal()


def test_the_office_moves_no_line_of_a_hall(any_day: Day) -> None:
    office, _, _ = any_day
    office.admin.ask(
        "create_user", name="Head", password=PASSWORD, stations=["pitea"], role="manager"
    )
    head = office.person("Head")
    words = {"id": uuid7(1), "plate": "ABC 123"}
    path = f"{office.address}/v1/stations/pitea/arrivals"
    answer = head.post(path, json=words, timeout=TIMEOUT_S)
    assert answer.json()["reason"] == "line_elsewhere"
    events = f"{office.address}/v1/stations/pitea/events"
    assert head.get(events, timeout=TIMEOUT_S).json()["reason"] == "line_elsewhere"
