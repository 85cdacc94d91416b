"""In a hall: one turn with the office.  What has happened goes up, what it has for this hall comes down.

The events themselves are the outbox: they are numbered and on disk, and the office says how far it has
them.  So nothing is kept beside them, and an answer that was lost, or one that comes twice, changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from central.database.store import Store
from central.database.tx import Tx
from central.devices.devices import Devices
from central.devices.heartbeats import Heartbeats
from central.errors import NotThere
from central.fleet.fleet import Fleets
from central.fleet.wants import Wants
from central.halls import people, state, taking, telling, words
from central.halls.fetching import ReleaseFetch, Source
from central.halls.lineage import Part, next_part
from central.halls.people import Heard
from central.halls.state import Beside
from central.halls.words import OFFICE
from central.known import Known
from central.people.people import People
from central.privacy.personal_data import PersonalData
from contract.errors import PortvaktError
from contract.halls import HallErasure, HallNews, HallReport, HallSaid, HallTaken, NotTaken
from contract.plate import Plate
from contract.problems import Problem

log = logging.getLogger(__name__)


class OfficeAway(PortvaktError):
    """The office was not reached, or said no; the text says what to do, and it is tried again."""


class Office(Source, Protocol):
    """The office, as a hall asks it.  All raise OfficeAway."""

    def report(self, station: str, report: HallReport) -> HallTaken:
        """Send events and how the hall is; how far the office is then."""
        ...

    def news(self, station: str, cursor: tuple[str, int], etag: str) -> tuple[HallNews | None, str]:
        """What is new since *cursor*, and the answer's own mark; None when it is what had this *etag*."""
        ...


class HallParts(Protocol):
    """What of a yard the link uses."""

    people: People
    devices: Devices
    heartbeats: Heartbeats
    personal_data: PersonalData
    fleet: Fleets


