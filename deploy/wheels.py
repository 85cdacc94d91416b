"""Everything that is installed comes as a wheel: fetched by its hash, or built here from what was."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.errors import InstallError
from deploy.roles import BUILD_LOCK, CHECKOUT, packages, version
from deploy.target import Python

# Projects that publish no wheels at all.
COMPILED = ("evdev", "spidev")
_EPOCH = "1577836800"  # the time stamps in our wheel; the same sources give the same wheel
_OLDEST_MANYLINUX = 17


def gather(locks: Iterable[Path], python: Python, folder: Path) -> list[Path]:
    """Bring all wheels of *locks* and our own into *folder*; return those that were built here.

    Wheels that lie in *folder* already are not fetched again.

    Raises:
        InstallError: no network, a wrong hash, or no compiler.
    """
    wanted = list(requirements(locks))
    ready = [text for name, text in wanted if name not in COMPILED]
    sources = [(name, text) for name, text in wanted if name in COMPILED]
    for name, text in sources:
        if not (folder / _compiled_name(name, text, python)).exists():
            _need_compiler(name, python)
    with tempfile.TemporaryDirectory(prefix="portvakt-") as work:
        builder = _Builder(Path(work), folder)
        _fetch(builder, ready, python)
        built = [builder.compiled(name, text, python) for name, text in sources]
        return [*built, builder.own()]


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


class _Builder:
    """A virtual environment of its own, so that nothing on this machine decides how a wheel is built."""

    def __init__(self, work: Path, folder: Path) -> None:
        self.work = work
        self.folder = folder
        self._python: Path | None = None

    def pip(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run pip there; the caller looks at the result."""
        command = [self._made(), "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
        return subprocess.run(  # noqa: S603 - no shell, and words of our own
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.work,
            env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
        )

    def requirements_file(self, name: str, blocks: Iterable[str]) -> Path:
        """Write *blocks* where pip can read them."""
        path = self.work / name
        path.write_text("\n".join(blocks) + "\n", "utf-8")
        return path

    def compiled(self, name: str, text: str, python: Python) -> Path:
        """Compile one project from its hashed sources."""
        wheel = self.folder / _compiled_name(name, text, python)
        if not wheel.exists():
            wanted = self.requirements_file(f"{name}.txt", [text])
            self._wheel("--require-hashes", "-r", wanted)
        return wheel

    def own(self) -> Path:
        """Build our wheel from a copy, because setuptools leaves its traces beside the sources."""
        copy = self.work / "portvakt"
        for folder in packages():
            shutil.copytree(
                CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(CHECKOUT / name, copy / name)
        self._wheel(copy)
        return self.folder / f"portvakt-{version()}-py3-none-any.whl"

    def _wheel(self, *words: str | Path) -> None:
        done = self.pip("wheel", "--no-deps", "--no-build-isolation", "-w", self.folder, *words)
        if done.returncode != 0:
            raise InstallError(f"a wheel could not be built: {last_line(done)}")

    def _made(self) -> Path:
        """Make it at the first use; its setuptools is locked like everything else."""
        if self._python is None:
            place = self.work / "build"
            subprocess.run([sys.executable, "-m", "venv", place], check=True)  # noqa: S603 - own words
            self._python = place / "bin" / "python"
            _fetch_or_reuse(self, BUILD_LOCK, ["--only-binary=:all:"])
            options: list[str | Path] = ["--no-index", "--find-links", self.folder]
            done = self.pip("install", "--require-hashes", *options, "-r", BUILD_LOCK)
            if done.returncode != 0:
                raise InstallError(f"setuptools could not be installed: {last_line(done)}")
        return self._python


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last words of a program that failed, preferably those that it calls an error."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1].removeprefix("ERROR:").strip()


def _fetch(builder: _Builder, blocks: list[str], python: Python) -> None:
    wanted = builder.requirements_file("wanted.txt", blocks)
    _fetch_or_reuse(builder, wanted, _runs_on(python))


def _fetch_or_reuse(builder: _Builder, wanted: Path, options: list[str]) -> None:
    words: list[str | Path] = [
        "download",
        "--no-deps",
        "--require-hashes",
        *options,
        "-d",
        builder.folder,
        "-r",
        wanted,
    ]
    if any(builder.folder.glob("*.whl")):
        at_hand = builder.pip(*words, "--no-index", "--find-links", builder.folder)
        if at_hand.returncode == 0:
            return
    done = builder.pip(*words)
    if done.returncode == 0:
        return
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise InstallError(
            "a package is not the one that was locked; do not use this package index"
        )
    raise InstallError(
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


def _compiled_name(name: str, text: str, python: Python) -> str:
    number = re.split(r"[=\s;]+", text, maxsplit=2)[1]
    return f"{name}-{number}-{python.tag}-{python.tag}-linux_{python.machine}.whl"


def _need_compiler(name: str, python: Python) -> None:
    number = f"{python.version[0]}.{python.version[1]}"
    if not python.is_ours():
        raise InstallError(
            f"{name} must be compiled for Python {number} on {python.machine}; "
            "run deploy/install on such a machine"
        )
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which("gcc") is None or not header.exists():
        raise InstallError(f"{name} must be compiled; run first: apt-get install gcc python3-dev")
