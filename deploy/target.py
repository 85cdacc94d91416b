"""The machine that gets the role: this one, the root of another, or a plain folder that becomes one."""

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import InstallError

OLDEST_PYTHON = (3, 11)
OLDEST_LIBC = "2.17"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_FACTS = """
import json, platform, sys
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
print(json.dumps({
    "version": list(sys.version_info[:2]),
    "machine": platform.machine(),
    "libc": platform.libc_ver()[1],
    "has_venv": has_venv,
}))
"""


@dataclass(frozen=True, slots=True)
class Python:
    """The Python that will run there.  `libc` is glibc's version, which decides on wheels."""

    version: tuple[int, int]
    machine: str
    libc: tuple[int, int]

    @property
    def tag(self) -> str:
        """As wheels name it: `cp311`."""
        return f"cp{self.version[0]}{self.version[1]}"

    def is_ours(self) -> bool:
        """Whether a wheel that is compiled here runs there."""
        return (self.version, self.machine) == (sys.version_info[:2], platform.machine())


@dataclass(frozen=True, slots=True)
class Target:
    """Where to install.  `is_root` says that programs of *root* itself can be run, by chroot."""

    root: Path
    is_root: bool
    python: Python

    @classmethod
    def at(cls, root: Path) -> "Target":
        """Look at *root*.

        Raises:
            InstallError: it is no place to install to.
        """
        if _is_debian(root):
            _need_root(root)
            return cls(root, True, _python(root))
        if (root / "etc/os-release").exists() or (root / "usr/bin").exists():
            raise InstallError(
                f"{root} is not a Debian or Raspberry Pi OS root; choose another --root"
            )
        return cls(root, False, _python(None))

    @property
    def is_this_machine(self) -> bool:
        """Whether services can be told at once."""
        return self.root == Path("/")

    def path(self, place: str) -> Path:
        """Where *place*, an absolute path there, is for us."""
        return self.root / place.lstrip("/")

    def seen(self, place: str) -> str:
        """How *place* is called by a program that `run` starts."""
        return place if self.is_root else str(self.path(place))

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program for the target: inside its root where it has one.  The caller looks at the result."""
        chroot = ["chroot", str(self.root)] if self.is_root and not self.is_this_machine else []
        return subprocess.run(  # noqa: S603 - no shell, and words of our own
            [*chroot, *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT if self.is_root else os.environ,
        )


def _is_debian(root: Path) -> bool:
    return (root / "etc/debian_version").exists()


def _need_root(root: Path) -> None:
    if os.geteuid() != 0:
        raise InstallError(f"installing to {root} needs root; run: sudo deploy/install ...")


def _python(root: Path | None) -> Python:
    """Ask the target's own Python, or ours where the target is a plain folder."""
    chroot = [] if root in (None, Path("/")) else ["chroot", str(root)]
    program = sys.executable if root is None else "/usr/bin/python3"
    if root is not None and not (root / "usr/bin/python3").exists():
        raise InstallError(f"there is no Python in {root}; run there: apt-get install python3-venv")
    done = subprocess.run(  # noqa: S603 - no shell, and words of our own
        [*chroot, program, "-c", _FACTS],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    if done.returncode != 0:
        raise InstallError(
            f"the Python of {root} does not run here; install on a machine of the same kind as the target"
        )
    return judged(json.loads(done.stdout), root or Path("/"))


def judged(facts: dict[str, Any], root: Path) -> Python:
    """Turn what a Python said about itself into a `Python`, if Portvakt can run on it."""
    if not facts["has_venv"]:
        raise InstallError(
            f"the Python of {root} cannot make virtual environments; "
            "run there: apt-get install python3-venv"
        )
    major, minor = facts["version"]
    if (major, minor) < OLDEST_PYTHON:
        raise InstallError(f"Portvakt needs Python 3.11 or later; {root} has {major}.{minor}")
    libc = [int(part) for part in (facts["libc"] or OLDEST_LIBC).split(".")]
    return Python((major, minor), facts["machine"], (libc[0], libc[1]))
