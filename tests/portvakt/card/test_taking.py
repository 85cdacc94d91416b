"""The first boot takes what the card brings: all of it or nothing, whatever is cut."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result

from deploy.card.content import Card, files
from deploy.card.network import keyfile
from device.settings import load
from kiosk.settings import PostSettings
from portvakt.card.brought import CardRefused
from portvakt.card.taking import Place, take
from portvakt.cli import main
from signage.settings import SignSettings
from tests.deploy.places import CHECKOUT

CODE = "K7QF-93TM"
URL = "https://hall.example"
WIFI = '[wifi]\nname = "hall"\npassword = "quite secret"\n'


@pytest.fixture(scope="module")
def ca() -> bytes:
    return trustme.CA().cert_pem.bytes()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A machine on which both roles are installed, with NetworkManager."""
    place = Place(tmp_path / "root")
    place.etc.mkdir(parents=True)
    place.connection.parent.mkdir(parents=True)
    (place.root / "boot/firmware").mkdir(parents=True)
    for name in ("post.toml", "sign.toml"):
        shutil.copy(CHECKOUT / "deploy/settings" / name, place.etc / name)
    return place


def put(place: Place, card: Card) -> Path:
    folder = place.root / "boot/firmware/portvakt"
    folder.mkdir()
    for name, content in files(card).items():
        (folder / name).write_bytes(content)
    return folder


def a_sign(ca: bytes, settings: bytes = b"") -> Card:
    return Card("sign", "0417", URL, "2", CODE, ca, keyfile(WIFI), settings)


def typed(place: Place) -> Result:
    return CliRunner().invoke(main, ["card", "take", "--root", str(place.root)])


def looks(place: Place) -> dict[str, bytes]:
    return {
        str(path.relative_to(place.root)): path.read_bytes()
        for path in sorted(place.root.rglob("*"))
        if path.is_file()
    }


def is_taken(place: Place) -> bool:
    settings = (place.etc / "sign.toml").read_text()
    code = place.etc / "enrol-code"
    return URL in settings and code.exists() and code.read_text() == f"{CODE}\n"


def test_a_sign_becomes_what_its_card_says(place: Place, ca: bytes) -> None:
    folder = put(place, a_sign(ca))
    answer = typed(place)
    assert (0, "this is 0417-bay2-sign now: the card is taken and cleared.\n") == (
        answer.exit_code,
        answer.stdout,
    )
    settings = load(place.etc / "sign.toml", SignSettings)
    assert (URL, "0417") == (settings.central.url, settings.central.station)
    assert Path("/etc/portvakt/central-ca.pem") == settings.central.ca_file
    assert ca == (place.etc / "central-ca.pem").read_bytes()
    assert f"{CODE}\n" == (place.etc / "enrol-code").read_text()
    assert 0o640 == (place.etc / "enrol-code").stat().st_mode & 0o777
    assert b"psk=quite secret" in place.connection.read_bytes()
    assert 0o600 == place.connection.stat().st_mode & 0o777, "NetworkManager reads no other"
    assert not folder.exists()


def test_the_comments_of_the_settings_and_the_wiring_of_the_panel_stay(
    place: Place, ca: bytes
) -> None:
    path = place.etc / "sign.toml"
    path.write_text(path.read_text().replace("modules = 6", "modules = 5"))
    before = path.read_text().splitlines()
    put(place, a_sign(ca))
    typed(place)
    after = path.read_text().splitlines()
    assert 5 == load(path, SignSettings).panel.modules
    changed = [line for line in after if line not in before]
    assert [line.split()[0] for line in changed] == ["url", "station", "ca_file"]


def test_settings_of_its_own_may_come_with_the_card(place: Place, ca: bytes) -> None:
    own = (place.etc / "sign.toml").read_bytes().replace(b"modules = 6", b"modules = 8")
    put(place, a_sign(ca, settings=own))
    assert typed(place).exit_code == 0
    settings = load(place.etc / "sign.toml", SignSettings)
    assert (8, URL) == (settings.panel.modules, settings.central.url)


def test_a_post_without_a_code_asks_for_it_on_its_keys(place: Place) -> None:
    put(place, Card("post", "0417", URL))
    assert typed(place).exit_code == 0
    assert URL == load(place.etc / "post.toml", PostSettings).central.url
    assert not (place.etc / "enrol-code").exists()


