"""One example of each type that travels; whatever holds the type shows it.

A test reads every one back by its type, and fails when a type has none.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from central.bookings.bookings import Imported
from central.web.answers import HTML
from central.web.api import account_examples, fleet_examples, hall_examples
from central.web.api.words import ARRIVAL, HELP, VISIT
from central.web.board_routes import CSV, Session
from central.web.first_routes import FirstForm
from central.web.health_routes import Alive, Ready
from central.web.metrics import MEDIA_TYPE
from central.web.pages import SignInForm
from central.web.reading import Nothing
from central.web.telling import StillHere
from contract import wire, words, yard
from contract.visit import Kind, Rule, Source, State

_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_CALL = "019ab0f3-1a22-7b61-9c50-2d3e4f5a6b7c"
_EPOCH = "7f3a9c21"
_SIGN = "sign-1f2e3d4c"
_POST = "post-5a6b7c8d"
TEXTS = {
    CSV: "ref,plate,slot,kind\nB-1041,ABC 123,2026-11-23 09:20,full\n",
    HTML: "<!doctype html><title>Portvakt</title>",
    MEDIA_TYPE: 'portvakt_http_requests_total{method="GET",status="200"} 1841.0\n',
}


def _at(minutes: float) -> datetime:
    return _NINE + timedelta(minutes=minutes)


_WINDOW = wire.Window(low_min=10, median_min=15, high_min=25, starts_at=_at(11), ends_at=_at(26))
_WAITING = yard.QueueRow(
    visit=VISIT,
    version=1,
    plate="ABC123",
    state=State.WAITING,
    kind=Kind.FULL,
    source=Source.POST,
    arrived_at=_at(0),
    turn_at=_at(20),
    rule=Rule.BOOKED,
    may=["call", "enter", "park", "leave", "remove", "override"],
    slot_at=_at(20),
    place=1,
    window=_WINDOW,
)
_CALLED = msgspec.structs.replace(
    _WAITING,
    version=2,
    state=State.CALLED,
    may=["recall", "move", "enter", "put-back", "park", "no-show", "leave", "remove"],
    place=None,
    window=None,
    bay="1",
    call=_CALL,
    called_at=_at(12),
    calls=1,
)
_FONT = wire.Font(letters="ABCDEFGHJKLMNPRSTUWXYZ0123456789", advance_px=6, gap_px=3)
_PANEL = wire.PanelFacts(width_px=64, fonts=[_FONT], holds_last_frame=True, worst_dark_ms=50)
_SIGN_ROW = yard.SignRow(
    device=_SIGN,
    name="Sign 1",
    reachable=True,
    beat_at=_at(12),
    commanded=_CALL,
    sent=_CALL,
    sent_whole=True,
)
_BAY = yard.BayRow(
    bay="1", door="1", kinds=["full", "recheck"], capacity=1, visits=[VISIT], sign=_SIGN_ROW
)
_HELP_ROW = yard.HelpRow(id=HELP, post="Post 1", raised_at=_at(3), plate="ABC123", visit=VISIT)
_HELD = yard.HeldRow(
    arrival=ARRIVAL,
    plate="ABC123",
    came_at=_at(-180),
    received_at=_at(-179),
    source=Source.POST,
    why="closed",
)
_HEARTBEAT = wire.Heartbeat(
    release="26.11.2",
    boot="b1946ac9",
    uptime_s=84_213,
    process_s=3_600,
    clock_synced=True,
    under_voltage=False,
    temperature_c=41.5,
    disk_free_mb=0,
    outbox=wire.OutboxFacts(writable=False),
    shows="out_of_order",
    drawn_s=2,
    faults=[wire.DeviceFault(part="outbox", since_s=600, reason="The disk is full.")],
)
_REMARK = "Brake hose worn, front left"
_BOOKING_ROW = yard.BookingRow(
    ref="B-1041", plate="ABC123", slot_at=_at(20), kind=Kind.FULL, make="Volvo", model="V70"
)
_INSPECTED = yard.Inspected(
    at=_at(-40_000), kind=Kind.FULL, outcome=words.ReInspection(remarks=[_REMARK])
)

_ALL: list[Any] = [
    wire.Arrival(
        id=ARRIVAL, plate="ABC 123", at=_at(0), synced=True, boot_id="b1946ac9", mono_ms=84_213_007
    ),
    words.DeskArrival(id=ARRIVAL, plate="ABC 123"),
    wire.Standing(
        plate="ABC123",
        visit=VISIT,
        state=State.WAITING,
        as_of=_at(1),
        booked_at=_at(20),
        place=1,
        window=_WINDOW,
        watch_sign=True,
        epoch=_EPOCH,
    ),
    wire.Expected(day="2026-11-23", plates=["ABC123"]),
    wire.Booked(elsewhere=wire.Elsewhere(slot_at=_at(1_440), station="Luleå")),
    wire.HelpCall(id=HELP, plate="ABC1"),
    wire.HelpState(id=HELP, raised_at=_at(3), has_place=True, acknowledged_by="Desk 1"),
    words.HelpClose(word="The key 6 was stuck."),
    wire.Beat(nonce="n-481", boot="b1946ac9", epoch=_EPOCH, seq=1841, panel=_PANEL),
    wire.Grant(
        nonce="n-481",
        epoch=_EPOCH,
        seq=1842,
        bay="1",
        call=_CALL,
        plate="ABC123",
        text="ABC 123",
        ttl_ms=7_000,
    ),
    wire.Dark(nonce="n-481", epoch=_EPOCH, seq=1842, reason="no_call"),
    wire.Listing(
        nonce="n-481",
        epoch=_EPOCH,
        seq=1842,
        rows=[wire.Listed(text="ABC 123", door="1", call=_CALL), wire.Listed(text="KLM 456")],
        ttl_ms=7_000,
    ),
    wire.Enrol(code="K7QF-93TM", serial="100000003d1d1c36", role=wire.Role.POST),
    wire.Enrolled(
        device=_SIGN,
        token=f"pv_{_SIGN}_8Jx0...",
        station="pitea",
        role=wire.Role.SIGN,
        name="Sign 1",
        bay="1",
    ),
    words.BayWords(visit=VISIT, version=1),
    words.UndoWords(visit=VISIT),
    words.BayChange(until=_at(45)),
    words.Dismissal(reason="Drove off before we opened."),
    words.BookingWords(plate="ABC 123", slot_at=_at(20), make="Volvo", model="V70", colour="blue"),
    _BOOKING_ROW,
    _CALLED,
    _BAY,
    _HELD,
    yard.Vehicle(
        plate="ABC123",
        make="Volvo",
        model="V70",
        year=2014,
        last=_INSPECTED,
        bookings=[_BOOKING_ROW],
    ),
    yard.Queue(
        cursor=f"{_EPOCH}-1842",
        as_of=_at(12),
        station="pitea",
        name="Piteå",
        time_zone="Europe/Stockholm",
        line=[_WAITING],
        bays=[_BAY],
        help=[_HELP_ROW],
        expected_left=14,
        held=[_HELD],
        closes_at=_at(480),
    ),
    yard.EventRow(
        seq=1842,
        at=_at(12),
        kind="called",
        actor="Desk 1",
        visit=VISIT,
        bay="1",
        call=_CALL,
        data={"from": "waiting", "to": "called", "door": "1"},
    ),
    _HEARTBEAT,
    wire.HeartbeatHeard(),
    yard.DeviceRow(
        id=_POST,
        station="pitea",
        role=wire.Role.POST,
        name="Post 1",
        heard_at=_at(12),
        age_s=41,
        faults=[yard.FaultRow(part="outbox", since=_at(2), reason="The disk is full.")],
        says=["Post 1: nothing can be saved: The disk is full."],
        heartbeat=_HEARTBEAT,
    ),
    yard.SignPicture(
        at=_at(12),
        width_px=8,
        height_px=8,
        columns=[0, 66, 33, 80, 9, 118, 0, 0],
        sha256="9f2c...",
        whole=True,
    ),
    Imported(total=214, new=209, changed=5, dry_run=False),
    Session(
        name="Desk 1",
        role="staff",
        csrf="Zk3v...",
        stations=["pitea"],
        names={"pitea": "Piteå"},
    ),
    SignInForm(login="Desk 1", password="korrekt häst batteri"),  # noqa: S106 - made up
    FirstForm(code="K7QF-93TM-XW2P-5HRD", login="Office 1", password="korrekt häst batteri"),  # noqa: S106
    Nothing(),
    Alive(),
    Ready(),
    StillHere(now=_at(13)),
]
_BY_TYPE: dict[Any, Any] = {
    **{
        type(example): example
        for example in [
            *_ALL,
            *account_examples.ALL,
            *fleet_examples.ALL,
            *hall_examples.ALL,
        ]
    },
    dict[str, object]: {"openapi": "3.1.1"},
}
_SPOKEN: dict[str, Any] = {
    "version": 2,
    "bay": "1",
    "reason": "The car does not start.",
    "before": VISIT,
    "outcome": words.ApprovedWithRemarks(remarks=[_REMARK]),
}


def of(kind: Any) -> dict[str, object]:  # noqa: ANN401 - any wire type
    """Give the examples of a type by name, as they stand in JSON; LookupError when there is none."""
    if kind in _BY_TYPE:
        return {kind.__name__: msgspec.to_builtins(_BY_TYPE[kind])}
    if kind in words.VERB_WORDS.values():
        return {kind.__name__: msgspec.to_builtins(_words_of(kind))}
    if get_origin(kind) is list:
        return {name: [example] for name, example in of(get_args(kind)[0]).items()}
    if not get_args(kind):
        raise LookupError(f"{kind} has no example; add one to central/web/api/examples.py.")
    return {name: example for one in get_args(kind) for name, example in of(one).items()}


def _words_of(kind: type[Struct]) -> object:
    """A verb's words: what it needs and what it takes."""
    return kind(**{name: _SPOKEN[name] for name in kind.__struct_fields__})
