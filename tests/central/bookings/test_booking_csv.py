"""A file of bookings goes in whole or not at all, and every bad line is named."""

import pytest

from central.bookings.bookings import Imported
from contract.problems import Problem
from tests.central.desk import booked, books, told
from tests.central.yards import DESK_1, PITEA, Station, local

COLUMNS = "ref,plate,slot,kind,plate2,make,model,colour,remark,cancelled."
HEADER = "ref,plate,slot,kind\n"
TWO = HEADER + "R1,abc 123,2026-11-23 09:00,recheck\nR2,DEF456,2026-11-23T10:00:00+01:00,\n"


def taken_in(station: Station, text: str, **words: bool) -> Imported:
    return station.yard.import_bookings(PITEA, DESK_1, text, **words)  # type: ignore[arg-type]


def complaints(station: Station, text: str) -> list[tuple[int, str]]:
    with pytest.raises(Problem) as error:
        taken_in(station, text)
    assert "bookings_refused" == error.value.kind.reason
    assert [] == station.yard.expected(PITEA).plates
    lines = error.value.members["lines"]
    assert isinstance(lines, list)
    return [(one["line"], one["reason"]) for one in lines]


def test_a_file_is_taken_in_with_local_and_absolute_times(station: Station) -> None:
    assert Imported(2, 2, 0, dry_run=False) == taken_in(station, TWO)
    assert ["ABC123", "DEF456"] == station.yard.expected(PITEA).plates
    assert local("2026-11-23 09:00") == station.comes("ABC123").booked_at
    assert local("2026-11-23 10:00") == station.comes("DEF456").booked_at
    assert ("recheck", "full") == (station.row("ABC123").kind, station.row("DEF456").kind)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + TWO,
        TWO.replace(",", ";"),
        TWO.replace("\n", "\r\n"),
        TWO.replace("ref,plate", "Ref, PLATE "),
        TWO + "\n,,,\n",
    ],
    ids=["BOM", "semicolons", "CRLF", "header in capitals", "empty lines"],
)
def test_what_spreadsheets_make_of_it_is_tolerated(station: Station, text: str) -> None:
    assert 2 == taken_in(station, text).new


def test_a_second_import_changes_only_what_differs(station: Station) -> None:
    taken_in(station, TWO)
    later = TWO.replace("09:00", "09:30") + "R3,GHJ789,2026-11-23 11:00,full\n"
    assert Imported(3, 1, 1, dry_run=True) == taken_in(station, later, dry_run=True)
    assert 2 == len(station.yard.expected(PITEA).plates)
    assert Imported(3, 1, 1, dry_run=False) == taken_in(station, later)
    assert Imported(3, 0, 0, dry_run=False) == taken_in(station, later)
    assert local("2026-11-23 09:30") == station.comes("ABC123").booked_at
    assert 3 == station.happened().count("bookings_imported")


def test_every_bad_line_is_named_and_nothing_is_taken_in(station: Station) -> None:
    text = (
        HEADER
        + "R1,ABC123,2026-11-23 09:00,full\n"
        + "R2,A?C,2026-11-23 09:00,full\n"
        + "R3,ABC124,23/11/2026,full\n"
        + "R1,ABC125,2026-11-23 09:00,full\n"
        + ",ABC126,2026-11-23 09:00,full\n"
        + "R6,ABC127,2026-11-23 09:00,boat\n"
        + "R7,ABC128\n"
        + "R8,ABC129,2026-03-29 02:30,full\n"
        + "R9,ABC130,2026-11-23,full\n"
    )
    bad = complaints(station, text)
    assert [3, 4, 5, 6, 7, 8, 9, 10] == [line for line, _ in bad]
    reasons = [reason for _, reason in bad]
    assert '"?" (question mark) cannot stand on a plate' in reasons[0]
    assert 'slot "23/11/2026" is no time; write it like 2026-11-23 10:30.' == reasons[1]
    assert "ref R1 stands on line 2 already." == reasons[2]
    assert "ref has 0 characters; it needs 1 to 64." == reasons[3]
    assert "kind boat is not one of full, heavy, recheck." == reasons[4]
    assert "It has 2 columns; the header has 4." == reasons[5]
    assert "clocks are set forward" in reasons[6]
    assert "2026-11-23 10:30" in reasons[7]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty; it begins with ref,plate,slot."),
        ("ref,plate\nR1,ABC123\n", "The header lacks slot."),
        (
            "ref,plate,slot,owner\n",
            "The header has owner; it may have " + COLUMNS,
        ),
        ("ref,plate,slot,ref\n", "The header has one name twice; it may have " + COLUMNS),
    ],
)
def test_a_file_without_the_right_header_is_refused(
    station: Station, text: str, reason: str
) -> None:
    assert [(1, reason)] == complaints(station, text)


