"""Make the release of this checkout: one signed file for each kind of machine, read back."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from deploy.archive import pack
from deploy.bundle import UNPACKED, fill, named
from deploy.errors import InstallError, told
from deploy.platforms import PLATFORMS, Python
from deploy.roles import CHECKOUT, ROLES
from deploy.signature import Key, new_key
from deploy.switch.bundle import digest, unpack, verify
from deploy.switch.place import SIGNERS, Place
from deploy.wheels import Kept

REFUSED = 2
KEPT = CHECKOUT / "build" / "release"
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made."""

    out: Path
    key: Path
    platforms: tuple[str, ...] = tuple(PLATFORMS)
    roles: tuple[str, ...] = tuple(ROLES)
    wheels: Path = KEPT / "wheels"
    roots: Path = KEPT / "roots"
    say: Callable[[str], None] = field(default=lambda _line: None)


def main(words: list[str] | None = None) -> int:
    """Run the command; 2 and one sentence when it cannot be done."""
    os.environ.pop("PYTHONPATH", None)  # deploy/make-release found us by it
    os.umask(0o022)
    try:
        chosen = _arguments(words)
        if chosen.new_key:
            _say(f"The key is {chosen.new_key}; keep it where nobody else reads it.")
            _say(f"Machines take what it signs when they have {new_key(chosen.new_key)}.")
            return 0
        make(_order(chosen))
    except InstallError as error:
        sys.stderr.write(f"deploy/make-release: {error}.\n")
        return REFUSED
    except OSError as error:
        sys.stderr.write(f"deploy/make-release: {told(error, KEPT)}.\n")
        return REFUSED
    return 0


def make(order: Order) -> list[Path]:
    """Make each file of *order*, sign it, read it back; give the files.

    Raises:
        InstallError: it could not be made; files that were whole before stay as they were.
    """
    if UNPACKED:
        raise InstallError("this is a release; releases are made from a checkout")
    unknown = [one for one in order.platforms if one not in PLATFORMS]
    if unknown:
        raise InstallError(f"there is no platform {unknown[0]}; choose {', '.join(PLATFORMS)}")
    key = Key(order.key)
    try:
        order.out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".making-", dir=order.out) as work:
            _try(key, Path(work))
            name = named()
            return [
                _one(order, key, PLATFORMS[one], name, Path(work) / one) for one in order.platforms
            ]
    except OSError as error:
        raise told(error, order.out) from error


def _try(key: Key, work: Path) -> None:
    """See that the key signs before minutes are spent."""
    probe = work / "probe"
    probe.touch()
    key.sign(probe)


def _one(order: Order, key: Key, python: Python, name: str, work: Path) -> Path:
    begun = time.monotonic()
    folder = work / name
    folder.mkdir(parents=True)
    kept = Kept(order.wheels, order.roots, order.say)
    fill(folder, python, order.roles, kept)
    if named() != name:
        raise InstallError(
            "the checkout was changed meanwhile; run this again when it stands still"
        )
    tar = work / f"{folder.name}-{python.platform}.tar"
    pack(folder, tar)
    signature = key.sign(tar)
    _read_back(tar, key, work / "back")
    # The signature last: a file without one is refused, never taken for the whole.
    done = tar.replace(order.out / tar.name)
    signature.replace(order.out / signature.name)
    size, took_s = done.stat().st_size / _MB, time.monotonic() - begun
    order.say(f"{done.name}  {size:.1f} MB  sha256 {digest(done)}  {took_s:.0f} s")
    return done


def _read_back(tar: Path, key: Key, root: Path) -> None:
    """Look at what was written as a machine would, with its own eyes."""
    signers = Place(root).path(SIGNERS)
    signers.parent.mkdir(parents=True)
    signers.write_text(key.signers, "utf-8")
    verify(Place(root), tar)
    unpack(tar, root / "unpacked")


def _order(chosen: argparse.Namespace) -> Order:
    if not chosen.out or not chosen.key:
        raise InstallError("give --out DIR and --key FILE; see deploy/make-release --help")
    return Order(
        chosen.out,
        chosen.key,
        tuple(dict.fromkeys(chosen.platform or PLATFORMS)),
        wheels=chosen.wheels,
        roots=chosen.roots,
        say=_say,
    )


class _Sentences(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InstallError(f"{message}; see deploy/make-release --help")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = _Sentences(prog="deploy/make-release", description=__doc__)
    parser.add_argument("--out", type=Path, help="the folder for the files")
    parser.add_argument("--key", type=Path, help="the key that signs; a .pub asks ssh-agent")
    platforms = f"{', '.join(PLATFORMS)}; may be given more than once; without it: all"
    parser.add_argument("--platform", action="append", help=platforms)
    parser.add_argument("--wheels", type=Path, default=KEPT / "wheels", help="keeps fetched wheels")
    parser.add_argument("--roots", type=Path, default=KEPT / "roots", help="keeps Debian roots")
    parser.add_argument(
        "--new-key", type=Path, help="make a key in this new file, and nothing else"
    )
    return parser.parse_args(words)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
