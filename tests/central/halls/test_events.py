"""What has happened in a hall is at the office: each fact once, in order, and nobody's name or plate."""

from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.halls import telling
from central.halls.keeping import bare
from central.halls.lineage import Part
from central.halls.link import Link, OfficeAway
from central.privacy import inventory
from central.web.reading import BODY_MAX
from contract.halls import HallDevice, HallEvent, HallReport, HallSaid
from contract.transitions import Verb
from contract.wire import Role
from tests.central.copies.restoring import reopened, restored, take
from tests.central.halls.offices import Cable, Office, an_office, link, own, settle
from tests.central.yards import DESK_1, PITEA, Station


def a_visit(station: Station, plate: str = "ABC123") -> None:
    station.comes(plate)
    station.does(Verb.ENTER, plate, "1")
    station.does(Verb.FINISH, plate)


def is_all_there(office: Office, station: Station) -> None:
    """Row by row, as retention leaves an event."""
    sent = [
        (
            row.seq,
            row.at,
            row.kind,
            row.actor_kind,
            "" if row.actor_kind == "staff" else row.actor_id,
            row.visit,
            row.bay,
            row.call,
            inventory.without_names(inventory.without_customer(row.data)),
        )
        for row in own(station)
    ]
    kept = [
        (
            row.seq,
            row.at,
            row.kind,
            row.actor_kind,
            row.actor_id,
            row.visit,
            row.bay,
            row.call,
            row.data,
        )
        for row in office.kept()
    ]
    assert kept == sent


