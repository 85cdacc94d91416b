"""The running central: one process that holds its data folder, its socket and its port.

The database is a file in that folder, or a PostgreSQL that other such processes may serve too.
"""

import logging
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from central.bookings.register_choice import open_register
from central.box.notices import notices
from central.clock import Clock, SystemClock
from central.copies.leftovers import Copies
from central.database.bus import Bus
from central.database.folder import DataFolder
from central.database.presence import Presence
from central.database.store import Store
from central.halls.asking import HttpOffice, OfficeWords
from central.halls.noting import OfficeNote
from central.halls.running import EVERY_S, Uplink
from central.migrations import migrate
from central.oidc.settings import OidcWords, checked
from central.people.first_person import FILE, FirstPerson
from central.serving import figures
from central.serving.admin import AdminServer
from central.serving.commands import Commands
from central.serving.server import Server, Watched, http_config
from central.serving.state_file import StateFile
from central.serving.ticker import Ticker
from central.web.answers import protection
from central.web.app import WebSettings, create_app
from central.web.cookies import Cookies
from central.web.dispatcher import Dispatcher
from central.web.metrics import Metrics
from central.web.stream import Pace
from central.web.streams import Streams
from central.yard import Yard
from contract.errors import PortvaktError
from contract.wire import LEASE_TTL_MAX_MS

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LEASE_TTL_MIN_MS = 500
REFUSED = 2
NIGHT_EVERY_S = 60.0
METRICS_FILE = "metrics.token"
# A peer that acknowledges nothing for so long is gone; without this its streams would live for 15 minutes.
SILENT_PEER_MS = 30_000


class CannotServe(PortvaktError):
    """The service cannot start; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `portvakt central serve` may be told.

    `data` is the data folder; `database` the address of a PostgreSQL, or empty for a file in that folder;
    `frame_ancestors` the origins that may show the board in a frame,
    `secure_cookie` says that browsers reach us through TLS.  `port` 0 takes any free one.  `limits_times`
    lets everybody ask that many times as often: a test asks more in a minute than a station in a week.
    `behind_proxy` says that a proxy adds the asker's address to X-Forwarded-For: limits count by it then.
    `oidc` names a provider by which people may sign in too.
    `register_csv` or `register_url` say where vehicles are looked up.  `office` makes this central a hall
    box that reports there.  `copies` is the file that says when a copy of a backup left this machine.
    """

    data: Path
    database: str = ""
    port: int = 8081
    host: str = LOOPBACK
    frame_ancestors: tuple[str, ...] = ()
    secure_cookie: bool = False
    lease_ttl_ms: int = LEASE_TTL_MAX_MS
    heartbeat_s: float = 15
    stream_max_age_s: float = 900
    shutdown_s: int = 3
    limits_times: int = 1
    behind_proxy: bool = False
    oidc: OidcWords = field(default_factory=OidcWords)
    register_csv: Path | None = None
    register_url: str = ""
    register_token_file: Path | None = None
    copies: Path | None = None
    office: OfficeWords = field(default_factory=OfficeWords)
    office_every_s: float = EVERY_S

    @property
    def pace(self) -> Pace:
        """How streams behave."""
        return Pace(heartbeat_s=self.heartbeat_s, max_age_s=self.stream_max_age_s)


