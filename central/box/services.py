"""What systemd and the programs of the box are told; nothing where no systemd runs, as in an image."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from central.box.place import BoxRefused

CENTRAL = "portvakt-central.service"
COPY = "portvakt-copy.service"
TIMERS = ("portvakt-backup.timer", "portvakt-renew.timer")
STICK = "run-portvakt_box-stick.mount"
_RUNS = Path("/run/systemd/system")
# Each says whether its files are right, before the one that runs is told to read them.
_CHECKS = {
    "nginx": ("nginx", "-t"),
    "caddy": ("caddy", "validate", "--adapter", "caddyfile", "--config", "/etc/caddy/Caddyfile"),
}


class Services:
    """The services of this machine."""

    def __init__(self, runs: Path = _RUNS) -> None:
        self._runs = runs.exists()

    def systemctl(self, *words: str) -> None:
        """Tell systemd, and wait until it is done.

        Raises:
            BoxRefused: it could not be done.
        """
        if not self._runs:
            return
        try:
            _must("systemctl", *words)
        except BoxRefused as error:
            raise BoxRefused(f"{error} {_last_words(words[-1])}".rstrip()) from error

    def take_up(self, proxy: str) -> None:
        """Let the *proxy* read its files and its certificate, when they are right.

        Raises:
            BoxRefused: they are not; what runs goes on as it was.
        """
        if not self._runs:
            return
        _must(*_CHECKS[proxy])
        self.renewed(proxy)

    def renewed(self, proxy: str) -> None:
        """Let the *proxy* show its new certificate."""
        # To Caddy a configuration that is the same as before is none to reload, new certificate or not.
        self.systemctl("reload-or-restart" if proxy == "nginx" else "restart", proxy)


def as_user(words: Sequence[str], user: str) -> None:
    """Run *words* as *user*, which may be the one that we are; what they say is seen.

    Raises:
        BoxRefused: they failed.
    """
    is_ours = pwd.getpwnam(user).pw_uid == os.geteuid()
    other: dict[str, Any] = {} if is_ours else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(words, **other, check=False, cwd="/")  # noqa: S603 - no shell, and words of our own
    if done.returncode != 0:
        raise BoxRefused(f"{words[0]} failed; what it said stands above.")


def _last_words(unit: str) -> str:
    """What *unit* itself said last: systemctl(1) names only where that can be read."""
    words = ["journalctl", "--no-pager", "--output=cat", "--lines=8", f"--unit={unit}"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, and words of our own
    except FileNotFoundError:
        return ""
    said = done.stdout.strip().splitlines()
    return f"It said: {' / '.join(said)}" if said else ""


def _must(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, and words of our own
    except FileNotFoundError as error:
        raise BoxRefused(f"{words[0]} is not on this machine.") from error
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip().splitlines() or ["it gave no reason"]
        raise BoxRefused(f"{' '.join(words)} failed: {said[-1]}")
