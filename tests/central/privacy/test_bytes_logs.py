"""A busy day with many mistakes, at a central that says all it can: its log names nobody."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.central.privacy.searching import files_that_say, says
from tests.central.privacy.yards import NUMBER, PLATE
from tests.central.web import served as web_served
from tests.central.web.served import PATIENCE_S, Served, running

pytestmark = pytest.mark.processes

# The service's own way to log, at its most talkative; some handlers break, as nobody expects them to.
LOUD = """
import json, logging, pathlib, sqlalchemy, sys
from central import yard
from central.serving.serve import ServeSettings, serve
from device import log

def breaks(self, *words, **named):
    raise KeyError("ABC 123 abc123 +46701234567")

def is_refused(self, station):
    def twice(tx):
        for _ in range(2):
            tx.run(sqlalchemy.text("INSERT INTO meta (name, value) VALUES (:one, :two)"),
                   one="ABC123", two="+46701234567")
    self._store.write(twice)

yard.Yard.snapshot = yard.Yard.help_state = breaks
yard.Yard.bays = is_refused
log.set_up(logging.DEBUG)
words = json.loads(sys.argv[1])
sys.exit(serve(ServeSettings(data=pathlib.Path(words.pop("data")), **words)))
"""
ARRIVAL = {
    "id": "01a2074f-d0a8-7157-9e1d-000000000001",
    "plate": "ABC 123",
    "at": "2026-11-23T07:30:00Z",
    "synced": False,
    "boot_id": "boot",
    "mono_ms": 1,
}
CSV = f"ref,plate,slot,kind,remark\r\nr1,{PLATE},2026-11-23 10:00,full,ring {NUMBER}\r\n{PLATE},{NUMBER}\r\n"


@pytest.fixture
def central(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(web_served, "START", LOUD)
    with running(tmp_path) as central:
        central.set_up()
        yield central


def posts_day(central: Served) -> list[int]:
    """Arrivals good and bad, questions of all kinds, and requests that are broken."""
    _, post = central.device("post")
    said = []

    def ask(method: str, path: str, **words: object) -> None:
        answer = post.request(method, central.url(path), timeout=PATIENCE_S, **words)  # type: ignore[arg-type]
        said.append(answer.status_code)

    ask("POST", "arrivals", json=ARRIVAL)
    ask("POST", "arrivals", json={**ARRIVAL, "plate": f"{PLATE}DEF456GHJ"})
    ask("POST", "arrivals", json={**ARRIVAL, "plate": "DEF456"})
    ask("POST", "arrivals", json={**ARRIVAL, "mono_ms": PLATE})
    ask("POST", "arrivals", data=f'{{"plate": "{PLATE}", "remark": "{NUMBER}"')
    ask("POST", f"arrivals/{PLATE}", json={})
    ask("GET", "status", params={"plate": PLATE})
    ask("GET", "expected")
    help_id = "01a2074f-d0a8-7157-9e1d-000000000002"
    ask("POST", "help", json={"id": help_id, "plate": PLATE})
    ask("GET", f"help/{help_id}")
    ask("GET", "help", params={"word": NUMBER})
    return said


def desks_day(central: Served) -> list[int]:
    """Bookings with bad lines, refusals, an override, and handlers that break."""
    with central.person() as desk:
        row = {"version": 1, "reason": f"{PLATE} rang {NUMBER}"}
        made = [
            desk.post(central.url("bookings/import"), data=CSV.encode(), timeout=PATIENCE_S),
            desk.put(
                central.url("bookings/b1"),
                json={"plate": PLATE, "slot_at": "2026-11-23T10:00:00Z", "remark": NUMBER},
                timeout=PATIENCE_S,
            ),
            desk.post(central.url("visits/nobody/override"), json=row, timeout=PATIENCE_S),
            desk.get(central.url("queue"), timeout=PATIENCE_S),
            desk.get(central.url("bays"), timeout=PATIENCE_S),
            desk.get(central.url(f"search?plate={PLATE}"), timeout=PATIENCE_S),
            desk.post(central.url("privacy/export"), json={"plate": PLATE}, timeout=PATIENCE_S),
            desk.post(
                central.url("privacy/erase"), json={"plate": "?" + PLATE}, timeout=PATIENCE_S
            ),
        ]
    return [answer.status_code for answer in made]


def no_request_at_all(central: Served) -> None:
    """Bytes that are no HTTP, with a plate in them."""
    where = urlsplit(central.address)
    with socket.create_connection((where.hostname, where.port), PATIENCE_S) as raw:
        raw.sendall(f"{PLATE} {NUMBER}\r\n{PLATE}\r\n\r\n".encode())
        assert b" 400 " in raw.recv(4_096)


def test_the_log_of_a_busy_day_says_no_plate_and_no_number(central: Served) -> None:
    said = [*posts_day(central), *desks_day(central)]
    no_request_at_all(central)
    assert {201, 400, 500} <= set(said), "good, bad and broken"
    assert files_that_say(central.data, PLATE), "it is in the database, from where it may be erased"
    central.stop()
    log = central.log()
    assert "Traceback" in log, "handlers broke, and somebody must be able to find out why"
    assert "KeyError" in log
    assert [line for line in log.splitlines() if says(line.encode(), PLATE, NUMBER)] == []
