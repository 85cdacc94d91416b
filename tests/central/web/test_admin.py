"""The local socket, and what the command line may ask through it."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from central.database.store import Store
from central.serving.admin import AdminClient, AdminServer, CentralNotRunning, CommandRefused
from central.serving.commands import Commands
from central.yard import Yard
from contract.wire import Enrol
from tests.central.web.hall import STATION
from tests.fakes.clock import FakeClock

PASSWORD = "korrekt häst batteri"


class Office:
    """A central's socket and what is behind it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "central.sock"
        self.store = Store(f"sqlite:///{folder / 'central.db'}", FakeClock())
        self.yard = Yard(self.store, FakeClock())
        self.ended: list[str] = []
        commands = Commands(self.yard, "http://127.0.0.1:8081", self.ended.append)
        self.server = AdminServer(self.path, commands)
        self.ask = AdminClient(self.path).ask


@pytest.fixture
def office(tmp_path: Path, fresh_database: Path) -> Iterator[Office]:
    copyfile(fresh_database, tmp_path / "central.db")
    office = Office(tmp_path)
    with office.server:
        yield office
    office.store.close()


def test_a_station_is_set_up_and_listed(office: Office) -> None:
    office.ask("create_station", station="new", name="Nyköping")
    office.ask("create_bay", station="new", bay="b1", door="1", kinds=["heavy"], capacity=2)
    code = office.ask("device_code", station="new", role="sign", name="Sign 1", bay="b1")["code"]
    sign = office.yard.devices.enrol("new", Enrol(code=code)).device
    stations = {station["id"]: station for station in office.ask("list")["stations"]}
    assert sorted(stations) == [STATION, "new", "other"]
    assert stations["new"]["name"] == "Nyköping"
    words = {"kinds": ["heavy"], "capacity": 2, "state": "open", "until": None, "call_ahead": False}
    assert stations["new"]["bays"] == [{"id": "b1", "door": "1", **words}]
    assert [device["id"] for device in stations["new"]["devices"]] == [sign]


def test_a_person_gets_an_account_and_a_code(office: Office) -> None:
    office.ask("create_user", name="Desk 1", password=PASSWORD, stations=[STATION], role="manager")
    code = office.ask("sign_in_code", user="Desk 1")["code"]
    person = office.yard.people.sign_in_by_code(code).person
    assert (person.name, person.role, list(person.stations)) == ("Desk 1", "manager", [STATION])


def test_a_sign_is_hung_elsewhere_and_revoked_with_its_streams(office: Office) -> None:
    words: dict[str, Any] = {"station": STATION, "role": "sign", "name": "Sign 1", "bay": "bay-1"}
    code = office.ask("device_code", **words)["code"]
    sign = office.yard.devices.enrol(STATION, Enrol(code=code)).device
    office.ask("assign_sign", station=STATION, device=sign, bay="bay-2")
    assert [device.bay for device in office.yard.devices.all(STATION)] == ["bay-2"]
    office.ask("revoke_device", station=STATION, device=sign)
    assert office.yard.devices.all(STATION) == []
    assert office.ended == [sign]


def test_bookings_come_in_with_progress_and_a_dry_run_changes_nothing(office: Office) -> None:
    lines = [f"B{number},ABC {number:03},2026-11-23 09:00" for number in range(500)]
    csv = "\n".join(["ref,plate,slot", *lines])
    heard: list[tuple[int, int]] = []

    def progress(done: int, of: int) -> None:
        heard.append((done, of))

    tried = office.ask("import_bookings", station=STATION, csv=csv, dry_run=True)
    assert (tried["new"], tried["dry_run"]) == (500, True)
    assert office.yard.expected(STATION).plates == []
    done = office.ask("import_bookings", progress=progress, station=STATION, csv=csv)
    assert (done["new"], done["dry_run"]) == (500, False)
    assert heard == sorted(heard)
    assert heard[-1][1] == 500


