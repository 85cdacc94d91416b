"""What the post asks central: whom it expects today, and where a plate stands that was typed here."""

import logging
import queue
import threading
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from contract.plate import Plate
from contract.problems import TOO_MANY
from contract.wire import Booked, Standing
from contract.wire import Expected as ExpectedWords
from device.clock import Clock
from device.log import Outage
from device.session import CentralRefused, CentralUnreachable, decoded
from kiosk.day_list import DayList
from kiosk.happenings import (
    Answer,
    AskElsewhere,
    AskStatus,
    BookedElsewhere,
    DayOver,
    Expected,
    NoAnswer,
    Remembered,
)
from kiosk.matching import ExpectedPlates
from kiosk.uplink import Bring, Uplink

log = logging.getLogger(__name__)

LOOK_S = 0.25
NOT_MODIFIED = 304
# A question older than that has a customer who has read another answer by now.
STALE_MS = 3_000
# Central opens by its own clock, which may be a little behind ours.
OPENING_MS = 10_000
OPENING_LOOK_MS = 1_000


@dataclass(frozen=True, slots=True)
class _Question:
    words: AskStatus | AskElsewhere
    at_ms: int


class Questions:
    """One thread that asks; the answers go to *bring*.  *kept* holds the day's list on the disk."""

    def __init__(
        self,
        uplink: Uplink,
        clock: Clock,
        bring: Bring,
        every_ms: int,
        kept: DayList | None = None,
    ) -> None:
        self._uplink = uplink
        self._clock = clock
        self._bring = bring
        self._every_ms = every_ms
        self._kept = kept
        self._asked: queue.SimpleQueue[_Question] = queue.SimpleQueue()
        self._pause = uplink.back_off()
        self._etag = ""
        self._list = Expected(ExpectedPlates())
        self._list_due_ms = 0
        self._bad_list = Outage(log, "list of the day")

    def ask(self, words: AskStatus | AskElsewhere) -> None:
        """Ask where a plate stands, or where else it is booked; the answer comes with its ticket."""
        self._asked.put(_Question(words, self._clock.monotonic_ms()))

    def run(self, stopping: threading.Event) -> None:
        """Body of the asking thread."""
        self.remember()
        while not stopping.is_set():
            self.turn()

    def turn(self, wait_s: float = LOOK_S) -> None:
        """Ask what waits to be asked, for at most *wait_s*; then look at the list if that is due."""
        self._end_day()
        if self._clock.monotonic_ms() >= self._list_due_ms:
            self._list_due_ms = self._clock.monotonic_ms() + self._look_at_list()
        try:
            question = self._asked.get(timeout=wait_s)
        except queue.Empty:
            return
        if self._clock.monotonic_ms() - question.at_ms >= STALE_MS:
            return
        match question.words:
            case AskStatus(ticket, plate):
                self._status(ticket, plate)
            case AskElsewhere(ticket, plate):
                self._elsewhere(ticket, plate)

    def remember(self) -> None:
        """Take over what an earlier process of ours heard today, until central answers."""
        words = None if self._kept is None else self._kept.read()
        if words is None or not _is_day(words.day):
            return
        self._list = Expected(ExpectedPlates(words.plates), words.day)
        self._bring(Remembered(self._list.plates, words.day))

    def _end_day(self) -> None:
        """Forget the plates of a day that is over; without a clock to be believed nobody knows."""
        if not self._list.day or not self._clock.synced():
            return
        if self._clock.now().astimezone(self._uplink.zone).date().isoformat() != self._list.day:
            self._list, self._etag = Expected(ExpectedPlates()), ""
            if self._kept is not None:
                self._kept.erase()
            self._bring(DayOver())

    def _status(self, ticket: int, plate: Plate) -> None:
        path = f"{self._uplink.station}/status?plate={quote(plate.text)}"
        asked_ms = self._clock.monotonic_ms()
        try:
            standing = self._uplink.session().call("GET", path, None, Standing)
        except (CentralUnreachable, CentralRefused) as error:
            self._uplink.failed(error)
            # Asked too often is no news about the plate; what stands on the screen grows old by itself.
            if not (isinstance(error, CentralRefused) and error.reason == TOO_MANY.reason):
                self._bring(NoAnswer(ticket))
            return
        self._uplink.worked(standing.epoch)
        self._bring(Answer(ticket, standing, asked_ms))

    def _elsewhere(self, ticket: int, plate: Plate) -> None:
        """Ask for a booking elsewhere; no answer costs the customer nothing but this advice."""
        path = f"{self._uplink.station}/elsewhere?plate={quote(plate.text)}"
        try:
            booked = self._uplink.session().call("GET", path, None, Booked)
        except (CentralUnreachable, CentralRefused) as error:
            self._uplink.failed(error)
            return
        self._uplink.worked()
        self._bring(BookedElsewhere(ticket, booked.elsewhere))

    def _look_at_list(self) -> int:
        """Fetch today's plates, or hear that they are the same; give the wait before the next look."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        path = f"{self._uplink.station}/expected"
        epoch = ""  # a list that is the same comes from the same database
        try:
            response = self._uplink.session().exchange("GET", path, None, headers)
            if response.status_code != NOT_MODIFIED:
                words: ExpectedWords = decoded(response, ExpectedWords)
                if not _is_day(words.day):
                    return self._without_day(words)
                self._take(words, response.headers.get("ETag", ""))
                epoch = words.epoch
        except (CentralUnreachable, CentralRefused) as error:
            self._uplink.failed(error)
            return min(self._pause.next_ms(), self._every_ms)
        self._pause.reset()
        self._bad_list.back(self._clock.monotonic_ms())
        self._uplink.worked(epoch)
        self._bring(self._list)
        return self._until_next_look()

    def _take(self, words: ExpectedWords, etag: str) -> None:
        self._list = Expected(ExpectedPlates(words.plates), words.day, words.opens_at)
        self._etag = etag
        if self._kept is not None:
            self._kept.keep(words)

    def _without_day(self, words: ExpectedWords) -> int:
        """Pass a list that nobody can say the day of: central answers, but ours only grows old."""
        now_ms = self._clock.monotonic_ms()
        self._bad_list.lost(now_ms, f"central names {words.day[:20]!r} as its day")
        self._uplink.worked(words.epoch)
        return min(self._pause.next_ms(), self._every_ms)

    def _until_next_look(self) -> int:
        """Wait no longer than until the station opens: somebody may stand here and read that it is closed."""
        opens_at = self._list.opens_at
        if opens_at is None or not self._clock.synced():
            return self._every_ms
        until_ms = (opens_at - self._clock.now()) // timedelta(milliseconds=1) + 1
        if until_ms > 0:
            return min(until_ms, self._every_ms)
        return min(OPENING_LOOK_MS, self._every_ms) if -until_ms < OPENING_MS else self._every_ms


def _is_day(text: str) -> bool:
    """Whether *text* is a date as RFC 3339 writes it: our own clock's day is compared with it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
