"""Somebody at the desk of the bench's station: lets cars arrive, calls them, and lets them go."""

import secrets
import time

from msgspec import Struct

from contract.ids import uuid7
from contract.secrecy import Discreet
from contract.words import BayWords, DeskArrival, VisitWords
from contract.yard import Queue, QueueRow
from device.session import CentralSession
from portvakt.bench.server import Bench

_CSRF = "X-Portvakt-Csrf"


class _Signed(Discreet, frozen=True):
    csrf: str


class Desk:
    """One signed-in person at *station*.  Not to be shared between threads."""

    def __init__(self, bench: Bench, station: str, name: str) -> None:
        password = secrets.token_urlsafe(24)
        bench.admin.ask("create_user", name=name, password=password, stations=[station])
        code = bench.admin.ask("sign_in_code", user=name)["code"]
        self._path = f"/v1/stations/{station}"
        self._session = CentralSession(bench.url)
        self._session.request("POST", "/login", data={"code": code}, headers={"Origin": bench.url})
        self._csrf = self._session.call("GET", "/v1/session", None, _Signed).csrf

    def arrive(self, plate: str) -> None:
        """Put a car in the line."""
        new = uuid7(time.time_ns() // 1_000_000)
        self._post("arrivals", DeskArrival(id=new, plate=plate, kind="full"))

    def call_next(self, bay: str) -> None:
        """Call whoever is next."""
        self._post(f"bays/{bay}/call-next", BayWords())

    def let_go(self, bay: str) -> None:
        """Let the car that is called to *bay* drive in, and finish with it."""
        for row in self._in(bay):
            self._post(f"visits/{row.visit}/enter", VisitWords(version=row.version, bay=bay))
        for row in self._in(bay):
            self._post(f"visits/{row.visit}/finish", VisitWords(version=row.version))

    def queue(self) -> Queue:
        """The yard as it is now."""
        return self._session.call("GET", f"{self._path}/queue", None, Queue)

    def close(self) -> None:
        """Leave."""
        self._session.close()

    def _in(self, bay: str) -> list[QueueRow]:
        return [row for row in self.queue().line if row.bay == bay]

    def _post(self, place: str, words: Struct) -> None:
        self._session.call("POST", f"{self._path}/{place}", words, None, {_CSRF: self._csrf})
