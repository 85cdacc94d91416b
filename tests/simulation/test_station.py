"""Whole stations, played by seed: no confirmed arrival is lost or doubled, no screen says what is not so."""

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulation.course import BrokenPromise
from tests.simulation.station import Station
from tests.simulation.station_faults import FAULTS, Fault
from tests.simulation.station_history import play
from tests.simulation.station_model import make_model
from tests.simulation.weaker import SOAK

SEEDS = 240 if SOAK else 12
FAULT_SEEDS = 40
# Said in any dozen of histories; the rest of the claims need some luck.
OFTEN = {
    "registered",
    "registered.drop_in",
    "again",
    "before.none",
    "before.many",
    "watch_sign",
    "drive_in",
    "no_booking.ask",
    "saved_here.at",
    "saved_here.no_clock",
    "help.reached",
}
BUSY_MIN = 2.0
# Committing costs nothing there; what a disk does to a commit is tested elsewhere.
MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder in memory with the station's model in it."""
    path = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    make_model(path / "model")
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """A history breaks a thousand things, and each would be in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def history(
    folder: Path, seed: int, trace: Callable[[str], None] | None = None
) -> tuple[Station, BrokenPromise | None]:
    """Play one history; give the station as it ended, and the promise that broke."""
    station = Station(seed, folder / "model", folder / "history", trace)
    try:
        play(station, BUSY_MIN)
    except BrokenPromise as broken:
        return station, broken
    finally:
        station.close()
        shutil.rmtree(folder / "history")
    return station, None


def test_no_history_loses_an_arrival_or_says_what_is_not_so(folder: Path) -> None:
    saves, claimed = 0, Counter[str]()
    for seed in range(SEEDS):
        station, broken = history(folder, seed)
        if broken is not None:
            pytest.fail(
                f"seed {seed} at {station.now_ms} ms: {broken};"
                f" replay: history(folder, {seed}, print)"
            )
        saves += len(station.promises.saves)
        claimed += station.promises.claimed
    assert saves > 5 * SEEDS, "the histories must have arrivals to lose, or they prove nothing"
    assert OFTEN <= claimed.keys(), "a claim that was never made was never judged"


def test_a_history_is_the_same_every_time_it_is_played(folder: Path) -> None:
    stories: list[list[str]] = [[], []]
    for story in stories:
        history(folder, 5, story.append)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 300


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_search_finds_a_planted_fault(
    fault: Fault, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.plant(monkeypatch)
    found = (history(folder, seed)[1] for seed in range(FAULT_SEEDS))
    broken = next((broken for broken in found if broken is not None), None)
    assert broken is not None, f"{FAULT_SEEDS} histories, and none found it"
    with pytest.raises(BrokenPromise, match=fault.verdict):
        raise broken
