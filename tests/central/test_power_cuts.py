"""The power is cut at any moment of a recorded day, and the real store opens what the disk then holds.

Everything that was acknowledged before the cut is there, once, and nothing is half done.  The control:
the same days without synced commits do lose what they acknowledged.  PORTVAKT_SOAK=1 makes 20,000 cuts of
the 2,000, PORTVAKT_SEED repeats a run.
"""

import os
import random
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from central import schema
from central.database.folder import DataFolder
from central.database.store import Store
from central.database.tx import View
from central.migrations import migrate
from contract.problems import Problem
from tests.central import trace
from tests.central.power import Disk
from tests.central.power_day import Acknowledged
from tests.fakes.clock import FakeClock
from tests.fakes.straced import recorded

pytestmark = pytest.mark.processes

CUTS = 20_000 if os.environ.get("PORTVAKT_SOAK") else 2_000
CONTROL_CUTS = 100
SEED = int(os.environ.get("PORTVAKT_SEED", random.SystemRandom().randrange(10**6)))
# What a cut leaves is opened in memory: the disk that is tested is the one of the recording.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True, slots=True)
class Recording:
    """A day: its folder before it began, and all that was then asked of the disk."""

    folder: Path
    before: dict[str, bytes]
    calls: list[trace.Call]
    said: trace.Said

    @property
    def last_line(self) -> int:
        return self.calls[-1].begun + 1

    def cuts(self, count: int, dice: random.Random) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Where the power is cut, in the order of the day, and what the disk then holds."""
        disk = Disk(self.folder, self.before, self.calls)
        for line in sorted(self._lines(count, dice)):
            disk.run_to(line)
            # Memory that the processes shared is a file too, and may hold anything after a cut.
            yield line, {**disk.after_cut(dice), "central.db-shm": dice.randbytes(32_768)}

    def _lines(self, count: int, dice: random.Random) -> list[int]:
        """Where the power is cut; rarely while the tables are made, because making them again takes long."""
        begun = 0 if self.before else self.said.lines[0]
        early = count // 8 if begun else 0
        return [dice.randrange(begun) for _ in range(early)] + [
            dice.randrange(begun, self.last_line) for _ in range(count - early)
        ]

    def removed(self, file: str) -> int:
        """How often *file* was deleted."""
        path = str(self.folder / file)
        return sum(call.name == "unlink" and call.paths == [path] for call in self.calls)

    def asked(self, name: str, file: str, number: int | None = None) -> int:
        """How often *name* was asked of *file*, at that offset."""
        return sum(
            call.name == name
            and call.file == str(self.folder / file)
            and (number is None or call.number == number)
            for call in self.calls
        )


def record(folder: Path, shape: str, model: Path | None = None, careless: str = "") -> Recording:
    day = folder / "day"
    day.mkdir()
    if model is not None:
        shutil.copytree(model, day, dirs_exist_ok=True)
    before = {path.name: path.read_bytes() for path in day.iterdir()}
    program = [sys.executable, "-m", "tests.central.power_day", str(day), str(folder / "said")]
    recorded([*program, shape, *filter(None, [careless])], folder / "trace")
    calls = trace.read(folder / "trace")
    (folder / "trace").unlink()
    return Recording(day, before, calls, trace.said(calls, folder / "said"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a store tells after the cut."""

    versions: dict[str, int]
    arrivals: dict[str, str]
    calls: set[str]

    def misses(self, told: Acknowledged) -> bool:
        """Whether something of what was acknowledged is not there."""
        return (
            self.versions.get(told.visit, 0) < told.version
            or (told.arrival is not None and self.arrivals.get(told.arrival) != told.visit)
            or (told.call is not None and told.call not in self.calls)
        )


