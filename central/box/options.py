"""The options of central's service, in /etc/portvakt/central.env; what else stands there stays as it is."""

from collections.abc import Mapping
from itertools import pairwise

from central.box.place import FOR_ALL, Place, write

_OPTIONS = "PORTVAKT_CENTRAL_OPTIONS"
PORT = 8081  # where the proxies look for central


def say_to_central(place: Place, wanted: Mapping[str, str]) -> bool:
    """Have these options, each with its value or with none, in the place of their own earlier ones.

    Gives whether anything was changed.
    """
    lines = _lines(place)
    at = next((i for i, line in enumerate(lines) if line.startswith(f"{_OPTIONS}=")), None)
    if at is None:
        lines.append(f'{_OPTIONS}="--port {PORT}"')
        at = len(lines) - 1
    words = lines[at].partition("=")[2].strip().strip("\"'").split()
    missing = {name: value for name, value in wanted.items() if not _stands(words, name, value)}
    if not missing:
        return False
    for name, value in missing.items():
        words = [*_without(words, name), name, *filter(None, [value])]
    lines[at] = f'{_OPTIONS}="{" ".join(words)}"'
    mode = place.options.stat().st_mode & 0o777 if place.options.exists() else FOR_ALL
    write(place.options, ("\n".join(lines) + "\n").encode(), mode)
    return True


def _lines(place: Place) -> list[str]:
    try:
        return place.options.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


def _stands(words: list[str], name: str, value: str) -> bool:
    if not value:
        return name in words
    return (name, value) in pairwise(words) or f"{name}={value}" in words


def _without(words: list[str], name: str) -> list[str]:
    """The words but for the option *name*, in either form, and its value."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip and not word.startswith("--"):
            skip = False
            continue
        skip = word == name
        if not skip and not word.startswith(f"{name}="):
            kept.append(word)
    return kept
