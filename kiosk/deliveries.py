"""From the outbox to central: every confirmed arrival, until a 2xx was read.

A database that was restored may have lost what it had taken, so all of the day is offered to it again.
"""

import logging
import threading
from itertools import takewhile

import msgspec

from contract.errors import PortvaktError
from contract.problems import TOO_MANY
from contract.reading import from_json
from contract.wire import HEADER_AGE_MS, HEADER_AT, HEADER_BOOT, HEADER_MONO_MS, Arrival, Standing
from device.clock import Clock
from device.log import Outage, event
from device.outbox import Day, Outbox, OutboxBroken, OutboxFull, Row, SavedAt
from device.session import CentralRefused, CentralUnreachable
from kiosk.ages import Ages
from kiosk.backoff import BackOff
from kiosk.happenings import Answer, NoAnswer, NotTaken
from kiosk.uplink import Bring, Uplink, is_doubtful

log = logging.getLogger(__name__)

LOOK_S = 0.25
# The next save wakes us; this look is for rows that were refused and for a wake-up that was lost.
ROUND_MS = 1_000
ERASE_MS = 60_000
# Whatever central asks for: somebody waits in the cars behind these arrivals.
LONGEST_WAIT_MS = 60_000


class Deliveries:
    """Offers each waiting arrival, oldest first; a refused one is passed by later ones and tried again.

    A server error is of the arrival until the next one fails likewise: then it is of central, which is
    left alone for a while.  *bring* hears of the answers to arrivals whose customer still stands here
    (`expect`).
    """

    def __init__(self, uplink: Uplink, outbox: Outbox, clock: Clock, bring: Bring) -> None:
        self._uplink = uplink
        self._outbox = outbox
        self._clock = clock
        self._bring = bring
        self._wake = threading.Event()
        self._tickets: dict[str, int] = {}
        self._lock = threading.Lock()
        self._pause = uplink.back_off()
        self._pauses: dict[str, BackOff] = {}
        self._due_ms: dict[str, int] = {}
        self._ages = Ages()
        self._doubted = ""
        self._was_answered = False
        self._asked_to_wait_ms = 0
        self._disk = Outage(log, "outbox")
        self._offered_to = ""
        self._erase_due_ms = 0
        uplink.when_back = self.soon

    def expect(self, arrival_id: str, ticket: int) -> None:
        """Tell the customer with *ticket* what becomes of this arrival."""
        with self._lock:
            self._tickets[arrival_id] = ticket

    def forget(self, arrival_id: str) -> None:
        """Nobody waits for this arrival's answer: it was not saved."""
        with self._lock:
            self._tickets.pop(arrival_id, None)

    def soon(self) -> None:
        """There is something new in the outbox: try at once."""
        self._wake.set()

    def run(self, stopping: threading.Event) -> None:
        """Body of the delivering thread."""
        due_ms = 0
        while not stopping.is_set():
            woken = self._wake.wait(LOOK_S)
            self._wake.clear()
            if woken or self._clock.monotonic_ms() >= due_ms:
                due_ms = self._clock.monotonic_ms() + self.round()

    def round(self) -> int:
        """Offer what is due; give how many milliseconds to wait before the next round."""
        try:
            self._keep_house()
            rows = self._outbox.waiting()
            self._disk.back(self._clock.monotonic_ms())
            self._look_at_ages(rows)
            self._was_answered = False
            self._asked_to_wait_ms = 0
            # Who was refused comes last, or a few bad rows would use up the tries of every round.
            ordered = sorted(rows, key=lambda row: self._due_ms.get(row.id, 0))
            current = takewhile(lambda _: self._is_current(), ordered)
            reached = all(self._offered(row) for row in current if self._is_due(row))
        except (OutboxBroken, OutboxFull) as error:
            self._disk.lost(self._clock.monotonic_ms(), error)
            return self._pause.next_ms()
        if not reached:
            self._give_up_on(rows)
            return max(self._pause.next_ms(), self._asked_to_wait_ms)
        if not self._doubted:
            self._pause.reset()
        self._doubted = ""
        return ROUND_MS if self._is_current() else 0

    def _look_at_ages(self, rows: list[Row]) -> None:
        boot_id = self._clock.boot_id
        if all(row.saved.boot_id == boot_id for row in rows):
            return
        now = self._clock.now() if self._clock.synced() else None
        typed = [arrival for row in rows if (arrival := _typed(row)) is not None]
        self._ages.look(typed, boot_id, self._clock.monotonic_ms(), now)

    def _keep_house(self) -> None:
        """Offer to another database what this one's forerunner took; wipe what is of yesterday."""
        if not self._is_current():
            epoch = self._uplink.epoch
            again = self._outbox.offer_again(epoch)
            self._offered_to = epoch
            if again:
                log.warning(event("central was restored", offered_again=again))
        if self._clock.monotonic_ms() >= self._erase_due_ms:
            self._outbox.erase_over(Day(self._clocks(), self._uplink.zone))
            self._erase_due_ms = self._clock.monotonic_ms() + ERASE_MS

    def _is_current(self) -> bool:
        """Whether what we read from the outbox was meant for the database that answers now."""
        return self._offered_to == self._uplink.epoch

    def _clocks(self) -> SavedAt:
        return SavedAt(self._clock.boot_id, self._clock.monotonic_ms(), self._clock.now())

    def _is_due(self, row: Row) -> bool:
        return self._clock.monotonic_ms() >= self._due_ms.get(row.id, 0)

    def _offered(self, row: Row) -> bool:
        """Offer one arrival; false when central cannot be used, so that the others need no try."""
        sent_ms = self._clock.monotonic_ms()
        try:
            standing = self._sent(row)
        except (CentralRefused, CentralUnreachable) as error:
            return self._not_taken(row, error)
        self._answered()
        self._outbox.delivered(row.id, standing.epoch, self._clocks())
        self._forget_pause(row.id)
        ticket = self._ticket(row.id)
        if ticket is not None:
            self._bring(Answer(ticket, standing, sent_ms))
        self._uplink.worked(standing.epoch)
        return True

    def _sent(self, row: Row) -> Standing:
        clocks = {
            HEADER_BOOT: self._clock.boot_id,
            HEADER_MONO_MS: str(self._clock.monotonic_ms()),
        }
        age_ms = self._ages.of(row.id, self._clock.monotonic_ms())
        if age_ms is not None:
            clocks[HEADER_AGE_MS] = str(age_ms)
        if self._clock.synced():
            clocks[HEADER_AT] = self._clock.now().isoformat()
        path = f"{self._uplink.station}/arrivals"
        return self._uplink.session().call("POST", path, row.body, Standing, clocks)

    def _not_taken(self, row: Row, error: CentralRefused | CentralUnreachable) -> bool:
        if isinstance(error, CentralRefused) and error.reason == TOO_MANY.reason:
            # It is about how many we sent, and says nothing of this one: all of them wait.
            self._uplink.failed(error)
            self._asked_to_wait_ms = min(error.retry_after_s * 1_000, LONGEST_WAIT_MS)
            return False
        # Without an identity it was the enrolment that failed, which says nothing of the arrival.
        if self._uplink.device and is_doubtful(error):
            return self._doubts(row, error)
        if self._uplink.failed(error):
            return False
        self._answered()
        self._refused(row, error)
        ticket = self._ticket(row.id)
        if ticket is not None:
            self._bring(NotTaken(ticket))
        return True

    def _doubts(self, row: Row, error: CentralRefused | CentralUnreachable) -> bool:
        """Pass this arrival, which may have been taken all the same; false when it is the second so.

        After a round that ended so, one more is enough to end the next.
        """
        self._refused(row, error)
        is_second = self._doubted not in {"", row.id}
        self._doubted = row.id
        if not is_second:
            self._give_up_on([row])
        elif not self._was_answered:
            self._uplink.failed(error)
        return not is_second

    def _answered(self) -> None:
        """Central spoke of an arrival in its own words, so whatever failed before was not of central."""
        self._was_answered = True
        self._doubted = ""

    def _refused(self, row: Row, error: PortvaktError) -> None:
        if row.tries == 0:
            log.error(event("arrival not taken", id=row.id, reason=error))
        self._outbox.refused(row.id, str(error))
        pause = self._pauses.setdefault(row.id, self._uplink.back_off())
        self._due_ms[row.id] = self._clock.monotonic_ms() + pause.next_ms()

    def _forget_pause(self, arrival_id: str) -> None:
        self._pauses.pop(arrival_id, None)
        self._due_ms.pop(arrival_id, None)

    def _ticket(self, arrival_id: str) -> int | None:
        with self._lock:
            return self._tickets.pop(arrival_id, None)

    def _give_up_on(self, rows: list[Row]) -> None:
        """Let the customers here know that the answer is not coming now; the rows stay."""
        with self._lock:
            tickets = [self._tickets[row.id] for row in rows if row.id in self._tickets]
        for ticket in tickets:
            self._bring(NoAnswer(ticket))


def _typed(row: Row) -> Arrival | None:
    """What was saved; None where the disk has spoiled it, which is for central to refuse."""
    try:
        return from_json(row.body, Arrival)
    except msgspec.MsgspecError:
        return None
