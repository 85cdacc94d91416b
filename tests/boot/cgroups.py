"""A place of its own in the cgroup tree for each box, so that two systemds never meet in one."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.waiting import until

# A new cpuset takes no process before its processors are named, and no box needs one.
_LEFT_OUT = {"cpuset"}
_CGROUP_TYPES = {"cgroup", "cgroup2"}
_JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1"; shift; done; shift; exec "$@"'


def hierarchies(mounts: Path = Path("/proc/self/mounts")) -> list[Path]:
    """Where the hierarchies of cgroups hang, one for a unified tree, several for a mixed one."""
    rows = [line.split() for line in mounts.read_text("utf-8").splitlines()]
    return [
        Path(row[1])
        for row in rows
        if row[2] in _CGROUP_TYPES and not _LEFT_OUT & set(row[3].split(","))
    ]


class Cgroup:
    """One folder in every hierarchy."""

    def __init__(self, name: str) -> None:
        self._places = [top / name for top in hierarchies()]

    def make(self) -> None:
        """Make the folders; those of a run that was killed are emptied first."""
        self.end()
        for place in self._places:
            place.mkdir(exist_ok=True)

    def joined(self, *words: str) -> list[str]:
        """The command *words* as one that joins first, and dies with whoever started it."""
        files = [os.fspath(place / "cgroup.procs") for place in self._places]
        return [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "/bin/sh",
            "-ec",
            _JOIN,
            "sh",
            *files,
            "--",
            *words,
        ]

    def pids(self) -> set[int]:
        """Every process that is in there, or anywhere below."""
        found: set[int] = set()
        for place in self._places:
            for file in place.rglob("cgroup.procs"):
                with suppress(OSError):  # the folder went away meanwhile
                    found |= {int(pid) for pid in file.read_text("ascii").split()}
        return found - {0}

    def end(self) -> None:
        """Kill what is left and take the folders away."""
        until(self._all_dead, 20, "the end of every process of a box")
        for place in self._places:
            folders = sorted((path for path in place.rglob("*") if path.is_dir()), reverse=True)
            for folder in (*folders, place):
                with suppress(OSError):
                    folder.rmdir()

    def _all_dead(self) -> bool:
        pids = self.pids()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids
