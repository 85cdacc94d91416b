"""From an unpacked release to a folder that can run: everything from its own wheels, by their hashes."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.errors import DiskFull, InstallError
from deploy.switch.bundle import read_manifest
from deploy.switch.disk import Disk
from deploy.switch.links import current_folder, read_mark
from deploy.switch.place import MARK, RELEASES, Place, last_line

NEEDED_MIB = 200
_OWN_PAGES = ("README.md", "hardware.md", "technician.md", "technician.html", "LICENSE")
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


def stage(bundle: Path, place: Place, roles: Sequence[str], disk: Disk | None = None) -> str:
    """Build the release in the folder *bundle* for *roles* beside the others; give its folder's name.

    What is there and whole already is left as it is.

    Raises:
        InstallError: it could not be built; what was there before is untouched.
        OSError: the disk is full, or dying.
    """
    disk = disk or Disk()
    manifest = read_manifest(bundle)
    names = sorted(set(roles))
    folder = f"{manifest['release']}.{'-'.join(names)}"
    if read_mark(place, folder) is not None:
        return folder
    path = place.path(RELEASES) / folder
    need_room(place)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    # Who unpacked a release here may have a stricter umask, and services must find their programs.
    for above in path.parents[:2]:
        above.chmod(0o755)
    try:
        _build(bundle, place, folder, names)
        disk.settle(path)
        mark = _mark(bundle, manifest, names)
        disk.write(path / MARK, json.dumps(mark, indent=1) + "\n")
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return folder


def need_room(place: Place) -> None:
    """See that there is room for a release, before minutes are spent on it.

    Raises:
        InstallError: there is not.
    """
    folder = place.path(RELEASES)
    folder.mkdir(parents=True, exist_ok=True)
    free = free_mib(folder)
    if free < NEEDED_MIB:
        raise DiskFull(
            place.root,
            f"the disk of {place.root} has {free} MiB free; a release needs {NEEDED_MIB}, "
            "so free some space",
        )


def free_mib(folder: Path) -> int:
    """Room on the disk of *folder*, in MiB."""
    return shutil.disk_usage(folder).free // 2**20


def forget_old(place: Place, disk: Disk, keep: set[str], at_most: int) -> None:
    """Remove all but *keep* and the newest beside them, *at_most* in all; torsos go too."""
    folder = place.path(RELEASES)
    found = [path for path in list(folder.iterdir()) if path.name not in keep]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    whole = [path for path in found if read_mark(place, path.name) is not None]
    spare = whole[max(0, at_most - len(keep)) :] + [path for path in found if path not in whole]
    for path in spare:
        if path.name != current_folder(place):
            disk.remove_folder(path)


def role_facts(bundle: Path, role: str) -> dict[str, Any]:
    """What *role* consists of, as the release in *bundle* says.

    Raises:
        InstallError: it knows no such role.
    """
    path = bundle / "roles" / f"{role}.json"
    if not path.exists():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.json")))
        raise InstallError(f'there is no role "{role}"; choose {known}')
    return dict(json.loads(path.read_text("utf-8")))


def _mark(bundle: Path, manifest: dict[str, Any], roles: Sequence[str]) -> dict[str, Any]:
    facts = [role_facts(bundle, role) for role in roles]
    return {
        **{key: manifest[key] for key in ("release", "version", "platform")},
        "roles": list(roles),
        "units": list(dict.fromkeys(unit for one in facts for unit in one["units"])),
        "links": list(
            {name: [name, points_at] for one in facts for name, points_at in one["links"]}.values()
        ),
    }


def _build(bundle: Path, place: Place, folder: str, roles: Sequence[str]) -> None:
    path = place.path(RELEASES) / folder
    shutil.copytree(bundle / "systemd", path / "systemd")
    for page in _OWN_PAGES:
        if (bundle / page).exists():
            shutil.copyfile(bundle / page, path / page)
    # Inside the machine's own root, where its programs can see them.
    shutil.copytree(bundle / "wheels", path / "wheels")
    wanted = [bundle / "roles" / f"{role}.txt" for role in roles]
    (path / "wheels" / "wanted.txt").write_text("\n".join(_blocks(wanted)) + "\n", "utf-8")
    _make_venv(place, f"{RELEASES}/{folder}")
    shutil.rmtree(path / "wheels")
    _say_final_path(place, f"{RELEASES}/{folder}")
    _import_all(place, f"{RELEASES}/{folder}", [role_facts(bundle, role) for role in roles])


def _blocks(files: Sequence[Path]) -> Iterator[str]:
    """Each requirement of *files* once, with all its hashes."""
    seen: dict[str, str] = {}
    for file in files:
        for block in re.split(r"\n(?=[A-Za-z])", file.read_text("utf-8").strip()):
            name = re.split(r"[=\s;@]", block, maxsplit=1)[0]
            if seen.setdefault(name, block) != block:
                raise InstallError(f"{file.name} locks another {name} than the other roles")
    yield from seen.values()


def _make_venv(place: Place, there: str) -> None:
    """Make it from the wheels alone; lgpio comes from the system's own packages."""
    python = "/usr/bin/python3" if place.is_root else "python3"
    venv, wheels = place.seen(f"{there}/venv"), place.seen(f"{there}/wheels")
    _must(place, python, "-m", "venv", "--system-site-packages", venv)
    pip = (f"{venv}/bin/python", "-m", "pip", "--isolated", "--disable-pip-version-check")
    # Not what the system has: a Debian package of the same name may be years older.
    options = ("install", "--quiet", "--no-index", "--no-deps", "--ignore-installed")
    hashed = ("--root-user-action=ignore", "--require-hashes", "--find-links", wheels)
    _must(place, *pip, *options, *hashed, "-r", f"{wheels}/wanted.txt")


def _say_final_path(place: Place, there: str) -> None:
    """A plain folder becomes the root of a machine later, and scripts name their Python by its path."""
    if place.is_root:
        return
    folder = place.path(f"{there}/venv")
    for path in (folder / "pyvenv.cfg", *(folder / "bin").iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        final = content.replace(str(place.path(there)).encode(), there.encode())
        if final != content:
            path.write_bytes(final)


def _import_all(place: Place, there: str, facts: Sequence[dict[str, Any]]) -> None:
    """The self-test: everything that the roles may import can be imported."""
    names = sorted({name for one in facts for name in one["modules"]})
    python = place.seen(f"{there}/venv/bin/python")
    failed = json.loads(_must(place, python, "-I", "-B", "-c", _IMPORT_ALL, *names))
    if failed:
        name, why = next(iter(failed.items()))
        raise InstallError(f"{len(failed)} modules cannot be imported, the first is {name} ({why})")


def _must(place: Place, *words: str) -> str:
    done = place.run(*words)
    if "No space left on device" in done.stderr:
        raise DiskFull(place.root)
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise InstallError(
            "a package of the release is not the one that was locked; fetch it again"
        )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(words[:4])} failed in {place.root}: {last_line(done)}")
    return done.stdout


def roles_here(place: Place) -> list[str]:
    """The roles of the release that is current."""
    mark = read_mark(place, current_folder(place)) or {}
    return list(mark.get("roles", []))