def test_long_files_show_their_progress(station: Station) -> None:
    lines = [f"R{n},CAR{n:03d},2026-11-23 09:00,full" for n in range(450)]
    seen: list[tuple[int, int]] = []
    taken = station.yard.import_bookings(
        PITEA,
        DESK_1,
        HEADER + "\n".join(lines),
        progress=lambda done, of: seen.append((done, of)),
    )
    assert [(200, 450), (400, 450), (450, 450)] == seen
    assert 450 == taken.new


WIDE = "ref,plate,slot,kind,plate2,make,model,colour,remark,cancelled\n"


def test_every_fact_of_a_booking_is_kept(station: Station) -> None:
    taken_in(
        station,
        WIDE + 'R1,ABC123,2026-11-23 09:00,heavy,volvo,Volvo,V70,"dark\nblue","tow bar, long",no\n',
    )
    row = booked(station)["R1"]
    assert ("ABC123", "VOLVO", "heavy", False) == (row.plate, row.plate2, row.kind, row.cancelled)
    assert ("Volvo", "V70", "dark blue", "tow bar, long") == (
        row.make,
        row.model,
        row.colour,
        row.remark,
    )


@pytest.mark.parametrize("formula", ["=HYPERLINK(A1)", "+46", "-1+1", "@SUM(A1)", "\t=1"])
def test_what_looks_like_a_formula_is_text(station: Station, formula: str) -> None:
    taken_in(station, f'ref,plate,slot,remark\nR1,ABC123,2026-11-23 09:00,"{formula}"\n')
    assert formula.strip() == booked(station)["R1"].remark


def test_a_column_that_is_missing_says_nothing(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00", kind="recheck", remark="tow bar")
    assert 0 == taken_in(station, "ref,plate,slot\nR1,ABC123,2026-11-23 09:00\n").changed
    assert 1 == taken_in(station, "ref,plate,slot,remark\nR1,ABC123,2026-11-23 09:00,\n").changed
    row = booked(station)["R1"]
    assert ("recheck", None) == (row.kind, row.remark)


def test_a_file_cancels_and_takes_back_what_it_cancelled(station: Station) -> None:
    taken_in(station, WIDE + "R1,ABC123,2026-11-23 09:00,,,,,,,yes\n")
    assert booked(station)["R1"].cancelled
    assert [] == station.yard.expected(PITEA).plates
    assert 0 == taken_in(station, WIDE + "R1,ABC123,2026-11-23 09:00,,,,,,,Yes\n").changed
    assert 1 == taken_in(station, WIDE + "R1,ABC123,2026-11-23 09:00,,,,,,,\n").changed
    assert ["ABC123"] == station.yard.expected(PITEA).plates


def test_bad_facts_are_named_too(station: Station) -> None:
    text = WIDE
    text += "R1,ABC123,2026-11-23 09:00,,A?C,,,,,\n"
    text += f"R2,ABC123,2026-11-23 09:00,,,,,,{'x' * 201},\n"
    text += "R3,ABC123,2026-11-23 09:00,,,,,,,perhaps\n"
    text += "R/4,ABC123,2026-11-23 09:00,,,,,,,\n"
    text += "R5,ABC123,0026-11-23 09:00,,,,,,,\n"
    reasons = dict(complaints(station, text))
    assert "cannot stand on a plate" in reasons[2]
    assert "remark has 201 characters; at most 200 are kept." == reasons[3]
    assert 'cancelled is "perhaps"; write yes or no, or leave it empty.' == reasons[4]
    assert "ref may have A to Z, digits, spaces and . _ ~ : + # - in it." == reasons[5]
    assert "slot is in the year 26; nobody books that." == reasons[6]


def test_a_file_tells_who_has_come_already(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00")
    visit = station.comes("ABC123").visit
    taken_in(station, "ref,plate,slot\nR1,ABC123,2026-11-23 10:00\n")
    assert ["arrived", "booking_saved"] == told(station, visit)


def test_twenty_thousand_lines_go_in_at_once(sqlite_station: Station) -> None:
    lines = [f"R{n},CAR{n:05d},2026-11-23 09:00,full,,Volvo,V70,,," for n in range(20_000)]
    text = WIDE + "\n".join(lines)
    assert 20_000 == taken_in(sqlite_station, text).new
    assert 0 == taken_in(sqlite_station, text).changed
