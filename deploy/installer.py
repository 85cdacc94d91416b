"""Put a role on a Debian or Raspberry Pi OS machine; run again, it changes nothing."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from deploy.bundle import UNPACKED
from deploy.configuration import configure, trust
from deploy.debian import bring, missing, name
from deploy.errors import InstallError, told
from deploy.hallbox import HallBox, add_arguments, chosen, configure_hall_box, fitted
from deploy.release import make_current, put
from deploy.roles import ROLES, Role
from deploy.switch.lock import held
from deploy.switch.place import Place
from deploy.switch.staging import need_room, roles_here
from deploy.target import Target, is_debian

REFUSED = 2
_CALLED = "install" if UNPACKED else "deploy/install"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for.  `packages`: let apt bring what is missing; None: on this machine only."""

    roles: tuple[str, ...]
    root: Path
    wheels: Path | None = None
    signers: Path | None = None
    packages: bool | None = None
    box: HallBox | None = None


def main(words: list[str] | None = None) -> int:
    """Run the command; 2 and one sentence when it cannot be done."""
    os.environ.pop("PYTHONPATH", None)  # deploy/install found us by it; what we start finds itself
    try:
        for line in install(_wish(words)):
            sys.stdout.write(line + "\n")
    except InstallError as error:
        sys.stderr.write(f"{_CALLED}: {error}.\n")
        return REFUSED
    return 0


def install(wish: Wish) -> list[str]:
    """Install the named roles beside those that are there; return what a person should know.

    Raises:
        InstallError: the release that ran before still does.
    """
    roles = [fitted(_role(one), wish.box) for one in wish.roles]
    os.umask(0o022)
    try:
        root = _prepared(wish.root)
        programs = _packages(root, roles, wish)
        target = Target.at(root)
        signers = trust(target, wish.signers)
        with held(target.place, patient=False):
            folder = put(target, {*roles_here(target.place), *wish.roles}, wish.wheels)
            changed = make_current(target, folder)
        notes = [note for role in roles for note in configure(target, role)]
        notes += configure_hall_box(target, wish.box)
    except OSError as error:
        raise told(error, wish.root) from error
    done = "installed" if changed else "already installed"
    first = f"{' and '.join(wish.roles)}: {done} in {wish.root} as {folder}"
    return [first, *programs, *signers, *dict.fromkeys(notes)]


def _role(word: str) -> Role:
    if word not in ROLES:
        raise InstallError(f'there is no role "{word}"; choose {", ".join(ROLES)}')
    return ROLES[word]


def _prepared(root: Path) -> Path:
    """Make sure that the place is there, can be written and has room, before minutes are spent on it."""
    root.mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK):
        raise InstallError(f"{root} cannot be written; run this as root on a writable disk")
    need_room(Place(root))
    return root.resolve()


def _packages(root: Path, roles: list[Role], wish: Wish) -> list[str]:
    """Let apt bring what is missing, as on a stock machine nobody should need a second command."""
    place = Place(root, is_root=is_debian(root))
    wanted = missing(place, roles)
    may = place.is_root and os.geteuid() == 0
    if may and wanted and (root == Path("/") if wish.packages is None else wish.packages):
        sys.stderr.write(f"Installing Debian's {' '.join(wanted)} ...\n")
        return bring(place, wanted)
    return name(place, wanted)


class _Sentences(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InstallError(f"{message}; see {_CALLED} --help")


def _wish(words: list[str] | None) -> Wish:
    parser = _Sentences(prog=_CALLED, description=__doc__)
    roles = f"{', '.join(ROLES)}; may be given more than once"
    parser.add_argument("--role", required=True, action="append", help=roles)
    parser.add_argument("--root", type=Path, default=Path("/"), help="the root of the machine")
    parser.add_argument("--wheels", type=Path, help="a folder that keeps fetched wheels")
    parser.add_argument(
        "--signers", type=Path, help="the file with the keys of those whose updates are taken"
    )
    parser.add_argument(
        "--with-packages",
        action=argparse.BooleanOptionalAction,
        help="let apt install the Debian packages that are missing; without a word: on this machine only",
    )
    add_arguments(parser)
    said = parser.parse_args(words)
    return Wish(
        tuple(said.role), said.root, said.wheels, said.signers, said.with_packages, chosen(said)
    )


if __name__ == "__main__":
    sys.exit(main())
