"""Networks of the boxes' own: nothing in them reaches this machine's network, and nothing of it them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMES = Path("/run/netns")


@contextmanager
def network(name: str) -> Iterator[str]:
    """A network namespace with loopback alone."""
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        _ip("netns", "del", name)


def inside(name: str, *words: str) -> list[str]:
    """The command *words* as one that runs in the network *name*."""
    return ["ip", "netns", "exec", name, *words]


def give_address(name: str, link: str, address: str) -> None:
    """Give *link* an address such as 10.7.0.1/24, and bring it up."""
    _ip("-n", name, "addr", "add", address, "dev", link)
    _ip("-n", name, "link", "set", link, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
