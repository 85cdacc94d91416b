"""The store of releases: taken in when they are signed, given by their names alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from central.errors import NotPossible, NotThere
from central.fleet import signature
from central.fleet.bundle import NotARelease
from central.fleet.fleet import Fleets
from central.fleet.releases import Releases, StoreRefused
from central.fleet.signature import SignatureRefused
from central.known import Known
from central.words import COMMAND_LINE
from tests.central.fleet.bundles import NEXT, PLATFORM, RELEASE, Signer, packed
from tests.central.yards import PITEA, Station

FILE = f"portvakt-{RELEASE}-{PLATFORM}.tar"


def nobody(_done: int, _of: int) -> None:
    """Nobody watches how far it is."""


@pytest.fixture
def releases(sqlite_station: Station, data: Path) -> Releases:
    return Releases(sqlite_station.store, data)


@pytest.fixture
def given(data: Path, signer: Signer) -> Path:
    """A signed release, copied into the folder as the command line does."""
    return signer.release(data / "releases")


def lies(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "releases").iterdir())


# -- taken in -------------------------------------------------------------------------------------


def test_a_signed_release_is_taken_in_and_given(
    releases: Releases, given: Path, data: Path
) -> None:
    heard: list[tuple[int, int]] = []
    facts = releases.add(given.name, lambda done, of: heard.append((done, of)))
    assert (facts.release, facts.platform) == (RELEASE, PLATFORM)
    assert heard[-1] == (given.stat().st_size,) * 2
    assert releases.path_of(FILE) == given
    assert releases.path_of(f"{FILE}.sig") == data / "releases" / f"{FILE}.sig"


def test_it_is_kept_under_the_name_that_is_signed(
    releases: Releases, given: Path, data: Path
) -> None:
    for path in (given, given.with_name(f"{given.name}.sig")):
        path.rename(path.with_name(path.name.replace(given.name, "download (1).tar")))
    releases.add("download (1).tar", nobody)
    assert lies(data) == [FILE, f"{FILE}.sig"]


def test_a_release_may_be_for_several_platforms(
    releases: Releases, data: Path, signer: Signer
) -> None:
    for platform in (PLATFORM, "cp313-x86_64"):
        releases.add(signer.release(data / "releases", platform=platform).name, nobody)
    assert releases.path_of(f"portvakt-{RELEASE}-cp313-x86_64.tar")
    assert releases.path_of(FILE)


def test_the_same_file_once_more_changes_nothing(
    releases: Releases, given: Path, data: Path
) -> None:
    releases.add(given.name, nobody)
    releases.add(FILE, nobody)
    assert lies(data) == [FILE, f"{FILE}.sig"]


def test_another_file_of_the_same_name_is_refused(
    releases: Releases, data: Path, signer: Signer
) -> None:
    releases.add(signer.release(data / "releases").name, nobody)
    other = signer.release(data / "elsewhere", content=b"another wheel")
    for path in (other, other.with_name(f"{FILE}.sig")):
        path.rename(data / "releases" / path.name.replace(FILE, "other.tar"))
    with pytest.raises(StoreRefused, match=rf"another {FILE} here already; remove release"):
        releases.add("other.tar", nobody)


# -- refused --------------------------------------------------------------------------------------


def changed(file: Path, _signer: Signer) -> None:
    with file.open("r+b") as content:
        content.seek(1024)
        content.write(b"something else")


def unsigned(file: Path, _signer: Signer) -> None:
    file.with_name(f"{file.name}.sig").unlink()


def cut_short(file: Path, _signer: Signer) -> None:
    sig = file.with_name(f"{file.name}.sig")
    sig.write_bytes(sig.read_bytes()[:80])


def for_something_else(file: Path, signer: Signer) -> None:
    unsigned(file, signer)
    signer.sign(file, "git")


def by_a_stranger(file: Path, signer: Signer) -> None:
    unsigned(file, signer)
    Signer(file.parent.parent.parent / "stranger").sign(file)


def trusting_nobody(file: Path, _signer: Signer) -> None:
    (file.parent.parent / "allowed_signers").unlink()


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (changed, "is not the file that was signed: it was changed on its way"),
        (unsigned, "has no signature; put .*tar.sig beside it"),
        (cut_short, "is no signature; copy it again"),
        (for_something_else, "signs something else than a release"),
        (by_a_stranger, "is signed by somebody whom this central does not trust"),
        (trusting_nobody, "Nobody is trusted to sign releases here"),
    ],
)
def test_what_is_not_rightly_signed_is_refused_in_one_sentence(
    releases: Releases,
    given: Path,
    data: Path,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
    spoilt: Callable[[Path, Signer], None],
    sentence: str,
) -> None:
    monkeypatch.setattr(signature, "SYSTEM_SIGNERS", data / "of-no-machine")
    spoilt(given, signer)
    with pytest.raises(SignatureRefused, match=sentence) as refused:
        releases.add(given.name, nobody)
    assert "\n" not in str(refused.value)
    assert releases.path_of(FILE) is None


@pytest.mark.parametrize(
    ("pages", "sentence"),
    [
        ({"readme": b"no release"}, "no release.json that can be read"),
        ({"release.json": b"{"}, "no release.json that can be read"),
        (
            {"release.json": b'{"format":1,"release":"../../x","platform":"cp311-aarch64"}'},
            "no release.json that can be read",
        ),
        (
            {"release.json": b'{"format":2,"release":"26.1","platform":"cp311-aarch64"}'},
            "format 2, of which this central knows nothing",
        ),
    ],
)
def test_what_is_signed_and_no_release_is_refused(
    releases: Releases, data: Path, signer: Signer, pages: dict[str, bytes], sentence: str
) -> None:
    file = data / "releases" / "some.tar"
    packed(file, pages)
    signer.sign(file)
    with pytest.raises(NotARelease, match=sentence):
        releases.add(file.name, nobody)


def test_what_is_signed_and_no_tar_is_refused(
    releases: Releases, data: Path, signer: Signer
) -> None:
    file = data / "releases" / "some.tar"
    file.write_bytes(b"hello" * 500)
    signer.sign(file)
    with pytest.raises(NotARelease, match=r"some\.tar cannot be read as a tar"):
        releases.add(file.name, nobody)


@pytest.mark.parametrize("name", ["../central.db", "/etc/passwd", "link.tar", "none.tar", "..", ""])
def test_only_a_file_that_lies_in_the_folder_is_looked_at(
    releases: Releases, data: Path, name: str
) -> None:
    (data / "central.db").write_bytes(b"")
    (data / "releases" / "link.tar").symlink_to(data / "central.db")
    with pytest.raises(StoreRefused, match="There is no file"):
        releases.add(name, nobody)


def test_a_full_disk_is_said_so(
    releases: Releases, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreRefused, match=r"could not be taken in \(No space left on device\)"):
        releases.add(given.name, nobody)
    assert releases.path_of(FILE) is None


# -- given ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../central.db", "..%2fcentral.db", "central.db", ".", "", f"../releases/{FILE}"]
)
def test_a_name_that_is_no_release_leads_nowhere(
    releases: Releases, given: Path, data: Path, name: str
) -> None:
    (data / "central.db").write_bytes(b"secret")
    releases.add(given.name, nobody)
    assert releases.path_of(name) is None


def test_a_release_whose_file_is_gone_is_not_given(releases: Releases, given: Path) -> None:
    """As after a restore on another machine; it is taken in again then."""
    releases.add(given.name, nobody)
    given.unlink()
    assert releases.path_of(FILE) is None


# -- removed --------------------------------------------------------------------------------------


def test_a_release_that_nobody_wants_goes_with_its_files(
    releases: Releases, given: Path, data: Path
) -> None:
    releases.add(given.name, nobody)
    assert releases.remove(RELEASE) == [FILE]
    assert lies(data) == []
    with pytest.raises(NotThere, match=f"no release {RELEASE}"):
        releases.remove(RELEASE)


def test_one_that_a_ring_or_a_machine_wants_stays(
    sqlite_station: Station, data: Path, signer: Signer
) -> None:
    fleet = Fleets(sqlite_station.store, Known(sqlite_station.store, sqlite_station.clock), data)
    for release in (RELEASE, NEXT):
        fleet.releases.add(signer.release(data / "releases", release).name, nobody)
    fleet.release(COMMAND_LINE, RELEASE, "lab")
    with pytest.raises(NotPossible, match=f"{RELEASE} is wanted by ring lab"):
        fleet.releases.remove(RELEASE)
    post = sqlite_station.post.id
    fleet.pin(PITEA, COMMAND_LINE, post, NEXT)
    with pytest.raises(NotPossible, match=f"{NEXT} is wanted by {PITEA} {post}"):
        fleet.releases.remove(NEXT)
