"""`portvakt central ...` against a central that runs, as an office would set up a station."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portvakt.bench.server import running
from portvakt.cli import main

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with running(1) as bench:
        yield bench.folder


def central(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["central", *words, "--data", str(data)])


def bookings(folder: Path, *rows: str) -> str:
    file = folder / "bookings.csv"
    file.write_text("\n".join(("ref,plate,slot,kind", *rows)), encoding="utf-8")
    return str(file)


TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


def test_a_station_is_set_up_word_by_word_and_listed(data: Path) -> None:
    for words in (
        ("create", "station", "north", "--name", "North"),
        ("create", "bay", "b2", "--station", "north", "--door", "2", "--kind", "heavy"),
        ("create", "user", "Desk 2", "--station", "north", "--password", "a long enough word"),
        ("device", "code", "Sign 2", "--station", "north", "--role", "sign", "--bay", "b2"),
    ):
        answer = central(data, *words)
        assert 0 == answer.exit_code, answer.output
    listed = central(data, "list").stdout
    assert "north  North  (Europe/Stockholm)" in listed
    assert "bay b2: door 2, takes heavy" in listed


def test_the_second_station_of_the_same_name_is_refused(data: Path) -> None:
    answer = central(data, "create", "station", "bench-0", "--name", "Again")
    assert 2 == answer.exit_code
    assert "bench-0" in answer.stderr


def test_a_device_is_revoked_by_its_id(data: Path) -> None:
    stations = json.loads(central(data, "list", "--json").stdout)["stations"]
    devices = next(one["devices"] for one in stations if one["id"] == "bench-0")
    answer = central(data, "device", "revoke", devices[0]["id"], "--station", "bench-0")
    assert "its token works no longer" in answer.stdout


def test_bookings_are_taken_in_and_counted(data: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, f"r1,ABC 123,{TODAY} 10:30,full", f"r2,ABC 12A,{TODAY} 10:45,recheck")
    looked = central(data, "import", "bookings", file, "--station", "bench-0", "--dry-run")
    assert "2 bookings would be taken in: 2 new, 0 changed." in looked.stdout
    done = central(data, "import", "bookings", file, "--station", "bench-0")
    assert "2 bookings taken in: 2 new, 0 changed." in done.stdout
    assert "read" in done.stderr, "long work shows how far it is"


def test_one_bad_line_takes_nothing_in_and_is_named(data: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, f"r8,ABC 124,{TODAY} 11:00,full", f"r9,²,{TODAY} 11:15,full")
    answer = central(data, "import", "bookings", file, "--station", "bench-0")
    assert 2 == answer.exit_code
    assert "line 3: " in answer.stderr
    looked = central(
        data, "import", "bookings", "--dry-run", "--json", file, "--station", "bench-0"
    )
    assert 2 == looked.exit_code, "nothing of the file was kept"


def test_a_file_that_is_not_utf_8_says_what_to_do(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("ref,plate,slot\nr1,ÅÄÖ,2026-11-21 10:00\n".encode("latin-1"))
    answer = central(data, "import", "bookings", str(file), "--station", "bench-0")
    assert 1 == answer.exit_code
    assert "save it as CSV UTF-8" in answer.output
