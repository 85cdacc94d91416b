"""The log of a central at its most talkative, after every kind of secret was used, right and wrong."""

import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from tests.central.web import served as web_served
from tests.central.web.served import PATIENCE_S, Served, running

LOUD = (
    web_served.START.replace('level="INFO"', 'level="DEBUG"')
    .replace("%(name)s", "%(levelname)s %(name)s")
    .replace(
        "sys.exit(",
        'words["register_token_file"] = pathlib.Path(words["register_token_file"])\nsys.exit(',
    )
)
REGISTER_TOKEN = "outgoing-register-token-1234"
RIGHT, WRONG = "right horse battery", "wrong horse battery"
ARRIVAL = {
    "id": "01a2074f-d0a8-7157-9e1d-000000000001",
    "plate": "ABC 123",
    "at": "2026-11-23T07:30:00Z",
    "synced": False,
    "boot_id": "boot",
    "mono_ms": 1,
}
BAD = "not-a-token-but-tried-as-one"


class Register(BaseHTTPRequestHandler):
    """A register of vehicles that knows nobody, and keeps what it was shown."""

    shown: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.shown.append(self.headers.get("Authorization", ""))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def register() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Register) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/vehicle"
        server.shutdown()
        thread.join()


@pytest.fixture
def central(tmp_path: Path, register: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(web_served, "START", LOUD)
    token = tmp_path / "register.token"
    token.write_text(REGISTER_TOKEN)
    with running(tmp_path, register_url=register, register_token_file=str(token)) as central:
        central.admin.ask("create_station", station="hall", name="Hall")
        yield central


class Spy:
    """Uses every kind of secret, right and wrong, and remembers all of them."""

    def __init__(self, central: Served) -> None:
        self.central = central
        self.secrets: dict[str, str] = {}

    def ask(self, method: str, path: str, **words: Any) -> requests.Response:
        return requests.request(method, self.central.url(path), timeout=PATIENCE_S, **words)

    def bearer(self, name: str, token: str, path: str, method: str = "GET", **words: Any) -> int:
        self.secrets[name] = token
        headers = {"Authorization": f"Bearer {token}"}
        return self.ask(method, path, headers=headers, **words).status_code

    def first_person(self) -> None:
        file = self.central.data / "first-person.code"
        self.secrets["first code"] = code = file.read_text().strip()
        bad = {"code": BAD, "login": "Office 1", "password": RIGHT}
        assert self.ask("POST", "/first", data=bad).status_code >= 400
        assert self.ask("POST", "/first", data=bad | {"code": code}).ok

    def person(self) -> None:
        self.secrets |= {"password": RIGHT, "wrong password": WRONG}
        assert (
            self.ask("POST", "/login", data={"login": "Office 1", "password": WRONG}).status_code
            >= 400
        )
        with requests.Session() as session:
            session.post(
                self.central.url("/login"),
                {"login": "Office 1", "password": RIGHT},
                timeout=PATIENCE_S,
            )
            self.secrets |= {f"cookie {one.name}": one.value or "" for one in session.cookies}
            csrf = session.get(self.central.url("/v1/session"), timeout=PATIENCE_S).json()["csrf"]
            self.secrets["csrf"] = csrf
            session.headers["X-Portvakt-Csrf"] = csrf
            broken = session.post(
                self.central.url("/v1/session/password"),
                json={"old": RIGHT, "new": [WRONG]},
                timeout=PATIENCE_S,
            )
            assert broken.status_code >= 400
            invited = session.post(
                self.central.url("people"),
                json={"name": "Desk 2"},
                timeout=PATIENCE_S,
            )
            self.secrets["invitation"] = invited.json()["code"]
        code = self.central.admin.ask("sign_in_code", user="Office 1")["code"]
        self.secrets["sign-in code"] = code
        assert self.ask("POST", "/login", data={"code": code}).ok
        assert self.ask("POST", "/login", data={"code": BAD}).status_code >= 400

    def device(self) -> None:
        asked: dict[str, Any] = {"station": "hall", "role": "post", "name": "Post 1"}
        self.secrets["device code"] = code = self.central.admin.ask("device_code", **asked)["code"]
        claim = {"code": code, "claim": "a-claim-of-the-device-itself"}
        self.secrets["claim"] = claim["claim"]
        token = self.ask("POST", "devices/enrol", json=claim).json()["token"]
        assert self.bearer("device token", token, "expected") == 200
        assert self.bearer("wrong token", BAD, "expected") == 401
        assert self.bearer("device token", token, "arrivals", "POST", json=ARRIVAL) == 201
        assert self.bearer("half a token", token[:-4] + "AAAA", "expected") == 401

    def register(self) -> None:
        """What is known of a vehicle is known by asking the register, which must be shown who asks."""
        words: dict[str, Any] = {"name": "Desk 1", "password": RIGHT, "stations": ["hall"]}
        self.central.admin.ask("create_user", **words)
        with self.central.person("Desk 1") as desk:
            (row,) = desk.get(self.central.url("queue"), timeout=PATIENCE_S).json()["line"]
            path = self.central.url(f"visits/{row['visit']}/vehicle")
            assert desk.get(path, timeout=PATIENCE_S).ok
        assert Register.shown == [f"Bearer {REGISTER_TOKEN}"]
        self.secrets["register's token"] = REGISTER_TOKEN

    def others(self) -> None:
        words = {"name": "Bookings", "scopes": ["bookings:read"], "days": 1}
        made = self.central.admin.ask("create_token", stations=["hall"], words=words)
        assert self.bearer("API token", made["token"], "bookings?day=2026-11-23") < 500
        metrics = (self.central.data / "metrics.token").read_text().strip()
        assert self.bearer("metrics token", metrics, "/metrics") == 200
        assert self.bearer("wrong metrics token", BAD, "/metrics") >= 400


@pytest.mark.processes
def test_no_secret_is_in_the_log_of_a_central_at_debug_nor_in_an_argument_nor_open_to_others(
    central: Served,
) -> None:
    spy = Spy(central)
    spy.first_person()
    spy.device()
    spy.person()
    spy.register()
    spy.others()
    assert len(spy.secrets) >= 14
    assert all(len(secret) >= 8 for secret in spy.secrets.values()), spy.secrets
    arguments = Path(f"/proc/{central.process.pid}/cmdline").read_text()
    folder = central.data
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    central.stop()
    log = central.log()
    assert "DEBUG" in log, "it was talkative"
    for name, secret in spy.secrets.items():
        assert secret not in log, name
        assert secret not in arguments, name
    assert modes[folder.name] == 0o700
    for name in ("metrics.token", "central.sock"):
        assert modes[name] & 0o077 == 0, name