def test_a_card_that_is_made_anew_and_says_the_same_is_taken_again(place: Place, ca: bytes) -> None:
    """Somebody mistyped a setting here since, and makes the card as it was to mend it."""
    example = (place.etc / "sign.toml").read_text()
    for _ in range(2):
        (place.etc / "sign.toml").write_text(example)
        put(place, a_sign(ca))
        assert "the card is taken and cleared" in typed(place).stdout
        assert is_taken(place)


def test_a_machine_without_a_card_has_nothing_to_do(place: Place) -> None:
    before = looks(place)
    assert (0, "") == (typed(place).exit_code, typed(place).stdout)
    assert before == looks(place)


# -- what cannot be taken ----------------------------------------------------------------------


def spoil(folder: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("card.txt", None, "was not finished"),
        ("card.txt", b"\0" * 200, "cannot be read"),
        ("card.txt", b"format = 2\nrole='sign'\nstation='1'\nurl='x'\nfiles={}\n", "newer release"),
        ("card.txt", b"format = 1\nrole='hall'\nstation='1'\nurl='x'\nfiles={}\n", "neither post"),
        (
            "card.txt",
            b"format = 1\nrole='sign'\nstation='1'\nurl='http://hall'\nfiles={}\n",
            "https",
        ),
        ("code.txt", None, "code.txt on the card is not what was written"),
        ("code.txt", b"\0" * 10, "code.txt on the card is not what was written"),
        ("ca.pem", b"-----BEGIN", "ca.pem on the card is not what was written"),
        ("network.txt", b"[wifi]\n", "network.txt on the card is not what was written"),
        ("ca.pem", b"x" * 70_000, "larger than any of ours"),
    ],
)
def test_a_bad_card_changes_nothing_and_is_said_in_one_sentence(
    place: Place, ca: bytes, name: str, content: bytes | None, says: str
) -> None:
    folder = put(place, a_sign(ca))
    spoil(folder, name, content)
    before = looks(place)
    answer = typed(place)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("portvakt: ")
    assert says in answer.stderr
    assert CODE not in answer.stderr
    told = place.refused
    assert answer.stderr.removeprefix("portvakt: ") == told.read_text(), "for the sign to show"
    told.unlink()
    assert before == looks(place)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"ca": b"no certificate at all\n"}, "ca.pem on the card holds no CA"),
        ({"network": b"[ipv4]\nmethod=auto\n"}, "no connection that we write"),
        ({"network": b"[connection]\ntype=vpn\n"}, "no connection that we write"),
        ({"settings": b"[panel]\nmodules = 99\n"}, "panel.modules"),
        ({"code": "WRONG"}, "no one-time code"),
        ({"role": "post", "settings": b"demo ="}, "settings cannot be used"),
    ],
)
def test_a_card_that_was_well_written_and_cannot_be_used_changes_nothing(
    place: Place, ca: bytes, words: dict[str, str], says: str
) -> None:
    from dataclasses import replace  # noqa: PLC0415 - one test's

    folder = put(place, replace(a_sign(ca), **words))  # type: ignore[arg-type]
    before = looks(place)
    with pytest.raises(CardRefused, match=says):
        take(folder, place)
    assert before == looks(place)


def test_a_card_for_a_role_that_is_not_installed_says_what_to_do(place: Place, ca: bytes) -> None:
    (place.etc / "sign.toml").unlink()
    put(place, a_sign(ca))
    assert "run: sudo ./install --role sign" in typed(place).stderr


def test_a_network_that_nothing_here_takes_is_refused(place: Place, ca: bytes) -> None:
    place.connection.parent.rmdir()
    put(place, a_sign(ca))
    assert "no NetworkManager" in typed(place).stderr
    assert not (place.etc / "enrol-code").exists()


def test_a_card_that_was_mended_takes_the_complaint_away(place: Place, ca: bytes) -> None:
    folder = put(place, a_sign(ca))
    spoil(folder, "code.txt", b"?")
    typed(place)
    assert place.refused.exists()
    spoil(folder, "code.txt", f"{CODE}\n".encode())
    assert typed(place).exit_code == 0
    assert not place.refused.exists()


