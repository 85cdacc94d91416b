"""The line, as the people at the desk read it."""

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from tests.central.board.hands import choose_in_menu
from tests.central.board.yards import at, called, door, inside, sign, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def row(page: Page, plate: str) -> Locator:
    return page.locator("#line-rows > li").filter(has_text=plate)


def test_each_row_says_why_it_stands_where_it_stands(board: Open, central: BoardServer) -> None:
    central.queue = yard(
        waits("KLM456", 1, "10:15", rule="booked", slot_at=at("10:30")),
        waits("RST78A", 2, "10:12", kind="recheck", rule="recheck", turn_at=at("9:52")),
        waits("FGH012", 3, "10:20", rule="booked_late", slot_at=at("10:00")),
        waits("WXY345", 4, "10:12", source="text"),
    )
    page = board()
    expect(row(page, "KLM 456")).to_contain_text("Booked 10:30, arrived 10:15")
    expect(row(page, "RST 78A")).to_contain_text("Re-inspection: arrived 10:12, counts from 09:52")
    expect(row(page, "FGH 012")).to_contain_text("Booked 10:00, came 10:20 (late)")
    expect(row(page, "WXY 345")).to_contain_text("No booking: arrived 10:12, counts from 10:22")
    expect(row(page, "WXY 345")).to_contain_text("Full inspection, by text message")


def test_a_wait_is_a_window_of_the_clock_or_an_honest_no(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1), waits("ABC123", 2, window=None))
    page = board()
    expect(row(page, "KLM 456")).to_contain_text("10:45–10:55")
    unknown = row(page, "ABC 123").locator(".wait")
    expect(unknown).to_have_text(re.compile("No honest estimate$"))
    expect(unknown).to_have_attribute("title", re.compile("would be a guess"))
    expect(row(page, "KLM 456").locator(".wait")).not_to_have_attribute("title", re.compile("."))


def test_a_plate_of_ten_letters_has_room(board: Open, central: BoardServer) -> None:
    long = "ABCDEFGHIJ"
    doors = [door("1", cannot_show="KLMNOPQRST")]
    central.queue = yard(waits(long, 1), called("KLMNOPQRST", "bay-1"), bays=doors)
    page = board()
    for within in (row(page, long), page.locator(".occupant")):
        plate = within.locator(".plate").bounding_box()
        words = within.locator(".words").bounding_box()
        assert plate is not None
        assert words is not None
        assert plate["x"] + plate["width"] <= words["x"]


def test_the_line_does_not_jump_when_a_door_is_taken(board: Open, central: BoardServer) -> None:
    shown, unconfirmed = sign("ABC123"), sign("ABC123", confirmed=None)
    central.queue = yard(waits("KLM456", 1))
    page = board()
    tall = page.locator(".bay").first
    heights = []
    for yard_now in (
        yard(waits("KLM456", 1)),
        yard(called("ABC123", "bay-1"), waits("KLM456", 1), bays=[door("1", shown), door("2")]),
        yard(called("ABC123", "bay-1"), bays=[door("1", unconfirmed), door("2")]),
        yard(inside("ABC123", "bay-1"), waits("KLM456", 1)),
    ):
        central.show(yard_now)
        state = yard_now.line[0].state
        expect(tall.locator(f"[data-state={state}]")).to_have_count(int(state != "waiting"))
        heights.append(tall.bounding_box())
    assert heights == [heights[0]] * len(heights)


def test_a_board_that_fits_has_no_scrollbar(board: Open) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    assert page.evaluate("getComputedStyle(document.body).overflowY") == "visible"


def test_both_questions_tell_the_same_of_a_door(board: Open, central: BoardServer) -> None:
    doors = [door("1"), door("2", sign("ABC123")), door("3"), door("4", state="on_break")]
    cars = [called("ABC123", "bay-2"), inside("RST78A", "bay-3")]
    central.queue = yard(waits("KLM456", 1), *cars, bays=doors)
    page = board()
    told = []
    for name in ("Call to…", "Drove in…"):
        choose_in_menu(row(page, "KLM 456"), name)
        expect(page.get_by_role("dialog")).to_contain_text("Door 4")
        told.append(page.get_by_role("dialog").locator(".choice span").all_inner_texts())
        page.keyboard.press("Escape")
    truth = ["free", "ABC 123 is being called there", "RST 78A, in the bay", "On break"]
    assert told == [truth, truth]


def test_a_plate_is_drawn_as_a_plate_and_only_a_swedish_one_has_the_s(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("ABC12D", 1), waits("B7K2", 2))
    page = board()
    expect(row(page, "ABC 12D").locator(".plate")).to_have_text("SABC 12D")
    expect(row(page, "B7K2").locator(".plate")).to_have_text("B7K2")


