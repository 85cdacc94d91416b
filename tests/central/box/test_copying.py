"""Copies leave the box: onto a stick that it knows, read back, and no more of them than are kept."""

import contextlib
import gzip
import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from central.box import copying, kit
from central.box.copying import Copied, backups, copy_out, make_known
from central.box.left import LATE, Left
from central.box.place import BoxRefused, Place
from central.copies.backup_file import Header, Kind, Table, writing
from tests.central.box.conftest import NOW
from tests.fakes.disks import tmpfs


class Box:
    """A box that has a backup of each night."""

    def __init__(self, place: Place, *, stations: int = 1) -> None:
        self.place = place
        self.folder = place.data / "backups"
        self.folder.mkdir(parents=True)
        self._stations = stations

    def night(self, day: int) -> Path:
        at = datetime(2026, 11, day, 2, 0, tzinfo=UTC)
        made = self.folder / f"portvakt-{at:%Y-%m-%dT%H%M%SZ}.jsonl.gz"
        said: dict[str, Any] = {
            "revision": "0005",
            "release": "1",
            "epoch": "e",
            "at": at,
            "newest": {},
        }
        head = Header(portvakt_backup=1, rows={"station": self._stations}, **said)
        with writing(made) as lines:
            lines.head(head)
            lines.table(Table(table="station", columns=[("id", Kind.TEXT)]))
            lines.rows([[f"hall-{number}"] for number in range(self._stations)])
        return made


@pytest.fixture
def box(place: Place) -> Box:
    return Box(place)


def on(stick: Path) -> list[str]:
    return [one.name for one in backups(stick / "portvakt")]


def copied(box: Box, stick: Path, keep: int = 7) -> Copied:
    return copy_out(box.place, stick, NOW, keep)


def test_the_newest_backups_stand_on_the_stick_byte_for_byte(box: Box, stick: Path) -> None:
    made = [box.night(day) for day in (19, 20, 21)]
    make_known(box.place, stick)
    assert copied(box, stick, keep=2) == Copied(made[-1].name, 2, 0)
    assert on(stick) == [one.name for one in made[1:]]
    assert (stick / "portvakt" / made[-1].name).read_bytes() == made[-1].read_bytes()


def test_each_night_adds_one_and_takes_the_oldest_away(box: Box, stick: Path) -> None:
    make_known(box.place, stick)
    for day in range(1, 11):
        made = box.night(day)
        copied(box, stick, keep=3)
    assert on(stick) == [one.name for one in backups(box.folder)[-3:]]
    assert made.name == on(stick)[-1]


def test_what_was_erased_in_the_boxs_own_backup_is_erased_on_the_stick(
    box: Box, stick: Path
) -> None:
    made = box.night(21)
    make_known(box.place, stick)
    copied(box, stick)
    with gzip.open(made) as file:
        aged = file.read()
    made.write_bytes(gzip.compress(aged, 1))  # the same moment, written anew by the night
    assert copied(box, stick).written == 1
    assert (stick / "portvakt" / made.name).read_bytes() == made.read_bytes()
    assert copied(box, stick).written == 0


def test_what_a_new_box_needs_goes_along_for_its_owner_only(box: Box, stick: Path) -> None:
    box.night(21)
    files = {
        "etc/portvakt/ca/ca.key": "the key",
        "etc/portvakt/central.env": "options",
        "etc/portvakt/office-token": "who we are there",
        "etc/systemd/system/portvakt-central.service.d/reach.conf": "[Service]",
    }
    for name, text in {**files, "etc/portvakt/device-token": "of the post here"}.items():
        (box.place.root / name).parent.mkdir(parents=True, exist_ok=True)
        (box.place.root / name).write_text(text)
    make_known(box.place, stick)
    copied(box, stick)
    folder = stick / "portvakt/box"
    assert {one.place for one in kit.saved(folder)} == {*files, "etc/portvakt/box.json"}
    assert (folder / "etc+portvakt+ca+ca.key").read_text() == "the key"
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}


def test_a_stick_may_not_say_where_root_writes(place: Place, stick: Path) -> None:
    for there in (
        "etc/shadow",
        "etc/portvakt/../shadow",
        "/etc/portvakt/x",
        "etc/portvakt/ca/../x",
    ):
        row = {"place": there, "mode": 0o644, "owner": "root", "group": "root"}
        (stick / "kit.json").write_text(json.dumps([row]))
        with pytest.raises(BoxRefused, match="none of a hall box's"):
            kit.put_back(place, stick)
    assert not list(place.root.iterdir())


def put_back(place: Place, stick: Path, name: str, content: str) -> list[str]:
    """Put back a kit of one file; what is said of it."""
    folder = stick / "kit"
    folder.mkdir(exist_ok=True)
    (folder / name.replace("/", "+")).write_text(content)
    row = {"place": name, "mode": 0o644, "owner": "root", "group": "root"}
    (folder / "kit.json").write_text(json.dumps([row]))
    return kit.put_back(place, folder)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("reach.conf", "[Service]\nExecStartPre=+/bin/sh\n"),
        ("reach.conf", "[Service]\nIPAddressAllow=192.0.2.1 \\\nUser=root\n"),
        ("other.conf", "[Service]\nIPAddressAllow=192.0.2.1\n"),
    ],
)
def test_a_drop_in_of_a_stick_only_opens_the_way_to_an_office(
    place: Place, stick: Path, name: str, line: str
) -> None:
    where = "etc/systemd/system/portvakt-central.service.d"
    (said,) = put_back(place, stick, f"{where}/{name}", line)
    assert said.startswith(f"{where}/{name} of the stick was not taken")
    assert not (place.drop_ins / name).exists()
    assert put_back(place, stick, f"{where}/reach.conf", "[Service]\nIPAddressAllow=any\n") == []
    assert (place.drop_ins / "reach.conf").exists()


