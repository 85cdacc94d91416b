"""Debian roots of another kind than this machine: to compile in, and to try a release in (mmdebstrap(1))."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import InstallError
from deploy.platforms import MACHINES, SUITES, Python
from deploy.switch.place import ENVIRONMENT, last_line

PACKAGES = "python3,python3-venv,python3-dev,gcc"
_PROGRAMS = {"mmdebstrap": "mmdebstrap", "arch-test": "arch-test", "chroot": "coreutils"}
_QEMU = {"aarch64": "qemu-aarch64", "x86_64": "qemu-x86_64"}
_BINFMT = Path("/proc/sys/fs/binfmt_misc")
_RULES = Path("/usr/lib/binfmt.d")
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
_UNUSED = ("man", "locale", "doc", "info")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Root:
    """A Debian in a folder, whose programs run here by chroot, by qemu-user where the processor differs."""

    path: Path

    def run(
        self, *words: str, environment: Mapping[str, str] | None = None, offline: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program in it, *offline* without any network (unshare(1)); the caller looks at the result."""
        alone = ["unshare", "--net"] if offline else []
        return subprocess.run(  # noqa: S603 - no shell, and words of our own
            [*alone, "chroot", str(self.path), *words],
            capture_output=True,
            text=True,
            check=False,
            env={**ENVIRONMENT, **(environment or {})},
        )


def root_for(python: Python, kept: Path, say: Say) -> Root:
    """The root with *python* under the folder *kept*, made at the first use.

    Raises:
        InstallError: something that it needs is missing, or no package could be fetched.
    """
    suite = suite_of(python)
    path = kept / f"{suite}-{MACHINES[python.machine]}"
    _need_programs(python, suite)
    if python.machine != platform.machine():
        _teach_kernel(python.machine)
    if not _ready(path).exists():
        say(f"Making a root of Debian {suite} for {python.machine}; this takes minutes ...")
        _make(path, suite, MACHINES[python.machine])
    return Root(path)


def suite_of(python: Python) -> str:
    """Name the Debian that has *python*.

    Raises:
        InstallError: none that we know.
    """
    if python.version not in SUITES or python.machine not in MACHINES:
        number = f"{python.version[0]}.{python.version[1]}"
        raise InstallError(
            f"no release can be made here for Python {number} on {python.machine}; "
            "run deploy/install from a checkout on such a machine"
        )
    return SUITES[python.version][0]


def _need_programs(python: Python, suite: str) -> None:
    missing = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    if python.machine != platform.machine() and not _runs_foreign(python.machine):
        missing.append("qemu-user-static")
    if missing:
        raise InstallError(
            f"{python.platform} is compiled in a root of Debian {suite}; run first: "
            f"apt-get install {' '.join(missing)} debian-archive-keyring"
        )
    if os.geteuid() != 0:
        raise InstallError(
            f"{python.platform} is compiled in a root of Debian {suite}, which only root can make; "
            "run this with sudo"
        )


def _runs_foreign(machine: str) -> bool:
    return (_BINFMT / _QEMU[machine]).exists() or (_RULES / f"{_QEMU[machine]}.conf").exists()


def _teach_kernel(machine: str) -> None:
    """Tell the kernel of qemu, as systemd-binfmt does at the boot of a machine that has it."""
    if not (_BINFMT / "register").exists():
        subprocess.run(  # noqa: S603 - no shell, and words of our own
            ["mount", "-t", "binfmt_misc", "binfmt_misc", str(_BINFMT)],  # noqa: S607
            check=False,
            capture_output=True,
        )
    if (_BINFMT / _QEMU[machine]).exists():
        return
    rule = (_RULES / f"{_QEMU[machine]}.conf").read_text("utf-8").strip()
    try:
        (_BINFMT / "register").write_text(rule, "utf-8")
    except OSError as error:
        raise InstallError(
            f"this kernel runs no programs for {machine} ({error.strerror}); "
            "make this release on another machine"
        ) from error


def _make(path: Path, suite: str, architecture: str) -> None:
    _remove_torso(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    words = ["mmdebstrap", "--mode=root", f"--arch={architecture}", "--variant=essential"]
    words += [f"--include={PACKAGES}", '--aptopt=APT::Install-Recommends "false"']
    words += ["--dpkgopt=force-unsafe-io"]
    words += [f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in _UNUSED]
    with tempfile.TemporaryDirectory(prefix="portvakt-") as work:
        words += [suite, str(path), *_mirror(suite, Path(work))]
        done = subprocess.run(  # noqa: S603 - no shell, and words of our own
            words, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise InstallError(f"no root of Debian {suite} could be made: {_reason(done)}")
    _ready(path).touch()


def _mirror(suite: str, work: Path) -> list[str]:
    """This machine's own mirror for that suite, where it is a Debian; else mmdebstrap knows one."""
    try:
        host = platform.freedesktop_os_release()
        text = _SOURCES.read_text("utf-8")
    except OSError:
        return []
    codename = host.get("VERSION_CODENAME", "")
    if host.get("ID") != "debian" or not codename:
        return []
    mirror = work / "debian.sources"
    mirror.write_text(text.replace(codename, suite), "utf-8")
    return [str(mirror)]


def _remove_torso(path: Path) -> None:
    if not path.exists():
        return
    mounts = Path("/proc/self/mounts").read_text("utf-8")
    if f" {path}/" in mounts:
        raise InstallError(f"something is mounted below {path}; unmount it and run this again")
    shutil.rmtree(path)


def _ready(path: Path) -> Path:
    return path.with_name(f"{path.name}.ready")


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    """What mmdebstrap's programs called an error first; its own last line says only that one failed."""
    for line in done.stderr.splitlines():
        if line.startswith("E: ") and "failed" not in line:
            return line.removeprefix("E: ")
    return last_line(done).removeprefix("E: ")
