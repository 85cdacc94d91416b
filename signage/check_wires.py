"""Questions to what a sign hangs on: its wire, its sensors, its timer.  Nothing is written to the panel."""

import fcntl
import grp
import os
import stat
from collections.abc import Callable
from pathlib import Path

from device.check import Answer, fault, note, ok
from signage.bus import Serial, Spi, UnixSocket
from signage.light_sensor import SensorLost
from signage.light_settings import NO_SENSOR, CurrentSettings, LightSettings, TimerSettings
from signage.panel_settings import PanelSettings

_ADAPTERS = (
    "Plug the adapter in; `ls -l /dev/serial/by-id` names those that are there, for panel.bus."
)
# Whose the devices are by our udev rules, and the unit's SupplementaryGroups=.
GROUPS = {"serial": "dialout", "spi": "spi"}
_NO_I2C = "Switch I2C on: sudo raspi-config nonint do_i2c 0; then restart."


def wire_answer(panel: PanelSettings, dev: Path) -> Answer:
    """Whether the wire to the panel is there; most panels cannot answer on it."""
    if panel.kind == "emulator":
        return note("it is emulated; nothing hangs above the door.")
    match panel.wire:
        case Spi() as spi:
            return _spi(dev / spi.node)
        case Serial(path):
            return _serial(dev / path.relative_to("/dev") if path.is_relative_to("/dev") else path)
        case UnixSocket(path):
            return ok(f"it is reached through {path}.") if path.is_socket() else _no_socket(path)


def light_answer(settings: LightSettings, dev: Path, measure: Callable[[], float]) -> Answer:
    """Whether the light sensor answers, and what the sign does without one."""
    if settings.sensor == NO_SENSOR:
        return ok("no sensor is set; " + _without(settings))
    try:
        return _missing(settings.bus, dev) or ok(
            f"the {settings.sensor} answers: {measure():.0f} lx; cover it, and ask again."
        )
    except SensorLost as error:
        return fault(str(error), f"`i2cdetect -y {settings.bus}` must show {settings.address:02x}.")


def current_answer(settings: CurrentSettings, dev: Path, measure: Callable[[], float]) -> Answer:
    """Whether the current sensor answers."""
    if settings.sensor == NO_SENSOR:
        return ok("no sensor is set; that light comes out of the panel is then not confirmed.")
    try:
        return _missing(settings.bus, dev) or ok(
            f"the {settings.sensor} answers: the panel draws {measure():.0f} mA now."
        )
    except SensorLost as error:
        return fault(str(error), f"`i2cdetect -y {settings.bus}` must show {settings.address:02x}.")


def timer_answer(
    settings: TimerSettings, kind: str, dev: Path, *, holds_last_frame: bool, has_gpio: bool
) -> Answer:
    """Whether a hung computer would leave a plate standing; *has_gpio*: a library drives the pins."""
    if kind == "emulator":
        return ok("none is needed: the panel is emulated, and nothing hangs above the door.")
    if not holds_last_frame:
        return ok("none is needed: the panel goes dark by itself.")
    if kind == "alpha":
        return note(
            "this panel keeps its last text when the computer dies, and wakes with it after a power cut.",
            "No timer can mend that: do not hang it above a door.",
        )
    if settings.pin is None:
        return note(
            "none is set, and this panel keeps its last picture when the computer dies.",
            "Build the hardware timer of hardware.md and set timer.pin; above a door it is not optional.",
        )
    if not list(dev.glob("gpiochip*")):
        return fault(
            f"there is no GPIO chip for timer.pin = {settings.pin}.", "This is no Raspberry Pi."
        )
    if not has_gpio:
        return fault(
            f"nothing here can drive timer.pin = {settings.pin}, so the panel has no power.",
            "sudo apt-get install python3-lgpio",
        )
    return ok(f"GPIO {settings.pin} holds the panel's power; only freezing the service proves it.")


def _spi(path: Path) -> Answer:
    if not path.exists():
        return fault(
            f"there is no SPI bus {path}.",
            "Switch SPI on: sudo raspi-config nonint do_spi 0; then restart.",
        )
    return _foreign(path, GROUPS["spi"]) or ok(
        f"the SPI bus {path} is there; modules cannot answer on it."
    )


def _serial(path: Path) -> Answer:
    if not path.exists():
        return fault(f"there is no serial line {path}.", _ADAPTERS)
    if not stat.S_ISCHR(path.stat().st_mode):
        return fault(f"{path} is no serial line.", _ADAPTERS)
    if (foreign := _foreign(path, GROUPS["serial"])) is not None:
        return foreign
    if _is_taken(path):
        return ok(f"the serial line {path} is open in another process, as while the service runs.")
    return ok(f"the serial line {path} is there and nobody has it open.")


def _is_taken(path: Path) -> bool:
    """Whether somebody holds the line as our driver does, by flock(2)."""
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _foreign(path: Path, group: str) -> Answer | None:
    """A complaint about a device that the service's group may not use; None when it may."""
    found = path.stat()
    if not stat.S_ISCHR(found.st_mode):
        return None
    try:
        owner = grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        owner = str(found.st_gid)
    if owner == group and found.st_mode & 0o060 == 0o060:  # noqa: PLR2004 - group may read and write
        return None
    return note(
        f"{path} belongs to the group {owner}, and the service is in {group}.",
        "Run deploy/install again, which brings the udev rules; then unplug and plug in, or restart.",
    )


def _missing(bus: int, dev: Path) -> Answer | None:
    path = dev / f"i2c-{bus}"
    return None if path.exists() else fault(f"there is no I2C bus {path}.", _NO_I2C)


def _without(settings: LightSettings) -> str:
    if settings.place is None:
        return f"it shines at {settings.day_percent} %, by day and by night."
    return "it follows the sun's height."


def _no_socket(path: Path) -> Answer:
    return fault(f"nobody listens at {path}.", "Start whatever stands in for the panel.")
