"""Wheels of projects that publish sources only: compiled here, or in a Debian of the target's kind."""

import os
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.roots import Root
from deploy.switch.place import last_line

EPOCH = 1577836800  # the time stamps in what we build: the same sources give the same bytes
# Debug information names the folder that was compiled in.
ENVIRONMENT = {"SOURCE_DATE_EPOCH": str(EPOCH), "CFLAGS": "-O2 -g0"}
_PIP = ("--isolated", "--disable-pip-version-check", "--quiet")
_BUILD = ("wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-binary=:all:")
_THERE = "/srv/build"
# The one for projects that are older than the standard serves the others as well.
_BACKEND = f"""
import os, pathlib
os.chdir(next(pathlib.Path("{_THERE}/source").iterdir()))
import setuptools.build_meta
setuptools.build_meta.__legacy__.build_wheel("{_THERE}/out")
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """A project's hashed sources, which *lock* names, and the setuptools that builds them, in one folder."""

    name: str
    folder: Path
    lock: Path

    @property
    def archives(self) -> list[Path]:
        """The project's own."""
        return list(self.folder.glob("*.tar.gz"))

    @property
    def wheels(self) -> list[Path]:
        """What builds it."""
        return list(self.folder.glob("*.whl"))


def wheel_name(name: str, text: str, python: Python) -> str:
    """Name the wheel that compiling the requirement *text* gives."""
    number = re.split(r"[=\s;]+", text, maxsplit=2)[1]
    return f"{name}-{number}-{python.tag}-{python.tag}-linux_{python.machine}.whl"


def need_compiler(name: str) -> None:
    """See that this machine can compile for itself.

    Raises:
        InstallError: it cannot; the sentence names Debian's packages.
    """
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which("gcc") is None or not header.exists():
        raise InstallError(f"{name} must be compiled; run first: apt-get install gcc python3-dev")


def compile_here(sources: Sources, program: Path, into: Path) -> None:
    """Compile with the Python *program*, whose venv has setuptools."""
    hashed = ("--no-index", "--find-links", sources.folder, "--require-hashes")
    words = (program, "-m", "pip", *_PIP, *_BUILD, *hashed, "-w", into, "-r", sources.lock)
    done = subprocess.run(  # noqa: S603 - no shell, and words of our own
        words, capture_output=True, text=True, check=False, env={**os.environ, **ENVIRONMENT}
    )
    if done.returncode != 0:
        raise _failed(sources.name, done)


def compile_in(root: Root, sources: Sources, into: Path) -> None:
    """Compile in *root*, which has gcc and Python of the target's kind; nothing is fetched there.

    pip has seen to the hashes outside; it takes minutes inside, where qemu reads every instruction.  So the
    build backend is called as pip would call it (PEP 517, build_wheel).
    """
    there = root.path / _THERE.lstrip("/")
    shutil.rmtree(there, ignore_errors=True)
    try:
        for name, paths in (("source", sources.archives), ("tools", sources.wheels)):
            for path in paths:
                shutil.unpack_archive(path, there / name, *_format(path))
        (there / "out").mkdir()
        run = {**ENVIRONMENT, "PYTHONPATH": f"{_THERE}/tools"}
        done = root.run("/usr/bin/python3", "-B", "-c", _BACKEND, environment=run, offline=True)
        if done.returncode != 0:
            raise _failed(sources.name, done)
        for wheel in (there / "out").iterdir():
            shutil.copy(wheel, into)
    finally:
        shutil.rmtree(there, ignore_errors=True)


def _format(path: Path) -> tuple[str, ...]:
    return ("zip",) if path.suffix == ".whl" else ()


def _failed(name: str, done: "subprocess.CompletedProcess[str]") -> InstallError:
    return InstallError(f"{name} could not be compiled: {last_line(done)}")
