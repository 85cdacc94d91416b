"""Fills an empty central through its local socket, as an administrator would by command."""

import contextlib
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from central.serving.admin import AdminClient
from contract.visit import Kind
from contract.wire import Role
from portvakt.demo import parts
from portvakt.demo.parts import Folders
from portvakt.demo.sample import Booking, as_csv, bookings, from_csv
from portvakt.demo.staff import STATION

LAST_HOUR = 23
DESK, WATCH, TRAFFIC = "Desk 1", "Demo page", "Traffic"
BAYS = {"1": [Kind.FULL, Kind.RECHECK], "2": [Kind.FULL, Kind.RECHECK, Kind.HEAVY]}


class Desk:
    """The administrator of the demo's central; *now* gives the station's own time.  Any thread may use it."""

    def __init__(self, folders: Folders, now: Callable[[], datetime]) -> None:
        self._folders = folders
        self._now = now
        self._socket = folders.of(parts.CENTRAL) / "central.sock"
        self._booking = threading.Lock()

    def set_up(self) -> None:
        """Make the station, unless the folder has it already, and today's bookings."""
        done = self._folders.lasting / "seeded"
        if not done.exists():
            self._station()
            done.touch()
        self.bookings()

    def bookings(self) -> list[Booking]:
        """Today's sample bookings, made when they are first asked for on a day; raises as central does."""
        now = self._now()
        with self._booking:
            if now.hour == LAST_HOUR:  # the demo may well be open when the day ends
                self._of_day((now + timedelta(days=1)).replace(hour=0, minute=0))
            return self._of_day(now)

    def _of_day(self, now: datetime) -> list[Booking]:
        kept = self._folders.lasting / f"bookings-{now:%Y-%m-%d}.csv"
        if not kept.exists():
            table = as_csv(bookings(now))
            self._ask("import_bookings", station=STATION, csv=table)
            kept.write_text(table, encoding="ascii")
        return from_csv(kept.read_text(encoding="ascii"))

    def sign_in_code(self, name: str) -> str:
        """A code that signs *name* in once."""
        code: str = self._ask("sign_in_code", user=name)["code"]
        return code

    def _station(self) -> None:
        self._ask("create_station", station=STATION, name="Demo", time_zone=parts.TIME_ZONE)
        for door, kinds in BAYS.items():
            self._ask("create_bay", station=STATION, bay=door, door=door, kinds=kinds)
        for name in (DESK, WATCH, TRAFFIC):
            # Nobody learns these passwords: the demo signs in by codes that work once.
            password = secrets.token_urlsafe(24)
            self._ask("create_user", name=name, password=password, stations=[STATION])
        self._device(parts.POST, role=Role.POST, name="Post 1")
        for sign, door in parts.DOORS.items():
            self._device(sign, role=Role.SIGN, name=f"Sign {door}", bay=door)

    def _device(self, device: str, **what: str) -> None:
        code = self._ask("device_code", station=STATION, **what)["code"]
        with contextlib.suppress(FileNotFoundError):
            self._folders.code(device).unlink()
        self._folders.code(device).touch(mode=0o600)
        self._folders.code(device).write_text(f"{code}\n", encoding="ascii")

    def _ask(self, do: str, /, **args: Any) -> Any:  # noqa: ANN401 - JSON
        return AdminClient(self._socket).ask(do, **args)