class Link:
    """The link of one station with its office.  `turn` is called by one thread, apart from the line."""

    def __init__(
        self,
        store: Store,
        known: Known,
        yard: HallParts,
        office: Office,
        station: str,
        backup_at: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._store = store
        self._known = known
        self._yard = yard
        self._office = office
        self._station = station
        self._backup_at = backup_at
        self._parts: list[Part] = []
        self._had: dict[str, int] = {}
        self._etag = ""
        self._releases = ReleaseFetch(
            yard.fleet.releases,
            yard.fleet.folder,
            office,
            station,
            now_ms=known.clock.monotonic_ms,
        )
        self._not_taken: dict[tuple[str, str], NotTaken] = {}

    def turn(self) -> bool:
        """Send and fetch once; whether more waits to be sent or fetched at once.

        What breaks one part keeps nothing of the others away: that is raised when all have had their turn.

        Raises:
            OfficeAway: the office was not reached.
            PortvaktError: this hall's own database cannot be used just now.
        """
        more = False
        broken: Exception | None = None
        for part in (self._tell, self._fetch, self._fetch_release):
            try:
                more = part() or more
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised at the end
                broken = broken or error
        if broken is not None:
            raise broken
        return more

    # -- up -----------------------------------------------------------------------------------

    def _tell(self) -> bool:
        station = self._station
        if not self._parts:  # only a restore changes it, and then this process has ended
            self._parts = self._store.read(
                lambda view: telling.parts(view, station, self._known.epoch)
            )
        part = next_part(self._parts, self._had)
        had = self._had.get(part.epoch)
        said = self._said() if part.last is None else None
        events = (
            []
            if had is None
            else self._store.read(lambda view: telling.events(view, station, part, had, said))
        )
        report = HallReport(
            epoch=part.epoch,
            first=part.first,
            events=events,
            had=self._store.read(lambda view: telling.event_had(view, station, part, had)),
            said=said,
        )
        taken = self._office.report(station, report)
        self._had[part.epoch] = taken.last
        if said is not None and said.forgotten:
            self._store.write(lambda tx: state.told(tx, station, said), station=station)
        self._check(part, taken)
        if events and taken.last < events[0].seq and taken.last == had:
            raise OfficeAway("The office does not take the next event; its log says why.")
        # Behind an earlier part there is a later one.
        return part.last is not None or taken.last < self._newest()

    def _check(self, part: Part, taken: HallTaken) -> None:
        """Whether the office means the same history; while it does not, its page says so too."""
        key = ("history", part.epoch)
        is_same = part.last is not None or taken.last <= self._newest()
        if is_same and not taken.mixed:
            self._not_taken.pop(key, None)
            return
        self._not_taken[key] = NotTaken(kind="history", id=part.epoch, reason="copied_back")
        raise OfficeAway(
            "The office knows other events of this very history than this database: a disk was copied"
            " back. Restore the newest backup with portvakt central restore."
        )

    def _newest(self) -> int:
        return self._store.read(lambda view: telling.newest(view, self._station))

    def _said(self) -> HallSaid:
        beside = Beside(
            devices=self._yard.heartbeats.rows(self._station),
            machines=self._store.read(lambda view: state.machines(view, self._station)),
            backup_at=self._backup_at(),
            not_taken=[
                *self._not_taken.values(),
                *self._store.read(lambda view: taking.refused(view, self._station)),
                *self._releases.not_taken,
            ],
            synced=self._known.clock.synced(),
        )
        return self._store.read(lambda view: state.said(view, self._known, self._station, beside))

    # -- down ---------------------------------------------------------------------------------

    def _fetch(self) -> bool:
        station = self._station
        cursor = self._store.read(lambda view: words.cursor(view, station))
        if cursor is None:
            cursor = ("", 0)
            self._store.write(lambda tx: words.move(tx, station, "", 0), station=station)
        news, etag = self._office.news(station, cursor, self._etag)
        if news is None:
            return False
        if news.office != cursor[0]:  # it was restored: of what it had before it may lack some
            self._had.clear()
        self._revoke(news)
        is_done = self._erase(news)
        refused = self._store.write(lambda tx: self._take(tx, news), station=station)
        self._remember(refused)
        # Who is in the yard is erased when they have gone, and a name may be free by then: the office is
        # asked for it once more.
        self._etag = etag if is_done and not refused else ""
        return news.more

    def _fetch_release(self) -> bool:
        """The next piece of a release that the office wants here, for machines that are here."""
        station = self._station
        said = self._store.read(lambda view: words.everywhere(view, taking.WANTS))
        wants = {at: msgspec.convert(word, Wants).files for at, word in said.items()}
        heard = self._store.read(lambda view: state.machines(view, station))
        here = {one.said.platform for one in heard}
        mine = [one for one in wants.get(station, []) if one.platform in here]
        return self._releases.turn(mine, [one.file for files in wants.values() for one in files])

    def _take(self, tx: Tx, news: HallNews) -> list[NotTaken]:
        told = self._yard.people
        heard = Heard(signed_out=told.signed_out.tell, added=told.added.tell)
        return taking.take(tx, self._known, self._station, news, heard)

    def _remember(self, refused: list[NotTaken]) -> None:
        """Whom the hall cannot take stands on the office's page, until they can be taken."""
        kept = {key: one for key, one in self._not_taken.items() if key[0] != people.KIND}
        self._not_taken = kept | {(one.kind, one.id): one for one in refused}

    def _revoke(self, news: HallNews) -> None:
        in_service = {device.id for device in self._yard.devices.all(self._station)}
        for device in in_service.intersection(news.revoked):
            try:
                self._yard.devices.revoke(self._station, OFFICE, device)
            except NotThere:  # somebody in the hall was faster
                continue

    def _erase(self, news: HallNews) -> bool:
        """Erase what somebody has asked the office for; whether all of it is done."""
        done = set(self._store.read(lambda view: words.ids(view, self._station, taking.ERASED)))
        asked = {("erasure", one.id) for one in news.erasures}
        for key in [key for key in self._not_taken if key[0] == "erasure" and key not in asked]:
            del self._not_taken[key]
        tried = [one.id in done or self._erase_one(one) for one in news.erasures]
        return all(tried)

    def _erase_one(self, erasure: HallErasure) -> bool:
        key = ("erasure", erasure.id)
        station = self._station
        try:
            self._yard.personal_data.erase(station, OFFICE, Plate.parse(erasure.plate))
        except Problem as refused:
            log.info("erasure not done yet station=%s reason=%s", station, refused.kind.reason)
            self._not_taken[key] = NotTaken(kind="erasure", id=erasure.id, reason="in_yard")
            return False
        self._not_taken.pop(key, None)
        self._store.write(
            lambda tx: words.say(tx, station, taking.ERASED, erasure.id, {}), station=station
        )
        return True
