"""What the machine is told: units, users, settings.  Everything but settings and copies follows `current`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.errors import InstallError
from deploy.roles import CHECKOUT, COPIES, SYSTEMD, Role, wanted_by
from deploy.switch.bundle import NAMESPACE, SIGNER
from deploy.switch.packed import SWITCH, packed
from deploy.switch.place import SIGNERS, UNITS, last_line
from deploy.target import Target

SETTINGS = "/etc/portvakt"


def configure(target: Target, role: Role) -> list[str]:
    """Add the role's settings and what outlives releases; say what a person should know."""
    _copy_updater(target)
    _write_once(target.place.path(f"{SETTINGS}/{role.settings}"), _example(role))
    return [*_make_users(target), *_tell_services(target, role)]


def trust(target: Target, signers: Path | None) -> list[str]:
    """Take the keys of those whose releases the machine takes from a person's file, never from a release.

    Raises:
        InstallError: the file names no such key.
    """
    place = target.place.path(SIGNERS)
    if signers is None:
        if place.exists():
            return []
        return ["updates: none are taken until this is run again with --signers FILE"]
    try:
        text = signers.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InstallError(f"{signers} cannot be read; give the file with the signers") from error
    if not any(_is_signer(line) for line in text.splitlines()):
        raise InstallError(
            f"{signers} names no signer of releases; a line of it must read: "
            f'{SIGNER} namespaces="{NAMESPACE}" ssh-ed25519 AAAA...'
        )
    _write(place, text.encode(), 0o644)
    return []


def commands(role: Role) -> Iterator[tuple[str, ...]]:
    """What makes the role's files hold at once on a machine that runs, as a restart of it would."""
    yield "systemd-tmpfiles", "--create", "portvakt.conf"
    yield "systemctl", "daemon-reload"
    if "modules-load.d" in role.configuration:
        yield "systemctl", "restart", "systemd-modules-load.service"
    subsystems = sorted(_subsystems(role))
    if subsystems:
        yield "udevadm", "control", "--reload"
        # Reloaded rules alone hold only for what is plugged in later.
        named = [f"--subsystem-match={name}" for name in subsystems]
        yield "udevadm", "trigger", "--action=change", *named
        yield "udevadm", "settle", "--timeout=30"


def _is_signer(line: str) -> bool:
    """As ssh-keygen(1) writes them, ALLOWED SIGNERS: principals, options, a key."""
    words = line.split()
    return (
        len(words) > 2  # noqa: PLR2004 - principals, options, key
        and SIGNER in words[0].split(",")
        and any(word.startswith(("ssh-", "sk-ssh-", "ecdsa-", "sk-ecdsa-")) for word in words[1:])
    )


def _copy_updater(target: Target) -> None:
    """The updater and its units judge releases, so they lie where no release reaches."""
    _write(target.place.path(SWITCH), packed(CHECKOUT / "deploy"), 0o755)
    for unit in COPIES:
        place = target.place.path(f"{UNITS}/{unit}")
        if place.is_symlink():
            continue  # a person has masked it
        fresh = not place.exists()
        _write(place, (SYSTEMD / unit).read_bytes(), 0o644)
        for wants in wanted_by(unit) if fresh else ():
            link = target.place.path(f"{UNITS}/{wants}.wants/{unit}")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(f"{UNITS}/{unit}")


def _example(role: Role) -> bytes:
    return (CHECKOUT / "deploy" / "settings" / role.settings).read_bytes()


def _write_once(place: Path, content: bytes) -> None:
    """A technician's settings are never overwritten; only missing ones are added."""
    if not place.exists():
        _write(place, content, 0o644)


def _write(place: Path, content: bytes, mode: int) -> None:
    """Replace *place* in one step, unless it is so already."""
    if place.is_file() and not place.is_symlink() and place.read_bytes() == content:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place)


def _make_users(target: Target) -> list[str]:
    """Make the users now where the target has an account file; else its first boot makes them."""
    place = target.place
    if not place.is_root:
        return ["users: systemd-sysusers makes them at the first boot"]
    wanted = (SYSTEMD / "sysusers.d/portvakt.conf").read_bytes()
    if place.path("/usr/bin/systemd-sysusers").exists():
        done = place.run("systemd-sysusers", "-", stdin=wanted)
    elif (program := shutil.which("systemd-sysusers")) is not None:
        words = [program, f"--root={place.root}", "-"]
        done = subprocess.run(  # noqa: S603 - no shell, and words of our own
            words, input=wanted.decode(), capture_output=True, text=True, check=False
        )
    else:
        return ["users: systemd-sysusers makes them at the first boot"]
    if done.returncode != 0:
        raise InstallError(f"the users could not be made: {last_line(done)}")
    return []


def _tell_services(target: Target, role: Role) -> list[str]:
    edit = f"settings: {SETTINGS}/{role.settings}"
    if not target.is_this_machine or not Path("/run/systemd/system").exists():
        return [edit]
    for words in commands(role):
        if shutil.which(words[0]) is not None:  # a container has no udevadm, and no devices to name
            target.place.run(*words)
    begun = [unit for unit in (*role.units, *COPIES) if _starts_with_the_machine(target, unit)]
    return [edit, f"then run: systemctl restart {' '.join(begun)}"]


def _starts_with_the_machine(target: Target, unit: str) -> bool:
    folders = target.place.path(UNITS).glob("*.wants")
    return any((folder / unit).is_symlink() for folder in folders)


def _subsystems(role: Role) -> set[str]:
    """Those that the role's udev rules name."""
    wanted = [SYSTEMD / name for name in role.configuration if name[:4] == "udev"]
    rules = [path for one in wanted for path in (one.iterdir() if one.is_dir() else (one,))]
    return {
        name
        for path in rules
        for name in re.findall(
            r'^[^#\n]*SUBSYSTEM=="([\w-]+)"', path.read_text("utf-8"), re.MULTILINE
        )
    }
