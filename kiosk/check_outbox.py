"""What waits in the outbox, read from a copy in memory: the running service locks its file."""

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from contract.wire import OutboxFacts
from device.check import Answer, fault, ok, wait
from device.clock import Clock
from device.outbox import Outbox, SavedAt

OUTBOX = "outbox.sqlite3"
# Longer than a restart of central or of a switch takes.
OLD_S = 600
_MIN_S, _H_S = 60, 3_600


def outbox_answer(folder: Path, clock: Clock, dev: Path) -> Answer:
    """Whether arrivals wait, how long, and whether central refused any."""
    original = folder / OUTBOX
    if not original.exists():
        return wait("there is none yet; the service makes it with the first look at it.")
    memory = dev / "shm"  # the copy holds plates: it must not reach the card
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        for suffix in ("-wal", ""):
            part = Path(f"{original}{suffix}")
            if part.exists():
                shutil.copyfile(part, Path(scratch) / part.name)
        with closing(Outbox(Path(scratch) / OUTBOX)) as copy:
            now = SavedAt(clock.boot_id, clock.monotonic_ms(), clock.now())
            facts, trouble = copy.facts(now), copy.trouble
    if trouble:
        return fault(f"its file cannot be read: {trouble}", "Change the card; keep the old one.")
    return judged(facts)


def judged(facts: OutboxFacts) -> Answer:
    """Say it in words."""
    if not facts.waiting:
        return ok("empty; central has every arrival.")
    sentence = f"{_arrivals(facts.waiting)}, the oldest for {_span(facts.oldest_s)}."
    if facts.refused:
        return fault(
            f"{sentence} Central refused {facts.refused}.",
            "Read why: journalctl -u portvakt-kiosk --grep 'not taken'",
        )
    if facts.oldest_s >= OLD_S:
        return fault(sentence, "Look at Central and Enrolment; do not change the card before.")
    return wait(sentence, "They are sent by themselves when central answers.")


def _arrivals(count: int) -> str:
    return "1 arrival waits" if count == 1 else f"{count} arrivals wait"


def _span(seconds: int) -> str:
    if seconds < _MIN_S:
        return f"{seconds} s"
    if seconds < 2 * _H_S:
        return f"{seconds // _MIN_S} min"
    return f"{seconds // _H_S} h"
