"""A release: one folder with a virtual environment and units, complete or not there."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.errors import InstallError
from deploy.roles import CHECKOUT, ROLES, release_name
from deploy.target import Target
from deploy.wheels import gather, last_line, requirements

RELEASES = "/opt/portvakt/releases"
CURRENT = "/opt/portvakt/current"
KEPT_RELEASES = 2
_MARK = "release.json"  # written last: a folder without it is a torso
_IMPORT_ALL = """
import importlib, json, pkgutil, sys
failed = {}
def attempt(name):
    try:
        return importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
for name in sys.argv[1:]:
    package = attempt(name)
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
        # These two are run, not imported; the second one by alembic.
        if not module.name.endswith(("__main__", "migrations.env")):
            attempt(module.name)
print(json.dumps(failed))
"""


def installed_roles(target: Target) -> set[str]:
    """The roles of the release that is current there."""
    try:
        mark = json.loads(target.path(f"{CURRENT}/{_MARK}").read_text("utf-8"))
        return set(mark["roles"])
    except (OSError, ValueError, KeyError):
        return set()


def make_release(target: Target, roles: Iterable[str], wheels: Path | None) -> str:
    """Build the release for *roles*, unless it is there already; return its name.

    Raises:
        InstallError: it could not be built; what was there before is untouched.
    """
    names = sorted(roles)
    name = release_name(names, target.python.tag)
    place = f"{RELEASES}/{name}"
    folder = target.path(place)
    if (folder / _MARK).exists():
        return name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with _wheel_folder(wheels) as found:
            _fill(target, place, names, found)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return name


def make_current(target: Target, name: str) -> bool:
    """Let `current` point at the release *name*, in one step; false when it does so already."""
    link = target.path(CURRENT)
    wanted = f"releases/{name}"
    if link.is_symlink() and os.fspath(link.readlink()) == wanted:
        return False
    before = link.readlink().name if link.is_symlink() else name
    fresh = link.with_name(".current.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(wanted)
    fresh.replace(link)
    _forget_old(target, {name, before})
    return True


def _fill(target: Target, place: str, roles: list[str], wheels: Path) -> None:
    folder = target.path(place)
    locks = [ROLES[role].lock for role in roles]
    built = gather(locks, target.python, wheels)
    _make_venv(target, place, locks, wheels, built)
    shutil.copytree(CHECKOUT / "systemd", folder / "systemd")
    for page in ("README.md", "hardware.md", "LICENSE"):
        if (CHECKOUT / page).exists():
            shutil.copyfile(CHECKOUT / page, folder / page)
    _import_all(target, f"{place}/venv", roles)
    mark = {"name": folder.name, "roles": roles}
    with (folder / _MARK).open("w", encoding="utf-8") as file:
        file.write(json.dumps(mark) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _make_venv(
    target: Target, place: str, locks: list[Path], wheels: Path, built: list[Path]
) -> None:
    """Install from the wheels alone, inside the target; lgpio comes from the system's own packages."""
    python = "/usr/bin/python3" if target.is_root else "python3"
    venv = target.seen(f"{place}/venv")
    _must(target, python, "-m", "venv", "--system-site-packages", venv)
    inside = target.path(f"{place}/wheels")
    shutil.copytree(wheels, inside)
    names = {path.name for path in built}
    ready = [text for name, text in requirements(locks) if not _is_built(name, names)]
    (inside / "wanted.txt").write_text("\n".join(ready) + "\n", "utf-8")
    seen = target.seen(f"{place}/wheels")
    pip = (
        f"{venv}/bin/python",
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "install",
    )
    # Not what the system has: a Debian package of the same name may be years older.
    options = (
        "--quiet",
        "--no-index",
        "--no-deps",
        "--ignore-installed",
        "--root-user-action=ignore",
    )
    hashed = ("--require-hashes", "--find-links", seen, "-r", f"{seen}/wanted.txt")
    _must(target, *pip, *options, *hashed)
    _must(target, *pip, *options, *(f"{seen}/{name}" for name in sorted(names)))
    shutil.rmtree(inside)
    _say_final_path(target, place)


def _is_built(name: str, built: set[str]) -> bool:
    return any(wheel.startswith(f"{name}-") for wheel in built)


def _say_final_path(target: Target, place: str) -> None:
    """A plain folder becomes the root of a machine later, and scripts name their Python by its path."""
    if target.is_root:
        return
    folder = target.path(f"{place}/venv")
    for path in (folder / "pyvenv.cfg", *(folder / "bin").iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        final = content.replace(str(target.path(place)).encode(), place.encode())
        if final != content:
            path.write_bytes(final)


def _import_all(target: Target, venv: str, roles: list[str]) -> None:
    names = sorted({package for role in roles for package in ROLES[role].packages})
    python = target.seen(f"{venv}/bin/python")
    done = _must(target, python, "-I", "-B", "-c", _IMPORT_ALL, *names)
    failed = json.loads(done)
    if failed:
        name, why = next(iter(failed.items()))
        raise InstallError(f"{len(failed)} modules cannot be imported, the first is {name} ({why})")


def _must(target: Target, *words: str) -> str:
    done = target.run(*words)
    if "No space left on device" in done.stderr:
        raise InstallError(f"the disk of {target.root} is full; free some space and run this again")
    if done.returncode != 0:
        program = " ".join(words[:4])
        raise InstallError(f"{program} failed in {target.root}: {last_line(done)}")
    return done.stdout


def _forget_old(target: Target, keep: set[str]) -> None:
    """Keep the release that runs and the one before it."""
    folder = target.path(RELEASES)
    old = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    spare = [path for path in old if path.name not in keep]
    for path in spare[max(0, KEPT_RELEASES - len(keep)) :]:
        shutil.rmtree(path)


@contextmanager
def _wheel_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="portvakt-wheels-") as made:
        yield Path(made)
