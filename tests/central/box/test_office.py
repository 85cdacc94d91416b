"""One command connects a hall to its office: the key, the options, and the way there."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central.box.place import Place
from central.box.proxies import say_so_to_central
from central.box.reaching import may_reach
from portvakt.cli import main

TOKEN = "a-key-that-is-shown-once"


def office(place: Place, *words: str, key: str = TOKEN) -> Result:
    said = ["central", "box", "office", *words, "--root", str(place.root)]
    return CliRunner().invoke(main, said, input=f"{key}\n")


def test_a_hall_is_connected_and_its_proxy_goes_on(place: Place) -> None:
    say_so_to_central(place)
    said = office(place, "https://192.0.2.40/")
    assert said.exit_code == 0, said.output
    assert TOKEN not in said.output
    assert place.options.read_text() == (
        'PORTVAKT_CENTRAL_OPTIONS="--port 8081 --secure-cookie --behind-proxy'
        " --office-url https://192.0.2.40 --office-token-file /etc/portvakt/office.token"
        '"\n'
    )
    token = place.root / "etc/portvakt/office.token"
    assert token.read_text() == f"{TOKEN}\n"
    assert token.stat().st_mode & 0o777 == 0o640
    assert "IPAddressAllow=192.0.2.40/32" in (place.drop_ins / "reach.conf").read_text()


def test_another_office_takes_the_place_of_the_first(place: Place, tmp_path: Path) -> None:
    may_reach(place, ["192.0.2.7"])
    office(place, "https://192.0.2.40")
    key = tmp_path / "key"
    key.write_text("another-key-shown-once\n")
    office(place, "https://192.0.2.41", "--token-file", str(key), "--ca", str(key))
    options = place.options.read_text()
    assert options.count("--office-url") == 1
    assert "--office-url https://192.0.2.41 --office-ca /etc/portvakt/office-ca.pem" in options
    assert (place.root / "etc/portvakt/office-ca.pem").read_text() == key.read_text()
    assert (place.root / "etc/portvakt/office.token").read_text() == "another-key-shown-once\n"
    ways = (place.drop_ins / "reach.conf").read_text()
    assert "IPAddressAllow=192.0.2.7/32" in ways, "what was opened for something else stays open"


@pytest.mark.parametrize(
    ("url", "key", "told"),
    [
        ("office.example.com", TOKEN, "is no address of an office"),
        ("http://192.0.2.40", TOKEN, "is no address of an office"),
        ('https://192.0.2.40/" --port', TOKEN, "is no address of an office"),
        ("https://192.0.2.40", "two words are no key", "is no key of an office"),
    ],
)
def test_what_makes_no_sense_changes_nothing(place: Place, url: str, key: str, told: str) -> None:
    said = office(place, url, key=key)
    assert said.exit_code != 0
    assert told in said.output
    assert not list(place.root.iterdir())
