"""A station for tests: two doors, a post, two signs, and staff, on a real database in a folder."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.folder import DataFolder
from central.database.store import Store
from central.database.tx import Tx
from central.devices.devices import Device
from central.migrations import migrate
from central.words import Actor, Nudge, SendClocks
from central.yard import Yard
from contract.ids import uuid7
from contract.transitions import Verb
from contract.wire import (
    Arrival,
    Beat,
    Dark,
    Enrol,
    Font,
    Grant,
    Lease,
    PanelFacts,
    PanelState,
    Role,
    Sent,
    Standing,
)
from contract.words import BayWords, DeskArrival, VisitWords
from contract.yard import Queue, QueueRow
from tests.fakes.clock import FakeClock
from tests.postgres import Databases

PITEA = "pitea"
DESK_1 = Actor("staff", "desk-1", "Desk 1")
DESK_2 = Actor("staff", "desk-2", "Desk 2")
FONT = Font(letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", advance_px=6, gap_px=3)
PANEL = PanelFacts(width_px=40, fonts=[FONT], holds_last_frame=True, worst_dark_ms=50, hang_ms=0)


class Sign:
    """A sign's side of the conversation: it shows what it is granted, unless a test says otherwise."""

    def __init__(self, yard: Yard, device: Device, boot: str = "boot-1") -> None:
        self.yard = yard
        self.device = device
        self.boot = boot
        self.epoch = ""
        self.seq = 0
        self.shows: str | None = None
        self.fault = ""
        self.panel = PANEL

    def ask(self, *, answer_lost: bool = False) -> Lease:
        """Beat once and do what the answer says, unless it is lost on the way."""
        answer = self.yard.beat(PITEA, self.device.id, self.words())
        if not answer_lost:
            self.epoch, self.seq = answer.epoch, answer.seq
            self.shows = answer.call if isinstance(answer, Grant) else None
        return answer

    def words(self) -> Beat:
        return Beat(
            nonce="n",
            boot=self.boot,
            epoch=self.epoch,
            seq=self.seq,
            commanded=self.shows,
            sent=Sent(call=self.shows, sha256="f" * 64, whole=not self.fault),
            state=PanelState.FAULT if self.fault else PanelState.OK,
            fault=self.fault,
            panel=self.panel,
        )

    def wakes(self) -> "Sign":
        """Learn the epoch and report dark, as a sign does before anything is called."""
        self.ask()
        self.ask()
        return self

    def lit(self) -> str:
        """Beat, and give the text that may be shown; fails when the answer is dark."""
        answer = self.ask()
        assert isinstance(answer, Grant), answer
        return answer.text

    def dark(self) -> str:
        """Beat, and give the reason for darkness; fails when the answer is a grant."""
        answer = self.ask()
        assert isinstance(answer, Dark), answer
        return answer.reason

    def goes_dark(self) -> None:
        """The lease ran out or a nudge came: the panel is blank, whatever central knows."""
        self.shows = None


