"""Everything that is installed comes as a wheel: fetched by its hash, or built from what was."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from deploy.compiling import EPOCH, Sources, compile_here, compile_in, need_compiler, wheel_name
from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.roles import BUILD_LOCK, CHECKOUT, packages
from deploy.roots import root_for
from deploy.switch.place import last_line

# Projects that publish no wheels for our machines.  lgpio is not among them: it needs a library that only
# Raspberry Pi OS has, so it comes from there, as python3-lgpio, and stands in no lock.
COMPILED = ("evdev", "spidev")
_OLDEST_MANYLINUX = 17


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept from one time to the next: wheels, and roots to compile in.

    Without `roots` nothing is compiled for machines of another kind.
    """

    wheels: Path
    roots: Path | None = None
    say: Callable[[str], None] = lambda _line: None


def gather(locks: Iterable[Path], python: Python, kept: Kept, into: Path) -> None:
    """Bring all wheels of *locks*, and our own, into the empty folder *into*, and nothing else.

    Raises:
        InstallError: no network, a wrong hash, or no compiler.
    """
    wanted = dict(requirements(locks))
    # pip runs in a folder of its own.
    into, kept = into.resolve(), replace(kept, wheels=kept.wheels.resolve())
    sources = [
        name for name in COMPILED if name in wanted and not _compiled(name, wanted, python, kept)
    ]
    for name in sources:
        _need_way(name, python, kept)
    ready = [text for name, text in wanted.items() if name not in COMPILED]
    with tempfile.TemporaryDirectory(prefix="portvakt-") as work:
        builder = _Builder(Path(work), kept.wheels)
        builder.fetch(ready, into, _runs_on(python))
        for name in sources:
            _compile(builder, name, wanted[name], python, kept)
        for name in COMPILED:
            for wheel in _compiled(name, wanted, python, kept) if name in wanted else ():
                shutil.copy(wheel, into)
        builder.own(into)


