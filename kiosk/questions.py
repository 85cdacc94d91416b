"""What the post asks central: whom it expects today, and where a plate stands that was typed here."""

import queue
import threading
from urllib.parse import quote

from contract.plate import Plate
from contract.problems import TOO_MANY
from contract.wire import Expected as ExpectedWords
from contract.wire import Standing
from device.clock import Clock
from device.session import CentralRefused, CentralUnreachable, decoded
from kiosk.happenings import Answer, Expected, NoAnswer
from kiosk.matching import ExpectedPlates
from kiosk.uplink import Bring, Uplink

LOOK_S = 0.25
NOT_MODIFIED = 304
# A question older than that has a customer who has read another answer by now.
STALE_MS = 3_000


class Questions:
    """One thread that asks; the answers go to *bring*."""

    def __init__(self, uplink: Uplink, clock: Clock, bring: Bring, every_ms: int) -> None:
        self._uplink = uplink
        self._clock = clock
        self._bring = bring
        self._every_ms = every_ms
        self._asked: queue.SimpleQueue[tuple[int, Plate, int]] = queue.SimpleQueue()
        self._pause = uplink.back_off()
        self._etag = ""
        self._list = Expected(ExpectedPlates())
        self._list_due_ms = 0

    def ask(self, ticket: int, plate: Plate) -> None:
        """Ask where *plate* stands; the answer comes with *ticket*."""
        self._asked.put((ticket, plate, self._clock.monotonic_ms()))

    def run(self, stopping: threading.Event) -> None:
        """Body of the asking thread."""
        while not stopping.is_set():
            self.turn()

    def turn(self, wait_s: float = LOOK_S) -> None:
        """Ask what waits to be asked, for at most *wait_s*; then look at the list if that is due."""
        if self._clock.monotonic_ms() >= self._list_due_ms:
            self._list_due_ms = self._clock.monotonic_ms() + self._look_at_list()
        try:
            ticket, plate, at_ms = self._asked.get(timeout=wait_s)
        except queue.Empty:
            return
        if self._clock.monotonic_ms() - at_ms < STALE_MS:
            self._status(ticket, plate)

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

    def _look_at_list(self) -> int:
        """Fetch today's plates, or hear that they are the same; give the wait before the next look."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        path = f"{self._uplink.station}/expected"
        epoch = ""  # a list that is the same comes from the same database
        try:
            response = self._uplink.session().exchange("GET", path, None, headers)
            if response.status_code != NOT_MODIFIED:
                words: ExpectedWords = decoded(response, ExpectedWords)
                self._list = Expected(ExpectedPlates(words.plates), words.day)
                self._etag = response.headers.get("ETag", "")
                epoch = words.epoch
        except (CentralUnreachable, CentralRefused) as error:
            self._uplink.failed(error)
            return min(self._pause.next_ms(), self._every_ms)
        self._pause.reset()
        self._uplink.worked(epoch)
        self._bring(self._list)
        return self._every_ms
