"""`portvakt central token ...`, asked over the socket of a central in this process."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from central.database.store import Store
from central.migrations import migrate
from central.serving.admin import AdminServer
from central.serving.commands import Commands
from central.words import SYSTEM
from central.yard import Yard
from contract.accounts import Scope
from contract.errors import PortvaktError
from contract.words import DeskArrival
from portvakt.cli import main
from tests.fakes.clock import FakeClock


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("central")
    migrate(f"sqlite:///{folder}/central.db")
    return folder


@pytest.fixture
def yard(data: Path) -> Iterator[Yard]:
    clock = FakeClock()
    store = Store(f"sqlite:///{data}/central.db", clock)
    yard = Yard(store, clock)
    there = {place.id for place in yard.places.stations()}
    for station in {"north", "south"} - there:
        yard.places.create_station(station, station.title(), "Europe/Stockholm")
    with AdminServer(data / "central.sock", Commands(yard, "", lambda _: None)):
        yield yard
    store.close()


def token(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["central", "token", *words, "--data", str(data)])


def test_a_token_is_shown_once_alone_in_its_line_and_works(yard: Yard, data: Path) -> None:
    words = ("--station", "north", "--station", "south", "--may", "bookings:read", "--days", "30")
    answer = token(data, "create", "Bokningar AB", *words)
    assert answer.exit_code == 0, answer.output
    shown = answer.stdout.strip()
    assert yard.tokens.by_token(shown).stations == {"north", "south"}
    assert yard.tokens.by_token(shown).scopes == {Scope.BOOKINGS_READ}
    assert "Nobody can show it again" in answer.stderr
    listed = token(data, "list", "--station", "south").stdout
    assert "Bokningar AB  (bookings:read; at north, south; until 2026-12-23;" in listed
    assert shown not in listed


def test_no_key_for_a_hall_box_is_made_while_somebody_is_in_the_line(
    yard: Yard, data: Path
) -> None:
    yard.places.create_station("west", "West", "Europe/Stockholm")
    yard.places.create_bay("west", "1", "1", ["full"])
    came = DeskArrival(id="019ab0f2-8c00-7d3e-9a41-5b2f6c7d8e90", plate="ABC 123")
    yard.arrive("west", SYSTEM, came, msgspec.json.encode(came))
    refused = token(data, "create", "Hall West", "--station", "west", "--may", "hall:link")
    assert refused.exit_code == 2
    assert (
        "1 vehicle is still on the board of West here. Finish or close it first" in refused.output
    )
    assert yard.tokens.of_station("west") == []


def test_a_token_is_revoked_by_its_id(yard: Yard, data: Path) -> None:
    words = ("--station", "north", "--may", "bookings:write", "--json")
    made = json.loads(token(data, "create", "Old system", *words).stdout)
    answer = token(data, "revoke", made["row"]["id"], "--station", "north")
    assert "it works no longer" in answer.stdout
    with pytest.raises(PortvaktError, match="was revoked"):
        yard.tokens.by_token(made["token"])
    assert "revoked 2026-11-23" in token(data, "list", "--station", "north").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "X", "--station", "north", "--may", "bookings:read", "--days", "731"), "730"),
        (("create", "X", "--station", "nowhere", "--may", "bookings:read"), "nowhere"),
        (("create", "X", "--station", "north", "--may", "everything"), "bookings:read"),
        (("create", " ", "--station", "north", "--may", "bookings:read"), "name"),
        (("revoke", "api-00000000", "--station", "north"), "north has no token"),
    ],
)
@pytest.mark.usefixtures("yard")
def test_what_cannot_be_is_refused_in_a_sentence(
    data: Path, words: tuple[str, ...], said: str
) -> None:
    answer = token(data, *words)
    assert answer.exit_code == 2
    assert said in answer.stderr


@pytest.mark.usefixtures("yard")
def test_a_station_without_tokens_says_so(data: Path) -> None:
    assert token(data, "list", "--station", "nowhere").stdout == "None.\n"