def test_everything_that_happened_is_at_the_office_row_by_row(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    a_visit(sqlite_station)
    settle(hall_link)
    is_all_there(office, sqlite_station)
    assert office.row().events == sqlite_station.yard.cursor(PITEA)[1]


def test_a_lost_answer_doubles_nothing(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    a_visit(sqlite_station)
    cable.loses_answers = True
    for _ in range(3):
        with pytest.raises(OfficeAway):
            hall_link.turn()
    cable.loses_answers = False
    settle(hall_link)
    is_all_there(office, sqlite_station)


def test_what_happened_while_the_line_was_cut_comes_when_it_is_whole_again(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    cable.is_cut = True
    for number in range(100, 130):
        a_visit(sqlite_station, f"ABC{number}")
        with pytest.raises(OfficeAway):
            hall_link.turn()
    assert len(office.kept()) < len(own(sqlite_station))
    cable.is_cut = False
    settle(hall_link)
    is_all_there(office, sqlite_station)


def test_a_hall_that_was_restarted_goes_on_where_it_was(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    a_visit(sqlite_station)
    settle(hall_link)
    a_visit(sqlite_station, "DEF456")
    sqlite_station.restart()
    settle(link(sqlite_station, cable))
    is_all_there(office, sqlite_station)


def test_behind_a_gap_nothing_is_taken(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    had = len(office.kept())
    at = sqlite_station.clock.now()
    far = HallEvent(seq=had + 2, at=at, kind="called", actor_kind="staff")
    report = HallReport(epoch=sqlite_station.store.epoch, events=[far])
    assert office.yard.halls.report(PITEA, DESK_1, report).last == had
    assert len(office.kept()) == had


def test_no_plate_and_no_name_is_in_the_office_s_files(
    sqlite_station: Station, office: Office, hall_link: Link, tmp_path: Path
) -> None:
    sqlite_station.books("R-77-X,KLM 456,2026-11-23 10:00,full")
    a_visit(sqlite_station, "XYZ98Q")
    sqlite_station.comes("KLM456")
    settle(hall_link)
    assert len(office.kept()) == len(own(sqlite_station))
    written = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    assert b"arrived" in written
    for secret in (b"XYZ98Q", b"KLM456", b"KLM 456", b"R-77-X", b"Desk 1"):
        assert secret not in written


def test_the_office_keeps_no_plate_even_of_a_hall_that_sends_one(
    sqlite_station: Station, office: Office, hall_link: Link, tmp_path: Path
) -> None:
    settle(hall_link)
    careless = HallEvent(
        seq=len(office.kept()) + 1,
        at=sqlite_station.clock.now(),
        kind="finished",
        actor_kind="staff",
        actor_id="desk-77-1",
        data={"plate": "XYZ98Q", "person": "Desk 1", "to": "done", "unheard_of": "XYZ98Q"},
    )
    report = HallReport(epoch=sqlite_station.store.epoch, events=[careless])
    office.yard.halls.report(PITEA, DESK_1, report)
    assert office.kept()[-1].data == {"to": "done"}
    office.store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    office.open()
    assert b"XYZ98Q" not in written
    assert b"desk-77-1" not in written


def test_what_retention_leaves_of_an_event_is_what_was_sent(sqlite_station: Station) -> None:
    a_visit(sqlite_station)
    for row in own(sqlite_station):
        words = {"seq": row.seq, "at": row.at, "kind": row.kind, "actor_kind": row.actor_kind}
        sent = bare(HallEvent(**words, actor_id=row.actor_id, data=row.data))
        assert bare(sent) == sent


def test_a_restored_hall_sends_its_new_history_and_the_old_one_stays(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link, tmp_path: Path
) -> None:
    a_visit(sqlite_station)
    made = take(sqlite_station, tmp_path / "backups")
    backed_up = sqlite_station.yard.cursor(PITEA)[1]
    settle(hall_link)
    a_visit(sqlite_station, "LST001")  # the backup has none of this, and the office has
    settle(hall_link)
    lost = own(sqlite_station)
    sqlite_station.minutes(30)
    restored(sqlite_station, made, tmp_path / "new")
    with reopened(sqlite_station, tmp_path / "new") as again:
        a_visit(again, "NEW001")
        settle(link(again, cable))
        by_epoch = {
            epoch: [row.seq for row in office.kept() if row.epoch == epoch]
            for epoch in (sqlite_station.store.epoch, again.store.epoch)
        }
        newest = again.yard.cursor(PITEA)[1]
    assert by_epoch[sqlite_station.store.epoch] == [row.seq for row in lost]
    assert by_epoch[again.store.epoch] == list(range(backed_up + 1, newest + 1))


def test_what_the_office_never_heard_before_the_restore_it_hears_under_its_old_name(
    sqlite_station: Station, office: Office, cable: Cable, tmp_path: Path
) -> None:
    a_visit(sqlite_station)
    made = take(sqlite_station, tmp_path / "backups")
    backed_up = sqlite_station.yard.cursor(PITEA)[1]
    restored(sqlite_station, made, tmp_path / "new")
    with reopened(sqlite_station, tmp_path / "new") as again:
        settle(link(again, cable))
        is_all_there(office, again)
    epochs = [row.epoch for row in office.kept()]
    assert epochs.count(sqlite_station.store.epoch) == backed_up


def test_an_office_that_was_restored_gets_again_what_it_lost(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link, tmp_path: Path
) -> None:
    settle(hall_link)
    office.store.close()
    for path in tmp_path.glob("office.db*"):
        path.rename(path.with_name(path.name.replace("office", "kept")))
    # As it was before this hall was connected; only the token is known again.
    other = Office(f"sqlite:///{tmp_path / 'office.db'}", sqlite_station.clock)
    cable.office, cable.token = other, other.connect(PITEA)
    a_visit(sqlite_station)
    settle(hall_link)
    is_all_there(other, sqlite_station)
    other.store.close()
    office.url = f"sqlite:///{tmp_path / 'kept.db'}"
    office.open()


def test_a_disk_that_was_copied_back_is_told_and_nothing_is_mixed(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    settle(hall_link)
    had = len(office.kept())
    at = sqlite_station.clock.now()
    ahead = [HallEvent(seq=had + 1 + n, at=at, kind="called", actor_kind="staff") for n in range(5)]
    report = HallReport(epoch=sqlite_station.store.epoch, events=ahead)
    office.yard.halls.report(PITEA, DESK_1, report)
    a_visit(sqlite_station)
    with pytest.raises(OfficeAway, match="disk was copied back"):
        settle(hall_link)


def test_a_disk_that_was_copied_back_and_has_gone_on_is_found_out_by_what_it_calls_an_event(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link, tmp_path: Path
) -> None:
    a_visit(sqlite_station)
    made = take(sqlite_station, tmp_path / "backups")
    settle(hall_link)
    before = [(row.seq, row.kind) for row in office.kept()]
    goes_back(sqlite_station, 3)
    sqlite_station.minutes(1)
    for number in range(100, 105):
        a_visit(sqlite_station, f"ABC{number}")
    again = link(sqlite_station, cable)
    assert again.turn()  # only now it knows how far the office is
    for _ in range(3):
        with pytest.raises(OfficeAway, match="disk was copied back"):
            again.turn()
    assert [(row.seq, row.kind) for row in office.kept()] == before
    said = office.row().said
    assert said is not None
    assert [one.reason for one in said.not_taken] == ["copied_back"]
    sqlite_station.minutes(30)
    restored(sqlite_station, made, tmp_path / "new")
    with reopened(sqlite_station, tmp_path / "new") as other:
        settle(link(other, cable))
    said = office.row().said
    assert said is not None
    assert said.not_taken == []


def goes_back(station: Station, number: int) -> None:
    """The last events never happened."""

    def job(tx: Tx) -> None:
        here, event = schema.station, schema.event
        last = tx.one(sa.select(here.c.seq).where(here.c.id == PITEA)).seq - number
        tx.run(sa.delete(event).where(event.c.seq > last, event.c.station == PITEA))
        tx.run(sa.update(here).where(here.c.id == PITEA).values(seq=last))

    station.store.write(job)


def test_a_hall_that_has_very_much_to_say_of_itself_is_heard_and_its_events_come_too(
    sqlite_station: Station, office: Office, cable: Cable, hall_link: Link
) -> None:
    settle(hall_link)
    a_visit(sqlite_station)
    broken = [
        HallDevice(device=f"post-{n}", name="ö" * 64, role=Role.POST, faults=["x" * 64] * 30)
        for n in range(100)
    ]
    part = Part(sqlite_station.store.epoch, 1)
    said = HallSaid(devices=broken)
    had = len(office.kept())
    events = sqlite_station.store.read(lambda view: telling.events(view, PITEA, part, had, said))
    assert len(events) == 1
    report = HallReport(epoch=part.epoch, events=events, said=said)
    assert cable.report(PITEA, report).last == had + 1
    row = office.row().said
    assert row is not None
    assert len(row.devices) == 100


def test_events_fill_what_is_left_of_a_report(sqlite_station: Station) -> None:
    for number in range(100, 200):
        a_visit(sqlite_station, f"ABC{number}")
    part = Part(sqlite_station.store.epoch, 1)
    said = HallSaid(forgotten=[f"{n:064}" for n in range(200)] * 3)
    few = sqlite_station.store.read(lambda view: telling.events(view, PITEA, part, 0, said))
    many = sqlite_station.store.read(lambda view: telling.events(view, PITEA, part, 0))
    assert 1 < len(few) < len(many)
    for events, beside in ((few, said), (many, None)):
        report = HallReport(epoch=part.epoch, events=events, said=beside)
        assert len(msgspec.json.encode(report)) < BODY_MAX


def test_an_office_that_was_restored_gets_the_histories_before_a_restore_of_the_hall_again(
    sqlite_station: Station, office: Office, cable: Cable, tmp_path: Path
) -> None:
    a_visit(sqlite_station)
    made = take(sqlite_station, tmp_path / "backups")
    restored(sqlite_station, made, tmp_path / "new")
    with reopened(sqlite_station, tmp_path / "new") as hall:
        one = link(hall, cable)
        settle(one)
        with an_office(tmp_path / "other", sqlite_station.clock) as other:
            cable.office, cable.token = other, other.connect(PITEA)
            settle(one)
            settle(one)
            is_all_there(other, hall)
