"""What devices say does not work, in rows and in words.  Values in, values out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from central.devices import brake
from contract.wire import Heartbeat
from contract.yard import DeviceNotice, DeviceRow, FaultRow

SILENT_AFTER_S = 180  # three heartbeats that did not come
OLDEST_S = 366 * 86_400  # a part that is said to fail for longer is on a device that cannot count

# A device may name a part that this release does not know: that is said by its own word.
WORDS: Mapping[str, str] = {
    "keypad": "nobody can type",
    "key": "a key is held down and is ignored",
    "help_key": "the help key cannot be read",
    "outbox": "nothing can be saved",
    "page": "the screen's page does not answer",
    "screen": "the screen is off or unplugged",
    "hall_lamp": "the lamp in the hall does not do what it is told",
    "signals": "the buzzer or a lamp cannot be used",
    "speech": "nothing can be read aloud",
    "voice": "a language cannot be read aloud",
    "token": "a new token cannot be saved",
    "clock": "its clock is not set",
}


def rows(said: Heartbeat, received_at: datetime) -> list[FaultRow]:
    """The parts that fail, each once, with the moment since when."""
    found = {
        fault.part: FaultRow(
            part=fault.part,
            since=_whole_second(received_at - timedelta(seconds=min(fault.since_s, OLDEST_S))),
            reason=fault.reason,
        )
        for fault in said.faults
    }
    return [found[part] for part in sorted(found)]


def refused(said: Heartbeat) -> int:
    """How many arrivals of the device central has answered with a no."""
    return 0 if said.outbox is None else said.outbox.refused


def bad(said: Heartbeat) -> dict[str, int]:
    """What may become an event: 1 for each part that fails, and the number of refused arrivals."""
    failing = dict.fromkeys(sorted({fault.part for fault in said.faults}), 1)
    return failing | ({brake.REFUSED: refused(said)} if refused(said) else {})


def flickers(now: datetime) -> FaultRow:
    """What is said of a device whose events are told no more today."""
    reason = (
        f"More than {brake.A_DAY} events in a day; look at how it is now, the rest is not told."
    )
    return FaultRow(part=brake.FLICKERS, since=_whole_second(now), reason=reason)


def needs_somebody(notice: DeviceNotice) -> bool:
    """Whether a person must know of it."""
    return notice.silent or notice.cloned or bool(notice.faults) or notice.refused > 0


def sentences(row: DeviceRow) -> list[str]:
    """What is wrong with a device."""
    return list(_sentences(row))


def _sentences(row: DeviceRow) -> Iterable[str]:
    if row.cloned_at is not None:
        yield (
            f"Two machines use the token of {row.name}: find the other one and switch it off, or enrol"
            f" {row.name} anew."
        )
    if row.silent:
        yield f"{row.name} has not been heard for {SILENT_AFTER_S // 60} minutes or more."
    for fault in row.faults:
        says = WORDS.get(fault.part, f"{fault.part} does not work")
        yield f"{row.name}: {says}: {fault.reason}" if fault.reason else f"{row.name}: {says}."
    waiting = 0 if row.heartbeat is None else refused(row.heartbeat)
    if waiting:
        arrivals = "1 arrival waits" if waiting == 1 else f"{waiting} arrivals wait"
        yield f"{arrivals} at {row.name} that central did not take."


def _whole_second(moment: datetime) -> datetime:
    """The device counts in seconds, so what is finer is not known."""
    return moment.replace(microsecond=0)
