"""A release that the office wants in a hall is fetched piece by piece, and goes on where it was cut."""

from pathlib import Path

import pytest

from central.fleet.releases import FOLDER, PART, StoreRefused
from central.fleet.wants import WantedFile
from central.halls.fetching import PIECE, ReleaseFetch
from central.halls.link import OfficeAway

NAME = "portvakt-26.11.6-1a2b3c4d-cp311-aarch64.tar"
CONTENT = bytes(range(256)) * 5_000
WANTED = WantedFile(
    release="26.11.6-1a2b3c4d",
    file=NAME,
    size=len(CONTENT),
    sha256="f" * 64,
    platform="cp311-aarch64",
)


class TakenIn:
    """What takes in a whole file, if its signature is good."""

    def __init__(self, folder: Path, *, refuses: bool = False) -> None:
        self.folder = folder
        self.refuses = refuses
        self.had: dict[str, bytes] = {}

    def path_of(self, file: str) -> Path | None:
        return Path(file) if file in self.had else None

    def add(self, file: str, _progress: object) -> None:
        if self.refuses:
            raise StoreRefused("The signature of this release is wrong.")
        assert (self.folder / f"{file}.sig").read_bytes() == b"the signature"
        self.had[file.removesuffix(PART)] = (self.folder / file).read_bytes()


class Office:
    """The files of an office; the line to it may be cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.asked: list[tuple[str, int]] = []

    def piece(self, _station: str, file: str, start: int, size: int) -> bytes:
        if self.is_cut:
            raise OfficeAway("The office is not reached.")
        self.asked.append((file, start))
        return b"the signature" if file.endswith(".sig") else CONTENT[start : start + size]


def test_it_comes_in_pieces_and_is_taken_in_with_its_signature(tmp_path: Path) -> None:
    store, office = TakenIn(tmp_path / FOLDER), Office()
    fetch = ReleaseFetch(store, tmp_path, office, "pitea")  # type: ignore[arg-type]
    turns = 0
    while fetch.turn([WANTED]):
        turns += 1
    assert store.had == {NAME: CONTENT}
    assert turns == len(CONTENT) // PIECE + 2


def test_what_was_cut_goes_on_where_it_stopped_even_in_another_process(tmp_path: Path) -> None:
    store, office = TakenIn(tmp_path / FOLDER), Office()
    first = ReleaseFetch(store, tmp_path, office, "pitea")  # type: ignore[arg-type]
    first.turn([WANTED])
    office.is_cut = True
    with pytest.raises(OfficeAway):
        first.turn([WANTED])
    office.is_cut = False
    second = ReleaseFetch(store, tmp_path, office, "pitea")  # type: ignore[arg-type]
    while second.turn([WANTED]):
        pass
    assert store.had == {NAME: CONTENT}
    assert [start for file, start in office.asked if file == NAME] == [0, PIECE, 2 * PIECE]


def test_one_that_its_signature_refuses_is_thrown_away_and_not_asked_for_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, office = TakenIn(tmp_path / FOLDER, refuses=True), Office()
    fetch = ReleaseFetch(store, tmp_path, office, "pitea")  # type: ignore[arg-type]
    while fetch.turn([WANTED]):
        pass
    assert list((tmp_path / FOLDER).iterdir()) == []
    assert "signature of this release is wrong" in caplog.text


def test_a_hall_without_a_data_folder_fetches_nothing(tmp_path: Path) -> None:
    office = Office()
    fetch = ReleaseFetch(TakenIn(tmp_path), None, office, "pitea")  # type: ignore[arg-type]
    assert not fetch.turn([WANTED])
    assert office.asked == []
