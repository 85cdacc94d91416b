"""Arrivals that never queue themselves: a person decides."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from contract import problems
from contract.problems import Problem
from contract.wire import Standing
from contract.yard import HeldRow
from tests.central.board.yards import NOW, at, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

EARLY = HeldRow(
    arrival="a1",
    plate="ABC123",
    came_at=at("5:48"),
    received_at=at("5:48"),
    source="post",
    why="closed",
)
LATE = HeldRow(
    arrival="a2",
    plate="KLM456",
    came_at=at("16:58") - timedelta(days=1),
    received_at=at("7:01"),
    source="post",
    why="before_closing",
)


def test_what_came_while_closed_is_said_in_the_head_and_moves_nothing(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("RST78A", 1))
    page = board()
    before = page.locator("#line-rows .plate").bounding_box()
    central.show(yard(waits("RST78A", 1), held=[EARLY, LATE]))
    expect(page.get_by_role("button", name="Came while closed: 2")).to_be_visible()
    assert before == page.locator("#line-rows .plate").bounding_box()


def test_each_says_when_it_was_typed_and_why_it_waits(board: Open, central: BoardServer) -> None:
    central.queue = yard(held=[EARLY, LATE])
    page = board()
    page.get_by_role("button", name="Came while closed").click()
    rows = page.get_by_role("dialog", name="Came while closed").get_by_role("listitem")
    expect(rows.nth(0)).to_contain_text("Typed 05:48 at the postwhile the station was closed")
    expect(rows.nth(1)).to_contain_text("Typed yesterday 16:58 at the post")
    expect(rows.nth(1)).to_contain_text("before the last closing")


def test_a_person_puts_one_in_the_line_and_the_rest_stay(board: Open, central: BoardServer) -> None:
    central.queue = yard(held=[EARLY, LATE])
    joined = Standing(plate="ABC123", visit="visit-ABC123", state="waiting", as_of=NOW, place=1)
    central.answer("/admit", joined)
    page = board()
    page.get_by_role("button", name="Came while closed").click()
    rows = page.get_by_role("dialog").get_by_role("listitem")
    rows.filter(has_text="ABC 123").get_by_role("button", name="Put in line").click()
    assert central.heard().path == "/v1/stations/demo/held/a1/admit"
    central.show(yard(waits("ABC123", 1), held=[LATE]))
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("KLM 456")
    expect(rows.get_by_role("button", name="Put in line")).to_be_focused()
    expect(page.locator("#undo-words")).to_have_text("ABC 123 put in the line.")


def test_one_is_dismissed_with_a_reason_only(board: Open, central: BoardServer) -> None:
    central.queue = yard(held=[LATE])
    page = board()
    page.get_by_role("button", name="Came while closed").click()
    page.get_by_role("button", name="Dismiss…").click()
    question = page.get_by_role("dialog", name="Dismiss KLM 456: why?")
    page.keyboard.press("Enter")
    expect(question.get_by_role("alert")).to_have_text("Choose a reason or write one.")
    question.get_by_role("button", name="Not here any more").click()
    page.keyboard.press("Enter")
    assert central.heard().path == "/v1/stations/demo/held/a2/dismiss"
    assert central.heard().body == {"reason": "Not here any more"}
    central.show(yard())
    expect(page.get_by_role("dialog")).to_contain_text("Nothing more to look at.")
    expect(page.locator("#held-open")).to_be_hidden()


def test_who_looked_first_is_named(board: Open, central: BoardServer) -> None:
    central.queue = yard(held=[EARLY])
    central.answer("/admit", Problem(problems.CHANGED_MEANWHILE, "No.", by="Desk 2"))
    page = board()
    page.get_by_role("button", name="Came while closed").click()
    page.get_by_role("button", name="Put in line").last.click()
    expect(page.locator("#notice")).to_have_text("Desk 2 was faster.")
