"""What stands on a sign, drawn dot by dot for a person who asks; and the signs that hang over no door."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from contract import problems
from contract.problems import Problem
from contract.yard import NamedDoor
from tests.central.board.test_words import serious_faults
from tests.central.board.yards import NOW, at, called, door, picture, sign, yard, yard_sign
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
H = "#.# #.# ### #.# #.#"


def card(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Door {number}")


def lit_dots(page: Page) -> str:
    """The dots that somebody sees, line by line as they wrote it."""
    drawn: str = page.locator(".panel").evaluate("""panel => {
        const { width, height } = panel.querySelector("svg").viewBox.baseVal;
        const lines = Array.from({ length: height }, () => Array(width).fill("."));
        const drawn = panel.querySelector(".on").getAttribute("d");
        for (const [, x, y] of drawn.matchAll(/M([\\d.]+) ([\\d.]+)h0/g))
            lines[Math.floor(y)][Math.floor(x)] = "#";
        return lines.map((line) => line.join("")).join(" ");
    }""")
    return drawn


def test_what_the_sign_has_sent_is_drawn_dot_by_dot(board: Open, central: BoardServer) -> None:
    doors = [door("1", sign("ABC123", device="sign-1", confirmed=None)), door("2")]
    central.queue = yard(called("ABC123", "bay-1"), bays=doors)
    central.answer("/signs/sign-1/picture", picture(H))
    page = board()
    card(page, "1").get_by_role("button", name="Show the sign at door 1").click()
    dialog = page.get_by_role("dialog", name="The sign at door 1")
    expect(dialog.get_by_role("img", name="3 × 5 dots, 11 lit")).to_be_visible()
    assert lit_dots(page) == H
    expect(dialog).to_contain_text("This is what the sign had sent to its panel at 10:32:05.")
    expect(dialog).to_contain_text("Sent to the sign (it cannot confirm)")
    assert central.heard().path == "/v1/stations/demo/signs/sign-1/picture"
    assert central.heard().csrf == "not-a-secret"


def test_a_dark_sign_is_said_in_words_and_a_half_sent_picture_too(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1", sign(device="sign-1"))])
    central.answer("/picture", picture("... ...", whole=False))
    page = board()
    card(page, "1").get_by_role("button", name="Show the sign").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("Dark: no dot is lit.")
    expect(dialog.get_by_role("status")).to_contain_text("Not all of it had left by then.")
    expect(dialog.get_by_role("img", name="Dark: no dot is lit.")).to_be_visible()


def test_a_sign_that_does_not_answer_is_said_to_within_five_seconds(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1", sign(device="sign-1", beat_at=at("10:31")))])
    central.answer("/picture", None)
    page = board()
    card(page, "1").get_by_role("button", name="Show the sign").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_have_text("Asking the sign…")
    again = dialog.get_by_role("button", name="Ask again")
    expect(again).to_be_hidden()
    page.clock.run_for(6_000)
    words = "The sign did not answer within 5 seconds. It was last heard at 10:31."
    expect(dialog.get_by_role("status")).to_have_text(words)
    assert len(central.asked) == 2, "it was asked once more half-way"
    central.answer("/picture", picture(H))
    again.click()
    expect(dialog).to_contain_text("This is what the sign had sent")


def test_a_refusal_is_said_in_the_dialog(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1", sign(device="sign-1"))])
    central.answer("/picture", Problem(problems.NOT_FOUND, "There is no sign sign-1 here."))
    page = board()
    card(page, "1").get_by_role("button", name="Show the sign").click()
    words = "Could not be fetched. It is not there any more."
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(words)


def test_it_is_opened_asked_again_and_closed_by_keys_alone(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1", sign(device="sign-1"))])
    central.answer("/picture", picture(H))
    page = board()
    expect(card(page, "1")).to_contain_text("Sign reports dark")
    page.keyboard.press("1")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This is what the sign had sent")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert central.heard(2).path.endswith("/picture")
    expect(dialog).to_contain_text("This is what the sign had sent")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def so_far(page: Page) -> None:
    """Let what the page asks already be answered."""
    page.evaluate("fetch('/board/static/icon.svg').then((answer) => answer.text())")


def test_a_dialog_that_was_closed_asks_no_more(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1", sign(device="sign-1"))])
    central.answer("/picture", None)
    page = board()
    card(page, "1").get_by_role("button", name="Show the sign").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    so_far(page)
    page.clock.run_for(1_000)
    so_far(page)
    asked = sum(path.endswith("/picture") for path in central.reads)
    page.clock.run_for(5_000)
    so_far(page)
    assert sum(path.endswith("/picture") for path in central.reads) == asked
    assert len(central.asked) == 1


def test_a_door_without_a_sign_shows_none(board: Open, central: BoardServer) -> None:
    central.queue = yard(bays=[door("1", sign=None)])
    page = board()
    expect(card(page, "1")).to_contain_text("No sign here")
    expect(card(page, "1").get_by_role("button", name="Show the sign")).to_be_hidden()


YARD_SIGNS = [
    (yard_sign(), "quiet", "Sends nobody to a door"),
    (yard_sign(("ABC123", "1")), "sent", "Sends to door 1"),
    (yard_sign(("ABC123", "1"), ("KLM456", "2")), "sent", "Sends to doors 1 and 2"),
    (yard_sign(reachable=False, beat_at=at("10:20")), "look", "silent since 10:20 (12 min)"),
    (yard_sign(reachable=False, beat_at=None), "look", "has never been heard"),
    (yard_sign(state="fault", fault="no answer"), "look", "out of order: no answer"),
    (yard_sign(("ABC123", "1"), state="fault"), "look", "out of order. May still send to door 1"),
    (
        yard_sign(("ABC 123", "1"), ("KLM 456", "2"), reachable=False, may_hold=True),
        "look",
        "A plate may still stand on it: look. May still send to doors 1 and 2",
    ),
    (yard_sign(can_list=False), "look", "too small to list doors"),
]


def test_signs_over_no_door_stand_in_a_strip_of_their_own(
    board: Open, central: BoardServer
) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    expect(page.locator("#yard")).to_be_hidden()
    for shown, level, words in YARD_SIGNS:
        central.show(yard(yard_signs=[shown]))
        row = page.get_by_role("region", name="Signs in the yard").get_by_role("listitem")
        expect(row).to_contain_text(words)
        expect(row).to_contain_text("Sign at the gate")
        expect(row).to_have_attribute("data-level", level)


def test_a_yard_sign_sends_nobody_any_more_once_the_two_minutes_are_over(
    board: Open, central: BoardServer
) -> None:
    names = [
        NamedDoor(plate="ABC 123", door="1", off_at=NOW + timedelta(seconds=5)),
        NamedDoor(plate="KLM 456", door="2", off_at=NOW + timedelta(seconds=60)),
    ]
    central.queue = yard(yard_signs=[replace(yard_sign(), names=names)])
    page = board()
    row = page.get_by_role("region", name="Signs in the yard").get_by_role("listitem")
    expect(row).to_contain_text("Sends to doors 1 and 2")
    page.clock.run_for(7_000)
    expect(row).to_contain_text("Sends to door 2")


def test_a_yard_sign_shows_its_picture_in_the_same_way(board: Open, central: BoardServer) -> None:
    central.queue = yard(yard_signs=[yard_sign()])
    central.answer("/signs/sign-yard/picture", picture(H))
    page = board()
    page.get_by_role("button", name="Show Sign at the gate").click()
    dialog = page.get_by_role("dialog", name="Sign at the gate")
    expect(dialog.get_by_role("img", name="11 lit")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_in_it(
    board: Open, central: BoardServer, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    names = [yard_sign(("ABC123", "1")), yard_sign(device="sign-2", reachable=False)]
    doors = [door("1", sign("ABC123", device="sign-1")), door("2", sign(notice="RAST"))]
    central.queue = yard(called("ABC123", "bay-1"), bays=doors, yard_signs=names)
    central.answer("/picture", picture(H, at=NOW))
    board()
    expect(page.locator(".yard-sign")).to_have_count(2)
    found = serious_faults(page)
    card(page, "1").get_by_role("button", name="Show the sign").click()
    expect(page.get_by_role("dialog")).to_contain_text("had sent")
    assert found + serious_faults(page) == []
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(sideways)
