"""What is entered at the office reaches the hall, once; what the hall has decided stands as it is said."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.halls.link import Link, OfficeAway
from central.people import accounts
from central.words import SYSTEM
from contract import problems
from contract.accounts import PersonChange
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Enrol, Role
from contract.words import BookingWords
from tests.central.desk import booked
from tests.central.halls.offices import PASSWORD, Cable, Office, link, settle
from tests.central.yards import DESK_1, PITEA, Station, local

ANOTHER = "lugn bil vid porten"


def books(office: Office, ref: str, plate: str, at: str, *, cancelled: bool = False) -> None:
    words = BookingWords(plate=plate, slot_at=local(at), cancelled=cancelled)
    office.yard.desk.save_booking(PITEA, SYSTEM, ref, words)


def signs_in(station: Station, name: str, password: str = PASSWORD) -> bool:
    try:
        station.yard.people.sign_in(name, password)
    except Problem:
        return False
    return True


# -- bookings ----------------------------------------------------------------------------------


def test_a_booking_of_the_office_is_in_the_hall_and_its_car_has_that_slot(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    assert office.row().behind == 1
    settle(hall_link)
    assert booked(sqlite_station)["B-1"].plate == "ABC123"
    assert sqlite_station.comes("ABC123").booked_at == local("2026-11-23 10:00")
    settle(hall_link)
    assert office.row().behind == 0


def test_a_booking_that_was_there_before_the_hall_was_connected_comes_too(
    sqlite_station: Station, office: Office
) -> None:
    office.yard.places.create_station(PITEA, "Piteå", "Europe/Stockholm")
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    settle(sqlite_station.yard.link(Cable(office, office.connect(PITEA)), PITEA, lambda: None))
    assert "B-1" in booked(sqlite_station)


def test_a_booking_that_changed_three_times_meanwhile_comes_once_as_it_is_now(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    for minute in ("00", "20", "40"):
        books(office, "B-1", "ABC 123", f"2026-11-23 10:{minute}")
    settle(hall_link)
    assert booked(sqlite_station)["B-1"].slot_at == local("2026-11-23 10:40")
    assert sqlite_station.happened().count("bookings_imported") == 1


def test_a_cancelled_booking_is_cancelled_in_the_hall(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    settle(hall_link)
    office.yard.desk.cancel_booking(PITEA, SYSTEM, "B-1")
    settle(hall_link)
    assert booked(sqlite_station)["B-1"].cancelled


def test_who_has_come_already_keeps_their_place_when_the_office_cancels(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    books(office, "B-1", "ABC 123", "2026-11-23 08:40")
    settle(hall_link)
    sqlite_station.comes("DEF456")
    sqlite_station.comes("ABC123")
    assert sqlite_station.waiting() == ["ABC123", "DEF456"]
    office.yard.desk.cancel_booking(PITEA, SYSTEM, "B-1")
    settle(hall_link)
    assert sqlite_station.waiting() == ["ABC123", "DEF456"]


def test_a_booking_that_the_hall_itself_has_made_stays(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    sqlite_station.books("own,KLM 456,2026-11-23 10:00,full")
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    settle(hall_link)
    assert set(booked(sqlite_station)) == {"own", "B-1"}


def test_a_lost_answer_takes_nothing_in_twice(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    cable.loses_answers = True
    with pytest.raises(OfficeAway):
        hall_link.turn()
    cable.loses_answers = False
    settle(hall_link)
    settle(hall_link)
    assert sqlite_station.happened().count("bookings_imported") == 1


def test_a_booking_that_no_door_takes_is_told_after_a_restart_too_until_it_is_another(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    books(office, "B-9", "ABC 123", "2026-11-23 10:00")
    office.store.write(lambda tx: tx.run(sa.update(schema.booking).values(kind="tractor")))
    settle(hall_link)
    sqlite_station.restart()
    settle(link(sqlite_station, cable))
    assert not_taken(office) == ["booking_unfit"]
    books(office, "B-9", "ABC 123", "2026-11-23 10:20")
    again = link(sqlite_station, cable)
    settle(again)
    settle(again)
    assert not_taken(office) == []


# -- people ------------------------------------------------------------------------------------


def test_somebody_whom_the_office_has_added_signs_in_at_the_hall(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    assert signs_in(sqlite_station, "Desk 7")
    assert not signs_in(sqlite_station, "Desk 7", ANOTHER)


def test_who_works_everywhere_stays_at_the_office(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    office.yard.people.create_user("Head", PASSWORD, ["*"], "office")
    settle(hall_link)
    assert not signs_in(sqlite_station, "Head")


def test_somebody_disabled_at_the_office_is_signed_out_of_the_hall(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    person = office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    token = sqlite_station.yard.people.sign_in("Desk 7", PASSWORD).token
    office.yard.staffing.do(None, PITEA, person.id, "disable")
    settle(hall_link)
    assert sqlite_station.yard.people.session(token) is None
    assert not signs_in(sqlite_station, "Desk 7")
    office.yard.staffing.do(None, PITEA, person.id, "enable")
    settle(hall_link)
    assert signs_in(sqlite_station, "Desk 7")


def test_what_the_hall_has_changed_of_an_account_stands_until_the_office_says_another_thing(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    person = office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    sqlite_station.yard.staffing.do(None, PITEA, person.id, "disable")
    office.yard.staffing.change(None, PITEA, person.id, PersonChange(role="manager"))
    settle(hall_link)
    assert not signs_in(sqlite_station, "Desk 7")
    (row,) = [one for one in sqlite_station.yard.staffing.at(PITEA) if one.name == "Desk 7"]
    assert (row.role, row.disabled) == ("manager", True)


def test_somebody_of_the_same_name_in_the_hall_keeps_it_and_the_office_is_told(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    sqlite_station.yard.people.create_user("Desk 7", ANOTHER, [PITEA])
    office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    settle(hall_link)
    assert signs_in(sqlite_station, "Desk 7", ANOTHER)
    assert not signs_in(sqlite_station, "Desk 7")
    said = office.row().said
    assert said is not None
    assert [one.reason for one in said.not_taken] == ["name_taken"]


def test_who_works_at_the_hall_no_longer_cannot_sign_in_there(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    office.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    person = office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    office.yard.staffing.change(None, PITEA, person.id, PersonChange(stations=["lulea"]))
    settle(hall_link)
    assert not signs_in(sqlite_station, "Desk 7")


def test_somebody_disabled_at_the_office_cannot_sign_in_even_while_the_rest_of_the_account_is_not_taken(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    person = office.yard.people.create_user("Desk 7", PASSWORD, [PITEA])
    settle(hall_link)
    own = sqlite_station.yard.people.create_user("Desk 8", ANOTHER, [PITEA])

    def elsewhere(tx: Tx, id_: str) -> None:
        accounts.link(tx, id_, "https://id.example.com", "subject-7")

    sqlite_station.store.write(lambda tx: elsewhere(tx, own.id))
    office.store.write(lambda tx: elsewhere(tx, person.id))
    token = sqlite_station.yard.people.sign_in("Desk 7", PASSWORD).token
    office.yard.staffing.do(None, PITEA, person.id, "disable")
    hall_link.turn()
    assert sqlite_station.yard.people.session(token) is None
    assert not signs_in(sqlite_station, "Desk 7")
    hall_link.turn()
    assert not_taken(office) == ["account_taken"]


def not_taken(office: Office) -> list[str]:
    said = office.row().said
    assert said is not None
    return [one.reason for one in said.not_taken]


@pytest.mark.parametrize("how", ["disabled", "moved", "made less"])
def test_the_last_of_a_hall_who_may_do_everything_stays_so_until_there_is_another(
    sqlite_station: Station, office: Office, hall_link: Link, how: str
) -> None:
    office.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    office.yard.people.create_user("Head", PASSWORD, ["*"], "office")
    person = office.yard.people.create_user("Desk 7", PASSWORD, [PITEA], "office")
    settle(hall_link)
    if how == "disabled":
        office.yard.staffing.do(None, PITEA, person.id, "disable")
    else:
        change = PersonChange(stations=["lulea"]) if how == "moved" else PersonChange(role="staff")
        office.yard.staffing.change(None, PITEA, person.id, change)
    for _ in range(3):
        hall_link.turn()
    assert signs_in(sqlite_station, "Desk 7")
    assert not_taken(office) == ["last_person"]
    sqlite_station.yard.people.create_user("Desk 8", ANOTHER, ["*"], "office")
    for _ in range(3):
        hall_link.turn()
    (row,) = [
        one
        for one in sqlite_station.store.read(lambda view: view.all(accounts.ALL))
        if one.id == person.id
    ]
    assert row.disabled_at is not None or row.role == "staff"
    assert not_taken(office) == []


# -- devices -----------------------------------------------------------------------------------


def test_a_post_enrols_at_its_hall_by_a_code_that_the_office_has_made(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    code = office.yard.devices.create_device_code(PITEA, Role.POST, "Post 7")
    settle(hall_link)
    enrolled = sqlite_station.yard.devices.enrol(PITEA, Enrol(code=code))
    assert enrolled.name == "Post 7"
    settle(hall_link)
    assert office.yard.devices.codes.open(PITEA) == []
    said = office.row().said
    assert said is not None
    assert "Post 7" in {one.name for one in said.devices}


def test_a_code_that_the_office_has_withdrawn_works_no_longer(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    code = office.yard.devices.create_device_code(PITEA, Role.POST, "Post 7")
    settle(hall_link)
    office.yard.devices.codes.withdraw(PITEA, code[:4])
    settle(hall_link)
    with pytest.raises(Problem) as refused:
        sqlite_station.yard.devices.enrol(PITEA, Enrol(code=code))
    assert refused.value.kind is problems.CODE_REFUSED


def test_a_device_that_the_office_takes_out_of_service_is_so_in_the_hall(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    device = sqlite_station.sign_1.device.id
    office.yard.halls.revoke_device(PITEA, SYSTEM, device)
    settle(hall_link)
    assert device not in {one.id for one in sqlite_station.yard.devices.all(PITEA)}
    assert sqlite_station.happened().count("device_revoked") == 1


# -- erasure -----------------------------------------------------------------------------------


def test_what_is_erased_at_the_office_is_erased_in_the_hall(
    sqlite_station: Station, office: Office, hall_link: Link, tmp_path: Path
) -> None:
    sqlite_station.comes("XYZ98Q")
    sqlite_station.does(Verb.LEAVE, "XYZ98Q")
    books(office, "B-1", "XYZ98Q", "2026-11-20 10:00")
    settle(hall_link)
    office.yard.personal_data.erase(PITEA, SYSTEM, Plate.parse("XYZ98Q"))
    assert office.row().erasures == 1
    settle(hall_link)
    settle(hall_link)
    assert office.row().erasures == 0
    export = sqlite_station.yard.personal_data.export(PITEA, Plate.parse("XYZ98Q"))
    assert (export.visits, export.arrivals, export.bookings) == ([], [], [])
    office.store.wipe(5)
    office.store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    office.open()
    assert b"XYZ98Q" not in written


def test_who_is_in_the_yard_is_erased_when_they_have_gone_and_the_office_sees_why(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    sqlite_station.comes("XYZ98Q")
    office.yard.personal_data.erase(PITEA, SYSTEM, Plate.parse("XYZ98Q"))
    for _ in range(3):
        hall_link.turn()
    row = office.row()
    assert row.said is not None
    assert (row.erasures, [one.kind for one in row.said.not_taken]) == (1, ["erasure"])
    assert "XYZ98Q" not in str(row)
    sqlite_station.does(Verb.LEAVE, "XYZ98Q")
    for _ in range(3):
        hall_link.turn()
    row = office.row()
    assert row.said is not None
    assert (row.erasures, row.said.not_taken) == (0, [])


def test_what_is_erased_in_the_hall_is_gone_from_the_bookings_of_the_office(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    books(office, "B-1", "XYZ98Q", "2026-11-23 08:40")
    settle(hall_link)
    sqlite_station.comes("XYZ98Q")
    sqlite_station.does(Verb.LEAVE, "XYZ98Q")
    sqlite_station.yard.personal_data.erase(PITEA, DESK_1, Plate.parse("XYZ98Q"))
    settle(hall_link)
    assert office.yard.personal_data.export(PITEA, Plate.parse("XYZ98Q")).bookings == []


def test_a_night_at_the_office_takes_old_bookings_with_all_that_leads_to_them(
    sqlite_station: Station, office: Office, hall_link: Link, tmp_path: Path
) -> None:
    books(office, "B-77-X", "XYZ98Q", "2026-11-23 10:00")
    settle(hall_link)
    sqlite_station.clock.advance(int(timedelta(days=9).total_seconds() * 1000))
    office.yard.personal_data.night()
    office.store.wipe(5)
    office.store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    office.open()
    for secret in (b"XYZ98Q", b"B-77-X"):
        assert secret not in written


# -- an office that is away, or was restored -------------------------------------------------------


def test_a_week_without_the_office_is_told_in_full_and_taken_in_in_full(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    cable.is_cut = True
    for day in range(7):
        sqlite_station.clock.advance(int(timedelta(days=1).total_seconds() * 1000))
        sqlite_station.comes(f"ABC{day}99")
        sqlite_station.does(Verb.LEAVE, f"ABC{day}99")
        with pytest.raises(OfficeAway):
            hall_link.turn()
    books(office, "B-1", "DEF 456", "2026-12-01 10:00")
    assert office.row().contact == "lost"
    cable.is_cut = False
    settle(hall_link)
    assert office.row().contact == "good"
    settle(hall_link)  # that the booking came has happened in the hall too
    assert len(office.kept()) == sqlite_station.yard.cursor(PITEA)[1]
    assert "B-1" in booked(sqlite_station, "2026-12-01")


def test_a_cursor_of_another_history_of_the_office_begins_at_the_beginning(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    settle(hall_link)
    news = office.yard.halls.news(PITEA, "another history", 7_000)
    assert [one.ref for one in news.bookings] == ["B-1"]
    assert office.yard.halls.news(PITEA, office.store.epoch, news.after).bookings == []


def test_a_token_that_was_revoked_ends_the_link_and_nothing_else(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    (row,) = office.yard.tokens.of_station(PITEA)
    office.yard.tokens.revoke(PITEA, SYSTEM, row.id)
    with pytest.raises(OfficeAway, match="was revoked"):
        hall_link.turn()
    assert sqlite_station.comes("ABC123").place == 1
    cable.token = office.connect(PITEA)
    settle(hall_link)
    assert len(office.kept()) == sqlite_station.yard.cursor(PITEA)[1]


def test_what_cannot_go_up_keeps_nothing_from_coming_down(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    books(office, "B-1", "ABC 123", "2026-11-23 10:00")
    cable.takes_reports = False
    with pytest.raises(OfficeAway, match="too large"):
        hall_link.turn()
    assert "B-1" in booked(sqlite_station)
