"""Calls for help on their way to the board, and what became of them there."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from contract.ids import uuid7
from contract.plate import Plate
from contract.wire import HelpCall, HelpState
from device.clock import Clock
from device.session import CentralRefused, CentralUnreachable
from kiosk.backoff import BackOff
from kiosk.enrolling import Who
from kiosk.happenings import HelpHeard, HelpKept, HelpUnheard
from kiosk.open_help import OpenHelp
from kiosk.uplink import Bring, Uplink

LOOK_S = 0.25
POLL_MS = 2_000
SEEN_POLL_MS = 5_000
# Help is wanted now: tries come closer together than for arrivals, and end when nobody can be there.
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 5.0
TRY_FOR_MS = 15 * 60_000
WATCH_FOR_MS = 4 * 3_600_000
# A central of an older release knows no calls for help, and will not before somebody renews it.
SLOWER = 4
NOT_FOUND = 404


@dataclass(slots=True)
class _Call:
    words: HelpCall
    since_ms: int
    pause: BackOff
    due_ms: int = 0
    heard: bool = False
    # Raised by a post that nobody knew, where a customer had begun before: it would ring too late.
    is_void: bool = False


class HelpCalls:
    """One thread that raises calls and watches them until they are closed; *bring* hears of each change.

    Only time ends a call that was not closed: one that central has lost is raised again under its id.
    *kept* holds the open ones on the disk, so that a restart forgets nobody.
    """

    def __init__(
        self,
        uplink: Uplink,
        clock: Clock,
        bring: Bring,
        new_id: Callable[[int], str] = uuid7,
        kept: OpenHelp | None = None,
    ) -> None:
        self._uplink = uplink
        self._clock = clock
        self._bring = bring
        self._new_id = new_id
        self._kept = kept
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._calls: dict[int, _Call] = {}

    def raise_help(self, number: int, plate: Plate | None) -> None:
        """Get help on to the board, as *number* here."""
        made = self._new_id(int(self._clock.now().timestamp() * 1000))
        words = HelpCall(id=made, plate=None if plate is None else plate.text)
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            call = _Call(words, now_ms, BackOff(FIRST_RETRY_S, LAST_RETRY_S))
            call.is_void = self._uplink.who is Who.NOBODY
            self._calls[number] = call
        self._wake.set()

    def renew(self, number: int) -> None:
        """Somebody pressed help again on call *number*, so somebody is there: try, or watch, from now on.

        Nothing happens when that call has ended.
        """
        with self._lock:
            call = self._calls.get(number)
            if call is not None:
                call.since_ms = self._clock.monotonic_ms()

    def run(self, stopping: threading.Event) -> None:
        """Body of the helping thread."""
        self.remember()
        while not stopping.is_set():
            self._wake.wait(LOOK_S)
            self._wake.clear()
            self.turn()

    def remember(self) -> None:
        """Watch the calls that an earlier process of ours had open; their numbers are below zero."""
        ids = [] if self._kept is None else self._kept.read()
        now_ms = self._clock.monotonic_ms()
        for number, call_id in enumerate(ids, -len(ids)):
            pause = BackOff(FIRST_RETRY_S, LAST_RETRY_S)
            with self._lock:
                self._calls[number] = _Call(HelpCall(id=call_id), now_ms, pause, heard=True)
            self._bring(HelpKept(number))

    def turn(self) -> None:
        """Do for each call what is due, and keep those that stay open."""
        self._do_what_is_due()
        if self._kept is not None:
            with self._lock:
                ids = [call.words.id for call in self._calls.values()]
            self._kept.keep(ids)

    def _do_what_is_due(self) -> None:
        with self._lock:
            calls = list(self._calls.items())
        for number, call in calls:
            now_ms = self._clock.monotonic_ms()
            is_void = call.is_void and self._uplink.who is Who.KNOWN
            if is_void or now_ms - call.since_ms >= (WATCH_FOR_MS if call.heard else TRY_FOR_MS):
                self._end(number, HelpUnheard(number, gave_up=True))
            elif now_ms >= call.due_ms:
                self._tried(number, call)

    def _tried(self, number: int, call: _Call) -> None:
        try:
            state = self._asked(call)
        except (CentralUnreachable, CentralRefused) as error:
            self._uplink.failed(error)
            self._later(call, unknown=_is_unknown(error))
            if not call.heard:
                self._bring(HelpUnheard(number))
            return
        self._uplink.worked()
        self._heard(number, call, state)

    def _later(self, call: _Call, *, unknown: bool) -> None:
        """Choose the next try; a call that was heard and is *unknown* now must be raised again."""
        now_ms, pause_ms = self._clock.monotonic_ms(), call.pause.next_ms()
        if unknown and call.heard:
            # Central was restored to an earlier copy: this is a new call to it, and gets the time of one.
            call.heard, call.since_ms = False, now_ms
        elif unknown:
            pause_ms *= SLOWER
        call.due_ms = now_ms + pause_ms

    def _asked(self, call: _Call) -> HelpState:
        path = f"{self._uplink.station}/help"
        session = self._uplink.session()
        if call.heard:
            return session.call("GET", f"{path}/{call.words.id}", None, HelpState)
        return session.call("POST", path, call.words, HelpState)

    def _heard(self, number: int, call: _Call, state: HelpState) -> None:
        call.heard = True
        call.pause.reset()
        wait_ms = POLL_MS if state.acknowledged_by is None else SEEN_POLL_MS
        call.due_ms = self._clock.monotonic_ms() + wait_ms
        if state.closed:
            self._end(number, HelpHeard(number, state))
        else:
            self._bring(HelpHeard(number, state))

    def _end(self, number: int, news: HelpHeard | HelpUnheard) -> None:
        with self._lock:
            del self._calls[number]
        self._bring(news)


def _is_unknown(error: CentralUnreachable | CentralRefused) -> bool:
    return isinstance(error, CentralRefused) and error.status == NOT_FOUND
