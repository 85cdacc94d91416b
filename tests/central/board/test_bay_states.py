"""Whether a door takes cars, when the station is open, and changing the doors from the board."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from contract import problems
from contract.problems import Problem
from contract.visit import BAY_VERBS
from tests.central.board.yards import NOW, at, called, door, inside, sign, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def card(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Door {number}")


def stated(page: Page, number: str) -> Locator:
    return card(page, number).locator(".bay-state")


def test_each_door_says_its_state_in_a_word_and_a_shape(board: Open, central: BoardServer) -> None:
    doors = [
        door("1"),
        door("2", state="on_break", until=at("10:45")),
        door("3", state="closing", until=at("16:30")),
        door("4", state="closed"),
        door("5", state="on_break"),
        door("6", state="closing"),
    ]
    central.queue = yard(waits("ABC123", 1), bays=doors)
    page = board()
    expect(page.locator(".bay-state")).to_have_text(
        ["Open", "Break until 10:45", "Closing at 16:30", "Closed", "On break", "Closing"]
    )
    shapes = page.locator(".bay-state").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one, '::before').content)"
    )
    assert len(set(shapes)) == len(BAY_VERBS)


def test_only_an_open_door_and_one_that_closes_later_call_the_next(
    board: Open, central: BoardServer
) -> None:
    doors = [
        door("1"),
        door("2", state="closing", until=NOW + timedelta(seconds=30)),
        door("3", state="closing"),
        door("4", state="on_break", until=at("10:45")),
        door("5", state="closed"),
    ]
    central.queue = yard(waits("ABC123", 1), bays=doors)
    page = board()
    for number, can in zip("12345", (True, True, False, False, False), strict=True):
        call = card(page, number).get_by_role("button", name="Call next")
        expect(call).to_be_visible(visible=can)
    central.beat(NOW + timedelta(seconds=31))
    page.clock.run_for(2_000)
    expect(card(page, "2").get_by_role("button", name="Call next")).to_be_hidden()
    expect(stated(page, "2")).to_have_text("Closing since 10:32")


def test_a_break_that_should_be_over_asks_for_a_person(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1", state="on_break", until=at("10:15"))])
    page = board()
    expect(stated(page, "1")).to_have_text("Break was to end 10:15")
    expect(stated(page, "1")).to_have_attribute("data-overdue", "")


def test_a_door_that_calls_ahead_calls_while_a_car_is_in(board: Open, central: BoardServer) -> None:
    doors = [door("1", call_ahead=True), door("2")]
    cars = [inside("ABC123", "bay-1"), inside("KLM456", "bay-2"), waits("RST78A", 1)]
    central.queue = yard(*cars, bays=doors)
    page = board()
    expect(card(page, "1").get_by_role("button", name="Call next RST 78A")).to_be_enabled()
    expect(card(page, "2").get_by_role("button", name="Call next")).to_be_hidden()


def test_a_door_is_opened_and_closed_with_two_keys(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1"), door("2", state="closed")])
    page = board()
    stated(page, "1").click()
    question = page.get_by_role("dialog", name="Door 1: open")
    expect(question.get_by_role("button", name="Open takes the next")).to_be_disabled()
    page.keyboard.press("4")
    assert central.heard(1).path == "/v1/stations/demo/bays/bay-1/close"
    assert central.heard(1).body == {}
    stated(page, "2").click()
    page.keyboard.press("1")
    assert central.heard(2).path == "/v1/stations/demo/bays/bay-2/open"


def test_a_break_is_announced_with_a_time_that_people_say(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1")])
    page = board()
    stated(page, "1").click()
    page.keyboard.press("2")
    question = page.get_by_role("dialog", name="Door 1: break until when?")
    words = ["Until it is opened", "10:50", "11:05", "11:35", "Another time…"]
    expect(question.locator(".choice strong")).to_have_text(words)
    question.get_by_role("button", name="10:50").click()
    assert central.heard().path == "/v1/stations/demo/bays/bay-1/break"
    assert central.heard().body == {"until": "2026-11-23T09:50:00.000Z"}


def test_closing_at_a_time_of_ones_own_is_the_stations_time(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1")], time_zone="Europe/Helsinki")
    page = board()
    stated(page, "1").click()
    page.keyboard.press("3")
    page.keyboard.press("4")
    question = page.get_by_role("dialog", name="Door 1: closing at what time?")
    question.get_by_label("Time").fill("11:15")
    page.keyboard.press("Enter")
    expect(question.get_by_role("alert")).to_have_text("11:15 is past. Choose a later time.")
    question.get_by_label("Time").fill("17:30")
    page.keyboard.press("Enter")
    assert central.heard().path == "/v1/stations/demo/bays/bay-1/closing"
    assert central.heard().body == {"until": "2026-11-23T15:30:00.000Z"}


def test_a_break_without_an_end_says_none(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1")])
    page = board()
    stated(page, "1").click()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    assert central.heard().body == {}


def test_a_door_with_a_car_in_it_says_why_it_cannot_close(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(inside("ABC123", "bay-1"), bays=[door("1")])
    central.answer("/close", Problem(problems.BAY_BUSY, "No.", plate="ABC123"))
    page = board()
    stated(page, "1").click()
    page.keyboard.press("4")
    expect(page.locator("#notice")).to_have_text("That door is taken by ABC 123.")


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_card_is_as_high_whatever_stands_in_it(
    board: Open, central: BoardServer, language: str
) -> None:
    long_ago = called("ABC123", "bay-1", 400, calls=2)
    states = [
        yard(bays=[door("1")]),
        yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))]),
        yard(long_ago, bays=[door("1", sign("ABC123"))]),
        yard(inside("ABC123", "bay-1"), bays=[door("1", state="closing", until=at("16:30"))]),
        yard(bays=[door("1", state="on_break", until=at("10:15"))]),
    ]
    page = board(f"?lang={language}")
    boxes = []
    for number, state in enumerate(states):
        central.show(replace(state, expected_left=number))
        page.get_by_text(f"{number} bo").wait_for() if number else None
        boxes.append(page.locator(".bay").first.bounding_box())
    assert boxes[1:] == [boxes[1]] * (len(boxes) - 1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"closes_at": at("17:00")}, "Closes 17:00"),
        ({"opens_at": at("10:45")}, "Closed, opens 10:45"),
        ({"opens_at": at("7:00") + timedelta(days=1)}, "Closed, opens tomorrow 07:00"),
        ({"opens_at": at("7:00") + timedelta(days=3)}, "Closed, opens Thursday 07:00"),
        ({"opens_at": at("7:00") + timedelta(days=30)}, "Closed, opens 23 December 07:00"),
        ({}, ""),
    ],
)
def test_the_head_says_quietly_when_the_station_opens_or_closes(
    board: Open, central: BoardServer, more: dict[str, Any], words: str
) -> None:
    central.queue = yard(**more)
    page = board()
    expect(page.locator("#contact-words")).to_contain_text("Up to date")
    expect(page.locator("#hours")).to_have_text(words)
