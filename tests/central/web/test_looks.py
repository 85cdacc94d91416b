"""Who looked at personal data is written down: people, other systems, and the post's question."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import Struct

from central import schema
from central.people import looks
from central.web.api import calls
from central.web.api.calls import Call
from central.web.routes import DEVICES, Who
from central.web.telling import Told
from central.words import Actor
from contract.accounts import Looked, Scope
from contract.wire import Role
from contract.yard import EventRow
from tests.central.web.hall import STATION, Asker, Hall, reason

DAY = "2026-11-23"
MINUTE_MS = 60_000


def seen(hall: Hall, day: str = DAY) -> list[dict[str, Any]]:
    """What the manager reads, once everything that was handed in is written."""
    hall.store.submit(lambda _: None).result()
    answer = manager_of(hall).get(f"looks?day={day}")
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json  # type: ignore[assignment]
    return rows


def manager_of(hall: Hall) -> Asker:
    if not hasattr(hall, "reader"):
        hall.reader = hall.person(Who.MANAGER)  # type: ignore[attr-defined]
    reader: Asker = hall.reader  # type: ignore[attr-defined]
    return reader


def visit_of(hall: Hall, plate: str = "ABC 123") -> str:
    post = hall.device(Role.POST)
    visit: str = post.post("arrivals", hall.arrival(plate)).json["visit"]  # type: ignore[index]
    return visit


def test_what_a_person_looked_at_is_written_down_and_holds_no_plate(hall: Hall) -> None:
    visit, staff = visit_of(hall), hall.person()
    for path in (
        "queue",
        f"visits/{visit}/timeline",
        f"visits/{visit}/vehicle",
        "visits?plate=ABC12",
    ):
        assert staff.get(path).status_code == 200, path
        hall.clock.advance(1_000)
    rows = seen(hall)
    assert [(row["what"], row["about"]) for row in reversed(rows)] == [
        ("board", ""),
        ("timeline", visit),
        ("vehicle", visit),
        ("visits", "A***2"),
    ]
    assert {row["person"] for row in rows} == {f"staff of {STATION}"}
    kept = repr(hall.store.read(lambda view: view.all(sa.select(schema.look))))
    assert "ABC1" not in kept


def test_the_same_look_within_a_quarter_of_an_hour_is_one_row_with_a_count(hall: Hall) -> None:
    staff = hall.person()
    for wait in (0, 7 * MINUTE_MS, 7 * MINUTE_MS, MINUTE_MS):
        hall.clock.advance(wait)
        staff.get("queue")
    assert [row["times"] for row in seen(hall)] == [1, 3]


def test_two_people_and_two_vehicles_are_rows_of_their_own(hall: Hall) -> None:
    one, other = visit_of(hall), visit_of(hall, "KLM 456")
    for who in (Who.STAFF, Who.TECHNICIAN):
        person = hall.person(who)
        for visit in (one, other):
            person.get(f"visits/{visit}/timeline")
    assert len(seen(hall)) == 4


def test_a_post_that_asks_about_other_stations_is_written_down_by_its_name(hall: Hall) -> None:
    post = hall.device(Role.POST)
    assert post.get("elsewhere?plate=ABC123").status_code == 200
    [row] = seen(hall)
    assert (row["person"], row["what"], row["about"]) == ("The post", "elsewhere", "A****3")


def test_a_booking_system_that_reads_is_written_down_by_its_name(hall: Hall) -> None:
    hall.system(Scope.BOOKINGS_READ).get(f"bookings?day={DAY}")
    [row] = seen(hall)
    assert (row["person"], row["what"], row["about"]) == ("Booking system", "bookings", DAY)


def test_who_was_shown_nothing_has_not_looked(hall: Hall) -> None:
    staff, post = hall.person(), hall.device(Role.POST)
    sign = hall.device(Role.SIGN, bay="bay-1")
    assert staff.get("visits/nothing/timeline").status_code == 404
    assert staff.get("visits?plate=A").status_code == 422
    assert staff.get("/v1/stations/other/queue").status_code == 403
    assert post.get("queue").status_code == 403
    assert staff.get(f"signs/{sign.id}/picture").status_code == 204, "it has said nothing"
    assert hall.stranger().get("queue").status_code == 401
    assert seen(hall) == []


def test_a_full_disk_closes_neither_the_board_nor_the_list_of_looks(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    staff = hall.person()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(looks, "_write", full)
        assert [staff.get("queue").status_code for _ in range(3)] == [200, 200, 200]
        assert seen(hall) == []
    assert caplog.text.count("looks not written reason=OSError") == 1
    assert staff.get("queue").status_code == 200
    assert [row["times"] for row in seen(hall)] == [1], "what was not written is written later"


def test_looks_are_of_the_stations_own_day_and_of_its_managers(hall: Hall) -> None:
    hall.person().get("queue")
    assert seen(hall, "2026-11-22") == []
    assert seen(hall, "9999-12-31") == []
    assert len(seen(hall)) == 1
    assert reason(manager_of(hall).get("/v1/stations/other/looks?day=" + DAY))[0] == 403
    office = hall.person(Who.OFFICE, "other")
    assert office.get(f"/v1/stations/other/looks?day={DAY}").json == []


def test_only_so_many_looks_are_remembered(sqlite_hall: Hall) -> None:
    who = Actor("staff", "one", "One")
    for number in range(looks.REMEMBERED + 1):
        sqlite_hall.yard.looks.note(STATION, who, Looked.VEHICLE, f"visit-{number}")
    sqlite_hall.yard.looks.note(STATION, who, Looked.VEHICLE, "visit-1")
    sqlite_hall.yard.looks.note(STATION, who, Looked.VEHICLE, "visit-0")
    sqlite_hall.store.submit(lambda _: None).result()
    rows = sqlite_hall.yard.looks.of_day(STATION, sqlite_hall.clock.now().date())
    times = {row.about: row.times for row in rows if row.times > 1}
    assert times == {"visit-1": 2}, "the oldest was forgotten, so it has a second row"
    assert len(rows) == looks.REMEMBERED + 2


# -- nothing that shows a plate is forgotten ------------------------------------------------------

PLATES = {"plate", "plate2", "plates"}
# What only machines read: a post asks these for its own screen, and keeps what it hears to itself.
# A machine asks: a post about what was typed there, the hall box about its own station.
NOBODY_LOOKS = {"status", "expected", "hall_news"}


def shows_plates(kind: Any) -> bool:
    """Whether a value of this type can hold somebody's plate."""
    return any(
        one is EventRow or PLATES & {field.name for field in msgspec.structs.fields(one)}
        for one in structs_in(kind, set())
    )


