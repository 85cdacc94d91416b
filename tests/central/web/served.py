"""A central in a process of its own, as a person starts it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from central.serving.admin import AdminClient, CentralNotRunning
from tests.waiting import until

START = """
import json, logging, pathlib, sys
from central.halls.asking import OfficeWords
from central.serving.serve import ServeSettings, serve
logging.basicConfig(level="INFO", format="%(name)s %(message)s")
words = json.loads(sys.argv[1])
office = words.pop("office", None)
if office is not None:
    words["office"] = OfficeWords(office["url"], pathlib.Path(office["token_file"]))
sys.exit(serve(ServeSettings(data=pathlib.Path(words.pop("data")), **words)))
"""
PASSWORD = "korrekt häst batteri"
PATIENCE_S = 20


@dataclass
class Served:
    """The process, its folder, and ways to ask it."""

    process: "subprocess.Popen[str]"
    data: Path
    address: str = ""

    @property
    def admin(self) -> AdminClient:
        return AdminClient(self.data / "central.sock")

    def set_up(self) -> None:
        self.admin.ask("create_station", station="hall", name="Hall")
        for door in ("1", "2"):
            self.admin.ask("create_bay", station="hall", bay=f"bay-{door}", door=door)
        self.admin.ask("create_user", name="Desk 1", password=PASSWORD, stations=["hall"])

    def url(self, path: str) -> str:
        return (
            f"{self.address}{path}"
            if path.startswith("/")
            else f"{self.address}/v1/stations/hall/{path}"
        )

    def person(self, name: str = "Desk 1") -> requests.Session:
        session = requests.Session()
        code = self.admin.ask("sign_in_code", user=name)["code"]
        assert session.post(self.url("/login"), {"code": code}, timeout=PATIENCE_S).ok
        csrf = session.get(self.url("/v1/session"), timeout=PATIENCE_S).json()["csrf"]
        session.headers["X-Portvakt-Csrf"] = csrf
        return session

    def device(self, role: str, bay: str | None = None) -> tuple[str, requests.Session]:
        words: dict[str, Any] = {"station": "hall", "role": role, "name": f"A {role}", "bay": bay}
        code = self.admin.ask("device_code", **words)["code"]
        enrolled = requests.post(
            self.url("devices/enrol"), json={"code": code}, timeout=PATIENCE_S
        ).json()
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {enrolled['token']}"
        return enrolled["device"], session

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def log(self) -> str:
        return (self.data.parent / "log").read_text()


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Served]:
    """Start a central on a free port and end it afterwards, whatever happens."""
    data = folder / "data"
    words = json.dumps({"data": str(data), "port": 0, **settings})
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-c", START, words], stdout=log, stderr=log, text=True
        ) as process,
    ):
        try:
            served = Served(process, data)
            served.address = until(lambda: address(served), PATIENCE_S, "a central that answers")
            yield served
        finally:
            process.kill()


def address(served: Served) -> str:
    assert served.process.poll() is None, served.log()
    try:
        found: str = served.admin.ask("about")["address"]
        requests.get(f"{found}/healthz", timeout=PATIENCE_S)
    except (CentralNotRunning, requests.ConnectionError):
        return ""
    return found


class Events:
    """What comes through a stream, one event after the other."""

    def __init__(self, session: requests.Session, url: str, **headers: str) -> None:
        self.answer = session.get(url, headers=headers, stream=True, timeout=(3, PATIENCE_S))
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)
        self._deadline = time.monotonic() + PATIENCE_S

    def next(self) -> dict[str, str]:
        """The next event's fields; comments are passed over."""
        fields: dict[str, str] = {}
        for line in self._lines:
            assert time.monotonic() < self._deadline, "heartbeats came, and nothing else"
            if not line:
                if "event" in fields:
                    return fields
                fields.clear()
                continue
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        raise EOFError

    def wait_for(self, name: str) -> dict[str, str]:
        """Skip events until one is called *name*."""
        while True:
            event = self.next()
            if event.get("event") == name:
                return event

    def until_quiet(self) -> str:
        """Skip to the first heartbeat; give the id of the last event before it."""
        last = ""
        while (event := self.next())["event"] != "heartbeat":
            last = event["id"]
        return last

    def until_the_end(self) -> None:
        """Skip to the end of the stream."""
        try:
            while True:
                self.next()
        except EOFError:
            return

    def close(self) -> None:
        self.answer.close()
