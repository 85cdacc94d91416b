"""What the bundle holds: each part is a name and how to get its text."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from contract.reading import from_json
from device.identity import CREDENTIAL, Identity
from device.settings import SettingsError, load, render
from portvakt import own_settings

# As much as one file of it may be; the end is what tells.
LONGEST = 512 * 1024
LINES = "3000"
_PATIENCE_S = 20
_STATE = "var/lib/portvakt-update"
_FACTS = ("uptime", "loadavg", "meminfo", "version", "cmdline", "mounts", "cpuinfo")
_SHOWN = "Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,ActiveEnterTimestamp"

Run = Callable[[list[str]], str]


@dataclass(frozen=True, slots=True)
class Source:
    """A machine that is reported: its root, and what runs its programs; a test gives its own."""

    root: Path
    run: Run

    def text(self, place: str) -> str:
        """The end of a file there, or a word that it is not."""
        try:
            content = (self.root / place).read_bytes()
        except OSError as error:
            return f"({place}: {error.strerror})\n"
        return content[-LONGEST:].decode("utf-8", "replace")


def ran(words: list[str]) -> str:
    """What a program says, its end if it says much; a word when it is not here or does not end."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and words of our own
            words, capture_output=True, check=False, timeout=_PATIENCE_S
        )
    except FileNotFoundError:
        return f"({words[0]} is not on this machine)\n"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"({words[0]}: {type(error).__name__})\n"
    return (done.stdout + done.stderr)[-LONGEST:].decode("utf-8", "replace")


def parts(source: Source) -> Iterator[tuple[str, str]]:
    """Every part but the check itself: its file's name and its text, not masked yet."""
    run = source.run
    yield (
        "units.txt",
        run(["systemctl", "list-units", "--all", "--no-pager", "portvakt*"])
        + run(["systemctl", "show", "--no-pager", f"--property={_SHOWN}", "portvakt*"]),
    )
    yield "journal.txt", run([*_JOURNAL, "--unit=portvakt*", f"--lines={LINES}"])
    yield "kernel.txt", run([*_JOURNAL, "--dmesg", "--priority=warning", "--lines=300"])
    yield "machine.txt", _machine(source)
    # In small letters: "UP 192" would be taken for a plate.
    yield "network.txt", (run(["ip", "-brief", "address"]) + run(["ip", "route"])).lower()
    yield "clock.txt", run(["timedatectl", "--no-pager"])
    yield "disk.txt", run(["df", "-h"]) + run(["lsblk"])
    yield "release.txt", _release(source)
    for role, name in own_settings.FILES.items():
        if (source.root / "etc/portvakt" / name).exists():
            yield f"settings-{name}.txt", _settings(source, role, name)


_JOURNAL = ["journalctl", "--no-pager", "--output=short-iso", "--quiet"]


def secrets(source: Source) -> set[str]:
    """The secrets that this machine has, so that each can be masked wherever it stands."""
    etc = source.root / "etc/portvakt"
    found = {source.text(f"etc/portvakt/{one.name}").strip() for one in etc.glob("enrol-code*")}
    files = [etc / CREDENTIAL]
    files += [
        source.root / f"var/lib/{service}/token.json" for service in own_settings.SERVICES.values()
    ]
    for path in files:
        try:
            identity = from_json(path.read_bytes(), Identity)
        except (OSError, msgspec.MsgspecError):
            continue
        found |= {identity.token, identity.before}
    for name in ("metrics.token", "first-person.code"):
        found.add(source.text(f"var/lib/portvakt-central/{name}").strip())
    return {one for one in found if one and not one.startswith("(")}


def _machine(source: Source) -> str:
    return "".join(f"== {name}\n{source.text(f'proc/{name}')}\n" for name in _FACTS)


def _release(source: Source) -> str:
    names = [
        "opt/portvakt/current/release.json",
        *(f"{_STATE}/state/{name}.json" for name in ("trial", "last", "bad")),
        f"{_STATE}/wanted/wanted.json",
    ]
    return "".join(f"== /{name}\n{source.text(name)}\n" for name in names)


def _settings(source: Source, role: str, name: str) -> str:
    """The settings in force; of a post or sign as the device reads them, its secrets as stars."""
    path = source.root / "etc/portvakt" / name
    if role == "central":
        return source.text(f"etc/portvakt/{name}")
    try:
        return render(load(path, own_settings.kind(role)))
    except (SettingsError, ModuleNotFoundError) as error:
        return f"{error}\n"


def as_text(document: object) -> str:
    """JSON as a person reads it."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
