"""What central processes at one PostgreSQL database tell each other: that something was committed.

A hint only wakes; the truth is in the database, so a hint that is lost costs no more than one slow poll.
It is given after the commit, on a connection of its own: NOTIFY inside a transaction takes a lock that
all others wait for (postgresql.org/docs/current/sql-notify.html).  No plate and no token travels here.
"""

import itertools
import logging
import secrets
import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
import psycopg
import sqlalchemy as sa

from central import schema
from central.database import postgres
from central.database.presence import Presence
from central.database.store import Store
from central.errors import StoreAway, StoreUnfit
from central.words import Nudge
from central.yard import Yard
from contract.problems import Problem

_log = logging.getLogger(__name__)

CHANNEL = "portvakt"
AT_ONCE = 500
KEPT = 5_000  # nudges that wait for a server that is away: older ones are worth nothing
_LOOK_S = 0.5  # how soon the listening thread hears that it is to end
_BACK_S = (0.2, 0.5, 1, 2, 5)
_END_S = 5
_NOTIFY = "SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word"
_SEQS = sa.select(schema.station.c.id, schema.station.c.seq)
_DECODER: "msgspec.json.Decoder[tuple[str, str, list[Any]]]" = msgspec.json.Decoder(
    tuple[str, str, list[Any]]
)


class Bus:
    """Passes on what other processes commit, and tells them what this one does, while it is entered."""

    def __init__(self, presence: Presence, store: Store, yard: Yard) -> None:
        self._presence = presence
        self._store = store
        self._yard = yard
        self._name = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._more = threading.Event()
        self._door = threading.Lock()
        self._newest: dict[str, int] = {}
        self._words: deque[tuple[str, list[Any]]] = deque(maxlen=KEPT)
        self._listener = threading.Thread(target=self._listen, name="bus-listener", daemon=True)
        self._speaker = threading.Thread(target=self._speak, name="bus-speaker", daemon=True)
        store.hints.add(self._hint)
        yard.nudges.add(self._nudge)
        yard.revoked.add(self._revoked)
        yard.people.signed_out.add(self._signed_out)

    def __enter__(self) -> Self:
        # Before anything is served, so that nothing is missed.
        self._presence.connection.execute(f"LISTEN {CHANNEL}")
        self._listener.start()
        self._speaker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._more.set()
        self._listener.join(_END_S)
        self._speaker.join(_END_S)

    @property
    def alive(self) -> bool:
        """Whether both threads live; one that found another database behind the address has ended."""
        return self._listener.is_alive() and self._speaker.is_alive()

    # -- what this process says ---------------------------------------------------------------

    def _hint(self, station: str, seq: int) -> None:
        if not self._is_echo():
            self._keep({station: seq})

    def _nudge(self, nudge: Nudge) -> None:
        # A release that knows no pictures leaves a hint with four words alone.
        more = [nudge.picture] if nudge.picture else []
        self._say("nudge", [nudge.station, nudge.device, nudge.call, *more])

    def _revoked(self, device: str) -> None:
        self._say("revoked", [device])

    def _signed_out(self, session: str) -> None:
        self._say("signed_out", [session])

    def _keep(self, hints: dict[str, int]) -> None:
        with self._door:
            for station, seq in hints.items():
                self._newest[station] = max(seq, self._newest.get(station, 0))
        self._more.set()

    def _say(self, what: str, words: list[Any]) -> None:
        if not self._is_echo():
            self._words.append((what, words))
            self._more.set()

    def _is_echo(self) -> bool:
        """What the listening thread tells has come from elsewhere."""
        return threading.current_thread() is self._listener

    def _speak(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        pauses = iter(_BACK_S)
        while self._wait_for_more():
            hints, words = self._take()
            try:
                connection = connection or postgres.connect(self._presence.url)
                connection.execute(_NOTIFY, (CHANNEL, self._payloads(hints, words)))
                pauses = iter(_BACK_S)
            except psycopg.Error as error:
                _log.info("bus could not speak reason=%s", type(error).__name__)
                _close(connection)
                connection = None
                # What ended has ended, and hints are still true; nudges are too old by then.
                self._words.extendleft(one for one in reversed(words) if one[0] != "nudge")
                self._keep(hints)
                self._stopping.wait(next(pauses, _BACK_S[-1]))
        _close(connection)

    def _wait_for_more(self) -> bool:
        self._more.wait()
        self._more.clear()
        return not self._stopping.is_set()

    def _take(self) -> tuple[dict[str, int], list[tuple[str, list[Any]]]]:
        with self._door:
            hints, self._newest = self._newest, {}
        words = [self._words.popleft() for _ in range(min(len(self._words), AT_ONCE))]
        if self._words:
            self._more.set()
        return hints, words

    def _payloads(self, hints: dict[str, int], words: Sequence[tuple[str, list[Any]]]) -> list[str]:
        said = itertools.chain((("hint", [*hint]) for hint in hints.items()), words)
        return [msgspec.json.encode((self._name, *one)).decode() for one in said]

    # -- what others say ----------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                for notice in self._presence.connection.notifies(timeout=_LOOK_S):
                    self._pass_on(notice.payload)
            except psycopg.Error as error:
                _log.warning("bus lost reason=%s", type(error).__name__)
                if not self._come_back():
                    return

    def _pass_on(self, payload: str) -> None:
        try:
            name, what, words = _DECODER.decode(payload)
        except msgspec.DecodeError:
            _log.warning("bus heard somebody else")
            return
        if name == self._name:
            return
        match what, words:
            case "hint", [station, seq]:
                self._store.hints.tell(station, seq)
            case "nudge", [station, device, call, *more] if more in ([], [True]):
                self._yard.nudges.tell(Nudge(station, device, call, picture=bool(more)))
            case "revoked", [device]:
                self._yard.revoked.tell(device)
            case "signed_out", [session]:
                self._yard.people.signed_out.tell(session)

    def _come_back(self) -> bool:
        """Try until the server is back, then let everybody look; False when we are to end."""
        pauses = iter(_BACK_S)
        while not self._stopping.wait(next(pauses, _BACK_S[-1])):
            try:
                self._presence.again()
                self._presence.connection.execute(f"LISTEN {CHANNEL}")
                for row in self._store.read(lambda view: view.all(_SEQS)):
                    self._store.hints.tell(row.id, row.seq)
            except (StoreAway, Problem, psycopg.Error):
                continue
            except StoreUnfit:
                _log.exception("bus found another database")
                return False
            _log.info("bus back")
            return True
        return False


def _close(connection: "psycopg.Connection[Any] | None") -> None:
    if connection is not None:
        connection.close()