# -- cut power ---------------------------------------------------------------------------------


class Cut(BaseException):
    """The plug."""


@contextmanager
def power_cut_at(number: int) -> Iterator[None]:
    """Pull the plug before the disk has done the work *number*: a write, a rename or a removal."""
    count = 0
    real_sync, real_unlink, real_replace = os.fsync, os.unlink, os.replace

    def counted() -> None:
        nonlocal count
        count += 1
        if count > number:
            raise Cut

    def sync(handle: int) -> None:
        counted()
        real_sync(handle)

    def unlink(*words: object, **more: object) -> None:
        if ".pytest" not in str(words[0]) and "/tmp/tmp" not in str(words[0]):
            counted()
        real_unlink(*words, **more)  # type: ignore[arg-type]

    def rename(*words: object, **more: object) -> None:
        counted()
        real_replace(*words, **more)  # type: ignore[arg-type]

    os.fsync, os.unlink, os.replace = sync, unlink, rename  # type: ignore[assignment]
    try:
        yield
    finally:
        os.fsync, os.unlink, os.replace = real_sync, real_unlink, real_replace


def cut_taking(place: Place, number: int) -> bool:
    """Take the card with the plug pulled at *number*; whether it was pulled at all."""
    with power_cut_at(number):
        try:
            for folder in place.cards():
                take(folder, place)
        except Cut:
            return True
    return False


def whole(place: Place) -> None:
    """The card is taken, its folder is gone, and its code is nowhere but where it belongs."""
    assert is_taken(place)
    assert [] == list(place.cards())
    assert b"quite secret" in place.connection.read_bytes()


def test_a_power_cut_at_any_write_is_finished_by_the_next_boot(tmp_path: Path, ca: bytes) -> None:
    number, cuts = 0, 0
    while True:
        place = made(tmp_path / f"once-{number}", ca)
        was_cut = cut_taking(place, number)
        cuts += was_cut
        assert is_taken(place) or list(place.cards()), "what is not taken is still on the card"
        assert typed(place).exit_code == 0
        whole(place)
        if not was_cut:
            break
        number += 1
    assert cuts > 15, "each file is written, renamed, noted, overwritten and taken away"


def test_a_second_cut_while_the_first_is_mended_is_finished_too(tmp_path: Path, ca: bytes) -> None:
    for first in range(0, 30, 10):
        for second in range(0, 30, 6):
            place = made(tmp_path / f"twice-{first}-{second}", ca)
            cut_taking(place, first)
            cut_taking(place, second)
            assert typed(place).exit_code == 0
            whole(place)


def made(root: Path, ca: bytes) -> Place:
    place = Place(root)
    place.etc.mkdir(parents=True)
    place.connection.parent.mkdir(parents=True)
    (root / "boot/firmware").mkdir(parents=True)
    shutil.copy(CHECKOUT / "deploy/settings/sign.toml", place.etc / "sign.toml")
    put(place, a_sign(ca))
    return place


def test_secrets_are_overwritten_where_they_lay(place: Place, ca: bytes) -> None:
    folder = put(place, a_sign(ca))
    links = {name: place.root / f"kept-{name}" for name in ("code.txt", "network.txt")}
    for name, link in links.items():
        os.link(folder / name, link)  # the same bytes on the disk
    assert typed(place).exit_code == 0
    assert b"-" * 10 == links["code.txt"].read_bytes()
    assert set(b"-") == set(links["network.txt"].read_bytes())


def test_a_card_that_cannot_be_cleared_is_said_and_taken_once(place: Place, ca: bytes) -> None:
    folder = put(place, a_sign(ca))
    (folder / "code.txt").rename(folder / "kept")
    (folder / "code.txt").write_text(f"{CODE}\n")
    (folder / "kept").unlink()
    (folder / "a folder").mkdir()  # of somebody else; we take nothing away that is not ours
    answer = typed(place)
    assert answer.exit_code == 2
    assert "the next start tries again" in answer.stderr
    assert is_taken(place)
    assert CODE not in "".join(path.read_text("utf-8", "replace") for path in folder.glob("*.txt"))
    (folder / "a folder").rmdir()
    assert "was taken before" in typed(place).stdout
    assert not folder.exists()
