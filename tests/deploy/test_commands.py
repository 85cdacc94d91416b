"""What an installation tells a machine that runs, so that its files hold without a restart."""

import re

import pytest

from deploy.configuration import commands
from deploy.roles import CHECKOUT, COPIES, ROLES, SYSTEMD, wanted_by


def told(role: str) -> list[str]:
    return [" ".join(words) for words in commands(ROLES[role])]


def test_devices_that_are_plugged_in_already_get_their_names_and_groups() -> None:
    (trigger,) = [line for line in told("post") if line.startswith("udevadm trigger")]
    assert "--action=change" in trigger
    rules = "".join(path.read_text() for path in (CHECKOUT / "systemd/udev").iterdir())
    subsystems = set(re.findall(r'SUBSYSTEM=="([\w-]+)"', rules))
    assert {"gpio", "input", "tty", "sound", "drm"} <= subsystems
    assert set(re.findall(r"--subsystem-match=([\w-]+)", trigger)) == subsystems


def test_rules_are_read_before_they_are_applied_and_drivers_are_there_before_that() -> None:
    order = [
        next(number for number, line in enumerate(told("post")) if line.startswith(begin))
        for begin in (
            "systemctl daemon-reload",
            "systemctl restart systemd-modules-load.service",
            "udevadm control --reload",
            "udevadm trigger",
            "udevadm settle",
        )
    ]
    assert order == sorted(order)


def test_a_sign_touches_no_keyboard() -> None:
    (trigger,) = [line for line in told("sign") if line.startswith("udevadm trigger")]
    assert trigger == (
        "udevadm trigger --action=change --subsystem-match=gpio --subsystem-match=i2c-dev"
        " --subsystem-match=spidev --subsystem-match=tty"
    )


def test_every_unit_belongs_to_a_role_or_outlives_the_releases() -> None:
    there = {path.name for path in SYSTEMD.iterdir() if path.is_file()}
    named = {unit for role in ROLES.values() for unit in (*role.units, *role.templates)}

    assert named | set(COPIES) == there
    assert not named & set(COPIES)


def test_what_is_only_started_by_another_is_not_started_with_the_machine() -> None:
    """Its timer does that, or a person who gives an instance."""
    started = {unit for unit in COPIES if wanted_by(unit)}
    assert started == {"portvakt-switch.path", "portvakt-boot-check.service"}
    links = [place for role in ROLES.values() for place, _ in role.links() if ".wants/" in place]
    assert not any("fetch.service" in place or "@" in place for place in links)
    assert any(place.endswith("/timers.target.wants/portvakt-backup.timer") for place in links)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_units_read(role: str) -> None:
    assert "systemctl daemon-reload" in told(role)


def test_central_touches_nothing_but_the_stick_of_its_backups() -> None:
    assert not any("modules" in line for line in told("central"))
    (trigger,) = [line for line in told("central") if line.startswith("udevadm trigger")]
    assert trigger == "udevadm trigger --action=change --subsystem-match=block"
