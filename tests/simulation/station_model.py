"""The station of the simulation as it stands before anybody comes: doors, devices, bookings, their words."""

import hashlib
import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from central import schema
from central.database.folder import DataFolder
from central.database.store import Store
from central.migrations import migrate
from central.words import Actor
from central.yard import Yard
from contract.plate import Plate
from contract.wire import Role
from device.identity import Identity, save_identity
from tests.fakes.clock import FakeClock

STATION = "lund"
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BAYS = {"1": ("full", "recheck"), "2": ("full", "recheck", "heavy")}
POSTS = ("post-1", "post-2")
SIGNS: dict[str, str | None] = {"sign-1": "1", "sign-2": "2", "sign-spare": None}
DESKS = tuple(Actor("staff", f"desk-{n}", f"Desk {n}") for n in (1, 2))

# ABC123 and ABB123 share their keys, WAX120 and WAX12O their looks; the last ones have no Swedish shape.
BOOKED = ("ABC123", "ABB123", "WAX120", "MLB84A", "DEF456", "GHJ789")
DROP_INS = ("KLM012", "NPR345", "WAX12U", "ÖÄÅ11", "B4", "HH1234")
PLATES = BOOKED + DROP_INS
LAST_PLATES = {"post-1": "STU901", "post-2": "XYZ98K"}  # who comes when all has healed


@dataclass(frozen=True, slots=True)
class Booked:
    """A slot as the booking system gave it; times in milliseconds of the simulation."""

    plate: str
    slot_ms: int
    kind: str


def wall(now_ms: int) -> datetime:
    """The true time of day at a moment of the simulation."""
    return START + timedelta(milliseconds=now_ms)


def since_start_ms(moment: datetime) -> int:
    """The moment of the simulation that a time of day means."""
    return (moment - START) // timedelta(milliseconds=1)


def key_of(plate: str) -> str:
    """What vehicles are compared by."""
    return Plate.parse(plate).match_key


def make_model(folder: Path) -> None:
    """Set up the station's database and its posts' identities in *folder*, once for all histories."""
    folder.mkdir(parents=True)
    migrate(DataFolder(folder).url)
    clock = FakeClock(START)
    store = Store(DataFolder(folder).url, clock)
    yard = Yard(store, clock)
    yard.places.create_station(STATION, "Lund", "Europe/Stockholm")
    for bay, kinds in BAYS.items():
        yard.places.create_bay(STATION, bay, bay, kinds)
    for device in (*POSTS, *SIGNS):
        _enrol(store, device)
    store.close()
    for post in POSTS:
        identity = Identity(post, _token(post), STATION, Role.POST, post)
        save_identity(identity, folder / f"{post}.json")


def copy_model(model: Path, folder: Path) -> None:
    """Give a history its own copy."""
    shutil.copytree(model, folder)


def book(yard: Yard, rng: random.Random) -> list[Booked]:
    """Let the booking system send today's slots: some just now, some soon, some missed already."""
    slots = [
        Booked(plate, rng.randint(-15, 20) * 60_000, rng.choice(("full", "full", "recheck")))
        for plate in BOOKED
    ]
    lines = [f"{n},{b.plate},{wall(b.slot_ms).isoformat()},{b.kind}" for n, b in enumerate(slots)]
    yard.import_bookings(STATION, DESKS[0], "\n".join(["ref,plate,slot,kind", *lines]))
    return slots


def _enrol(store: Store, device: str) -> None:
    """Write the row that a code would lead to: real codes and tokens are random and cost argon2."""
    store.write(
        lambda tx: tx.run(
            sa.insert(schema.device),
            id=device,
            station=STATION,
            role=(Role.POST if device in POSTS else Role.SIGN).value,
            name=device,
            token_sha256=hashlib.sha256(_token(device).encode()).hexdigest(),
            serial="",
            enrolled_at=START,
            bay=SIGNS.get(device),
            bay_seq=0,
            silent=False,
            boot="",
            panel_state="ok",
            fault="",
            sent_whole=False,
        )
    )


def _token(device: str) -> str:
    return f"pv_{device}_{'s' * 40}"
