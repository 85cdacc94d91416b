"""Examples of what a hall box and its office say to each other; `examples.py` shows them with all others."""

from datetime import UTC, datetime, timedelta
from typing import Any

from central.web.api.words import ARRIVAL, PERSON, VISIT
from contract import halls
from contract.event import EventKind
from contract.wire import Role

_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
_EPOCH = "5f1c09ae7b3d2e41"
_OFFICE = "0b6d41c2a97e5f38"

_SAID = halls.HallSaid(
    release="26.11.5-1a2b3c4d",
    name="Piteå",
    time_zone="Europe/Stockholm",
    clock_synced=True,
    keep=[7, 30, 400, 400],
    bays=[halls.HallBay(bay="1", door="1", kinds=["full", "recheck"])],
    waiting=4,
    called=1,
    in_bay=2,
    oldest_at=_NOON - timedelta(minutes=17),
    backup_at=_NOON - timedelta(hours=9),
    devices=[
        halls.HallDevice(device="post-5a6b7c8d", name="Post 1", role=Role.POST, heard_at=_NOON)
    ],
)

ALL: list[Any] = [
    halls.HallReport(
        epoch=_EPOCH,
        events=[
            halls.HallEvent(
                seq=1042,
                at=_NOON,
                kind=EventKind.CALLED.value,
                actor_kind="staff",
                visit=VISIT,
                bay="1",
                call=ARRIVAL,
                data={"from": "waiting", "to": "called", "door": "1", "version": 2},
            )
        ],
        said=_SAID,
    ),
    halls.HallTaken(last=1042),
    halls.HallNews(
        office=_OFFICE,
        after=318,
        bookings=[
            halls.HallBooking(ref="B-1041", plate="ABC123", slot_at=_NOON + timedelta(hours=2))
        ],
        people=[
            halls.HallPerson(
                id=PERSON,
                name="Desk 2",
                role="staff",
                password="$argon2id$v=19$...",  # noqa: S106 - made up
            )
        ],
        codes=[
            halls.HallCode(
                handle="K7QF",
                code="$argon2id$v=19$...",
                role=Role.POST,
                name="Post 2",
                made_at=_NOON,
                expires_at=_NOON + timedelta(hours=48),
            )
        ],
        revoked=["sign-1f2e3d4c"],
        erasures=[halls.HallErasure(id=ARRIVAL, plate="ABC123")],
    ),
    halls.HallRow(
        station="pitea",
        name="Piteå",
        time_zone="Europe/Stockholm",
        contact="good",
        heard_at=_NOON,
        age_s=21,
        events=1042,
        said=_SAID,
    ),
]
