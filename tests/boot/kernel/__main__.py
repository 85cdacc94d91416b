"""`make test-kernel`: Debian's kernel, simulated hardware, and all of ours between a key and a light."""

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.boot.kernel.agent import AgentError
from tests.boot.kernel.beyond import LIMITS, USB_KEYPAD, WATCHDOG
from tests.boot.kernel.image import CHECKOUT, image
from tests.boot.kernel.kept import KEPT
from tests.boot.kernel.machine import PROGRAM, Machine
from tests.boot.kernel.modules import NotBuilt
from tests.boot.kernel.station import OURS, NotSeen, Station
from tests.boot.kernel.walk import WALK

PACKAGES = {
    PROGRAM: "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
    "gcc": "gcc python3-dev",
}
WATCHDOG_DEVICE = ("-device", "i6300esb", "-action", "watchdog=reset")
Scene = Callable[[Station], str]
# The later groups need what the walk set up; within a group each scene needs the one before it.
GROUPS: dict[str, Sequence[Scene]] = {
    "walk": WALK,
    "usb": USB_KEYPAD,
    "limits": LIMITS,
    "watchdog": WATCHDOG,
}
NOT_RUN = "not run"


@dataclass
class Report:
    """Says what is being done now, and keeps what came out."""

    begun_s: float = field(default_factory=time.monotonic)
    rows: list[tuple[str, str, float, str]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Print one line with the seconds since the start."""
        sys.stdout.write(f"[{time.monotonic() - self.begun_s:4.0f} s] {text}\n")
        sys.stdout.flush()

    def table(self) -> str:
        """The rows as a table in Markdown."""
        lines = ["| what was seen | result | s | figures |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {what} | {how} | {took:.0f} | {said} |" for what, how, took, said in self.rows
        ]
        return "\n".join(lines) + "\n"


def main() -> int:
    """Build what is not there yet, boot it, show every scene; 0 when all was seen."""
    parser = argparse.ArgumentParser(prog="make test-kernel", description=__doc__)
    parser.add_argument("--checkout", type=Path, default=CHECKOUT, help="the checkout to install")
    parser.add_argument("--result", type=Path, help="a file for the table of results")
    chosen = parser.parse_args()
    if (missing := _missing()) is not None:
        sys.stderr.write(f"make test-kernel: {missing}\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # QEMU is not left behind
    report = Report()
    try:
        made = image(report.say, chosen.checkout)
    except (NotBuilt, RuntimeError, OSError) as error:
        sys.stderr.write(f"make test-kernel: {error}\n")
        return 2
    with Machine(made, KEPT / "running", WATCHDOG_DEVICE) as machine:
        report.say(f"booted; the agent answered after {machine.seconds:.0f} s")
        well = _shown(Station(machine), report)
    sys.stdout.write("\n" + report.table())
    if chosen.result is not None:
        chosen.result.write_text(report.table(), "utf-8")
    report.say("all was seen" if well else "NOT all was seen; the lines above say what")
    return 0 if well else 1


def _shown(station: Station, report: Report) -> bool:
    walked = _group(WALK, station, report)
    others = [scenes for name, scenes in GROUPS.items() if name != "walk"]
    return all([walked, *(_group(scenes, station, report, walked) for scenes in others)])


def _group(scenes: Sequence[Scene], station: Station, report: Report, can_run: bool = True) -> bool:
    for scene in scenes:
        what = (scene.__doc__ or scene.__name__).strip()
        if not can_run:
            report.rows.append((what, NOT_RUN, 0.0, ""))
            continue
        begun_s = time.monotonic()
        try:
            said, how = scene(station), "seen"
        except (NotSeen, AgentError, StopIteration, KeyError) as error:
            said, how, can_run = f"{type(error).__name__}: {error}", "NOT SEEN", False
            _explain(station, report)
        report.rows.append((what, how, time.monotonic() - begun_s, said.replace("\n", " ")))
        report.say(f"{how}: {what} ({said})")
    return can_run


def _explain(station: Station, report: Report) -> None:
    """Say what the services said last, because the machine is gone when somebody reads this."""
    try:
        units = " ".join(f"-u {unit}" for unit in OURS)
        report.say(station.run(f"journalctl -b --no-pager -n 60 -o short-monotonic {units}").out)
    except AgentError as error:
        report.say(f"{error}\n{station.machine.console()[-4000:]}")


def _missing() -> str | None:
    """What this machine needs first, in one line; None when it has all."""
    if os.geteuid() != 0:
        return "it makes Debian roots, so run it as root."
    wanted = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    return f"apt-get install -y --no-install-recommends {' '.join(wanted)}" if wanted else None


if __name__ == "__main__":
    sys.exit(main())
