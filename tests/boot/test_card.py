"""A card that `deploy/make-card` wrote is taken by a real boot, before post and sign begin."""

import os

import pytest

from deploy.card.command import main as make_card
from deploy.card.content import FOLDER
from tests.boot.conftest import MakeBox
from tests.boot.hall import KIOSK, SETTLED_S, STATION, TOKENS, Hall
from tests.boot.image import Images
from tests.waiting import until

pytestmark = pytest.mark.boxes

UNIT = "portvakt-card.service"
BOOT = "/boot/firmware"
CODE_FILE = "/etc/portvakt/enrol-code-post"


@pytest.fixture(scope="module")
def off(make_box: MakeBox, images: Images, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A hall with a station and no device of its own; it is off, and a card lies on its boot partition."""
    hall = Hall(make_box(images.installed()))
    hall.box.start()
    hall.wait_ready()
    hall.central(f"create station {STATION} --name Hall")
    code = hall.central(f"device code Post --station {STATION} --role post").split()[0]
    assert hall.box.stop()
    file = tmp_path_factory.mktemp("code") / "code"
    file.write_text(code)
    with_card(hall, "--code-file", str(file))
    return hall


def with_card(hall: Hall, *words: str) -> None:
    """Put a card's content on the boot partition of a box that is off."""
    hall.box.disk.mount()
    boot = hall.box.path(BOOT)
    boot.mkdir(parents=True, exist_ok=True)
    (boot / "config.txt").touch()
    about = ["--station", STATION, "--role", "post", "--url", "http://127.0.0.1:8081"]
    assert make_card([*about, *words, "--boot", os.fspath(boot)]) == 0
    hall.box.disk.unmount()


def test_a_post_is_enrolled_by_its_card_alone(off: Hall) -> None:
    off.box.start()
    said = off.journal(UNIT)
    assert f"this is {STATION}-post now: the card is taken and cleared." in said
    assert not off.box.path(f"{BOOT}/{FOLDER}").exists()
    code = off.box.run(f"stat -c '%a %U %G' {CODE_FILE}").split()
    assert ["640", "root", "portvakt"] == code
    until(lambda: off.box.path(TOKENS["post"]).exists(), SETTLED_S, "a token of the post")


def test_it_was_taken_before_the_post_began(off: Hall) -> None:
    taken = int(off.fact(UNIT, "ExecMainExitTimestampMonotonic"))
    begun = int(off.fact(KIOSK, "ExecMainStartTimestampMonotonic"))
    assert 0 < taken <= begun


def test_the_next_boot_has_nothing_to_take(off: Hall) -> None:
    assert off.box.stop()
    off.box.start()
    assert off.fact(UNIT, "ConditionResult") == "no"
    off.wait_ready(KIOSK)


def test_a_card_that_was_cut_short_is_said_and_the_post_works(off: Hall) -> None:
    assert off.box.stop()
    with_card(off, "--no-code")
    off.box.disk.mount()
    card = off.box.path(f"{BOOT}/{FOLDER}/card.txt")
    card.write_bytes(card.read_bytes()[:40])
    before = off.box.path("/etc/portvakt/post.toml").read_bytes()
    off.box.disk.unmount()
    off.box.start()
    assert "card.txt on the card cannot be read: make the card again" in off.journal(UNIT)
    assert "make the card again" in off.box.run("cat /run/portvakt-card/refused")
    assert before == off.box.path("/etc/portvakt/post.toml").read_bytes()
    off.wait_ready(KIOSK)
    checked = off.box.attempt("portvakt check --role post").stdout
    assert "FAIL 12  Card: what lies on the card was not taken" in checked