def serve(settings: ServeSettings, ready: Callable[[str], None] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; *ready* hears the address once it answers.

    Returns:
        0 after a stop that was asked for, 1 when a part broke, 2 when it could not start: then one
        sentence on standard error says what to change.
    """
    try:
        _check(settings)
        with ExitStack() as open_parts:
            listener = open_parts.enter_context(_listen(settings))
            folder = open_parts.enter_context(DataFolder(settings.data))
            return _serve_folder(settings, folder, listener, open_parts, ready)
    except PortvaktError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED


def _check(settings: ServeSettings) -> None:
    """Refuse what cannot be served, before anything is touched."""
    checked(settings.oidc)
    if settings.office.url:
        settings.office.check()
    protection(settings.frame_ancestors)
    if settings.database:
        check_database(settings.database)
    if settings.host != LOOPBACK:
        raise CannotServe(
            f"Central listens on {LOOPBACK} only, not on {settings.host}:"
            " put a TLS proxy on this machine in front of it."
        )
    if not LEASE_TTL_MIN_MS <= settings.lease_ttl_ms <= LEASE_TTL_MAX_MS:
        raise CannotServe(
            f"A lease of {settings.lease_ttl_ms} ms cannot be given;"
            f" choose {LEASE_TTL_MIN_MS} to {LEASE_TTL_MAX_MS}."
        )


def _listen(settings: ServeSettings) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_PEER_MS)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotServe(
            f"Port {settings.port} cannot be used ({error}); name another with --port."
        ) from error
    return listener


def _serve_folder(
    settings: ServeSettings,
    folder: DataFolder,
    listener: socket.socket,
    open_parts: ExitStack,
    ready: Callable[[str], None] | None,
) -> int:
    clock = SystemClock()
    register = open_register(
        settings.register_csv, settings.register_url, settings.register_token_file
    )
    presence = _open_database(settings, folder, open_parts)
    store = Store(settings.database or folder.url, clock)
    open_parts.callback(store.close)
    yard = Yard(store, clock, ttl_ms=settings.lease_ttl_ms, register=register, folder=settings.data)
    copies = Copies(folder, store, clock)
    yard.personal_data.leftovers = copies
    yard.backs_up.add(copies.note)
    if settings.copies is not None:
        yard.tells_of(partial(notices, settings.copies))
    first = FirstPerson(yard.people, folder.path / FILE)
    dispatcher, streams = build_web(
        settings, store, yard, clock, folder.secret(METRICS_FILE), first
    )
    open_parts.callback(dispatcher.close)
    open_parts.callback(streams.close)
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    admin = open_parts.enter_context(
        AdminServer(folder.socket_path, Commands(yard, address, streams.end, settings.oidc.issuer))
    )
    ticker = open_parts.enter_context(Ticker(yard.tick))
    # Apart from the line's own second hand: a night with much to erase must not hold a lease up.
    night = open_parts.enter_context(Ticker(yard.personal_data.night, NIGHT_EVERY_S, "night"))
    state = StateFile()
    open_parts.enter_context(
        Ticker(lambda: state.note(() if ticker.turns else ("tick",)), name="state")
    )

    if settings.office.url:
        open_parts.enter_context(_uplink(settings, yard, copies))

    def on_ready() -> None:
        log.info("central ready address=%s data=%s", address, folder.path)
        if ready is not None:
            ready(address)

    bus = open_parts.enter_context(Bus(presence, store, yard)) if presence else None

    def lives() -> bool:
        ours = ticker.alive and night.alive and store.alive and admin.alive
        return ours and (bus is None or bus.alive)

    watched = Watched(lives, lambda: ticker.turns, streams, on_ready)
    server = Server(http_config(dispatcher, settings.shutdown_s), watched)
    server.run(sockets=[listener])
    return 0 if lives() else 1


def _uplink(settings: ServeSettings, yard: Yard, copies: Copies) -> Uplink:
    """The thread that reports to the office; when it ends, the line goes on all the same."""
    office, note = HttpOffice(settings.office), OfficeNote()
    return Uplink(
        lambda: [place.id for place in yard.places.stations()],
        lambda station: yard.link(office, station, copies.newest_at),
        every_s=settings.office_every_s,
        told=lambda station, wrong: note.note(station, wrong, office.key_ends_at),
    )


def check_database(address: str) -> None:
    """Refuse an address that is none of a PostgreSQL; CannotServe says how it is written."""
    try:
        backend = make_url(address).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend != "postgresql":
        raise CannotServe(
            "The database is no address of a PostgreSQL; write it like"
            " postgresql://portvakt@db.example/portvakt, with the password in ~/.pgpass."
        )


def _open_database(
    settings: ServeSettings, folder: DataFolder, open_parts: ExitStack
) -> Presence | None:
    """Bring the database up to date, alone if it is a file, else together with those who serve it."""
    if not settings.database:
        migrate(folder.url)
        return None
    return open_parts.enter_context(Presence(settings.database))


def build_web(
    settings: ServeSettings,
    store: Store,
    yard: Yard,
    clock: Clock,
    metrics_token: str = "",
    first: FirstPerson | None = None,
) -> tuple[Dispatcher, Streams]:
    """Put the web side together and let it hear of commits."""

    def is_ready() -> bool:
        try:
            store.read(lambda view: view.one(sa.text("SELECT 1")))
        except (PortvaktError, SQLAlchemyError):
            return False
        return store.alive

    streams = Streams(
        yard,
        clock,
        settings.pace,
        protection(settings.frame_ancestors, tls=settings.secure_cookie),
        Cookies(secure=settings.secure_cookie),
    )
    store.hints.add(streams.hint)
    yard.nudges.add(streams.nudge)
    yard.revoked.add(streams.end)
    yard.people.signed_out.add(streams.end)
    metrics = Metrics(
        lambda: store.read(figures.read),
        lambda: streams.open_count,
        epoch=store.epoch,
        token=metrics_token,
    )
    store.commits.add(metrics.committed)
    store.losses.add(metrics.failed)
    app = create_app(
        yard,
        clock,
        WebSettings(
            settings.frame_ancestors,
            settings.secure_cookie,
            settings.limits_times,
            behind_proxy=settings.behind_proxy,
            oidc=checked(settings.oidc),
        ),
        is_ready=is_ready,
        metrics=metrics,
        first=first,
    )
    return Dispatcher(app, streams), streams
