"""An office for tests: a real central with its routes, and a line to it that a test cuts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.halls.link import Link, OfficeAway
from central.migrations import migrate
from central.web.app import create_app
from central.words import SYSTEM
from central.yard import Yard
from contract.accounts import Scope, TokenWords
from contract.halls import HallNews, HallReport, HallRow, HallTaken
from tests.central.web import marks
from tests.central.web.hall import Asker
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock

PASSWORD = "korrekt häst batteri"


class Office:
    """A central to which halls report, asked through its own routes."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.url = url
        self.clock = clock
        migrate(url)
        self.open()

    def open(self) -> None:
        self.store = Store(self.url, self.clock)
        self.yard = Yard(self.store, self.clock)
        self.app = create_app(self.yard, self.clock)
        marks.watch(self.app)

    def restart(self) -> None:
        self.store.close()
        self.open()

    def connect(self, *stations: str) -> str:
        """Set the stations up and make the token of one hall box."""
        there = {place.id for place in self.yard.places.stations()}
        for station in stations:
            if station not in there:
                self.yard.places.create_station(station, station.title(), "Europe/Stockholm")
        words = TokenWords(name="Hall box", scopes=[Scope.HALL])
        return self.yard.tokens.create(list(stations), SYSTEM, words).token

    def asker(self, token: str) -> Asker:
        headers = {"Authorization": f"Bearer {token}"}
        return Asker(self.app.test_client(use_cookies=False), headers)

    def signed_in(self, role: str, *stations: str) -> Asker:
        self.yard.people.create_user(f"The {role}", PASSWORD, list(stations), role)
        client = self.app.test_client()
        code = self.yard.people.sign_in_code(f"The {role}")
        assert client.post("/login", data={"code": code}).status_code == 303
        csrf = client.get("/v1/session").json["csrf"]  # type: ignore[index]
        return Asker(client, {"X-Portvakt-Csrf": csrf})

    def row(self, station: str = PITEA) -> HallRow:
        return next(row for row in self.yard.halls.rows() if row.station == station)

    def kept(self, station: str = PITEA) -> list[sa.Row[Any]]:
        """Every event of a hall, in the order of its numbers."""
        table = schema.hall_event
        asked = sa.select(table).where(table.c.station == station).order_by(table.c.seq)
        return list(self.store.read(lambda view: view.all(asked)))


class Cable:
    """The line from a hall to its office; what is wrong with it is a test's to set."""

    def __init__(self, office: Office, token: str) -> None:
        self.office = office
        self.token = token
        self.is_cut = False
        self.loses_answers = False
        self.takes_reports = True
        self.asked = 0
        self.pieces: list[str] = []

    def report(self, station: str, report: HallReport) -> HallTaken:
        if not self.takes_reports:
            raise OfficeAway("The office says: it is too large.")
        body = msgspec.json.encode(report)
        answer = self._through(
            lambda asker: asker.ask(
                "POST",
                f"/v1/stations/{station}/hall/report",
                data=body,
                content_type="application/json",
            )
        )
        return msgspec.json.decode(answer.data, type=HallTaken)

    def news(self, station: str, cursor: tuple[str, int], etag: str) -> tuple[HallNews | None, str]:
        headers = {"If-None-Match": etag} if etag else {}
        path = f"/v1/stations/{station}/hall/news?office={cursor[0]}&after={cursor[1]}"
        answer = self._through(lambda asker: asker.get(path, headers=headers))
        mark = answer.headers["ETag"]
        if answer.status_code == 304:
            return None, mark
        return msgspec.json.decode(answer.data, type=HallNews), mark

    def piece(self, station: str, file: str, start: int, size: int) -> bytes:
        self.pieces.append(file)
        path = f"/v1/stations/{station}/releases/{file}"
        headers = {"Range": f"bytes={start}-{start + size - 1}"}
        return bytes(self._through(lambda asker: asker.get(path, headers=headers)).data)

    def _through(self, ask: Callable[[Asker], Any]) -> Any:
        self.asked += 1
        if self.is_cut:
            raise OfficeAway("The office is not reached.")
        answer = ask(self.office.asker(self.token))
        if self.loses_answers:
            raise OfficeAway("The office did not answer in time.")
        if answer.status_code not in (200, 206, 304):
            raise OfficeAway(answer.json["detail"])
        return answer


def link(station: Station, cable: Cable, backup_at: datetime | None = None) -> Link:
    return station.yard.link(cable, PITEA, lambda: backup_at)


def settle(one: Link) -> None:
    """Let the hall have turns until there is nothing more to send or fetch."""
    for _ in range(500):
        if not one.turn():
            return
    raise AssertionError("the hall and its office never come to rest")


def own(station: Station) -> list[sa.Row[Any]]:
    """Every event of the hall itself, in the order of its numbers."""
    table = schema.event
    asked = sa.select(table).where(table.c.station == PITEA).order_by(table.c.seq)
    return list(station.store.read(lambda view: view.all(asked)))


@contextmanager
def an_office(folder: Path, clock: FakeClock) -> Iterator[Office]:
    folder.mkdir(parents=True, exist_ok=True)
    office = Office(f"sqlite:///{folder / 'office.db'}", clock)
    try:
        yield office
    finally:
        office.store.close()