def test_the_times_are_the_stations_and_not_the_browsers(board: Open, central: BoardServer) -> None:
    arrived = waits("KLM456", 1, "10:15", rule="booked", slot_at=at("10:30"))
    central.queue = yard(arrived, time_zone="Europe/Helsinki")
    page = board()
    expect(row(page, "KLM 456")).to_contain_text("Booked 11:30, arrived 11:15")


def test_an_empty_line_says_that_nobody_waits(board: Open) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")


def test_before_the_first_answer_the_line_is_not_known_and_not_empty(
    board: Open, central: BoardServer
) -> None:
    central.pushes = False
    page = board()
    expect(page.locator("#line")).to_contain_text("Not known yet")
    expect(page.locator("#line")).not_to_contain_text("Nobody")


def test_somebody_who_arrives_is_on_the_board_without_asking(
    board: Open, central: BoardServer
) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    central.show(yard(waits("KLM456", 1)))
    expect(row(page, "KLM 456")).to_be_visible()
    expect(page.locator("#line")).not_to_contain_text("Nobody is waiting")


def test_a_burst_of_events_is_one_question(board: Open, central: BoardServer) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    for number in range(50):
        central.show(yard(waits(f"KLM{number:03}", 1)))
    expect(row(page, "KLM 049")).to_be_visible()
    assert central.reads.count("/v1/stations/demo/queue") <= 10


def test_the_person_stays_on_their_row_when_the_line_changes(
    board: Open, central: BoardServer
) -> None:
    mine = waits("KLM456", 1)
    central.queue = yard(mine, waits("ABC123", 2))
    page = board()
    row(page, "KLM 456").get_by_role("button", name="Call to…").focus()
    sooner = waits("RST78A", 1, kind="recheck")
    central.show(yard(sooner, waits("ABC123", 2), replace(mine, place=3)))
    expect(row(page, "RST 78A")).to_be_visible()
    expect(row(page, "KLM 456").get_by_role("button", name="Call to…")).to_be_focused()
    expect(row(page, "KLM 456").locator(".place")).to_have_text("3")


def test_when_the_row_goes_the_person_stands_on_the_one_that_took_its_place(
    board: Open, central: BoardServer
) -> None:
    first, second = waits("KLM456", 1), waits("ABC123", 2)
    central.queue = yard(first, second)
    page = board()
    row(page, "KLM 456").get_by_role("button", name="Call to…").focus()
    doors = [door("1", sign("KLM456")), door("2")]
    central.show(yard(replace(second, place=1), called("KLM456", "bay-1"), bays=doors))
    expect(row(page, "ABC 123").locator(".plate")).to_be_focused()


def test_the_page_does_not_scroll_when_somebody_arrives_above(
    board: Open, central: BoardServer
) -> None:
    line = [waits(f"DEF{n:03}", n) for n in range(1, 40)]
    central.queue = yard(*line)
    page = board()
    row(page, "DEF 030").get_by_role("button", name="Call to…").focus()
    before = row(page, "DEF 030").bounding_box()
    central.show(yard(waits("KLM456", 1), *line))
    expect(row(page, "KLM 456")).to_be_attached()
    after = row(page, "DEF 030").bounding_box()
    assert before is not None
    assert after is not None
    assert before["y"] == pytest.approx(after["y"], abs=1)


def test_calling_somebody_out_of_turn_offers_the_doors_and_says_why_one_cannot(
    board: Open, central: BoardServer
) -> None:
    doors = [door("1"), door("2", kinds=["heavy"]), door("3", sign("ABC123"))]
    central.queue = yard(waits("KLM456", 1), called("ABC123", "bay-3"), bays=doors)
    page = board()
    row(page, "KLM 456").get_by_role("button", name="Call to…").click()
    question = page.get_by_role("dialog", name="Call KLM 456 to which door?")
    expect(question).to_contain_text("does not take full inspection")
    expect(question).to_contain_text("ABC 123 is being called there")
    question.get_by_role("button", name="Door 1").click()
    expect(question).to_be_hidden()
    asked = central.heard()
    assert asked.path == "/v1/stations/demo/visits/visit-KLM456/call"
    assert asked.body == {"version": 1, "bay": "bay-1"}
    assert asked.csrf == "not-a-secret"


def test_a_car_that_drove_in_uncalled_is_put_at_its_door(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1))
    page = board()
    choose_in_menu(row(page, "KLM 456"), "Drove in…")
    page.get_by_role("dialog").get_by_role("button", name="Door 2").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert central.heard().path.endswith("/visits/visit-KLM456/enter")
    assert central.heard().body == {"version": 1, "bay": "bay-2"}
