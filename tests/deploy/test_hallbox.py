"""What a person says of a hall box on the line of the installer, and what is handed on."""

import argparse
from pathlib import Path

import pytest

from central.box import kit
from central.box.place import Place as BoxPlace
from deploy.errors import InstallError
from deploy.hallbox import HallBox, add_arguments, chosen, configure_hall_box, fitted
from deploy.installer import main
from deploy.platforms import Python
from deploy.roles import ROLES, wanted_by
from deploy.switch.place import CURRENT, Place
from deploy.target import Target

NAMED = ("--proxy", "nginx", "--name", "hall.example.com", "--address", "192.0.2.20")
CENTRAL = ("--role", "central")


def said(*words: str) -> HallBox | None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", action="append")
    add_arguments(parser)
    return chosen(parser.parse_args(words))


def at(root: Path, *, is_root: bool = False) -> Target:
    return Target(Place(root, is_root=is_root), Python((3, 11), "x86_64", (2, 36)))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("--role", "post", *NAMED),
            "--proxy, --name, --address and --from are for --role central",
        ),
        ((*CENTRAL, "--proxy", "nginx"), "give --proxy, --name and --address together"),
        ((*CENTRAL, "--from", "/mnt", *NAMED), "the stick of --from says the name"),
    ],
)
def test_words_that_do_not_go_together_are_refused_in_one_sentence(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--root", "/nonexistent"]) == 2
    assert told in capsys.readouterr().err


def test_without_a_word_of_it_a_central_is_installed_as_before() -> None:
    assert said(*CENTRAL) is None
    assert configure_hall_box(at(Path("/nonexistent")), None) == []


def test_the_proxy_is_among_the_packages_that_the_machine_needs() -> None:
    box = said(*CENTRAL, *NAMED)
    assert ("/usr/sbin/nginx", "nginx") in fitted(ROLES["central"], box).programs
    assert ("/usr/bin/openssl", "openssl") in fitted(ROLES["central"], None).programs
    assert fitted(ROLES["post"], box) == ROLES["post"]


def test_the_proxy_of_a_dead_box_is_read_from_its_stick(tmp_path: Path) -> None:
    place, stick = BoxPlace(tmp_path / "root"), tmp_path / "stick"
    place.remember(proxy="caddy")
    kit.save(place, stick / "portvakt/box")
    box = said(*CENTRAL, "--from", str(stick))
    assert ("/usr/bin/caddy", "caddy") in fitted(ROLES["central"], box).programs
    empty = said(*CENTRAL, "--from", str(tmp_path))
    assert fitted(ROLES["central"], empty) == ROLES["central"]


def test_a_folder_that_becomes_a_machine_is_told_what_to_run_there(tmp_path: Path) -> None:
    (note,) = configure_hall_box(at(tmp_path), said(*CENTRAL, *NAMED))
    assert note == f"on the machine, run: portvakt central box set-up {' '.join(NAMED)}"


def test_a_dead_box_is_replaced_on_the_machine_itself(tmp_path: Path) -> None:
    box = said(*CENTRAL, "--from", "/mnt/portvakt")
    assert box is not None
    assert box.words == ("restore", "/mnt/portvakt")
    with pytest.raises(InstallError, match="is for the machine itself"):
        configure_hall_box(at(tmp_path, is_root=True), box)


def test_the_timers_begin_with_the_machine_and_what_they_start_does_not() -> None:
    for unit in ("portvakt-backup.timer", "portvakt-renew.timer"):
        assert unit in ROLES["central"].units
        assert wanted_by(unit) == ["timers.target"]
    linked = {link for link, _ in ROLES["central"].links()}
    for unit in ROLES["central"].templates:
        assert f"/etc/systemd/system/{unit}" in linked
        assert not wanted_by(unit) or "@" in unit
    assert ("/usr/local/bin/portvakt", f"{CURRENT}/venv/bin/portvakt") in ROLES["central"].links()
