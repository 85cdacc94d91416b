"""Finding a vehicle of today, and everything that is known of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from contract import problems
from contract.problems import Problem
from contract.wire import Elsewhere
from contract.words import Approved, ReInspection
from contract.yard import BookingRow, Inspected, QueueRow, Vehicle
from tests.central.board.yards import NOW, as_may, at, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def ended(plate: str, state: str, clock: str) -> QueueRow:
    row = waits(plate, 0, "8:15")
    return as_may(replace(row, state=state, ended_at=at(clock), place=None, window=None))


FOUND = [waits("KLM456", 1), ended("XKLM12", "done", "9:02"), ended("KLM78A", "no_show", "9:52")]


def finds(board: Open, central: BoardServer, typed: str = "klm") -> Page:
    central.answer("/visits", FOUND)
    page = board()
    page.get_by_role("button", name="Find").click()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    return page


def found(page: Page, plate: str) -> Locator:
    return page.locator(".found li").filter(has_text=plate)


# -- finding ----------------------------------------------------------------------------------------


def test_a_part_of_a_plate_finds_those_who_wait_and_those_who_left(
    board: Open, central: BoardServer
) -> None:
    page = finds(board, central)
    expect(page.get_by_role("dialog")).to_contain_text("Found: 3")
    expect(found(page, "KLM 456")).to_contain_text("waiting")
    expect(found(page, "XKLM12")).to_contain_text("done 09:02")
    expect(found(page, "KLM 78A")).to_contain_text("no-show 09:52")
    assert "/v1/stations/demo/visits" in central.reads


@pytest.mark.parametrize(("language", "word"), [("en", "erased"), ("sv", "raderad")])
def test_whose_plate_is_erased_is_said_to_be_so_and_is_offered_nothing(
    board: Open, central: BoardServer, language: str, word: str
) -> None:
    central.answer("/visits", [replace(ended("KLM78A", "done", "9:52"), plate="", may=[])])
    central.answer("/vehicle", Vehicle(plate=""))
    central.answer("/timeline", [])
    page = board(f"?lang={language}")
    page.keyboard.press("/")
    page.keyboard.type("klm")
    row = page.locator(".found li")
    expect(row.get_by_role("button")).to_have_count(1)
    expect(row.get_by_role("button")).to_have_text(word)
    row.get_by_role("button").click()
    expect(page.get_by_role("heading", level=2).last).to_contain_text(word)


def test_it_is_looked_for_while_somebody_types_and_not_at_every_key(
    board: Open, central: BoardServer
) -> None:
    central.answer("/visits", FOUND)
    page = board()
    expect(page.locator("#contact-words")).to_contain_text("Up to date")
    page.keyboard.press("/")
    page.keyboard.type("klm")
    page.clock.run_for(400)
    expect(page.get_by_role("dialog")).to_contain_text("Found: 3")
    assert central.reads.count("/v1/stations/demo/visits") == 1


def test_one_sign_is_not_enough_to_look_for(board: Open, central: BoardServer) -> None:
    page = finds(board, central, "k ")
    expect(page.get_by_role("dialog")).to_contain_text("Type two signs or more.")
    assert "/v1/stations/demo/visits" not in central.reads


def test_a_plate_that_nobody_has_is_said_by_what_was_typed(
    board: Open, central: BoardServer
) -> None:
    page = finds(board, central)
    central.answer("/visits", [])
    page.get_by_label("Part of the plate").fill("zz9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Nobody today has ZZ9 in the plate.")
    expect(page.locator(".found li")).to_have_count(0)


def test_what_cannot_stand_on_a_plate_is_said(board: Open, central: BoardServer) -> None:
    page = finds(board, central)
    central.answer("/visits", Problem(problems.PLATE_REFUSED, "No.", refusal="alphabet"))
    page.get_by_label("Part of the plate").fill("пр9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Only letters A to Z")


def test_only_who_has_left_can_be_put_back_and_it_can_be_undone(
    board: Open, central: BoardServer
) -> None:
    page = finds(board, central)
    expect(found(page, "KLM 456").get_by_role("button", name="Put back in line")).to_be_hidden()
    found(page, "XKLM12").get_by_role("button", name="Put back in line").click()
    assert central.heard().path == "/v1/stations/demo/visits/visit-XKLM12/reopen"
    assert central.heard().body == {"version": 1}
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#undo-words")).to_have_text("XKLM12 put back in the line.")


def test_a_visit_that_cannot_come_back_says_why(board: Open, central: BoardServer) -> None:
    page = finds(board, central)
    central.answer("/reopen", Problem(problems.ALREADY_HERE, "No.", visit="v"))
    found(page, "XKLM12").get_by_role("button", name="Put back in line").click()
    expect(page.locator("#notice")).to_have_text("Another open visit has this number.")
    expect(page.get_by_role("dialog")).to_be_visible()


# -- what is known of a vehicle ---------------------------------------------------------------------


CAR = Vehicle(
    plate="ABC123",
    plate2="MINBIL",
    register="found",
    make="Volvo",
    model="V70",
    colour="red",
    year=2009,
    owner="A haulier in Piteå",
    remark="Call before",
    last=Inspected(
        at=NOW - timedelta(days=14),
        kind="full",
        outcome=ReInspection(remarks=["Brake hose, front left", "Horn"]),
    ),
    bookings=[
        BookingRow(ref="1", plate="ABC123", slot_at=at("11:00"), kind="full"),
        BookingRow(
            ref="2",
            plate="ABC123",
            slot_at=at("9:00") + timedelta(days=1),
            kind="recheck",
            cancelled=True,
        ),
    ],
)


def sheet(board: Open, central: BoardServer, vehicle: object, **row: Any) -> Locator:
    """Open the sheet of ABC 123."""
    central.queue = yard(waits("ABC123", 1, **row))
    central.answer("/vehicle", vehicle)
    page = board()
    page.locator("#line-rows .plate").click()
    return page.get_by_role("dialog")


def test_the_sheet_tells_the_vehicle_its_owner_and_its_last_time(
    board: Open, central: BoardServer
) -> None:
    told = sheet(board, central, CAR, plate2="MINBIL")
    expect(told.locator(".vehicle dd")).to_have_text(
        [
            "Volvo V70 2009 red",
            "A haulier in Piteå",
            "Call before",
            "9 November 2026, Full inspection: Re-inspection required: Brake hose, front left; Horn",
            "11:00 (Full inspection), tomorrow 09:00 (Re-inspection, cancelled)",
        ]
    )
    expect(told.locator("h2 .plate")).to_have_text(["SABC 123", "MINBIL"])


def test_a_register_that_does_not_answer_is_said_beside_what_we_know(
    board: Open, central: BoardServer
) -> None:
    silent = Vehicle(plate="ABC123", register="unreachable", make="Volvo")
    told = sheet(board, central, silent)
    expect(told).to_contain_text("The vehicle register does not answer")
    expect(told.locator(".vehicle dd")).to_have_text(["Volvo"])


@pytest.mark.parametrize(
    ("register", "words"),
    [("none", "Nothing is known of it."), ("unknown", "does not know this plate")],
)
def test_a_vehicle_of_which_nothing_is_known_says_so(
    board: Open, central: BoardServer, register: str, words: str
) -> None:
    told = sheet(board, central, Vehicle(plate="ABC123", register=register))
    expect(told).to_contain_text(words)


def test_facts_that_cannot_be_fetched_are_not_taken_for_none(
    board: Open, central: BoardServer
) -> None:
    told = sheet(board, central, Problem(problems.NOT_SAVED, "No."))
    expect(told).to_contain_text("Could not be fetched. Close and try again.")
    expect(told).not_to_contain_text("Nothing is known of it.")


def test_an_inspection_that_went_well_says_so(board: Open, central: BoardServer) -> None:
    last = Inspected(at=NOW - timedelta(days=400), kind="full", outcome=Approved())
    told = sheet(board, central, Vehicle(plate="ABC123", last=last))
    expect(told.locator(".vehicle dd")).to_have_text(["19 October 2025, Full inspection: Approved"])


@pytest.mark.parametrize(
    ("elsewhere", "words"),
    [
        (Elsewhere(slot_at=at("9:00") + timedelta(days=1)), "Booked tomorrow 09:00"),
        (Elsewhere(slot_at=at("11:00"), station="Luleå"), "Booked in Luleå 11:00"),
    ],
)
def test_a_booking_elsewhere_is_said_on_the_row_and_on_the_sheet(
    board: Open, central: BoardServer, elsewhere: Elsewhere, words: str
) -> None:
    told = sheet(board, central, CAR, elsewhere=elsewhere)
    expect(told.locator(".notes")).to_have_text(words)
    expect(told.page.locator("#line-rows .notes")).to_have_text(words)


def test_the_upper_edge_of_the_sheet_stays_while_it_fills(
    board: Open, central: BoardServer
) -> None:
    told = sheet(board, central, Vehicle(plate="ABC123"))
    expect(told).to_contain_text("Nothing is known of it.")
    before = told.bounding_box()
    told.page.keyboard.press("Escape")
    central.answer("/vehicle", CAR)
    told.page.locator("#line-rows .plate").click()
    expect(told).to_contain_text("Volvo")
    after = told.bounding_box()
    assert before is not None
    assert after is not None
    assert before["y"] == after["y"]


def test_what_is_looked_at_can_be_looked_at_without_contact(
    board: Open, central: BoardServer
) -> None:
    told = sheet(board, central, CAR)
    told.page.keyboard.press("Escape")
    told.page.clock.run_for(25_000)
    expect(told.page.locator("body")).to_have_class("stale")
    told.page.locator("#line-rows .plate").click()
    expect(told).to_contain_text("Volvo V70")
