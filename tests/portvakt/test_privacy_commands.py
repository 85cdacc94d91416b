"""`portvakt central privacy ...`, asked over the socket of a central in this process."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central.migrations import migrate
from central.serving.admin import AdminServer
from central.serving.commands import Commands
from contract.transitions import Verb
from portvakt.cli import main
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    migrate(f"sqlite:///{tmp_path}/central.db")
    station = Station(tmp_path, FakeClock()).set_up()
    with AdminServer(tmp_path / "central.sock", Commands(station.yard, "", lambda _: None)):
        yield station
    station.store.close()


def ask(folder: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(
        main,
        ["central", "privacy", *words, "--station", PITEA, "--data", str(folder)],
        input=typed,
    )


def looks(station: Station) -> list[tuple[str, str, str]]:
    station.store.submit(lambda tx: tx.now, PITEA).result()  # looks are not waited for
    day = station.clock.now().date()
    return [(look.person, look.what, look.about) for look in station.yard.looks.of_day(PITEA, day)]


def test_how_long_what_is_kept_is_said_with_the_way_to_change_it(
    station: Station, tmp_path: Path
) -> None:
    answer = ask(tmp_path, "keeping")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("Plates: 7 days after the visit ended,\n  30 while")
    assert "portvakt central set station pitea --keep-days" in answer.stdout
    station.yard.personal_data.night()
    kept = json.loads(ask(tmp_path, "keeping", "--json").stdout)
    assert kept["plates_days"] == 7
    assert kept["erased_at"].startswith("2026-11-23")


def test_the_export_is_json_alone_on_standard_output_and_leaves_a_trace(
    station: Station, tmp_path: Path
) -> None:
    station.comes("ABC123")
    answer = ask(tmp_path, "export", typed="abc 123\n")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["plate"] == "ABC 123"
    assert looks(station) == [("Command line", "export", "A****3")]


def test_erasing_asks_once_more_and_says_what_went(station: Station, tmp_path: Path) -> None:
    station.comes("ABC123")
    station.does(Verb.LEAVE, "ABC123")
    left = ask(tmp_path, "erase", typed="ABC123\nn\n")
    assert left.exit_code == 1
    assert looks(station) == []
    done = ask(tmp_path, "erase", typed="ABC123\ny\n")
    assert done.exit_code == 0, done.output
    assert "Erased: 1 visits, 1 arrivals" in done.stdout
    assert looks(station) == [("Command line", "erase", "A****3")]
    again = ask(tmp_path, "erase", "--yes", typed="ABC123\n")
    assert "Nothing is held about this plate." in again.stdout


def test_a_vehicle_in_the_yard_and_what_is_no_plate_are_refused_in_a_sentence(
    station: Station, tmp_path: Path
) -> None:
    station.comes("ABC123")
    for typed, sentence in (("ABC123\n", "ABC 123 is in the yard now"), ("!\n", "plate")):
        refused = ask(tmp_path, "erase", "--yes", typed=typed)
        assert refused.exit_code != 0
        assert sentence in refused.output + str(refused.exception)