def test_a_bad_file_is_refused_with_every_bad_line(office: Office) -> None:
    with pytest.raises(CommandRefused) as refused:
        office.ask("import_bookings", station=STATION, csv="ref,plate,slot\nB1,€,noon\n")
    assert [line["line"] for line in refused.value.document["lines"]] == [2]


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("create_station", {"station": STATION, "name": "X"}, "already"),
        ("create_station", {"station": "Å!", "name": "X"}, "lower-case letters"),
        ("create_station", {"station": "x", "name": "X", "time_zone": "Mars"}, "no time zone"),
        ("create_bay", {"station": "nowhere", "bay": "b", "door": "1"}, "no station nowhere"),
        (
            "create_user",
            {"name": "A", "password": "short", "stations": [STATION]},
            "at least 12 characters",
        ),
        (
            "create_user",
            {"name": "A", "password": PASSWORD, "stations": [STATION], "role": "king"},
            "no role king; choose manager, office, staff, technician",
        ),
        ("create_user", {"name": "A", "password": PASSWORD, "stations": []}, "length >= 1"),
        ("sign_in_code", {"user": "Nobody"}, "nobody called Nobody"),
        ("device_code", {"station": STATION, "role": "robot", "name": "X"}, "robot"),
        ("revoke_device", {"station": STATION, "device": "sign-1"}, "no device sign-1"),
        ("dance", {}, "does not understand this command"),
        ("about", {"colour": "red"}, "unknown field `colour`"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    office: Office, name: str, words: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandRefused) as refused:
        office.ask(name, **words)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_a_central_the_sentence_says_how_to_start_it(tmp_path: Path) -> None:
    for path in (tmp_path / "central.sock", tmp_path / "missing" / "central.sock"):
        with pytest.raises(CentralNotRunning) as refused:
            AdminClient(path).ask("about")
        assert str(refused.value) == (
            "Central is not running here: start it with "
            f"portvakt central serve --data {path.parent}"
        )


def test_a_socket_that_a_killed_central_left_is_no_central(tmp_path: Path) -> None:
    left = tmp_path / "central.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    with pytest.raises(CentralNotRunning):
        AdminClient(left).ask("about")


def test_a_central_that_dies_meanwhile_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "central.sock"
    with socket.socket(socket.AF_UNIX) as dying, ThreadPoolExecutor(1) as asker:
        dying.bind(str(path))
        dying.listen()
        asked = asker.submit(AdminClient(path).ask, "about")
        connection, _ = dying.accept()
        connection.recv(1_000)
        connection.close()
        with pytest.raises(CentralNotRunning, match="ended before it answered"):
            asked.result(10)


def test_only_the_owner_may_open_the_socket_and_it_goes_with_the_server(office: Office) -> None:
    assert office.path.stat().st_mode & 0o777 == 0o600
    assert office.server.alive


def test_a_folder_with_a_long_name_has_a_socket_too(tmp_path: Path, fresh_database: Path) -> None:
    """The kernel takes 107 bytes for a socket's name."""
    folder = tmp_path / ("long" * 25) / ("longer" * 20)
    folder.mkdir(parents=True)
    copyfile(fresh_database, folder / "central.db")
    office = Office(folder)
    with office.server:
        assert office.ask("about") == {"address": "http://127.0.0.1:8081"}
    office.store.close()
    assert not office.path.exists()


@pytest.mark.parametrize("line", [b"", b"\n", b"hello\n", b'{"do":"about"', b"\xff\xff\n", b"[]\n"])
def test_nonsense_on_the_socket_is_answered_and_harms_nobody(office: Office, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(10)
        caller.connect(str(office.path))
        caller.sendall(line)
        caller.shutdown(socket.SHUT_WR)
        said = caller.makefile("rb").read()
    assert not line or '"error"' in said.decode() or json.loads(said) == {"result": {}}
    assert office.ask("about")["address"]