def requirements(locks: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Each requirement of *locks* once, as (name, its lines with all hashes)."""
    seen: dict[str, str] = {}
    for lock in locks:
        for block in re.split(r"\n(?=[A-Za-z])", lock.read_text("utf-8").strip()):
            name = re.split(r"[=\s;]", block, maxsplit=1)[0]
            if seen.setdefault(name, block) != block:
                raise InstallError(
                    f"{lock.name} locks another {name} than the other roles; run: make lock"
                )
    yield from seen.items()


def _compiled(name: str, wanted: dict[str, str], python: Python, kept: Kept) -> list[Path]:
    """The wheel that was compiled from this very lock before, if there is one."""
    wheel = _kept_folder(wanted[name], kept) / wheel_name(name, wanted[name], python)
    return [wheel] if wheel.exists() else []


def _kept_folder(text: str, kept: Kept) -> Path:
    """Named by the lock: with other sources it is another wheel."""
    return kept.wheels / "compiled" / hashlib.sha256(text.encode()).hexdigest()[:16]


def _need_way(name: str, python: Python, kept: Kept) -> None:
    if python.is_ours():
        need_compiler(name)
    elif kept.roots is None:
        number = f"{python.version[0]}.{python.version[1]}"
        raise InstallError(
            f"{name} must be compiled for Python {number} on {python.machine}; "
            "run deploy/install on such a machine, or take a release that deploy/make-release made"
        )


def _compile(builder: "_Builder", name: str, text: str, python: Python, kept: Kept) -> None:
    folder = _kept_folder(text, kept)
    folder.mkdir(parents=True, exist_ok=True)
    sources = builder.sources(name, text)
    kept.say(f"Compiling {name} for {python.platform} ...")
    with tempfile.TemporaryDirectory(prefix="portvakt-") as out:
        if python.is_ours():
            compile_here(sources, builder.python, Path(out))
        elif kept.roots is not None:
            compile_in(root_for(python, kept.roots, kept.say), sources, Path(out))
        made = Path(out) / wheel_name(name, text, python)
        if not made.exists():
            raise InstallError(f"compiling {name} gave no {made.name}")
        _keep(made, folder)


class _Builder:
    """A virtual environment of its own, so that nothing on this machine decides how a wheel is built."""

    def __init__(self, work: Path, kept: Path) -> None:
        self.work = work
        self.kept = kept

    @cached_property
    def python(self) -> Path:
        """Made at the first use; its setuptools is locked like everything else."""
        place = self.work / "build"
        subprocess.run([sys.executable, "-m", "venv", place], check=True)  # noqa: S603 - own words
        python = place / "bin" / "python"
        self._download(python, BUILD_LOCK, self.tools, ["--only-binary=:all:"])
        options: list[str | Path] = ["--no-index", "--find-links", self.tools]
        done = self._pip(python, "install", "--require-hashes", *options, "-r", BUILD_LOCK)
        if done.returncode != 0:
            raise InstallError(f"setuptools could not be installed: {last_line(done)}")
        return python

    @property
    def tools(self) -> Path:
        """Where the wheels lie that build wheels."""
        return self.work / "tools"

    def fetch(self, blocks: Iterable[str], into: Path, options: list[str]) -> None:
        """Bring the wheels of the requirements *blocks* into the folder *into*."""
        self._download(self.python, self._file("wanted.txt", blocks), into, options)

    def sources(self, name: str, text: str) -> Sources:
        """Bring the sources of one project, with what builds them."""
        folder = self.work / f"{name}-sources"
        lock = self._file(f"{name}.txt", [text])
        self._download(self.python, lock, folder, ["--no-binary=:all:", "--no-build-isolation"])
        for path in self.tools.iterdir():
            shutil.copy(path, folder)
        return Sources(name, folder, lock)

    def own(self, into: Path) -> None:
        """Build our wheel from a copy, because setuptools leaves its traces beside the sources."""
        copy = self.work / "portvakt"
        leave = shutil.ignore_patterns("__pycache__")
        for folder in packages():
            shutil.copytree(CHECKOUT / folder, copy / folder, ignore=leave)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(CHECKOUT / name, copy / name)
        for path in copy.rglob("*"):
            # The checkout's modes are its owner's business, and a wheel keeps them.
            path.chmod(0o755 if path.is_dir() else 0o644)
        words = ("wheel", "--no-deps", "--no-build-isolation", "-w", into, copy)
        done = self._pip(self.python, *words)
        if done.returncode != 0:
            raise InstallError(f"our own wheel could not be built: {last_line(done)}")

    def _file(self, name: str, blocks: Iterable[str]) -> Path:
        path = self.work / name
        path.write_text("\n".join(blocks) + "\n", "utf-8")
        return path

    def _pip(self, python: Path, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        command = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
        return subprocess.run(  # noqa: S603 - no shell, and words of our own
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.work,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
        )

    def _download(self, python: Path, wanted: Path, into: Path, options: list[str]) -> None:
        """Take what is kept, and fetch the rest by its hashes."""
        into.mkdir(parents=True, exist_ok=True)
        words: list[str | Path] = ["download", "--no-deps", "--require-hashes", *options]
        words += ["-d", into, "-r", wanted]
        at_hand: list[str | Path] = ["--no-index", "--find-links", self.kept]
        if self.kept.is_dir() and self._pip(python, *words, *at_hand).returncode == 0:
            return
        done = self._pip(python, *words)
        if done.returncode != 0:
            raise _not_fetched(done)
        self.kept.mkdir(parents=True, exist_ok=True)
        for path in into.iterdir():
            _keep(path, self.kept)


def _keep(path: Path, folder: Path) -> None:
    """Copy *path* to *folder*, whole or not at all."""
    fresh = folder / f".{path.name}.{os.getpid()}"
    shutil.copyfile(path, fresh)
    fresh.replace(folder / path.name)


def _not_fetched(done: "subprocess.CompletedProcess[str]") -> InstallError:
    if "DO NOT MATCH THE HASHES" in done.stderr:
        return InstallError(
            "a package is not the one that was locked; do not use this package index"
        )
    return InstallError(
        f"the packages could not be fetched ({last_line(done)}); "
        "check the network, or give --wheels DIR with wheels that were fetched elsewhere"
    )


def _runs_on(python: Python) -> list[str]:
    """Tell pip what runs on the target.  It does not step down by itself: every level is named."""
    major, minor = python.libc
    platforms = [f"manylinux_{major}_{level}" for level in range(_OLDEST_MANYLINUX, minor + 1)]
    platforms += ["manylinux2014", "linux"]
    options = ["--only-binary=:all:", "--implementation=cp"]
    options += [f"--python-version={python.version[0]}.{python.version[1]}"]
    options += [f"--abi={abi}" for abi in (python.tag, "abi3", "none")]
    return options + [f"--platform={one}_{python.machine}" for one in platforms]
