"""A release as a folder: its wheels with their hashes, its units, its installer, and what is in it."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.printed import printed
from deploy.roles import CHECKOUT, PAGES, ROLES, SHEET, SYSTEMD, release_name, version
from deploy.switch.bundle import FORMAT, check_files, digest, read_manifest
from deploy.switch.place import MARK
from deploy.wheels import Kept, gather, requirements

# A file beside `install` says that this is an unpacked release, not a checkout.
UNPACKED = (CHECKOUT / MARK).exists()
_TOP = "portvakt-"


def named() -> str:
    """How the folder with the release of this checkout is called."""
    return f"{_TOP}{release_name()}"


def fill(folder: Path, python: Python, roles: Iterable[str], kept: Kept) -> None:
    """Make the release of this checkout for *python* and *roles* in the empty folder *folder*, as `named`.

    Raises:
        InstallError: a wheel could not be brought.
    """
    names = sorted(roles)
    kept.say(f"{python.platform}: bringing the wheels ...")
    gather([ROLES[name].lock for name in names], python, kept, folder / "wheels")
    _copy_sources(folder)
    (folder / "roles").mkdir()
    hashes = {_project(path.name): _requirement(path) for path in (folder / "wheels").iterdir()}
    for name in names:
        _write_role(folder / "roles", name, hashes)
    _write_manifest(folder, python.platform)


def platform_of(bundle: Path) -> str:
    """Say for which machines the release in *bundle* is."""
    return str(read_manifest(bundle)["platform"])


@contextmanager
def bundle_for(python: Python, roles: Iterable[str], wheels: Path | None) -> Iterator[Path]:
    """Give the release to install: the unpacked one that we are part of, or one made of this checkout.

    Raises:
        InstallError: it is damaged, or for another kind of machine, or could not be made.
    """
    if UNPACKED:
        check_files(CHECKOUT)
        made_for = platform_of(CHECKOUT)
        if made_for != python.platform:
            raise InstallError(
                f"this release is for {made_for} and the machine is {python.platform}; "
                "take the file with that in its name"
            )
        yield CHECKOUT
        return
    with TemporaryDirectory(prefix="portvakt-") as work:
        folder = Path(work) / named()
        folder.mkdir()
        fill(folder, python, roles, Kept(wheels or Path(work) / "kept"))
        yield folder


def this_release() -> str:
    """Name the release that an installation from here brings."""
    return str(read_manifest(CHECKOUT)["release"]) if UNPACKED else release_name()


def _copy_sources(folder: Path) -> None:
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "deploy", folder / "deploy", ignore=leave)
    shutil.copytree(SYSTEMD, folder / "systemd", ignore=leave)
    shutil.copy(CHECKOUT / "deploy" / "install", folder / "install")
    for page in PAGES:
        if (CHECKOUT / page).exists():
            shutil.copy(CHECKOUT / page, folder / Path(page).name)
    sheet = folder / Path(SHEET).name
    if sheet.exists():
        sheet.with_suffix(".html").write_text(printed(sheet.read_text("utf-8")), "utf-8")


def _write_role(folder: Path, name: str, hashes: dict[str, str]) -> None:
    """The hashes are those of the very files beside it, ours and what was compiled among them."""
    role = ROLES[name]
    card = json.dumps(role.card(), indent=1, sort_keys=True)
    (folder / f"{name}.json").write_text(card + "\n", "utf-8")
    wanted = [*locked_projects(role.lock), "portvakt"]
    missing = [one for one in wanted if one not in hashes]
    if missing:
        raise InstallError(f"no wheel of {missing[0]} came, which {role.lock.name} names")
    lines = [hashes[one] for one in sorted(wanted)]
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def locked_projects(lock: Path) -> Iterator[str]:
    """The projects that *lock* names."""
    yield from (_canonical(name) for name, _text in requirements([lock]))


def _requirement(wheel: Path) -> str:
    number = wheel.name.split("-")[1]
    return f"{_project(wheel.name)}=={number} \\\n    --hash=sha256:{digest(wheel)}"


def _project(file: str) -> str:
    return _canonical(file.partition("-")[0])


def _canonical(name: str) -> str:
    """As the Python packaging specifications compare names (PEP 503)."""
    return name.replace("_", "-").replace(".", "-").lower()


def _write_manifest(folder: Path, platform: str) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "release": folder.name.removeprefix(_TOP),
        "version": version(),
        "platform": platform,
        "files": {path.relative_to(folder).as_posix(): digest(path) for path in paths},
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / MARK).write_text(text + "\n", "utf-8")
