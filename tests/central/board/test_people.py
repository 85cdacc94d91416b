"""Help, the desk, a visit's timeline and the keyboard."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.wire import Standing
from contract.yard import EventRow
from tests.central.board.yards import NOW, busy, called, door, needs_help, sign, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def stand(page: Page, plate: str) -> Locator:
    return page.locator("#line-rows").get_by_role("button", name=plate)


def standing(plate: str, **more: Any) -> Standing:
    told: dict[str, Any] = {"visit": "v", "state": "waiting", "as_of": NOW, "place": 4}
    return Standing(plate=plate, **(told | more))


# -- help -------------------------------------------------------------------------------------------


def test_help_says_where_for_how_long_and_which_car(board: Open, central: BoardServer) -> None:
    page = board()
    expect(page.locator("#help")).to_contain_text("Nobody is asking for help")
    central.show(yard(help=[needs_help(plate="ABC123")]))
    call = page.locator("#help li")
    expect(call).to_contain_text("Help at Post 1")
    expect(call).to_contain_text("2 min ago")
    expect(call.locator(".plate")).to_contain_text("ABC 123")
    expect(page).to_have_title(re.compile("^Help wanted: 1"))


def test_help_that_comes_does_not_push_the_doors_away(board: Open, central: BoardServer) -> None:
    central.queue = busy()
    page = board()
    before = page.locator(".bay").first.bounding_box()
    both = [needs_help(plate="ABC123"), needs_help("Post 2")]
    central.show(yard(*busy().line, bays=busy().bays, help=both))
    expect(page.locator("#help li")).to_have_count(2)
    assert before == page.locator(".bay").first.bounding_box()


def test_help_is_owned_by_name_and_closed_with_a_word(board: Open, central: BoardServer) -> None:
    central.queue = yard(help=[needs_help()])
    page = board()
    page.get_by_role("button", name="I am coming").click()
    assert central.heard().path == "/v1/stations/demo/help/help-1/acknowledge"
    central.show(yard(help=[needs_help(acknowledged_by="Desk 1", acknowledged_at=NOW)]))
    expect(page.locator("#help")).to_contain_text("Desk 1 is on the way")
    expect(page.get_by_role("button", name="I am coming")).to_be_hidden()
    page.get_by_role("button", name="Close…").click()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text("Choose a word or write one.")
    names = dialog.get_by_role("button").all_inner_texts()
    assert names == ["Helped", "Wrong key", "Nobody there", "Cancel", "Close"]
    page.get_by_label("A word on what it was").fill("The plate was muddy")
    page.keyboard.press("Enter")
    assert central.heard(2).path == "/v1/stations/demo/help/help-1/close"
    assert central.heard(2).body == {"word": "The plate was muddy"}


def test_help_is_closed_with_a_suggested_word_or_not_at_all(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(help=[needs_help(acknowledged_by="Desk 1", acknowledged_at=NOW)])
    page = board()
    page.get_by_role("button", name="Close…").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Close…").click()
    page.get_by_role("button", name="Nobody there").click()
    expect(page.get_by_label("A word on what it was")).to_have_value("Nobody there")
    page.keyboard.press("Enter")
    assert central.heard().body == {"word": "Nobody there"}


LEFT_AND_PRESSED_AGAIN = """async () => {
    const close = document.querySelector("[data-deed=close-help]");
    close.click();
    document.querySelector("dialog[open] button[value='']").click();
    await new Promise((done) => setTimeout(done));
    close.click();
    return document.querySelectorAll("dialog[open]").length;
}"""


def test_who_left_a_question_may_press_the_same_again_at_once(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(help=[needs_help(acknowledged_by="Desk 1", acknowledged_at=NOW)])
    page = board()
    expect(page.get_by_role("button", name="Close…")).to_be_visible()
    assert page.evaluate(LEFT_AND_PRESSED_AGAIN) == 1


# -- the desk ---------------------------------------------------------------------------------------


def test_the_desk_puts_a_plate_in_the_line_by_enter(board: Open, central: BoardServer) -> None:
    central.answer("/arrivals", standing("ABC123"))
    page = board()
    page.get_by_label("Kind").select_option("Re-inspection")
    page.get_by_label("Plate").fill("abc 123")
    page.keyboard.press("Enter")
    expect(page.locator("#desk-answer")).to_have_text("ABC 123 is number 4 in the line.")
    expect(page.get_by_label("Plate")).to_have_value("")
    expect(page.get_by_label("Plate")).to_be_focused()
    body = central.heard().body
    assert UUID_7.fullmatch(body.pop("id"))
    assert body == {"plate": "abc 123", "kind": "recheck"}


def placed(page: Page, central: BoardServer) -> Locator:
    """Put a plate in the line and give what is said of it."""
    central.answer("/arrivals", standing("ABC123"))
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    expect(page.locator("#desk-answer")).to_have_text("ABC 123 is number 4 in the line.")
    return page.locator("#desk-answer")


def test_what_was_said_of_a_plate_goes_after_ten_seconds(board: Open, central: BoardServer) -> None:
    page = board()
    answer = placed(page, central)
    page.clock.run_for(11_000)
    expect(answer).to_have_text("")


def test_what_was_said_of_a_plate_goes_at_the_next_deed(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1))
    page = board()
    answer = placed(page, central)
    page.get_by_role("button", name="Call to…").click()
    assert answer.inner_text() == ""


def test_what_was_said_of_a_plate_goes_with_its_language(board: Open, central: BoardServer) -> None:
    page = board()
    answer = placed(page, central)
    page.get_by_role("button", name="Svenska").click()
    assert answer.inner_text() == ""


def test_a_plate_that_waits_already_is_said_to(board: Open, central: BoardServer) -> None:
    central.answer("/arrivals", standing("ABC123", again=True, place=2))
    page = board()
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    words = "ABC 123 stands in the line already, as number 2."
    expect(page.locator("#desk-answer")).to_have_text(words)


def test_a_refusal_stands_beside_the_field_and_keeps_what_was_typed(
    board: Open, central: BoardServer
) -> None:
    central.answer("/arrivals", Problem(problems.PLATE_REFUSED, "x", refusal="too_short"))
    page = board("?lang=sv")
    page.get_by_label("Nummer").fill("A")
    page.keyboard.press("Enter")
    words = "Ett nummer har minst 2 bokstäver eller siffror."
    expect(page.locator("#desk-answer")).to_have_text(words)
    expect(page.get_by_label("Nummer")).to_have_value("A")


def test_enter_again_after_a_lost_answer_is_the_same_arrival(
    board: Open, central: BoardServer
) -> None:
    central.answer("/arrivals", Problem(problems.NOT_SAVED, "The disk is full."))
    page = board()
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    expect(page.locator("#desk-answer")).to_contain_text("Nothing was changed")
    page.keyboard.press("Enter")
    assert central.heard(1).body["id"] == central.heard(2).body["id"]
    central.answer("/arrivals", standing("ABC123"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Plate")).to_have_value("")
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    assert central.heard(3).body["id"] != central.heard(4).body["id"]


# -- the timeline -----------------------------------------------------------------------------------


TOLD = {
    "state": "waiting",
    "place": 4,
    "from": "2026-11-23T09:45:00Z",
    "until": "2026-11-23T09:55:00Z",
    "watch_sign": True,
}


def fact(seq: int, kind: EventKind, actor: str = "Desk 1", **more: Any) -> EventRow:
    return EventRow(seq=seq, at=NOW + timedelta(seconds=seq), kind=kind, actor=actor, **more)


def test_the_timeline_tells_what_happened_and_what_the_sign_did(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("ABC123", 1))
    central.timeline = [
        fact(1, EventKind.ARRIVED, "Post 1", data={"source": "post", "said": {**TOLD}}),
        fact(2, EventKind.CALLED, bay="bay-2"),
        fact(3, EventKind.SIGN_CONFIRMED, "Sign 2", bay="bay-2"),
        fact(4, EventKind.HELP_CLOSED, data={"word": "The plate was muddy"}),
    ]
    page = board()
    stand(page, "ABC 123").click()
    told = page.get_by_role("dialog", name="About ABC 123")
    facts = told.get_by_role("listitem")
    words = (
        "Checked in at the post. Told: number 4 in the line, turn about 10:45–10:55, watch the sign"
    )
    expect(facts.nth(0)).to_have_text(f"10:32:06{words}Post 1")
    expect(facts.nth(1)).to_have_text("10:32:07Called to door 2Desk 1")
    expect(facts.nth(2)).to_have_text("10:32:08Sign at door 2 reported that it shows ABC 123Sign 2")
    expect(facts.nth(3)).to_contain_text("Help: closed. The plate was muddy")
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    expect(stand(page, "ABC 123")).to_be_focused()


def test_what_the_desk_said_nobody_wrote_down_and_a_door_is_not_watched_for(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("ABC123", 1))
    at_a_door = {"state": "called", "door": "2", "watch_sign": True}
    central.timeline = [
        fact(1, EventKind.ARRIVED, data={"source": "desk", "said": {**TOLD}}),
        fact(2, EventKind.TYPED_AGAIN, data={"source": "desk"}),
        fact(3, EventKind.TYPED_AGAIN, "Post 1", data={"source": "post", "said": at_a_door}),
        fact(4, EventKind.SIGN_DARK, "Sign 2", bay="bay-2"),
    ]
    page = board()
    stand(page, "ABC 123").click()
    facts = page.get_by_role("dialog").get_by_role("listitem").locator("span:first-of-type")
    expect(facts).to_have_text(
        [
            "Checked in at the desk",
            "Typed again at the desk",
            "Typed again at the post. Told: drive in at door 2",
            "Sign at door 2 reported that it is dark",
        ]
    )


def test_every_kind_of_event_has_words(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1))
    central.timeline = [fact(n, kind, bay="bay-1") for n, kind in enumerate(EventKind)]
    page = board()
    stand(page, "ABC 123").click()
    facts = page.get_by_role("dialog").get_by_role("listitem")
    expect(facts).to_have_count(len(EventKind))
    told = facts.locator("span:first-of-type").all_inner_texts()
    assert {kind.replace("_", " ") for kind in EventKind}.isdisjoint(told)


# -- the keyboard -----------------------------------------------------------------------------------


def test_the_line_is_walked_with_the_keys(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1), waits("KLM456", 2), waits("RST78A", 3))
    page = board()
    expect(stand(page, "ABC 123")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(stand(page, "ABC 123")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(stand(page, "RST 78A")).to_be_focused()
    page.keyboard.press("k")
    expect(stand(page, "KLM 456")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="About KLM 456")).to_be_visible()


def test_n_calls_to_the_only_free_door(board: Open, central: BoardServer) -> None:
    doors = [door("1", sign("ABC123")), door("2")]
    central.queue = yard(waits("KLM456", 1), called("ABC123", "bay-1"), bays=doors)
    page = board()
    expect(page.get_by_role("button", name="Call next")).to_be_enabled()
    page.keyboard.press("n")
    assert central.heard().path.endswith("/bays/bay-2/call-next")


def test_n_asks_for_the_door_when_several_are_free(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1))
    page = board()
    first = page.get_by_role("article", name="Door 1").get_by_role("button", name="Call next")
    expect(first).to_be_enabled()
    page.keyboard.press("n")
    expect(first).to_be_focused()
    assert [] == central.asked
    page.keyboard.press("n")
    assert central.heard().path.endswith("/bays/bay-1/call-next")


def test_keys_are_letters_while_somebody_types(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1), bays=[door("1")])
    page = board()
    page.keyboard.press("a")
    page.keyboard.type("njk")
    expect(page.get_by_label("Plate")).to_have_value("njk")
    assert [] == central.asked


def test_a_question_mark_lists_the_keys(board: Open) -> None:
    page = board()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Up and down the line")
    expect(keys).to_contain_text("Call next to the focused door, or to the only free one")
