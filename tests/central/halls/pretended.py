"""Halls as an office may know them, for whoever looks at its page: told to a running office."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import requests

from contract.halls import (
    HallBay,
    HallDevice,
    HallEvent,
    HallReport,
    HallSaid,
    NotTaken,
)
from contract.ids import uuid7
from contract.wire import Role
from tests.central.web.served import PASSWORD, PATIENCE_S, Served

DEVICES = [
    HallDevice(device="post-5a6b7c8d", name="Post 1", role=Role.POST, heard_at=datetime.now(UTC)),
    HallDevice(device="sign-1f2e3d4c", name="Sign 1", role=Role.SIGN, heard_at=datetime.now(UTC)),
]
QUIET = HallSaid(
    release="26.11.5-1a2b3c4d",
    time_zone="Europe/Stockholm",
    clock_synced=True,
    bays=[HallBay(bay="1", door="1", kinds=["full"])],
    devices=DEVICES,
)


def connect(office: Served, station: str, name: str, days: int = 365) -> requests.Session:
    """Make a hall at the office, its key for so many days; give what its box asks with."""
    office.admin.ask("create_station", station=station, name=name)
    words = {"name": name, "scopes": ["hall:link"], "days": days}
    token = office.admin.ask("create_token", stations=[station], words=words)["token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def say(office: Served, session: requests.Session, station: str, **words: Any) -> None:
    """Let a hall say how it is."""
    now = datetime.now(UTC)
    name = {"name": words.pop("name", station.title())}
    said = msgspec.structs.replace(
        QUIET, **{"backup_at": now - timedelta(hours=7), **name, **words}
    )
    event = HallEvent(seq=1, at=now, kind="arrived", actor_kind="post")
    body = msgspec.json.encode(HallReport(epoch="e", events=[event], said=said))
    answer = session.post(
        f"{office.address}/v1/stations/{station}/hall/report",
        body,
        headers={"Content-Type": "application/json"},
        timeout=PATIENCE_S,
    )
    assert answer.ok, answer.text


def long_ago(office: Served, station: str, ago: timedelta) -> None:
    """Let what *station* said be so old."""
    at_ms = int((datetime.now(UTC) - ago).timestamp() * 1000)
    change(office, "UPDATE hall SET heard_at = ? WHERE station = ?", at_ms, station)


def key_ended(office: Served, name: str, ago: timedelta) -> None:
    """Let the key of that name have ended so long ago."""
    at_ms = int((datetime.now(UTC) - ago).timestamp() * 1000)
    change(office, "UPDATE api_token SET expires_at = ? WHERE name = ?", at_ms, name)


def somebody_comes(office: Served, station: str, name: str) -> None:
    """Make a station whose line is run at the office, with one vehicle in it."""
    office.admin.ask("create_station", station=station, name=name)
    office.admin.ask("create_bay", station=station, bay="1", door="1")
    desk = f"Desk of {name}"
    office.admin.ask("create_user", name=desk, password=PASSWORD, stations=[station])
    words = {"id": uuid7(int(datetime.now(UTC).timestamp() * 1000)), "plate": "ABC 123"}
    path = f"{office.address}/v1/stations/{station}/arrivals"
    answer = office.person(desk).post(path, json=words, timeout=PATIENCE_S)
    assert answer.ok, answer.text


def change(office: Served, statement: str, *words: object) -> None:
    """What no call does in the time of a test."""
    with closing(sqlite3.connect(office.data / "central.db")) as connection, connection:
        connection.execute(statement, words)


def all_kinds(office: Served) -> None:
    """A quiet hall, a busy one in trouble, one that is late, one that is lost, one that never came."""
    now = datetime.now(UTC)
    quiet = connect(office, "kiruna", "Kiruna")
    say(office, quiet, "kiruna", open=False)
    busy = connect(office, "lulea", "Luleå", days=30)
    say(
        office,
        busy,
        "lulea",
        name="Luleå",
        waiting=6,
        called=1,
        in_bay=2,
        help_open=1,
        oldest_at=now - timedelta(minutes=34),
        devices=[
            msgspec.structs.replace(DEVICES[0], faults=["keypad"]),
            msgspec.structs.replace(DEVICES[1], silent=True),
        ],
        not_taken=[NotTaken(kind="person", id="1", reason="name_taken")],
        backup_at=now - timedelta(days=3),
    )
    late = connect(office, "pitea", "Piteå")
    say(
        office,
        late,
        "pitea",
        name="Piteå",
        waiting=2,
        in_bay=1,
        oldest_at=now - timedelta(minutes=12),
    )
    long_ago(office, "pitea", timedelta(minutes=6))
    lost = connect(office, "skelleftea", "Skellefteå")
    say(office, lost, "skelleftea", name="Skellefteå")
    long_ago(office, "skelleftea", timedelta(days=4, hours=3))
    key_ended(office, "Skellefteå", timedelta(days=4))
    connect(office, "umea", "Umeå")
    # Somebody came while another process of the office did not know of the key yet.
    somebody_comes(office, "overtornea", "Övertorneå")
    marked = "INSERT INTO hall (station, since, log_seq, after) VALUES ('overtornea', 0, 0, 0)"
    change(office, marked)
    somebody_comes(office, "vannas", "Vännäs")
