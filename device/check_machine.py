"""Questions to any machine of ours: its clock, its supply and its disk."""

import errno
from functools import partial
from pathlib import Path

from device.check import Answer, Question, Roots, fault, note, ok, wait
from device.clock import Clock
from device.files import write_whole
from device.vitals import disk_free_mb, temperature_c, under_voltage

# Below this the journal and an update no longer fit beside the outbox.
SCARCE_MB, NO_ROOM_MB = 500, 50
# A Raspberry Pi slows down from 80 degrees on (Raspberry Pi documentation, frequency management).
WARM_C, HOT_C = 70, 80
_SCRATCH = ".check"


def machine_questions(clock: Clock, roots: Roots, folder: Path | None = None) -> list[Question]:
    """Those that need no settings; *folder* is where the device keeps what it must not lose."""
    disk = [] if folder is None else [Question("Disk", partial(disk_answer, folder))]
    return [
        Question("Power", partial(power_answer, roots.sys)),
        Question("Clock", partial(clock_answer, clock)),
        *disk,
        Question("Watchdog", partial(watchdog_answer, roots.sys)),
    ]


def clock_answer(clock: Clock) -> Answer:
    """Whether the time is to be believed."""
    now = f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    if clock.synced():
        return ok(f"it is {now}, set by a time server.")
    return wait(
        f"it says {now}, and no time server has set it since the start; times of arrivals are marked so.",
        "Check the network; `timedatectl` names the time server.",
    )


def power_answer(sys: Path) -> Answer:
    """Whether the supply holds, and how warm the processor is."""
    degrees, sags = temperature_c(sys), under_voltage(sys)
    warmth = "its temperature is not known" if degrees is None else f"{degrees:.0f} °C"
    if sags:
        return fault(
            f"the supply is too weak, {warmth}.",
            "Use the official supply and a short, thick cable; unplug USB devices one by one.",
        )
    if degrees is not None and degrees >= HOT_C:
        return fault(
            f"the processor has {warmth} and slows down.",
            "Free the vents; let air through the housing; keep the sun off it.",
        )
    if degrees is not None and degrees >= WARM_C:
        return note(f"the processor has {warmth}.", "Free the vents before summer.")
    if sags is None:
        return note(f"this machine cannot tell whether its supply sags; {warmth}.")
    return ok(f"the supply holds, {warmth}.")


def watchdog_answer(sys: Path) -> Answer:
    """Whether a computer that hangs starts again by itself (Linux ABI, sysfs-class-watchdog)."""
    found = sys / "class/watchdog/watchdog0"
    if not found.exists():
        return note(
            "this machine has no hardware watchdog: if it hangs it stays so.",
            "On a Raspberry Pi: look at its kernel. A small PC: switch it on in the firmware's menu.",
        )
    name, seconds = _text(found / "identity") or "it", _text(found / "timeout")
    if _text(found / "state") == "active":
        return ok(
            f"{name} starts a computer that hangs again{f', after {seconds} s' if seconds else ''}."
        )
    return note(
        f"{name} is there, and nobody winds it up: a computer that hangs stays so.",
        "printf '[Manager]\\nRuntimeWatchdogSec=1min\\n' |"
        " sudo install -D -m 0644 /dev/stdin /etc/systemd/system.conf.d/60-watchdog.conf\nThen: sudo reboot",
    )


def disk_answer(folder: Path) -> Answer:
    """Whether *folder* takes a durable write, proven by one, and has room for more."""
    if not folder.is_dir():
        return fault(
            f"the folder {folder} is not there.",
            "Start the service once, which makes it; or check the path in the settings.",
        )
    try:
        write_whole(folder / _SCRATCH, b"x" * 512)
        (folder / _SCRATCH).unlink()
    except PermissionError as error:
        raise PermissionError(error.errno, error.strerror, str(folder)) from error
    except OSError as error:
        return _refused(folder, error)
    free_mb = disk_free_mb(folder) or 0
    if free_mb < NO_ROOM_MB:
        return fault(f"only {free_mb} MB are free under {folder}.", _FREE)
    if free_mb < SCARCE_MB:
        return note(f"only {free_mb} MB are free under {folder}.", _FREE)
    return ok(f"{folder} takes a durable write; {free_mb} MB are free.")


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""


_FREE = "Free some space: sudo journalctl --vacuum-size=64M"


def _refused(folder: Path, error: OSError) -> Answer:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return fault(f"the disk under {folder} is full; nothing can be saved.", _FREE)
    if error.errno == errno.EROFS:
        return fault(
            f"the disk under {folder} is read-only; nothing can be saved.",
            "Restart the device once; if it stays so, change the card.",
            "read_only",
        )
    return fault(
        f"the disk under {folder} takes nothing ({error.strerror}).",
        "Change the card.",
        "read_only",
    )
