"""`portvakt central ...` against a central that runs, as an office would set up a station."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import requests
from click.testing import CliRunner, Result

from contract.wire import Beat, Font, PanelFacts
from portvakt.asking import ask
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
        ("create", "user", "Desk 2", "--station", "north", "--invite"),
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


def told(data: Path, *words: str) -> str:
    """What a command that went well says."""
    answer = central(data, *words)
    assert 0 == answer.exit_code, answer.output
    return answer.stdout


def refused(data: Path, *words: str) -> str:
    answer = central(data, *words)
    assert 2 == answer.exit_code, answer.output
    return answer.stderr


@pytest.fixture(scope="module")
def west(data: Path) -> str:
    """A station of its own, with two bays."""
    told(data, "create", "station", "west", "--name", "West", "--holidays", "se")
    told(data, "create", "bay", "b1", "--station", "west", "--door", "1", "--call-ahead")
    told(data, "create", "bay", "b2", "--station", "west", "--door", "2", "--capacity", "2")
    return "west"


def test_a_station_gets_its_hours_and_shows_what_was_understood(data: Path, west: str) -> None:
    shown = told(
        data, "set", "station", west,
        "--hours", "mon-fri 07:00-17:00, sat 09:00-13:00",
        "--special", "2099-12-24 08:00-12:00",
        "--special", "2099-12-23 closed",
        "--early", "30", "--sweep-after", "45", "--recheck-days", "14",
        "--sign-closed", "Stängd", "--next-on-yard", "3",
    )  # fmt: skip
    for line in (
        "open mon-fri 07:00-17:00, sat 09:00-13:00; ",
        "closed on holidays of Sweden (SE): ",
        "Wed 2099-12-23: closed",
        "Thu 2099-12-24: 08:00-12:00",
        "arrivals are taken from 30 minutes before opening",
        "who is still in the line 45 minutes after closing is taken out",
        "a recheck comes within 14 days",
        "door signs say STÄNGD while closed, nothing on a break",
        "yard signs name those who are called and the next 3 in line",
    ):
        assert line in shown
    assert shown in told(data, "list"), "and the list says the same"


def test_what_is_not_named_stays_as_it_was(data: Path, west: str) -> None:
    told(data, "set", "station", west, "--hours", "mon 07:00-17:00", "--early", "20")
    shown = told(data, "set", "station", west, "--keep-overnight")
    assert "the line is kept overnight" in shown
    assert "open mon 07:00-17:00" in shown
    assert "from 20 minutes before opening" in shown
    assert "is taken out" in told(data, "set", "station", west, "--sweep")
    assert "signs are dark" in told(data, "set", "station", west, "--sign-closed", "")
    assert "said only with a plate" in refused(
        data, "set", "station", west, "--sign-break", "KÖR IN"
    )


def test_a_bay_is_changed_and_shown(data: Path, west: str) -> None:
    shown = told(data, "set", "bay", "b1", "--station", west, "--kind", "heavy", "--capacity", "3")
    assert "bay b1: door 1, takes heavy, room for 3, calls ahead" in shown
    shown = told(data, "set", "bay", "b1", "--station", west, "--no-call-ahead")
    assert "calls ahead" not in shown
    assert "bay b2: door 2, takes full, recheck, room for 2" in told(data, "list")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--hours", "mon-fri 7-17, tus 8-12"), '"tus" is no day of the week; did you mean tue?'),
        (("--holidays", "Swedn"), "did you mean SE (Sweden)"),
        (("--time-zone", "Stockholm"), "The nearest is Europe/Stockholm."),
        (("--special", "24/12 closed"), "write it like 2026-12-24 closed"),
        (("--early", "-5"), "early -5 cannot be; choose 0 to 1440."),
        ((), "Say what to change, for instance --hours"),
    ],
)
def test_a_tired_technician_is_told_which_word_is_wrong(
    data: Path, west: str, words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(data, "set", "station", west, *words)


def test_a_station_that_is_not_there_cannot_be_set(data: Path) -> None:
    assert "There is no station east; create it first." in refused(
        data, "set", "station", "east", "--early", "30"
    )
    assert "bench-0 has no bay b9" in refused(
        data, "set", "bay", "b9", "--station", "bench-0", "--capacity", "2"
    )
    assert "Say what to change" in refused(data, "set", "bay", "bay-0", "--station", "bench-0")


def test_a_yard_sign_lists_bays(data: Path, west: str) -> None:
    code = told(data, "device", "code", "Yard", "--station", west, "--role", "sign", "--bay", "b1")
    url = f"{ask(data, 'about')['address']}/v1/stations/{west}/devices/enrol"
    sign = requests.post(url, json={"code": code.split()[0]}, timeout=10).json()["device"]
    lists = ("device", "lists", sign, "--station", west)
    assert "take it down first" in refused(data, *lists, "--bay", "b1")
    told(data, "device", "hang", sign, "--station", west)
    assert f"{sign} lists b1, b2 now." in told(data, *lists, "--bay", "b1", "--bay", "b2")
    assert f"sign {sign}: Yard, a yard sign for b1, b2" in told(data, "list")
    assert "lists no bay now" in told(data, *lists)
    assert "a yard sign for" not in told(data, "list")


def enrolled(data: Path, station: str, name: str) -> str:
    """A sign of that name; give its id."""
    code = told(data, "device", "code", name, "--station", station, "--role", "sign")
    url = f"{ask(data, 'about')['address']}/v1/stations/{station}/devices/enrol"
    answer = requests.post(url, json={"code": code.split()[0]}, timeout=10)
    return str(answer.json()["device"])


def test_a_device_is_meant_by_its_name_too(data: Path, west: str) -> None:
    sign = enrolled(data, west, "Sign at the gate")
    named = ("Sign at the gate", "--station", west)
    assert f"{sign} lists b2 now." in told(data, "device", "lists", *named, "--bay", "b2")
    assert f"{sign} lists no bay now." in told(data, "device", "lists", *named)
    assert f"{sign} hangs above b2 now." in told(data, "device", "hang", *named, "--bay", "b2")
    said = told(data, "device", "revoke", "sign AT the gate", *named[1:])
    assert f"{sign} (Sign at the gate) is revoked" in said
    command = "portvakt central device code 'Sign at the gate' --station west --role sign"
    assert f"To replace it: {command} --replaces {sign}" in said
    listed = told(data, "list")
    assert f"sign {sign}: Sign at the gate, shut out " in listed
    assert f"; replace it with: {command} --replaces {sign}" in listed
    assert "west has no device Sign at the gate; it has" in refused(data, "device", "hang", *named)


def test_a_name_that_two_devices_have_asks_for_an_id(data: Path, west: str) -> None:
    ids = {enrolled(data, west, "Twin") for _ in range(2)}
    alone = told(data, "device", "code", "Twin", "--station", west, "--role", "sign")
    assert "for Twin, a yard sign (one above a door is made with --bay)" in alone
    said = refused(data, "device", "revoke", "Twin", "--station", west)
    assert "west has 2 devices named Twin; say " in said
    assert all(one in said for one in ids)
    for one in ids:
        assert f"{one} (Twin) is revoked" in told(data, "device", "revoke", one, "--station", west)


def test_a_new_sign_takes_the_place_of_a_broken_one(data: Path, west: str) -> None:
    old = enrolled(data, west, "Sign at the exit")
    named = ("Anything", "--station", west, "--role", "sign", "--replaces")
    said = told(data, "device", "code", *named, "sign at the EXIT")
    assert f"in the place of {old}" in said
    assert "yard sign" not in said
    waiting = told(data, "device", "codes", "--station", west)
    assert f"{said[:4]}-....  Sign at the exit, in the place of {old}; until " in waiting
    assert said[5:9] not in waiting
    url = f"{ask(data, 'about')['address']}/v1/stations/{west}/devices/enrol"
    new = requests.post(url, json={"code": said.split()[0]}, timeout=10).json()
    assert "Sign at the exit" == new["name"]
    told(data, "device", "revoke", new["device"], "--station", west)
    assert f"in the place of {old}" in told(data, "device", "code", *named, old)


def test_a_code_is_withdrawn_by_its_first_half(data: Path, west: str) -> None:
    said = told(data, "device", "code", "Post 7", "--station", west, "--role", "post")
    assert "yard sign" not in said
    code = said.split()[0]
    assert "UTC" not in told(data, "device", "codes", "--station", west), "the station's own time"
    half = (code[:4].lower(), "--station", west)
    assert f"The code {code[:4]}-.... is withdrawn." in told(data, "device", "withdraw", *half)
    assert "has no code" in refused(data, "device", "withdraw", *half)
    assert code[:4] not in told(data, "device", "codes", "--station", west, "--json")


def test_a_device_gets_another_token_and_is_one_machine_by_a_word(data: Path, west: str) -> None:
    sign = enrolled(data, west, "Sign in the corner")
    named = ("Sign in the corner", "--station", west)
    assert f"{sign} (Sign in the corner) gets a new token" in told(data, "device", "rotate", *named)
    assert f"{sign} counts as one machine" in told(data, "device", "one-again", *named)
    assert "no device Sign nowhere" in refused(
        data, "device", "rotate", "Sign nowhere", "--station", west
    )


def test_a_notice_that_a_sign_cannot_show_is_said_when_it_is_set(data: Path, west: str) -> None:
    code = told(data, "device", "code", "Small", "--station", west, "--role", "sign", "--bay", "b1")
    url = f"{ask(data, 'about')['address']}/v1/stations/{west}"
    sign = requests.post(f"{url}/devices/enrol", json={"code": code.split()[0]}, timeout=10).json()
    font = Font(letters="ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ0123456789", advance_px=6, gap_px=3)
    panel = PanelFacts(width_px=48, fonts=[font], holds_last_frame=True, worst_dark_ms=50, lines=1)
    beat = msgspec.json.encode(Beat(nonce="n", boot="b", panel=panel))
    bearer = {"Authorization": f"Bearer {sign['token']}", "Content-Type": "application/json"}
    requests.post(f"{url}/signs/{sign['device']}/beat", data=beat, headers=bearer, timeout=10)
    set_closed = ("set", "station", west, "--sign-closed")
    words = "cannot show STÄNGD FÖR DAGEN: its panel has no room or no letters"
    assert f"Small ({sign['device']}) {words}" in told(data, *set_closed, "STÄNGD FÖR DAGEN")
    assert "cannot show" not in told(data, *set_closed, "STÄNGD")


def test_the_list_for_scripts_has_all_that_can_be_set(data: Path, west: str) -> None:
    told(data, "set", "station", west, "--hours", "mon-fri 07:00-17:00", "--holidays", "SE")
    stations = json.loads(told(data, "list", "--json"))["stations"]
    station = next(one for one in stations if one["id"] == west)
    assert ("mon-fri 07:00-17:00", "SE", "Sweden") == (
        station["hours"],
        station["holidays"],
        station["holidays_of"],
    )
    assert 4 == len(station["next_holidays"])
    closes = datetime.fromisoformat(station["next_closing"]).astimezone(
        ZoneInfo("Europe/Stockholm")
    )
    assert "17:00" == f"{closes:%H:%M}"
