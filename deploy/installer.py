"""Put a role on a Debian or Raspberry Pi OS machine from a checkout; run again, it changes nothing."""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from deploy.configuration import configure
from deploy.errors import InstallError, told
from deploy.release import installed_roles, make_current, make_release
from deploy.roles import ROLES, Role
from deploy.target import Target

NEEDED_MIB = 200
REFUSED = 2
_LGPIO = "import importlib.util, sys; sys.exit(importlib.util.find_spec('lgpio') is None)"


def main(words: list[str] | None = None) -> int:
    """Run the command; 2 and one sentence when it cannot be done."""
    os.environ.pop("PYTHONPATH", None)  # deploy/install found us by it; what we start finds itself
    try:
        chosen = _arguments(words)
        for line in install(chosen.role, chosen.root, chosen.wheels):
            sys.stdout.write(line + "\n")
    except InstallError as error:
        sys.stderr.write(f"deploy/install: {error}.\n")
        return REFUSED
    return 0


def install(names: list[str], root: Path, wheels: Path | None = None) -> list[str]:
    """Install the named roles beside those that are there; return what a person should know.

    Raises:
        InstallError: the release that ran before still does.
    """
    roles = [_role(name) for name in names]
    os.umask(0o022)
    try:
        target = Target.at(_prepared(root))
        together = installed_roles(target) | set(names)
        release = make_release(target, together, wheels)
        changed = make_current(target, release)
        notes = [note for role in roles for note in configure(target, role)]
    except OSError as error:
        raise told(error, root) from error
    done = "installed" if changed else "already installed"
    return [
        f"{' and '.join(names)}: {done} in {root} as {release}",
        *_about_lgpio(target, names),
        *_about_programs(target, roles),
        *dict.fromkeys(notes),
    ]


def _role(name: str) -> Role:
    if name not in ROLES:
        raise InstallError(f'there is no role "{name}"; choose {", ".join(ROLES)}')
    return ROLES[name]


def _prepared(root: Path) -> Path:
    """Make sure that the place is there, can be written and has room, before minutes are spent on it."""
    root.mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK):
        raise InstallError(f"{root} cannot be written; run this as root on a writable disk")
    opt = root / "opt"
    free_mib = shutil.disk_usage(opt if opt.exists() else root).free // 2**20
    if free_mib < NEEDED_MIB:
        raise InstallError(
            f"the disk of {root} has {free_mib} MiB free; a release needs {NEEDED_MIB}, so free some space"
        )
    return root.resolve()


def _about_lgpio(target: Target, names: list[str]) -> list[str]:
    python = "/usr/bin/python3" if target.is_root else sys.executable
    if "post" not in names or target.run(python, "-c", _LGPIO).returncode == 0:
        return []
    return ["lgpio is missing: on Raspberry Pi OS run: apt-get install python3-lgpio"]


def _about_programs(target: Target, roles: list[Role]) -> list[str]:
    """Name the Debian packages that a role starts and that are not there: we bring none of them."""
    programs = [program for role in roles for program in role.programs]
    missing = [package for path, package in programs if not target.path(path).exists()]
    if not missing:
        return []
    return [f"programs are missing: run: apt-get install {' '.join(missing)}"]


class _Sentences(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InstallError(f"{message}; see deploy/install --help")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = _Sentences(prog="deploy/install", description=__doc__)
    parser.add_argument(
        "--role",
        required=True,
        action="append",
        help=f"{', '.join(ROLES)}; may be given more than once",
    )
    parser.add_argument("--root", type=Path, default=Path("/"), help="the root of the machine")
    parser.add_argument("--wheels", type=Path, help="a folder that keeps fetched wheels")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
