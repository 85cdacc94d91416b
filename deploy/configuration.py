"""What the machine is told: units, users, settings.  Everything but settings follows `current`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.errors import InstallError
from deploy.release import CURRENT
from deploy.roles import CHECKOUT, Role
from deploy.target import Target
from deploy.wheels import last_line

WHERE = {
    "sysusers.d": "/etc/sysusers.d",
    "tmpfiles.d": "/etc/tmpfiles.d",
    "modules-load.d": "/etc/modules-load.d",
    "journald.conf.d": "/etc/systemd/journald.conf.d",
    "udev": "/etc/udev/rules.d",
    "chromium": "/etc/chromium/policies/managed",
}
UNITS = "/etc/systemd/system"
# On everybody's PATH, also under sudo; the pages and `portvakt check` name the command alone.
COMMAND = "/usr/local/bin/portvakt"
SETTINGS = "/etc/portvakt"


def configure(target: Target, role: Role) -> list[str]:
    """Link the role's units and configuration, and add its settings; say what a person should know."""
    for place, points_at in _links(role):
        _link(target.path(place), points_at)
    _add_settings(target, role)
    return [*_make_users(target), *_tell_services(target, role)]


def _links(role: Role) -> Iterator[tuple[str, str]]:
    yield COMMAND, f"{CURRENT}/venv/bin/portvakt"
    for unit in role.units:
        yield f"{UNITS}/{unit}", f"{CURRENT}/systemd/{unit}"
        yield f"{UNITS}/multi-user.target.wants/{unit}", f"{CURRENT}/systemd/{unit}"
    for name in role.configuration:
        wanted = CHECKOUT / "systemd" / name
        for path in sorted(wanted.iterdir()) if wanted.is_dir() else (wanted,):
            folder = path.parent.name
            yield f"{WHERE[folder]}/{path.name}", f"{CURRENT}/systemd/{folder}/{path.name}"


def _link(place: Path, points_at: str) -> None:
    if place.is_symlink() and os.fspath(place.readlink()) == points_at:
        return
    if place.is_dir() and not place.is_symlink():
        raise InstallError(f"{place} is a folder; move it away and run this again")
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(points_at)
    fresh.replace(place)


def _add_settings(target: Target, role: Role) -> None:
    """A technician's settings are never overwritten; only missing ones are added."""
    place = target.path(f"{SETTINGS}/{role.settings}")
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.new")
    shutil.copyfile(CHECKOUT / "deploy" / "settings" / role.settings, fresh)
    fresh.chmod(0o644)
    fresh.replace(place)


def _make_users(target: Target) -> list[str]:
    """Make the users now where the target has an account file; else its first boot makes them."""
    if not target.is_root:
        return ["users: systemd-sysusers makes them at the first boot"]
    wanted = (CHECKOUT / "systemd/sysusers.d/portvakt.conf").read_text("utf-8")
    if target.path("/usr/bin/systemd-sysusers").exists():
        done = target.run("systemd-sysusers", "-", stdin=wanted)
    elif (program := shutil.which("systemd-sysusers")) is not None:
        words = [program, f"--root={target.root}", "-"]
        done = subprocess.run(  # noqa: S603 - no shell, and words of our own
            words, input=wanted, capture_output=True, text=True, check=False
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
            target.run(*words)
    return [edit, f"then run: systemctl restart {' '.join(role.units)}"]


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


def _subsystems(role: Role) -> set[str]:
    """Those that the role's udev rules name."""
    wanted = [CHECKOUT / "systemd" / name for name in role.configuration if name[:4] == "udev"]
    rules = [path for one in wanted for path in (one.iterdir() if one.is_dir() else (one,))]
    return {
        name
        for path in rules
        for name in re.findall(
            r'^[^#\n]*SUBSYSTEM=="([\w-]+)"', path.read_text("utf-8"), re.MULTILINE
        )
    }
