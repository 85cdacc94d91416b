"""Follows the yard on central's own event stream, for the page's steps."""

import threading
from collections.abc import Callable

from contract.errors import PortvaktError
from contract.yard import Queue
from portvakt.demo.staff import Staff

AGAIN_S = 1.0


class Watch:
    """Hands the line to *seen* whenever it has changed; signs in again when central was away."""

    def __init__(self, sign_in: Callable[[], Staff], seen: Callable[[Queue], None]) -> None:
        self._sign_in = sign_in
        self._seen = seen
        self._stopping = threading.Event()
        # A daemon: it waits for central's next event, and central may have been stopped already.
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Follow no longer."""
        self._stopping.set()

    def _run(self) -> None:
        staff: Staff | None = None
        while not self._stopping.is_set():
            try:
                staff = staff or self._sign_in()
                self._follow(staff)
            except (
                PortvaktError
            ):  # central is away or has forgotten us; its health is shown elsewhere
                staff = None
                self._stopping.wait(AGAIN_S)

    def _follow(self, staff: Staff) -> None:
        for queue in staff.queues():
            if self._stopping.is_set():
                return
            self._seen(queue)
