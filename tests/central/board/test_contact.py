"""What the board says when it may be wrong: what it does not know never looks like "nobody"."""

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from playwright.sync_api import Page, expect

from tests.central.board.yards import NOW, at, busy, called, door, needs_help, sign, waits, yard
from tests.fakes.board_server import BoardServer
from tests.waiting import until

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

KNEW = "This is what we knew at 10:32:0"
NO_CONTACT = "No contact with the station's computer."


def silent_for(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def test_after_twenty_silent_seconds_the_whole_board_says_how_old_it_is(
    board: Open, central: BoardServer
) -> None:
    central.queue = busy()
    page = board()
    expect(page.locator("#contact")).to_have_text("Up to date · 10:32")
    silent_for(page, 25)
    expect(page.locator("#contact")).to_contain_text(KNEW)
    expect(page.locator("#contact")).to_contain_text(" s ago. " + NO_CONTACT)
    for button in page.locator("main [data-deed]:not([data-deed=timeline]):visible").all():
        expect(button).to_be_disabled()


def test_a_stale_empty_line_says_then_and_not_now(board: Open, central: BoardServer) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    silent_for(page, 25)
    expect(page.locator("#line")).to_contain_text("Nobody was waiting at 10:32")
    expect(page.locator("main")).not_to_contain_text("Nobody is")


def test_nothing_moves_when_contact_is_lost(board: Open, central: BoardServer) -> None:
    central.queue = busy()
    page = board()
    plate = page.locator("#line .plate").last
    before = plate.bounding_box()
    silent_for(page, 25)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)
    assert before == plate.bounding_box()


def test_a_heartbeat_keeps_the_board_fresh(board: Open, central: BoardServer) -> None:
    page = board()
    for minute in ("10:33", "10:34", "10:35"):
        silent_for(page, 15)
        central.beat(at(minute))
        expect(page.locator("#contact")).to_have_text(f"Up to date · {minute}")


def test_heartbeats_do_not_make_a_picture_true_that_misses_an_event(
    board: Open, central: BoardServer
) -> None:
    page = board()
    expect(page.locator("#contact")).to_contain_text("Up to date")
    # Told of an event that the queue which we can fetch does not hold yet.
    central.push("id: epoch-1-101\nevent: event\ndata: {}\n\n")
    central.beat(at("10:33"))
    expect(page.locator("#contact")).to_have_text("Up to date · 10:33")
    silent_for(page, 15)
    central.beat(at("10:34"))
    silent_for(page, 8)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)


def test_a_computer_that_slept_knows_that_its_picture_is_old(
    board: Open, central: BoardServer
) -> None:
    page = board()
    expect(page.locator("#contact")).to_contain_text("Up to date")
    page.clock.set_system_time(NOW + timedelta(seconds=30))
    silent_for(page, 1)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)


def test_an_answer_that_a_newer_one_overtook_is_not_shown(
    board: Open, central: BoardServer
) -> None:
    page = board()
    older = msgspec.json.encode(central.queue).decode()
    central.show(yard(waits("KLM456", 1)))
    expect(page.locator("#line-rows")).to_contain_text("KLM 456")
    central.push(f"event: snapshot\ndata: {older}\n\n")
    central.beat(at("10:33"))
    expect(page.locator("#contact")).to_have_text("Up to date · 10:33")
    # At once: a board that took the old one would mend itself a moment later.
    assert "KLM 456" in page.locator("#line-rows").inner_text()


def test_a_board_whose_stream_broke_comes_back_by_itself(board: Open, central: BoardServer) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    central.reachable = False
    central.hang_up()
    silent_for(page, 25)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)
    central.queue = yard(waits("KLM456", 1), cursor="epoch-2-3")
    central.reachable = True

    def came_back() -> bool:
        silent_for(page, 1)
        return page.get_by_text("KLM 456").first.is_visible()

    until(came_back, 20, "the row of the new epoch")
    expect(page.locator("#contact")).to_contain_text("Up to date")
    expect(page.get_by_role("button", name="Call to…")).to_be_enabled()


def test_a_broken_stream_is_said_at_once_and_makes_the_board_stale_after_five_seconds(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("KLM456", 1))
    page = board()
    call = page.get_by_role("button", name="Call to…")
    expect(call).to_be_enabled()
    central.reachable = False
    central.hang_up()
    lost = re.compile(r"^Contact lost at 10:32:\d\d, trying again$")
    expect(page.locator("#contact")).to_have_text(lost)
    expect(call).to_be_enabled()
    silent_for(page, 6)
    expect(page.locator("#contact")).to_contain_text(KNEW)
    expect(call).to_be_disabled()


def test_a_stream_that_is_back_within_five_seconds_leaves_the_board_fresh(
    board: Open, central: BoardServer
) -> None:
    page = board()
    expect(page.locator("#contact")).to_contain_text("Up to date")
    central.hang_up()
    expect(page.locator("#contact")).to_contain_text("Contact lost at")
    expect(page.locator("#contact")).to_contain_text("Up to date")
    silent_for(page, 8)
    expect(page.locator("#contact")).to_contain_text("Up to date")


def test_nothing_is_just_now_while_the_board_is_stale(board: Open, central: BoardServer) -> None:
    raised = needs_help(raised_at=NOW)
    doors = [door("1", sign("ABC123"))]
    central.queue = yard(called("ABC123", "bay-1"), bays=doors, help=[raised])
    page = board()
    expect(page.locator(".occupant")).to_contain_text("just now")
    silent_for(page, 30)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)
    expect(page.locator("main")).not_to_contain_text("just now")


def test_ages_stand_still_while_the_board_is_stale(board: Open, central: BoardServer) -> None:
    central.queue = yard(called("ABC123", "bay-1", 95), bays=[door("1", sign("ABC123"))])
    page = board()
    expect(page.locator(".sign")).to_contain_text("It shows ABC 123")
    silent_for(page, 30)
    expect(page.locator("#contact")).to_contain_text(NO_CONTACT)
    expect(page.locator(".sign")).to_contain_text("It shows ABC 123")


def test_a_board_opened_while_central_is_away_says_so_and_comes_up_later(
    board: Open, central: BoardServer
) -> None:
    central.reachable = False
    page = board()
    expect(page.locator("#contact")).to_have_text(NO_CONTACT + " Nothing is known yet.")
    expect(page.locator("#line")).to_contain_text("Not known yet")
    central.reachable = True
    silent_for(page, 3)
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")


def test_whoever_is_not_signed_in_is_asked_to(board: Open, central: BoardServer) -> None:
    central.session = None
    page = board()
    expect(page).to_have_url(f"{central.url}/login?next=%2Fboard")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_station_clock_follows_central_and_not_this_computer(
    board: Open, central: BoardServer
) -> None:
    page = board()
    page.clock.set_system_time(NOW.replace(year=2031))
    central.beat(at("10:33"))
    expect(page.locator("#contact")).to_contain_text("10:33")
