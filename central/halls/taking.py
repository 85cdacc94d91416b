"""In a hall: what the office has for it is taken in, in one transaction with the cursor that says so."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.bookings import bookings
from central.bookings.booking_changes import Booking, Sheet, compare
from central.bookings.booking_csv import from_words
from central.database.tx import Tx, View
from central.fleet import wanted
from central.fleet.wants import Wants
from central.halls import people, words
from central.halls.people import Heard
from central.halls.words import OFFICE
from central.known import Known
from central.places.places import Place
from contract.errors import PortvaktError
from contract.halls import HallBooking, HallCode, HallNews, NotTaken
from contract.words import BookingWords

log = logging.getLogger(__name__)

BOOKING = "booking"
CODE = "code"
ERASED = "erased"
WANTS = "wants"
# Whose day is over nobody waits for; a day more, for every time zone.
OVER = timedelta(days=2)

_K = schema.device_code.c
_NEW_CODE = postgresql.insert(schema.device_code).on_conflict_do_nothing(index_elements=["handle"])
_WITHDRAW = sa.delete(schema.device_code).where(
    _K.station == sa.bindparam("of_station"),
    _K.handle == sa.bindparam("of_handle"),
    _K.used_at.is_(None),
)


def take(tx: Tx, known: Known, station: str, news: HallNews, heard: Heard) -> list[NotTaken]:
    """Take in *news*; give whom it cannot take.  Taken in once more it changes nothing.

    Bookings that it cannot take are kept, `refused`: they do not come again.
    Erasures and devices that are to go are not here: they are use cases of their own, done before.
    """
    _bookings(tx, known, station, news.bookings)
    not_taken = people.take(tx, station, news.people, heard)
    _codes(tx, station, news.codes)
    asked = {erasure.id for erasure in news.erasures}
    for done in words.ids(tx, station, ERASED):
        if done not in asked:  # the office has heard that it is done
            words.unsay(tx, station, ERASED, done)
    _releases(tx, station, news.wants)
    words.move(tx, station, news.office, news.after)
    return not_taken


def refused(view: View, station: str) -> list[NotTaken]:
    """The office's bookings that could not be taken, as long as somebody may come for them."""
    now = view.now.isoformat()
    return [
        NotTaken(kind=BOOKING, id=ref, reason="booking_unfit")
        for ref, word in words.of(view, station, BOOKING).items()
        if word["until"] > now
    ]


def _releases(tx: Tx, station: str, wants: Mapping[str, Any]) -> None:
    """Follow what the office wants of releases, where that has changed: of the rest our own word stands."""
    before = words.of(tx, station, WANTS).get(WANTS)
    if before == wants:
        return
    wanted.set_wanted(tx, msgspec.convert(before or {}, Wants), msgspec.convert(wants, Wants))
    words.say(tx, station, WANTS, WANTS, wants)


def _bookings(tx: Tx, known: Known, station: str, changed: Sequence[HallBooking]) -> None:
    """Write bookings as the office has them; who has come for one already keeps the place in the line."""
    place = known.places.of(tx, station)
    fit: list[Booking] = []
    unfit: list[HallBooking] = []
    for one in changed:
        try:
            fit.append(_booking(place, one))
        except PortvaktError:  # what it says may name the plate
            unfit.append(one)
    sheet = Sheet(fit)
    if compare(tx, place, sheet):
        bookings.take_in(tx, known, station, OFFICE, sheet)
    _note_unfit(tx, station, changed, unfit)
    if unfit:
        log.warning("bookings of the office not taken station=%s number=%d", station, len(unfit))


def _note_unfit(
    tx: Tx, station: str, changed: Sequence[HallBooking], unfit: Sequence[HallBooking]
) -> None:
    now = tx.now.isoformat()
    noted = words.of(tx, station, BOOKING)
    for ref in {one.ref for one in changed} | {r for r, w in noted.items() if w["until"] <= now}:
        if ref in noted:
            words.unsay(tx, station, BOOKING, ref)
    for one in unfit:
        until = (one.slot_at.astimezone(UTC) + OVER).isoformat()
        words.say(tx, station, BOOKING, one.ref, {"until": until})


def _booking(place: Place, one: HallBooking) -> Booking:
    return from_words(
        place,
        one.ref,
        BookingWords(
            plate=one.plate,
            slot_at=one.slot_at,
            kind=one.kind,
            plate2=one.plate2,
            make=one.make,
            model=one.model,
            colour=one.colour,
            remark=one.remark,
            cancelled=one.cancelled,
        ),
    )


def _codes(tx: Tx, station: str, codes: Sequence[HallCode]) -> None:
    """Let devices enrol here by codes of the office; those that it has withdrawn work no longer.

    A code comes once: one that a restore has voided stays void.
    """
    known = set(words.ids(tx, station, CODE))
    for code in codes:
        if code.handle not in known and code.expires_at > tx.now:
            _insert(tx, station, code)
            words.say(tx, station, CODE, code.handle, {})
    for gone in known - {code.handle for code in codes}:
        tx.run(_WITHDRAW, of_station=station, of_handle=gone)
        words.unsay(tx, station, CODE, gone)


def _insert(tx: Tx, station: str, code: HallCode) -> None:
    tx.run(
        _NEW_CODE,
        handle=code.handle,
        code_hash=code.code,
        station=station,
        role=code.role.value,
        name=code.name,
        bay=code.bay,
        replaces=None,
        made_at=code.made_at,
        expires_at=code.expires_at,
        tries=0,
        used_at=None,
    )
