"""What is asked of a hall box: what is cheap to ask its machine; `portvakt central` asks central itself."""

import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from device.check import Answer, Question, Roots, fault, note, ok
from device.check_central import central_answer
from device.check_machine import machine_questions
from device.check_network import carriers
from device.check_release import ReleasePlace, release_answer
from device.clock import SystemClock
from portvakt.check_box import box_questions

OPTIONS = "PORTVAKT_CENTRAL_OPTIONS"
_PORT, _DATA = "8081", "/var/lib/portvakt-central"
# A night and what a machine may be switched off for in it.
FRESH_H = 30
_HOUR_S = 3_600
_BACKUP = (
    "Make one now: sudo -u portvakt-central portvakt central backup\n"
    "When the next one comes: systemctl list-timers 'portvakt-*'"
)


def to_central(
    config: Path, roots: Roots | None = None, release: ReleasePlace | None = None
) -> list[Question]:
    """All that is asked of a hall box."""
    options, roots = central_options(config), roots or Roots()
    data, url = Path(options["--data"]), f"http://127.0.0.1:{options['--port']}"
    return [
        Question("Settings", partial(_readable, config)),
        *machine_questions(SystemClock(), roots, data),
        Question("Network", partial(line_answer, roots.sys)),
        Question("Central", partial(central_answer, url)),
        Question("Backup", partial(backup_answer, data / "backups", lambda: datetime.now(UTC))),
        *box_questions(),
        Question("Release", partial(release_answer, release)),
    ]


def line_answer(sys: Path) -> Answer:
    """Whether posts and signs can reach this machine at all."""
    lines = carriers(sys)
    up = [name for name, is_up in lines.items() if is_up]
    if lines and not up:
        names = ", ".join(lines)
        return fault(
            f"no line: {names} {'is' if len(lines) == 1 else 'are'} down; no post reaches central.",
            "Plug the network cable at both ends: a lamp beside the plug must be lit.",
        )
    return ok(f"{', '.join(up) or 'a network'} is up.")


def backup_answer(folder: Path, now: Callable[[], datetime]) -> Answer:
    """Whether last night's backup is there, and how old the newest is."""
    found = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    if not found:
        return fault(f"there is no backup in {folder}.", _BACKUP)
    newest = max(found, key=lambda path: path.stat().st_mtime)
    hours = int((now().timestamp() - newest.stat().st_mtime) / _HOUR_S)
    if hours > FRESH_H:
        return fault(f"the newest backup, {newest.name}, is {hours} h old.", _BACKUP)
    if newest.stat().st_size == 0:
        return fault(f"the newest backup, {newest.name}, is empty.", _BACKUP)
    if hours < 0:
        return note(f"the newest backup, {newest.name}, is from the future.", "Look at Clock.")
    return ok(f"{newest.name} is {hours} h old, {len(found)} in all; they lie in {folder}.")


def central_options(config: Path) -> Mapping[str, str]:
    """Port and data folder as the unit passes them: the file's options, else the usual ones."""
    found = {"--port": _PORT, "--data": _DATA}
    try:
        text = config.read_text("utf-8")
        words = [word for line in text.splitlines() for word in _words(line)]
    except (OSError, ValueError):
        words = []
    for name, value in pairwise(words):
        if name in found:
            found[name] = value
    return MappingProxyType(found)


def _words(line: str) -> list[str]:
    name, _, value = line.strip().partition("=")
    if name != OPTIONS:
        return []
    options = shlex.split(" ".join(shlex.split(value)))
    return [part for word in options for part in word.split("=", 1)]  # --port=8081 is two words too


def _readable(config: Path) -> Answer:
    if not config.exists():
        return fault(f"{config} is not there.", "sudo ./install --role central brings it.")
    for number, line in enumerate(config.read_text("utf-8", "replace").splitlines(), 1):
        name, _, value = line.strip().partition("=")
        if line.startswith(("#", ";")) or not value.startswith(("'", '"')):
            continue
        try:
            shlex.split(value)
        except ValueError:
            return fault(
                f"{config}, line {number}: the quote behind {name}= is not closed, so systemd drops it.",
                "Close it, then: sudo systemctl restart portvakt-central",
            )
    return ok(f"{config} can be read.")