def look(view: View) -> Found:
    """Read what is there; fail when it is damaged, doubled or half done."""
    assert [("ok",)] == [tuple(row) for row in view.all(sa.text("PRAGMA integrity_check"))]
    assert [] == view.all(sa.text("PRAGMA foreign_key_check"))
    # Plain words: every store has an engine of its own, which would put each statement together anew.
    visits = view.all(sa.text("SELECT id, version, plate FROM visit"))
    arrivals = view.all(sa.text("SELECT id, visit FROM arrival"))
    events = view.all(sa.text("SELECT seq, kind, visit FROM event ORDER BY seq"))
    assert len(visits) == len({visit.plate for visit in visits})
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(row.seq for row in view.all(sa.text("SELECT seq FROM station"))) == len(events)
    came = [event.visit for event in events if event.kind == "arrived"]
    assert sorted(came) == sorted(row.visit for row in arrivals) == sorted(row.id for row in visits)
    return Found(
        {row.id: row.version for row in visits},
        {row.id: row.visit for row in arrivals},
        {row.id for row in view.all(sa.text("SELECT id FROM call"))},
    )


def opened(files: dict[str, bytes], *, migrated: bool) -> Found:
    """Start central on *files*, look, and see that it takes new words."""
    with TemporaryDirectory(prefix="portvakt-cut-", dir=MEMORY) as name:
        for file, data in files.items():
            (Path(name) / file).write_bytes(data)
        url = DataFolder(Path(name)).url
        if not migrated:
            migrate(url)
        with closing(Store(url, FakeClock())) as store:
            found = store.read(look)
            store.write(lambda tx: tx.run(sa.insert(schema.meta), name="after", value="the cut"))
            return found


def lost(recording: Recording, count: int) -> list[str]:
    """Cut the power *count* times; a sentence for every cut that took an acknowledged word."""
    print(f"seed {SEED}: repeat with PORTVAKT_SEED={SEED}")  # noqa: T201 - shown when it fails
    sentences = []
    for line, files in recording.cuts(count, random.Random(SEED)):
        words = recording.said.before(line)
        told = [msgspec.json.decode(word, type=Acknowledged) for word in words]
        # Who has acknowledged something has tables; before that, central makes them when it starts.
        found = opened(files, migrated=bool(told or recording.before))
        missing = [word for word in told if found.misses(word)]
        if missing:
            sentences.append(f"cut at line {line}: {len(missing)} of {len(told)}, {missing[0]}")
    return sentences


# -- the real store -----------------------------------------------------------------------------


def test_a_cut_takes_nothing_of_a_day_on_which_one_deed_follows_another(
    tmp_path: Path, model_station: Path
) -> None:
    assert [] == lost(record(tmp_path, "one_by_one", model_station), CUTS * 2 // 5)


def test_a_cut_takes_nothing_from_eight_who_share_their_commits(
    tmp_path: Path, model_station: Path
) -> None:
    day = record(tmp_path, "at_once", model_station)
    assert day.asked("fdatasync", "central.db-wal") < len(day.said.lines)
    assert day.asked("pwrite64", "central.db-wal", 0) >= 2, "the log was never begun anew"
    assert [] == lost(day, CUTS * 2 // 5)


def test_a_cut_at_the_first_start_or_at_a_restart_leaves_a_folder_that_starts(
    tmp_path: Path,
) -> None:
    day = record(tmp_path, "first_day")
    assert day.removed("central.db-wal") >= 2, "it was never stopped"
    assert [] == lost(day, CUTS // 5)


# -- the control: the same without synced commits -------------------------------------------------


def test_commits_that_are_synced_later_lose_what_they_acknowledged(
    tmp_path: Path, model_station: Path
) -> None:
    assert lost(record(tmp_path, "one_by_one", model_station, "NORMAL"), CONTROL_CUTS)


def test_commits_that_are_never_synced_damage_the_database(
    tmp_path: Path, model_station: Path
) -> None:
    day = record(tmp_path, "at_once", model_station, "OFF")
    # The database says that it is malformed, central passes that on, or we find something half done.
    with pytest.raises((DatabaseError, Problem, AssertionError)):
        lost(day, CONTROL_CUTS)
