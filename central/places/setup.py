"""How stations and bays are set up and changed, each change with its event."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.errors import AlreadyThere, NotPossible, NotThere
from central.places.hours_words import read_holidays, read_special, read_week, read_zone, to_row
from central.privacy.limits import KEEP_DAYS
from central.words import Actor
from contract.event import EventKind
from contract.notice import NoticeRefused, read_notice
from contract.visit import BayState

DEFAULT_EARLY_MIN = 60
DEFAULT_SWEEP_AFTER_MIN = 60
DEFAULT_RECHECK_DAYS = 31
DEFAULT_NEXT_ON_YARD = 2
DEFAULT_KEEP_DAYS = {
    "keep_days": KEEP_DAYS.plates,
    "keep_recheck_days": KEEP_DAYS.recheck,
    "keep_names_days": KEEP_DAYS.names,
    "keep_looks_days": KEEP_DAYS.looks,
}

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DAY_MIN = 24 * 60
_NEXT_ON_YARD_MAX = 20
_LONGEST_KEPT = 3_660
_NOTHING_HAPPENED = {"seq": 0, "setup_seq": 0, "erased_seq": 0, "names_seq": 0}
# Each with the word that a person wrote it behind.
_RANGES = {
    "early_min": ("early", 0, _DAY_MIN),
    "sweep_after_min": ("sweep-after", 0, _DAY_MIN),
    "recheck_days": ("recheck", 1, 366),
    "next_on_yard": ("next-on-yard", 0, _NEXT_ON_YARD_MAX),
    "keep_days": ("keep-days", 1, _LONGEST_KEPT),
    "keep_recheck_days": ("keep-recheck-days", 1, _LONGEST_KEPT),
    "keep_names_days": ("keep-names-days", 1, _LONGEST_KEPT),
    "keep_looks_days": ("keep-looks-days", 1, _LONGEST_KEPT),
}
_NOTICES = ("sign_closed", "sign_break")
_CAPACITY_MAX = 99
_S, _B = schema.station.c, schema.bay.c
_STATION = sa.select(schema.station).where(_S.id == sa.bindparam("station"))
_BAYS = sa.select(schema.bay).where(_B.station == sa.bindparam("station")).order_by(_B.door, _B.id)
_IS_STATION = _S.id == sa.bindparam("of_station")
_IS_BAY = sa.and_(_B.station == sa.bindparam("of_station"), _B.id == sa.bindparam("of_bay"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSetup:
    """What is to change, in the words of `hours_words`; None and nothing stay as they are."""

    name: str | None = None
    time_zone: str | None = None
    hours: str | None = None
    special_days: Sequence[str] = ()
    holidays: str | None = None
    early_min: int | None = None
    sweep_after_min: int | None = None
    overnight: bool | None = None
    recheck_days: int | None = None
    sign_closed: str | None = None
    sign_break: str | None = None
    next_on_yard: int | None = None
    keep_days: int | None = None
    keep_recheck_days: int | None = None
    keep_names_days: int | None = None
    keep_looks_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaySetup:
    """What is to change of a bay; None stays as it is."""

    door: str | None = None
    kinds: Sequence[str] | None = None
    capacity: int | None = None
    call_ahead: bool | None = None


def insert_station(tx: Tx, actor: Actor, station: str, change: StationSetup) -> int:
    """Set up a station; give its first event's number.

    Raises:
        AlreadyThere, NotPossible: the word is taken, or it or what is told of it cannot be used.
    """
    _check_id("station", station)
    if tx.first(_STATION, station=station) is not None:
        raise AlreadyThere(f"There is a station {station} already; choose another word.")
    columns: dict[str, object] = {
        "hours": {},
        "holidays": None,
        "special_days": {},
        "early_min": DEFAULT_EARLY_MIN,
        "sweep_after_min": DEFAULT_SWEEP_AFTER_MIN,
        "overnight": False,
        "recheck_days": DEFAULT_RECHECK_DAYS,
        "sign_closed": "",
        "sign_break": "",
        "next_on_yard": DEFAULT_NEXT_ON_YARD,
        **DEFAULT_KEEP_DAYS,
    }
    columns |= _station_columns(change, {})
    tx.run(sa.insert(schema.station), id=station, **_NOTHING_HAPPENED, **columns)
    return tx.event(station, EventKind.STATION_CHANGED, actor, data={"created": True})


def change_station(tx: Tx, actor: Actor, station: str, change: StationSetup) -> int | None:
    """Change a station; give the event's number, None when everything is so already.

    Raises:
        NotThere, NotPossible: there is no such station, or what is told cannot be used.
    """
    row = _found(tx, station)
    columns = _station_columns(change, row.special_days)
    changed = _changed(row, columns)
    if not changed:
        return None
    tx.run(sa.update(schema.station).where(_IS_STATION).values(columns), of_station=station)
    return tx.event(station, EventKind.STATION_CHANGED, actor, data={"changed": changed})


def insert_bay(tx: Tx, actor: Actor, station: str, bay: str, change: BaySetup) -> int:
    """Set up a bay; give the event's number.

    Raises:
        AlreadyThere, NotThere, NotPossible: bay or door exist, the station does not, or no kinds.
    """
    _check_id("bay", bay)
    columns = _bay_columns(change)
    _found(tx, station)
    _check_door(tx, station, bay, change.door)
    new = {"capacity": 1, "call_ahead": False, **columns}
    new |= {"state": BayState.OPEN.value, "until": None}
    tx.run(sa.insert(schema.bay), station=station, id=bay, **new)
    data = {"door": change.door, "created": True}
    return tx.event(station, EventKind.BAY_CHANGED, actor, bay=bay, data=data)


def change_bay(tx: Tx, actor: Actor, station: str, bay: str, change: BaySetup) -> int | None:
    """Change a bay; give the event's number, None when everything is so already.

    Raises:
        AlreadyThere, NotThere, NotPossible: the door exists, the bay does not, or no kinds.
    """
    columns = _bay_columns(change)
    _found(tx, station)
    row = next((one for one in tx.all(_BAYS, station=station) if one.id == bay), None)
    if row is None:
        raise NotThere(f"{station} has no bay {bay}; look at portvakt central list.")
    if change.door is not None and change.door != row.door:
        _check_door(tx, station, "", change.door)
    changed = _changed(row, columns)
    if not changed:
        return None
    tx.run(sa.update(schema.bay).where(_IS_BAY).values(columns), of_station=station, of_bay=bay)
    data = {"door": columns.get("door", row.door), "changed": changed}
    return tx.event(station, EventKind.BAY_CHANGED, actor, bay=bay, data=data)


def _station_columns(change: StationSetup, special_days: Mapping[str, object]) -> dict[str, object]:
    """The columns that change, checked; *special_days* are those that stand in the row."""
    columns: dict[str, object] = {}
    if change.name is not None:
        columns["name"] = _named(change.name, "the station")
    if change.time_zone is not None:
        columns["time_zone"] = read_zone(change.time_zone).key
    if change.hours is not None:
        columns["hours"] = to_row(read_week(change.hours))
    if change.holidays is not None:
        columns["holidays"] = read_holidays(change.holidays)
    if change.special_days:
        columns["special_days"] = _special_days(change.special_days, special_days)
    if change.overnight is not None:
        columns["overnight"] = change.overnight
    return columns | _notices(change) | _numbers(change)


def _special_days(words: Iterable[str], standing: Mapping[str, object]) -> dict[str, object]:
    days = dict(standing)
    for word in words:
        day, spans = read_special(word)
        days.pop(day.isoformat(), None)
        if spans is not None:
            days |= to_row({day.isoformat(): spans})
    return dict(sorted(days.items()))


def _notices(change: StationSetup) -> dict[str, object]:
    told = {name: getattr(change, name) for name in _NOTICES}
    try:
        return {name: read_notice(text) for name, text in told.items() if text is not None}
    except NoticeRefused as refused:
        raise NotPossible(str(refused)) from refused


def _numbers(change: StationSetup) -> dict[str, object]:
    numbers: dict[str, object] = {}
    for name, (word, least, most) in _RANGES.items():
        number = getattr(change, name)
        if number is None:
            continue
        if not least <= number <= most:
            raise NotPossible(f"{word} {number} cannot be; choose {least} to {most}.")
        numbers[name] = number
    return numbers


def _bay_columns(change: BaySetup) -> dict[str, object]:
    columns: dict[str, object] = {}
    if change.door is not None:
        columns["door"] = _named(change.door, "the door")
    if change.kinds is not None:
        if not change.kinds:
            raise NotPossible("A bay takes at least one kind of inspection.")
        columns["kinds"] = sorted({_named(kind, "a kind") for kind in change.kinds})
    if change.capacity is not None:
        if not 1 <= change.capacity <= _CAPACITY_MAX:
            raise NotPossible(f"A bay has room for 1 to {_CAPACITY_MAX} vehicles.")
        columns["capacity"] = change.capacity
    if change.call_ahead is not None:
        columns["call_ahead"] = change.call_ahead
    return columns


def _changed(row: Row, columns: Mapping[str, object]) -> dict[str, object]:
    """What is to be otherwise than it is: `[before, after]` by column."""
    return {
        name: [getattr(row, name), value]
        for name, value in columns.items()
        if getattr(row, name) != value
    }


def _found(tx: Tx, station: str) -> Row:
    row = tx.first(_STATION, station=station)
    if row is None:
        raise NotThere(f"There is no station {station}; create it first.")
    return row


def _check_door(tx: Tx, station: str, bay: str, door: str | None) -> None:
    for row in tx.all(_BAYS, station=station):
        if bay == row.id or door == row.door:
            raise AlreadyThere(f"{station} has bay {row.id} with door {row.door} already.")


def _check_id(what: str, word: str) -> None:
    if _ID.fullmatch(word) is None:
        raise NotPossible(
            f'"{word}" cannot name a {what}; use lower-case letters, digits and hyphens, at most 32.'
        )


def _named(word: str, what: str) -> str:
    if not word.strip():
        raise NotPossible(f"Give {what} a name that people will recognise.")
    return word.strip()
