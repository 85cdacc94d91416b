"""A release that the office wants in a hall is fetched piece by piece, and goes on where it was cut."""

import hashlib
from pathlib import Path

import pytest

from central.fleet.releases import FOLDER, PART, StoreRefused
from central.fleet.wants import WantedFile
from central.halls.fetching import (
    HOURLY_MS,
    LONGEST_MS,
    ORPHAN_S,
    PIECE,
    RESERVE,
    ReleaseFetch,
)
from central.halls.link import OfficeAway

NAME = "portvakt-26.11.6-1a2b3c4d-cp311-aarch64.tar"
CONTENT = bytes(range(256)) * 5_000
WANTED = WantedFile(
    release="26.11.6-1a2b3c4d",
    file=NAME,
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    platform="cp311-aarch64",
)


class TakenIn:
    """What takes in a whole file, if its signature is good."""

    def __init__(self, folder: Path, *, refuses: bool = False) -> None:
        self.folder = folder
        self.refuses = refuses
        self.had: dict[str, bytes] = {}
        self.let_go_but: list[set[str]] = []
        self.is_sick = False

    def let_go(self, wanted: set[str]) -> list[str]:
        self.let_go_but.append(wanted)
        if self.is_sick:
            raise OSError(30, "Read-only file system")
        return ["portvakt-26.11.5-1a2b3c4d-cp311-aarch64.tar"]

    def path_of(self, file: str) -> Path | None:
        return Path(file) if file in self.had else None

    def add(self, file: str, _progress: object) -> None:
        if self.refuses:
            raise StoreRefused("The signature of this release is wrong.")
        assert (self.folder / f"{file}.sig").read_bytes() == b"the signature"
        self.had[file.removesuffix(PART)] = (self.folder / file).read_bytes()


