"""A station with its pages: a real yard on a real file, asked through Flask's own test client."""

from typing import Any

import msgspec
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central.database.store import Store
from central.migrations import migrate
from central.web.app import WebSettings, create_app
from central.web.routes import Who
from central.words import SYSTEM
from central.yard import Yard
from contract.accounts import Scope, TokenWords
from contract.ids import uuid7
from contract.wire import Enrol, Role
from tests.central.web import marks
from tests.fakes.clock import FakeClock

STATION = "hall"
PASSWORD = "korrekt häst batteri"


class Asker:
    """Somebody who asks: a device with its token, a person with their session, or a stranger."""

    def __init__(self, client: FlaskClient, headers: dict[str, str], own_id: str = "") -> None:
        self.client = client
        self.headers = headers
        self.id = own_id

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, words: object = None, **more: Any) -> TestResponse:
        if words is not None:
            more = {"data": msgspec.json.encode(words), "content_type": "application/json", **more}
        return self.ask("POST", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        address = path if path.startswith("/") else f"/v1/stations/{STATION}/{path}"
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(address, method=method, headers=headers, buffered=True, **more)


class Hall:
    """The station `hall` in a town, with doors 1 and 2, and another station `other`."""

    def __init__(self, url: str) -> None:
        self.clock = FakeClock()
        self.store = Store(url, self.clock)
        self.yard = Yard(self.store, self.clock)
        self.ended: list[str] = []
        self.yard.people.signed_out.add(self.ended.append)
        self.ready = True
        self.app = create_app(
            self.yard,
            self.clock,
            WebSettings(("http://127.0.0.1:8080",)),
            is_ready=self._is_ready,
        )
        marks.watch(self.app)

    def _is_ready(self) -> bool:
        return self.ready

    def stranger(self) -> Asker:
        return Asker(self.app.test_client(), {})

    def with_cookies(self, cookies: str) -> Asker:
        """A browser that sends exactly these."""
        return Asker(self.app.test_client(use_cookies=False), {"Cookie": cookies})

    def device(self, role: Role, station: str = STATION, bay: str | None = None) -> Asker:
        code = self.yard.devices.create_device_code(station, role, f"The {role}", bay)
        enrolled = self.yard.devices.enrol(station, Enrol(code=code))
        headers = {"Authorization": f"Bearer {enrolled.token}"}
        return Asker(self.app.test_client(use_cookies=False), headers, enrolled.device)

    def system(self, *scopes: Scope, station: str = STATION, days: int = 365) -> Asker:
        """Another system with a token of these scopes."""
        words = TokenWords(name="Booking system", scopes=list(scopes), days=days)
        made = self.yard.tokens.create([station], SYSTEM, words)
        headers = {"Authorization": f"Bearer {made.token}"}
        return Asker(self.app.test_client(use_cookies=False), headers, made.row.id)

    def person(self, role: Who = Who.STAFF, station: str = STATION) -> Asker:
        name = f"{role} of {station}"
        self.yard.people.create_user(name, PASSWORD, [station], role)
        client = self.app.test_client()
        code = self.yard.people.sign_in_code(name)
        assert client.post("/login", data={"code": code}).status_code == 303
        csrf = client.get("/v1/session").json["csrf"]  # type: ignore[index]
        return Asker(client, {"X-Portvakt-Csrf": csrf})

    def invited(self, role: Who, station: str = STATION) -> Asker:
        """Somebody who has signed in by an invitation and has no password yet."""
        made = self.yard.staffing.add(None, f"New {role}", role, [station])
        client = self.app.test_client()
        assert client.post("/login", data={"code": made.code}).status_code == 303
        csrf = client.get("/v1/session").json["csrf"]  # type: ignore[index]
        return Asker(client, {"X-Portvakt-Csrf": csrf})

    def arrival(self, plate: str = "ABC 123") -> dict[str, object]:
        return {
            "id": uuid7(int(self.clock.now().timestamp() * 1000)),
            "plate": plate,
            "at": self.clock.now(),
            "synced": True,
            "boot_id": "post-boot",
            "mono_ms": 5_000,
        }


def new_database(url: str) -> None:
    """Make the tables, and two stations with two doors each."""
    migrate(url)
    store = Store(url, FakeClock())
    yard = Yard(store, FakeClock())
    for station in (STATION, "other"):
        yard.places.create_station(station, station.title(), "Europe/Stockholm")
        for door in ("1", "2"):
            yard.places.create_bay(station, f"bay-{door}", door, ["full", "recheck"])
    store.close()


def reason(answer: TestResponse) -> tuple[int, str]:
    """Give the status and the reason of a refusal, after looking that it is one in the agreed form."""
    assert answer.content_type == "application/problem+json", answer.get_data(as_text=True)
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    assert answer.json["detail"]
    return answer.status_code, answer.json["reason"]