class Station:
    """Piteå with doors 1 (full, recheck) and 2 (full, recheck, heavy)."""

    def __init__(self, folder: Path, clock: FakeClock, url: str = "") -> None:
        self.clock = clock
        self.url = url or DataFolder(folder).url
        if not url:
            migrate(self.url)
        self.store = Store(self.url, clock)
        self.yard = Yard(self.store, clock)
        self.nudges: list[Nudge] = []
        self.yard.nudges.add(self.nudges.append)

    def set_up(self) -> "Station":
        self.yard.places.create_station(PITEA, "Piteå", "Europe/Stockholm")
        self.yard.places.create_bay(PITEA, "1", "1", ["full", "recheck"])
        self.yard.places.create_bay(PITEA, "2", "2", ["full", "recheck", "heavy"])
        self.enrolled(Role.POST, "Post 1")
        self.enrolled(Role.POST, "Post 2")
        self.enrolled(Role.SIGN, "Sign 1", "1")
        self.enrolled(Role.SIGN, "Sign 2", "2")
        return self.find()

    def find(self) -> "Station":
        by_name = {device.name: device for device in self.yard.devices.all(PITEA)}
        self.post = by_name["Post 1"].actor
        self.other_post = by_name["Post 2"].actor
        self.sign_1 = Sign(self.yard, by_name["Sign 1"])
        self.sign_2 = Sign(self.yard, by_name["Sign 2"])
        return self

    def restart(self) -> None:
        """Another process opens the same database."""
        self.store.close()
        self.store = Store(self.url, self.clock)
        self.yard = Yard(self.store, self.clock)
        self.nudges = []
        self.yard.nudges.add(self.nudges.append)
        self.sign_1.yard = self.sign_2.yard = self.yard

    def enrolled(self, role: Role, name: str, bay: str | None = None) -> Device:
        code = self.yard.devices.create_device_code(PITEA, role, name, bay)
        token = self.yard.devices.enrol(PITEA, Enrol(code=code)).token
        device = self.yard.devices.by_token(token)
        assert device is not None
        return device

    def minutes(self, minutes: float) -> None:
        self.clock.advance(int(minutes * 60_000))

    # -- a car comes ---------------------------------------------------------------------------

    def typed(self, plate: str, at: datetime | None = None) -> Arrival:
        """What a post saves when somebody has typed *plate*, which takes a second, and pressed OK."""
        self.clock.advance(1_000)
        now = self.clock.now()
        return Arrival(
            id=uuid7(int(now.timestamp() * 1000)),
            plate=plate,
            at=at or now,
            synced=True,
            boot_id="post-boot",
            mono_ms=self.clock.monotonic_ms(),
        )

    def deliver(
        self, arrival: Arrival, actor: Actor | None = None, sent: SendClocks | None = None
    ) -> Standing:
        raw = msgspec.json.encode(arrival)
        return self.yard.arrive(PITEA, actor or self.post, arrival, raw, sent)

    def comes(self, plate: str, actor: Actor | None = None) -> Standing:
        return self.deliver(self.typed(plate), actor)

    def told_at_the_desk(self, plate: str, kind: str | None = None) -> Standing:
        arrival = DeskArrival(
            id=uuid7(int(self.clock.now().timestamp() * 1000)), plate=plate, kind=kind
        )
        return self.yard.arrive(PITEA, DESK_1, arrival, msgspec.json.encode(arrival))

    # -- staff act -----------------------------------------------------------------------------

    def row(self, plate: str) -> QueueRow:
        return next(row for row in self.queue().line if row.plate == plate)

    def does(
        self, verb: Verb, plate: str, bay: str | None = None, actor: Actor = DESK_1
    ) -> QueueRow:
        row = self.row(plate)
        words = VisitWords(version=row.version, bay=bay)
        return self.yard.act(PITEA, actor, row.visit, verb, words)

    def calls(self, plate: str, bay: str = "1") -> QueueRow:
        return self.does(Verb.CALL, plate, bay)

    def calls_next(self, bay: str = "1", actor: Actor = DESK_1) -> QueueRow:
        return self.yard.call_next(PITEA, actor, bay, BayWords())

    # -- and looks -----------------------------------------------------------------------------

    def queue(self) -> Queue:
        return self.yard.queue(PITEA)

    def waiting(self) -> list[str]:
        return [row.plate for row in self.queue().line if row.state == "waiting"]

    def happened(self) -> list[str]:
        return [event.kind for event in self.yard.events_after(PITEA, 0)]

    def books(self, *lines: str) -> None:
        text = "ref,plate,slot,kind\n" + "\n".join(lines) + "\n"
        self.yard.import_bookings(PITEA, DESK_1, text)


@contextmanager
def a_station(folder: Path, model: Path) -> Iterator[Station]:
    """A copy of the set-up station in the folder *model*; its database closes with the block."""
    shutil.copytree(model, folder, dirs_exist_ok=True)
    station = Station(folder, FakeClock())
    try:
        yield station.find()
    finally:
        station.store.close()


@contextmanager
def on_postgres(folder: Path, databases: Databases, model: str) -> Iterator[Station]:
    """A copy of the set-up station in the database *model*; it is dropped with the block."""
    url = databases.new(model)
    station = Station(folder, FakeClock(), url)
    try:
        yield station.find()
    finally:
        station.store.close()
        databases.drop(url)


def together(store: Store, *jobs: Callable[[Tx], object]) -> list["Future[object]"]:
    """Hand in *jobs* while the writer is busy, so that it takes them as one group."""
    started, go = threading.Event(), threading.Event()

    def wait(_: Tx) -> None:
        started.set()
        go.wait()

    store.submit(wait)
    started.wait()
    futures = [store.submit(job) for job in jobs]
    go.set()
    return futures


def breaks_the_commit(tx: Tx) -> None:
    """A job that goes well, and after which SQLite itself refuses the COMMIT: a visit of no station."""
    tx.run(sa.text("PRAGMA defer_foreign_keys=ON"))
    words = dict.fromkeys(("plate", "match_key", "kind", "source", "state", "rule"), "none")
    moment = FakeClock().now()
    tx.run(
        sa.insert(schema.visit),
        id="orphan",
        station="nowhere",
        version=1,
        calls=0,
        arrived_at=moment,
        turn_at=moment,
        **words,
    )


def local(text: str) -> datetime:
    """A UTC moment of the station's winter time, which is one hour ahead."""
    return datetime.fromisoformat(f"{text}+01:00").astimezone(FakeClock().now().tzinfo)