def test_who_may_sign_releases_from_now_on_is_said(place: Place, stick: Path) -> None:
    (said,) = put_back(place, stick, "etc/portvakt/allowed_signers", "release@portvakt key\n")
    assert said.startswith("1 signer of releases came from the stick")
    assert put_back(place, stick, "etc/portvakt/allowed_signers", "release@portvakt key\n") == []


def test_a_stick_of_somebody_else_gets_nothing(box: Box, stick: Path) -> None:
    box.night(21)
    with pytest.raises(BoxRefused, match="No stick of this box is there"):
        copied(box, stick)
    (stick / "portvakt").mkdir()
    for made_up in ('{"stick": "made up"}', '{"stick": ""}', "{}", "no JSON"):
        (stick / "portvakt/stick.json").write_text(made_up)
        with pytest.raises(BoxRefused, match="is another's"):
            copied(box, stick)
    assert on(stick) == []
    assert not (stick / "portvakt/box").exists()


def test_the_stick_of_a_dead_box_is_not_taken_by_mistake_for_it_may_hold_the_only_ca(
    place: Place, stick: Path, tmp_path: Path
) -> None:
    dead = Box(Place(tmp_path / "dead"))
    dead.night(21)
    dead.place.remember(name="hall.example.com")
    make_known(dead.place, stick)
    copied(dead, stick)
    with pytest.raises(BoxRefused, match=r"copies of another box \(hall.example.com\)"):
        make_known(place, stick)
    make_known(place, stick, take_over=True)
    make_known(place, stick)


def test_a_new_box_does_not_push_the_copies_of_the_dead_one_off_the_stick(
    place: Place, stick: Path, tmp_path: Path
) -> None:
    dead = Box(Place(tmp_path / "dead"))
    dead.night(21)
    make_known(dead.place, stick)
    copied(dead, stick)
    before = on(stick)
    fresh = Box(place, stations=0)
    place.remember(stick=dead.place.told()["stick"])
    fresh.night(22)
    assert copied(fresh, stick, keep=1) == Copied(None, 0, 0)
    assert on(stick) == before


def test_a_stick_that_does_not_give_back_what_was_written_is_named(
    box: Box, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = box.night(21)
    make_known(box.place, stick)
    digest, asked = copying._digest, list[int]()

    def worn_out(pieces: Iterable[bytes]) -> str:
        asked.append(1)
        return "another" if len(asked) > 1 else digest(pieces)  # the second is the reading back

    monkeypatch.setattr(copying, "_digest", worn_out)
    with pytest.raises(BoxRefused, match="read back otherwise than written; take another stick"):
        copied(box, stick)
    assert made.name not in on(stick)


def test_a_full_stick_keeps_the_older_copies_and_says_so(box: Box, stick: Path) -> None:
    with tmpfs(stick, 64):
        box.night(20)
        make_known(box.place, stick)
        copied(box, stick)
        before = on(stick)
        box.night(21)
        with (stick / "holidays.jpg").open("wb", 0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 512)
        with pytest.raises(BoxRefused, match="No space left on device"):
            copied(box, stick)
        assert on(stick) == before


def test_half_a_copy_of_a_stick_that_was_pulled_out_is_removed(box: Box, stick: Path) -> None:
    made = box.night(21)
    make_known(box.place, stick)
    half = stick / "portvakt" / f".{made.name}.part"
    half.write_bytes(made.read_bytes()[:100])
    copied(box, stick)
    assert not half.exists()
    assert on(stick) == [made.name]


def test_a_backup_that_is_broken_on_the_box_is_not_called_a_copy(box: Box, stick: Path) -> None:
    made = box.night(21)
    make_known(box.place, stick)
    made.write_bytes(made.read_bytes()[:-20])
    with pytest.raises(BoxRefused, match="its end is missing"):
        copied(box, stick)
    assert Left(box.place.left).late(NOW + 2 * LATE) is not None
    assert on(stick) == []


# -- what `portvakt check` and the board read --------------------------------------------------------


def test_while_copies_leave_nothing_is_said(box: Box, stick: Path) -> None:
    box.night(21)
    make_known(box.place, stick)
    copied(box, stick)
    assert Left(box.place.left).sentence(NOW) is None
    assert box.place.left.stat().st_mode & 0o777 == 0o644


def test_after_three_days_without_a_copy_it_is_said_with_the_reason(box: Box, stick: Path) -> None:
    made = box.night(19)
    make_known(box.place, stick)
    copied(box, stick)
    shutil.rmtree(stick / "portvakt")
    late = datetime(2026, 11, 19, 2, 0, tzinfo=UTC) + LATE + timedelta(minutes=1)
    with pytest.raises(BoxRefused):
        copy_out(box.place, stick, late)
    assert made.exists()
    assert Left(box.place.left).sentence(late) == (
        "No copy has left this box for 3 days (No stick of this box is there; put it in, or make a new"
        " one named PORTVAKT known: sudo portvakt central box stick)."
    )


def test_it_is_the_age_of_the_backup_that_counts_and_not_of_its_copy(box: Box, stick: Path) -> None:
    box.night(10)  # and none was taken since
    make_known(box.place, stick)
    copied(box, stick)
    assert Left(box.place.left).sentence(NOW) == "No copy has left this box for 12 days."


def test_a_box_that_never_tried_and_one_that_began_today_are_not_late(place: Place) -> None:
    left = Left(place.left)
    assert left.sentence(NOW) is None
    left.failed(NOW, "No stick.")
    assert left.sentence(NOW) is None
    assert left.sentence(NOW + timedelta(days=4)) is not None
