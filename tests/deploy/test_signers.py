"""Whose releases a machine takes: what a person says, never what a release says."""

from pathlib import Path

import pytest

from deploy.configuration import trust
from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.signature import new_key
from deploy.switch.place import SIGNERS, Place
from deploy.target import Target


@pytest.fixture
def target(tmp_path: Path) -> Target:
    place = Place(tmp_path / "machine", is_root=False)
    return Target(place, Python((3, 11), "x86_64", (2, 36)))


def test_a_machine_without_signers_says_that_it_takes_no_updates(target: Target) -> None:
    assert trust(target, None) == [
        "updates: none are taken until this is run again with --signers FILE"
    ]
    assert not target.place.path(SIGNERS).exists()


def test_the_file_of_a_person_is_taken_and_stays(target: Target, tmp_path: Path) -> None:
    signers = new_key(tmp_path / "key")

    assert trust(target, signers) == []
    assert target.place.path(SIGNERS).read_text() == signers.read_text()
    assert trust(target, None) == []
    assert target.place.path(SIGNERS).read_text() == signers.read_text()


def test_a_second_file_takes_the_place_of_the_first(target: Target, tmp_path: Path) -> None:
    first, second = new_key(tmp_path / "first"), new_key(tmp_path / "second")
    trust(target, first)

    trust(target, second)

    assert target.place.path(SIGNERS).read_text() == second.read_text()


@pytest.mark.parametrize(
    "text",
    ["", "somebody@example.com ssh-ed25519 AAAA\n", "release@portvakt\n", "# release@portvakt\n"],
)
def test_a_file_that_names_no_signer_of_releases_is_refused(
    target: Target, tmp_path: Path, text: str
) -> None:
    wrong = tmp_path / "signers"
    wrong.write_text(text)

    with pytest.raises(InstallError, match=r"names no signer of releases; a line of it must read"):
        trust(target, wrong)
    assert not target.place.path(SIGNERS).exists()


def test_a_file_that_is_not_there(target: Target, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="cannot be read; give the file with the signers"):
        trust(target, tmp_path / "none")
