"""`deploy/make-card`: what a post or a sign must know, on the boot partition of its card, read back."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import NoReturn

from deploy.card import code, folder, image
from deploy.card.content import ROLES, Card, files, judged
from deploy.card.network import keyfile
from deploy.errors import InstallError, told

REFUSED = 2


def main(words: list[str] | None = None) -> int:
    """Run the command; 2 and one sentence when it cannot be done."""
    os.umask(0o077)
    try:
        chosen = _arguments(words)
        for line in make(chosen):
            sys.stdout.write(line + "\n")
    except InstallError as error:
        sys.stderr.write(f"deploy/make-card: {error}.\n")
        return REFUSED
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\ndeploy/make-card: given up; the card is not ready.\n")
        return REFUSED
    return 0


def make(chosen: argparse.Namespace) -> list[str]:
    """Make the card, read it back; give what a person should know.

    Raises:
        InstallError: the card is not ready.
    """
    card = judged(
        _card(chosen)
    )  # before a code is made: one that nobody gets would wait for 48 hours
    card = _with_code(card, chosen)
    brought, place = files(card), chosen.boot or chosen.out
    try:
        if chosen.boot:
            folder.put(chosen.boot, brought)
            found = folder.read(chosen.boot)
        else:
            image.write(chosen.image, chosen.out, brought, _ask)
            found = image.read(chosen.out)
    except OSError as error:
        raise told(error, place) from error
    if found != brought:
        wrong = sorted(
            name for name in brought.keys() | found.keys() if brought.get(name) != found.get(name)
        )
        raise InstallError(f"read back, {' and '.join(wrong)} differ: take another card")
    return _ready(card, place)


def _ready(card: Card, place: Path) -> list[str]:
    ready = f"card for {card.name} is ready: {place}, read back and compared."
    if not card.code:
        return [ready, "No code is on it; the post asks for one on its own keys."]
    return [ready, f"Code {card.code[:4]}-.... is on it, valid 48 hours, works once."]


def _card(chosen: argparse.Namespace) -> Card:
    network = _content(chosen.network, "--network")
    return Card(
        role=chosen.role,
        station=chosen.station,
        bay=chosen.bay,
        url=chosen.url.rstrip("/"),
        ca=_content(chosen.ca, "--ca"),
        network=keyfile(network.decode("utf-8", "replace")) if chosen.network else b"",
        settings=_content(chosen.settings, "--settings"),
    )


def _with_code(card: Card, chosen: argparse.Namespace) -> Card:
    if chosen.no_code:
        return card
    name = chosen.name or card.name
    wanted = code.Wanted(name, card.station, card.role, card.bay, chosen.replace or "")
    if chosen.code_file:
        made = code.from_file(chosen.code_file)
    elif code.CENTRAL.exists():
        made = code.from_central(wanted)
    else:
        made = code.typed(wanted, _hidden)
    return replace(card, code=made)


def _content(path: Path | None, option: str) -> bytes:
    try:
        return b"" if path is None else path.read_bytes()
    except OSError as error:
        raise InstallError(f"{option} {path} cannot be read: {error.strerror}") from error


def _ask(question: str) -> str:
    return _person(input, question)


def _hidden(question: str) -> str:
    return _person(getpass, question)


def _person(ask: Callable[[str], str], question: str) -> str:
    if not sys.stdin.isatty():
        raise InstallError(
            "nobody can be asked here; give the code by --code-file, and write a file with --out"
        )
    return ask(question)


class _Sentences(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InstallError(f"{message}; see deploy/make-card --help")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = _Sentences(prog="deploy/make-card", description=__doc__)
    add = parser.add_argument
    add("--station", required=True, help="the station's name at central, such as 0417")
    add("--role", required=True, choices=ROLES)
    add("--bay", default="", help="the bay above whose door the sign hangs")
    add("--url", required=True, help="central's address, such as https://hall.example")
    add("--ca", type=Path, help="the hall's own CA (ca.pem), if it has one")
    add("--name", help="how the board calls the device; 0417-bay2-sign unless told")
    add("--replace", metavar="DEVICE", help="the broken device whose name and door it takes over")
    add(
        "--network",
        type=Path,
        metavar="FILE",
        help="a file with [wifi] or [address]; DHCP without it",
    )
    add(
        "--settings",
        type=Path,
        metavar="FILE",
        help="a post.toml or sign.toml of its own, for its panel",
    )
    codes = parser.add_mutually_exclusive_group()
    codes.add_argument(
        "--code-file", type=Path, metavar="FILE", help='the one-time code; "-": standard input'
    )
    codes.add_argument("--no-code", action="store_true", help="a post asks for one on its own keys")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument(
        "--boot", type=Path, metavar="FOLDER", help="the card's boot partition, mounted"
    )
    place.add_argument(
        "--image", type=Path, metavar="IMAGE", help="an image of a card, also packed by xz"
    )
    add("--out", type=Path, help="with --image: the new image, or the card itself (/dev/sdX)")
    chosen = parser.parse_args(words)
    _judge(chosen, parser)
    return chosen


def _judge(chosen: argparse.Namespace, parser: _Sentences) -> None:
    if bool(chosen.image) != bool(chosen.out):
        parser.error("--image and --out belong together")
    if chosen.role == "sign" and chosen.no_code:
        parser.error("a sign has no keys, so its card needs a code")
    if chosen.role == "post" and chosen.bay:
        parser.error("--bay is for a sign; a post stands at no door")


if __name__ == "__main__":
    sys.exit(main())