class Office:
    """The files of an office; the line to it may be cut."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.is_cut = False
        self.most = PIECE
        self.asked: list[tuple[str, int]] = []

    def piece(self, _station: str, file: str, start: int, size: int) -> bytes:
        if self.is_cut:
            raise OfficeAway("The office is not reached.")
        if size > self.most:
            raise OfficeAway("The office did not answer in time; it is asked again.")
        self.asked.append((file, start))
        return b"the signature" if file.endswith(".sig") else self.content[start : start + size]


class Hall:
    """The fetch of a hall, with a clock and a disk that a test sets."""

    def __init__(self, data: Path, office: Office, *, refuses: bool = False) -> None:
        self.store = TakenIn(data / FOLDER, refuses=refuses)
        self.now_ms = 0
        self.wall_s = 0.0
        self.free = 100 * RESERVE
        self.fetch = ReleaseFetch(
            self.store,  # type: ignore[arg-type]
            data,
            office,
            "pitea",
            now_ms=lambda: self.now_ms,
            free=lambda _: self.free,
            wall_s=lambda: self.wall_s,
        )

    def turns(self) -> None:
        while self.fetch.turn([WANTED]):
            pass

    def an_hour_later(self) -> None:
        self.now_ms += HOURLY_MS
        self.turns()

    @property
    def reasons(self) -> list[str]:
        return [one.reason for one in self.fetch.not_taken]


def test_it_comes_in_pieces_and_is_taken_in_with_its_signature(tmp_path: Path) -> None:
    store, office = TakenIn(tmp_path / FOLDER), Office()
    fetch = ReleaseFetch(store, tmp_path, office, "pitea")  # type: ignore[arg-type]
    turns = 0
    while fetch.turn([WANTED]):
        turns += 1
    assert store.had == {NAME: CONTENT}
    assert turns == len(CONTENT) // PIECE + 2


def test_what_was_cut_goes_on_where_it_stopped_even_in_another_process(tmp_path: Path) -> None:
    office = Office()
    first = Hall(tmp_path, office)
    first.fetch.turn([WANTED])
    office.is_cut = True
    assert not first.fetch.turn([WANTED])
    office.is_cut = False
    second = Hall(tmp_path, office)
    second.turns()
    assert second.store.had == {NAME: CONTENT}
    assert [start for file, start in office.asked if file == NAME] == [0, PIECE, 2 * PIECE]


def test_what_fails_waits_ever_longer_and_is_logged_once_and_told_when_it_lasts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office()
    hall = Hall(tmp_path, office)
    office.is_cut = True
    told = []
    for _ in range(4):
        assert not hall.fetch.turn([WANTED])
        assert not hall.fetch.turn([WANTED])
        told.append(hall.reasons)
        hall.now_ms += LONGEST_MS
    assert told == [[], [], ["release_unfetched"], ["release_unfetched"]]
    assert caplog.text.count("release of the office not fetched") == 1
    office.is_cut = False
    hall.turns()
    assert (hall.store.had, hall.reasons) == ({NAME: CONTENT}, [])


def test_a_line_that_is_too_slow_for_a_piece_gets_smaller_ones(tmp_path: Path) -> None:
    office = Office()
    office.most = PIECE // 4
    hall = Hall(tmp_path, office)
    for _ in range(40):
        hall.turns()
        hall.now_ms += LONGEST_MS
    assert hall.store.had == {NAME: CONTENT}


def test_one_that_came_broken_is_thrown_away_and_fetched_once_more(tmp_path: Path) -> None:
    office = Office(b"x" * len(CONTENT))
    hall = Hall(tmp_path, office)
    hall.turns()
    assert list((tmp_path / FOLDER).iterdir()) == []
    assert hall.reasons == ["release_broken"]
    office.content = CONTENT
    hall.an_hour_later()
    assert (hall.store.had, hall.reasons) == ({NAME: CONTENT}, [])


def test_one_that_nobody_here_trusts_is_kept_and_tried_again_when_a_key_may_have_come(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office()
    hall = Hall(tmp_path, office, refuses=True)
    hall.turns()
    assert "signature of this release is wrong" in caplog.text
    assert hall.reasons == ["release_refused"]
    asked = len(office.asked)
    hall.turns()
    assert len(office.asked) == asked
    hall.store.refuses = False
    hall.an_hour_later()
    assert (hall.store.had, hall.reasons) == ({NAME: CONTENT}, [])
    assert [start for file, start in office.asked if file == NAME] == [0, PIECE, 2 * PIECE]


def test_a_disk_that_is_nearly_full_is_left_to_the_line(tmp_path: Path) -> None:
    office = Office()
    hall = Hall(tmp_path, office)
    hall.free = RESERVE + len(CONTENT) - 1
    hall.turns()
    assert (office.asked, hall.reasons) == ([], ["release_no_room"])
    hall.free += 1
    hall.an_hour_later()
    assert hall.store.had == {NAME: CONTENT}


def test_what_was_begun_and_is_wanted_no_more_is_thrown_away_a_day_later(tmp_path: Path) -> None:
    office = Office()
    hall = Hall(tmp_path, office)
    hall.fetch.turn([WANTED])
    hall.fetch.turn([])
    (begun,) = (tmp_path / FOLDER).iterdir()
    hall.wall_s = begun.stat().st_mtime + ORPHAN_S + 1
    hall.fetch.turn([WANTED])
    assert begun.exists()
    hall.wall_s += ORPHAN_S
    hall.fetch.turn([])
    assert not begun.exists()


def test_a_hall_without_a_data_folder_fetches_nothing(tmp_path: Path) -> None:
    office = Office()
    fetch = ReleaseFetch(TakenIn(tmp_path), None, office, "pitea")  # type: ignore[arg-type]
    assert not fetch.turn([WANTED])
    assert office.asked == []


OTHERS = "portvakt-26.11.7-1a2b3c4d-cp311-aarch64.tar"


def test_what_nobody_wants_goes_when_what_is_wanted_is_here_and_once_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    hall = Hall(tmp_path, Office())
    while hall.fetch.turn([WANTED], [OTHERS]):
        assert hall.store.let_go_but == [], "the wanted one is not here yet"
    assert hall.store.let_go_but == [{NAME, OTHERS}]
    assert "release that nobody wants any more removed file=portvakt-26.11.5" in caplog.text
    hall.turns()
    assert len(hall.store.let_go_but) == 1
    hall.an_hour_later()
    assert len(hall.store.let_go_but) == 2


def test_a_hall_that_knows_of_nothing_wanted_keeps_what_it_has(tmp_path: Path) -> None:
    hall = Hall(tmp_path, Office())
    assert not hall.fetch.turn([], [OTHERS])
    assert hall.store.let_go_but == []


def test_a_disk_that_lets_nothing_go_ends_no_turn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hall = Hall(tmp_path, Office())
    hall.store.is_sick = True
    hall.turns()
    assert hall.store.had == {NAME: CONTENT}
    assert "releases that nobody wants not removed reason=Read-only file system" in caplog.text
