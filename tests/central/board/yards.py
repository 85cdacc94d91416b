"""Yards to look at: plates, doors and signs as central would give them at 10:32."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from contract.transitions import may
from contract.visit import State
from contract.wire import Window
from contract.yard import (
    BayRow,
    HelpRow,
    NamedDoor,
    Queue,
    QueueRow,
    SignPicture,
    SignRow,
    YardSignRow,
)

# 10:32:05 in Stockholm, in winter.
NOW = datetime(2026, 11, 23, 9, 32, 5, tzinfo=UTC)


def at(clock: str) -> datetime:
    """Give the moment when the station's clocks show *clock*, such as "10:12"."""
    hour, minute = map(int, clock.split(":"))
    return NOW.replace(hour=hour - 1, minute=minute, second=0)


def window(low: str, high: str) -> Window:
    """Give a wait that ends between two times of the clock."""
    minutes = [int((at(clock) - NOW).total_seconds() / 60) for clock in (low, high)]
    return Window(
        low_min=minutes[0],
        median_min=sum(minutes) // 2,
        high_min=minutes[1],
        starts_at=at(low),
        ends_at=at(high),
    )


def waits(plate: str, place: int, arrived: str = "10:12", **more: Any) -> QueueRow:
    """Give somebody who waits: a drop-in unless told otherwise."""
    told: dict[str, Any] = {
        "visit": f"visit-{plate}",
        "version": 1,
        "plate": plate,
        "state": "waiting",
        "kind": "full",
        "source": "post",
        "arrived_at": at(arrived),
        "turn_at": at(arrived) + timedelta(minutes=10),
        "rule": "drop_in",
        "place": place,
        "window": window("10:45", "10:55"),
    }
    return as_may(QueueRow(**(told | more)))


def as_may(row: QueueRow) -> QueueRow:
    """Give *row* the verbs that the table has for its state."""
    return replace(row, may=list(may(State(row.state))))


def called(plate: str, bay: str, ago_s: float = 1, **more: Any) -> QueueRow:
    """Give somebody who is called to a bay."""
    told: dict[str, Any] = {
        "state": "called",
        "place": None,
        "window": None,
        "bay": bay,
        "call": f"call-{plate}",
        "called_at": NOW - timedelta(seconds=ago_s),
        "calls": 1,
        "version": 2,
    }
    return as_may(replace(waits(plate, 0), **(told | more)))


def inside(plate: str, bay: str, since: str = "10:20", **more: Any) -> QueueRow:
    """Give somebody whose car is in a bay."""
    told = {"state": "in_bay", "bay": bay, "in_bay_at": at(since), "place": None, "window": None}
    return as_may(replace(waits(plate, 0), **(told | {"version": 3} | more)))


def sign(shows: str | None = None, **more: Any) -> SignRow:
    """Give a sign that answers; *shows* is the plate that it was told, sent and confirmed."""
    call = shows and f"call-{shows}"
    told: dict[str, Any] = {
        "device": "sign",
        "name": "Sign",
        "reachable": True,
        "beat_at": NOW,
        "commanded": call,
        "sent": call,
        "sent_whole": True,
        "confirmed": True if call else None,
        "reads_back": call is not None and more.get("confirmed", True) is not None,
    }
    return SignRow(**(told | more))


def yard_sign(*names: tuple[str, str], **more: Any) -> YardSignRow:
    """Give a yard sign that answers; *names* are the plates and the doors that it may be naming."""
    told: dict[str, Any] = {
        "device": "sign-yard",
        "name": "Sign at the gate",
        "doors": ["1", "2"],
        "reachable": True,
        "beat_at": NOW,
        "names": [NamedDoor(plate=plate, door=door) for plate, door in names],
    }
    return YardSignRow(**(told | more))


def picture(rows: str, **more: Any) -> SignPicture:
    """Give the picture of *rows*, each line of it one row of dots: # is lit."""
    lines = rows.split()
    columns = [
        sum(1 << y for y, line in enumerate(lines) if line[x] == "#") for x in range(len(lines[0]))
    ]
    told: dict[str, Any] = {
        "width_px": len(columns),
        "height_px": len(lines),
        "columns": columns,
        "sha256": "f" * 64,
        "whole": True,
        "at": NOW,
    }
    return SignPicture(**(told | more))


def door(number: str, shows: SignRow | None = None, **more: Any) -> BayRow:
    """Give a door that takes full inspections and rechecks; its sign is dark unless told otherwise."""
    told: dict[str, Any] = {
        "bay": f"bay-{number}",
        "door": number,
        "kinds": ["full", "recheck"],
        "capacity": 1,
        "sign": shows or sign(),
    }
    return BayRow(**(told | more))


def needs_help(post: str = "Post 1", **more: Any) -> HelpRow:
    """Give a call for help that was raised two minutes ago."""
    raised: dict[str, Any] = {
        "id": f"help-{post[-1]}",
        "post": post,
        "raised_at": NOW - timedelta(minutes=2),
    }
    return HelpRow(**(raised | more))


def yard(*line: QueueRow, bays: list[BayRow] | None = None, **more: Any) -> Queue:
    """Give a yard with two free doors unless told otherwise."""
    told: dict[str, Any] = {
        "cursor": "epoch-1-100",
        "as_of": NOW,
        "station": "demo",
        "name": "Norra hallen",
        "time_zone": "Europe/Stockholm",
        "line": list(line),
        "bays": [door("1"), door("2")] if bays is None else bays,
        "help": [],
    }
    return Queue(**(told | more))


def busy() -> Queue:
    """A busy morning: twelve wait, one is called, one is inside, one door is free and one is for lorries."""
    first = [
        waits("KLM456", 1, "10:15", rule="booked", slot_at=at("10:30"), turn_at=at("10:30")),
        waits(
            "RST78A", 2, "10:12", kind="recheck", rule="recheck", turn_at=at("9:52"), source="desk"
        ),
        waits("FGH012", 3, "10:20", rule="booked_late", slot_at=at("10:00"), turn_at=at("10:20")),
        waits("WXY345", 4, "10:12", source="text"),
        waits("ÅKERI1", 5, "10:14", kind="heavy", window=None),
    ]
    rest = [waits(f"DEF{n}{n}{n}", n, f"10:{n + 14}") for n in range(6, 10)]
    last = [waits("B7K2", 10, "10:29", source="desk"), waits("MINBIL", 11, "10:30")]
    called_now = called("ABC123", "bay-1", 95)
    car_inside = inside("JKL90B", "bay-2")
    doors = [
        door("1", sign("ABC123")),
        door("2"),
        door("3"),
        door("4", kinds=["heavy"], state="on_break", sign=None),
    ]
    end = waits("NPR246", 12, "10:31", window=window("11:20", "11:45"))
    line = [*first, *rest, *last, end, called_now, car_inside]
    return yard(*line, bays=doors, expected_left=9)
