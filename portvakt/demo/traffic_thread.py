"""Carries out what `traffic` decides, as a person of that name, through central's own API."""

import threading
import time
from collections.abc import Callable

from contract.errors import PortvaktError
from contract.ids import uuid7
from contract.transitions import Verb
from contract.words import BayWords, DeskArrival, VisitWords
from device.session import CentralRefused
from portvakt.demo.staff import Staff
from portvakt.demo.traffic import Arrive, CallNext, Deed, Enter, Traffic

TURN_S = 0.5
AWAY_S = 2.0


class TrafficThread:
    """Looks at the line twice a second and does what is due; waits while central is away."""

    def __init__(self, sign_in: Callable[[], Staff], traffic: Traffic) -> None:
        self._sign_in = sign_in
        self._traffic = traffic
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic")

    def start(self) -> None:
        """Let the cars come."""
        self._thread.start()

    def close(self) -> None:
        """Let no more come."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        staff: Staff | None = None
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            try:
                staff = staff or self._sign_in()
                self._turn(staff)
                pause_s = TURN_S
            except PortvaktError:  # central is away; the page says so
                staff, pause_s = None, AWAY_S

    def _turn(self, staff: Staff) -> None:
        for deed in self._traffic.deeds(staff.queue(), time.monotonic()):
            try:
                _do(staff, deed)
            except CentralRefused:  # a person was faster; the next look at the line knows
                continue


def _do(staff: Staff, deed: Deed) -> None:
    match deed:
        case Arrive(plate, kind):
            new = uuid7(time.time_ns() // 1_000_000)
            staff.post("arrivals", DeskArrival(id=new, plate=plate, kind=kind))
        case CallNext(bay):
            staff.post(f"bays/{bay}/call-next", BayWords())
        case Enter(row):
            staff.post(
                f"visits/{row.visit}/{Verb.ENTER}", VisitWords(version=row.version, bay=row.bay)
            )
        case _:
            staff.post(
                f"visits/{deed.row.visit}/{Verb.FINISH}", VisitWords(version=deed.row.version)
            )