def structs_in(kind: Any, known: set[Any]) -> Iterator[Any]:
    if isinstance(kind, Told):
        for told in kind.events.values():
            yield from structs_in(told, known)
    elif isinstance(kind, type) and issubclass(kind, Struct):
        if kind not in known:
            known.add(kind)
            yield kind
            for field in msgspec.structs.fields(kind):
                yield from structs_in(field.type, known)
    else:
        for part in get_args(kind):
            yield from structs_in(part, known)


def reading(hall: Hall) -> Iterator[Call]:
    """Calls with which somebody reads."""
    for call in calls.of(hall.app):
        if call.method == "GET" and Who.ANYBODY not in call.route.may:
            yield call


def test_every_call_with_which_somebody_reads_plates_writes_down_who_did(
    sqlite_hall: Hall,
) -> None:
    showing = {
        call.name: call.route
        for call in reading(sqlite_hall)
        if any(shows_plates(given.type) for given in call.route.gives)
    }
    assert {"queue", "events", "visits", "vehicle", "timeline", "bookings"} <= set(showing)
    unmarked = {name for name, marked in showing.items() if marked.looks is None}
    assert unmarked == NOBODY_LOOKS
    assert all(showing[name].may <= {*DEVICES, Who.HALL} for name in NOBODY_LOOKS)


def test_every_look_is_of_a_station_whose_managers_can_read_it(sqlite_hall: Hall) -> None:
    marked = [call for call in calls.of(sqlite_hall.app) if call.route.looks is not None]
    assert len(marked) > 6
    assert all("station" in call.words for call in marked)


def test_a_type_with_a_plate_deep_inside_is_found() -> None:
    class Inner(Struct):
        plate2: str | None = None

    class Outer(Struct):
        rows: list[Inner | None] = []

    assert shows_plates(list[Outer])
    assert not shows_plates(dict[str, int])
