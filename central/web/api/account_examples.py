"""Examples of what the pages of the office speak; `examples.py` shows them with all others."""

from datetime import UTC, datetime, timedelta
from typing import Any

from central.web.api.words import PERSON
from contract import accounts
from contract.accounts import Looked, Scope
from contract.wire import Role

_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
_TOKEN = "api-5f1c09ae"  # noqa: S105 - its name, not its secret
_TOKEN_ROW = accounts.TokenRow(
    id=_TOKEN,
    name="Booking system",
    scopes=[Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE],
    stations=["pitea"],
    created_at=_NOON,
    created_by="The manager",
    expires_at=_NOON + timedelta(days=365),
    last_used_at=_NOON + timedelta(minutes=4),
)

_DESK_2 = accounts.PersonRow(
    id=PERSON,
    name="Desk 2",
    role="staff",
    stations=["pitea"],
    created_at=_NOON,
    has_password=False,
)

ALL: list[Any] = [
    accounts.StationFacts(
        station="pitea",
        name="Piteå",
        time_zone="Europe/Stockholm",
        doors=[accounts.DoorFacts(bay="1", door="1")],
    ),
    accounts.PersonWords(name="Desk 2"),
    accounts.PersonChange(role="manager"),
    _DESK_2,
    accounts.Invitation(
        person=_DESK_2, code="K7QF-93TM-XW2P-5HRD", expires_at=_NOON + timedelta(hours=48)
    ),
    accounts.PasswordWords(new="lugn bil vid porten", old="korrekt häst batteri"),
    accounts.CodeWords(role=Role.POST, name="Post 1", replaces="post-5a6b7c8d"),
    accounts.CodeMade(code="K7QF-93TM", expires_at=_NOON + timedelta(hours=48)),
    accounts.CodeRow(
        handle="K7QF",
        role=Role.POST,
        name="Post 1",
        replaces="post-5a6b7c8d",
        made_at=_NOON,
        expires_at=_NOON + timedelta(hours=48),
        tries_left=5,
    ),
    accounts.NewToken(token="pv_post-5a6b7c8d_Qm4x..."),  # noqa: S106 - made up
    accounts.TokenWords(
        name="Booking system", scopes=[Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE], days=365
    ),
    _TOKEN_ROW,
    accounts.TokenMade(row=_TOKEN_ROW, token=f"pv_{_TOKEN}_8Jx0..."),
    accounts.Keeping(
        plates_days=7,
        recheck_days=30,
        names_days=400,
        looks_days=400,
        erased_at=_NOON - timedelta(hours=9),
    ),
    accounts.OnePlate(plate="ABC 123"),
    accounts.Erased(visits=2, arrivals=2, bookings=1, bookings_to_come=1, backups=7),
    accounts.Export(
        plate="ABC 123",
        station="Piteå",
        made_at=_NOON,
        visits=[
            accounts.ExportedVisit(
                visit={"plate": "ABC123", "kind": "full", "state": "done"},
                timeline=[{"seq": 812, "at": _NOON.isoformat(), "kind": "arrived"}],
            )
        ],
    ),
    accounts.LookRow(at=_NOON, person="Desk 1", what=Looked.VISITS, about=f"A{'*' * 4}3", times=2),
]
