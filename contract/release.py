"""Which release runs here, and the one file by which a service tells its updater how it is.

The updater is older than the releases that it judges, so what a word of that file means never changes.
"""

import json
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

STATE_FILE = "state.json"
# Rewritten so often at the least: the updater takes an old one for none.
STATE_EVERY_MS = 30_000
_MARK = "release.json"


@cache
def running() -> str:
    """The release that this process is of.

    Asked once: `current` may point at another one before this process ends.
    """
    return release_in(Path(sys.prefix).parent)


def release_in(folder: Path) -> str:
    """Read the name of the release unpacked in *folder*; outside of one, the package's own version."""
    named = facts_in(folder).get("release")
    if isinstance(named, str) and named:
        return named
    try:
        return version("portvakt")
    except PackageNotFoundError:
        return "unknown"


def facts_in(folder: Path) -> dict[str, object]:
    """Read what the release in *folder* says of itself; empty where there is none."""
    try:
        found = json.loads((folder / _MARK).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def service_state(release: str, faults: Iterable[str], *, busy: bool = False) -> bytes:
    """Write down how a service is: its release, and which of its own parts fail; never the network.

    `busy` asks an update to wait a little: a customer is at the keys.  Who has no customers does not say it.
    """
    words = {"release": release, "faults": sorted(set(faults)), **({"busy": True} if busy else {})}
    return json.dumps(words).encode() + b"\n"
