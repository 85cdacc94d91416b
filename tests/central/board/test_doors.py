"""The doors: who is called or inside, and what each sign was told, sent and confirmed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from contract import problems
from contract.problems import Problem
from contract.transitions import NO_SHOW_AFTER, NO_SHOW_AFTER_CALLS
from contract.yard import SignRow
from tests.central.board.hands import choose_in_menu
from tests.central.board.yards import NOW, at, called, door, inside, sign, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def card(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Door {number}")


def test_call_next_names_whom_it_calls_and_carries_the_row_that_was_seen(
    board: Open, central: BoardServer
) -> None:
    heavy_first = waits("ÅKERI1", 1, kind="heavy")
    central.queue = yard(heavy_first, waits("KLM456", 2, version=7))
    page = board()
    card(page, "1").get_by_role("button", name="Call next KLM 456").click()
    assert central.heard().path == "/v1/stations/demo/bays/bay-1/call-next"
    assert central.heard().body == {"visit": "visit-KLM456", "version": 7}


def test_a_door_that_can_take_nobody_cannot_call(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ÅKERI1", 1, kind="heavy"))
    page = board()
    expect(card(page, "1").get_by_role("button", name="Call next")).to_be_disabled()


def test_the_slower_of_two_is_told_who_was_faster(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("KLM456", 1))
    page = board()
    button = card(page, "1").get_by_role("button", name="Call next")
    expect(button).to_be_enabled()
    gone = Problem(problems.CHANGED_MEANWHILE, "KLM456 is called now.", by="Desk 2", state="called")
    central.answer("/call", gone)
    page.get_by_role("button", name="Call to…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    elsewhere = [door("1"), door("2", sign("KLM456"))]
    central.show(yard(called("KLM456", "bay-2"), bays=elsewhere))
    dialog.get_by_role("button", name="Door 1").click()
    notice = page.locator("#notice")
    expect(notice).to_have_text("Desk 2 was faster. KLM 456 is called now.")
    expect(card(page, "2")).to_contain_text("KLM 456")


def test_a_double_press_is_one_deed(board: Open, central: BoardServer) -> None:
    central.queue = yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))])
    page = board()
    card(page, "1").get_by_role("button", name="Drove in").dblclick()
    central.show(yard(inside("ABC123", "bay-1"), bays=[door("1")]))
    expect(card(page, "1")).to_contain_text("Inside since 10:20")
    assert [asked.path.rpartition("/")[2] for asked in central.asked] == ["enter"]


def test_what_can_be_taken_back_is_done_without_a_question(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))])
    page = board()
    card(page, "1").get_by_role("button", name="Drove in").click()
    assert central.heard().path == "/v1/stations/demo/visits/visit-ABC123/enter"
    assert central.heard().body == {"version": 2, "bay": "bay-1"}
    card(page, "1").get_by_role("button", name="Recall").click()
    assert central.heard(2).path.endswith("/visit-ABC123/recall")
    card(page, "1").get_by_role("button", name="Put back").click()
    assert central.heard(3).path.endswith("/visit-ABC123/put-back")
    assert central.heard(3).body == {"version": 2}


def test_a_no_show_is_asked_about_first(board: Open, central: BoardServer) -> None:
    central.queue = yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))])
    page = board()
    question = page.get_by_role("dialog", name="ABC 123 did not come?")
    choose_in_menu(card(page, "1"), "No-show")
    question.get_by_role("button", name="Cancel").click()
    choose_in_menu(card(page, "1"), "No-show")
    question.get_by_role("button", name="No-show").click()
    assert central.heard().path.endswith("/visit-ABC123/no-show")
    assert central.heard().body == {"version": 2}
    assert len(central.asked) == 1


def test_putting_back_a_car_that_stands_inside_is_asked_about_first(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(inside("ABC123", "bay-1"), bays=[door("1")])
    page = board()
    choose_in_menu(card(page, "1"), "Put back")
    question = page.get_by_role("dialog", name="Put ABC 123 back in the line?")
    question.get_by_role("button", name="Put back").click()
    assert central.heard().path.endswith("/visit-ABC123/put-back")


def test_a_car_inside_is_moved_to_another_door(board: Open, central: BoardServer) -> None:
    central.queue = yard(inside("ABC123", "bay-1"))
    page = board()
    choose_in_menu(card(page, "1"), "Move to…")
    which = page.get_by_role("dialog", name="Move ABC 123 to which door?")
    which.get_by_role("button", name="Door 2").click()
    assert central.heard().path.endswith("/visit-ABC123/move")
    assert central.heard().body == {"version": 3, "bay": "bay-2"}


def says(sign_row: SignRow | None, ago_s: float, words: str) -> tuple[SignRow | None, float, str]:
    return sign_row, ago_s - 0.5, words


OVER = NOW - timedelta(seconds=2)
SIGNS = [
    says(sign("ABC0"), 5, "told, sent and confirmed. It shows ABC0"),
    says(sign("ABC1", confirmed=None), 5, "Sent to the sign (it cannot confirm)"),
    says(sign("ABC2", confirmed=False), 5, "told and sent, but not confirmed. Look at it"),
    says(sign("ABC3", sent=None), 5, "told, not sent yet"),
    says(sign(), 5, "The sign has not answered yet"),
    says(sign(off_at=NOW - timedelta(seconds=2)), 122, "Sign is off: recall or put back"),
    says(sign("ABC6", off_at=NOW + timedelta(seconds=8)), 112, "recall or put back"),
    says(sign(reachable=False, beat_at=at("10:28")), 5, "since 10:28 (4 min). Fetch this customer"),
    says(sign(reachable=False, beat_at=None), 5, "has never been heard. Fetch this customer"),
    says(sign(state="fault", fault="no answer"), 5, "out of order: no answer. Fetch this customer"),
    says(None, 5, "No sign here. Fetch this customer"),
    says(sign("ABC11", sent_whole=False), 1, "told, sending now"),
    says(sign("ABC12", confirmed=None, reads_back=True), 5, "waiting for it to confirm"),
    says(sign("ABC13", confirmed=None, reads_back=True), 9, "nothing confirms it. Look at it"),
    says(sign("ABC14", off_at=NOW + timedelta(seconds=50)), 130, "It shows ABC14"),
    says(sign("ABC15", off_at=NOW - timedelta(seconds=1)), 130, "time is up, it is going dark"),
    says(sign(too_slow=True), 5, "dark too slowly and is not used. Fetch this customer"),
    says(sign(), 122, "has not answered yet. Fetch this customer"),
    says(sign("ABC18", commanded=None, off_at=OVER), 122, "has not yet said that it is dark"),
    says(sign(sent_whole=False, off_at=OVER), 122, "has not yet said that it is dark"),
    says(sign(reads_back=True, off_at=OVER), 122, "has not yet said that it is dark"),
    says(sign(confirmed=False, off_at=OVER), 122, "should be dark, but may not be: look"),
    says(sign(reads_back=True, confirmed=True, off_at=OVER), 122, "Sign is off: recall or put"),
    says(
        sign("ABC23", reachable=False, may_hold=True, beat_at=at("10:28")),
        122,
        "(4 min). A plate may still stand on it: look. Fetch this customer",
    ),
]

DARK = [
    (sign(), {}, "quiet", "Sign reports dark"),
    (sign(reads_back=True, confirmed=True), {}, "quiet", "Sign is dark (confirmed)"),
    (sign(reads_back=True, confirmed=False), {}, "look", "should be dark, but may not be: look"),
    (sign(sent_whole=False), {}, "quiet", "an ended call is going dark"),
    (sign(notice="STÄNGD"), {"state": "closed"}, "quiet", "told to say STÄNGD, no plate"),
    (sign(state="fault", fault="no power"), {}, "look", "out of order: no power"),
    (
        sign(notice="STÄNGD FÖR DAGEN", fault="textTooBig: too wide"),
        {"state": "closed"},
        "look",
        "The sign cannot show STÄNGD FÖR DAGEN",
    ),
    (
        sign(reachable=False, may_hold=True, beat_at=at("10:28")),
        {},
        "look",
        "since 10:28 (4 min). A plate may still stand on it: look",
    ),
]


def test_the_sign_of_a_called_car_is_told_in_plain_words(board: Open, central: BoardServer) -> None:
    doors = [door(str(n), sign=shown) for n, (shown, _, _) in enumerate(SIGNS)]
    cars = [called(f"ABC{n}", f"bay-{n}", ago_s) for n, (_, ago_s, _) in enumerate(SIGNS)]
    central.queue = yard(*cars, bays=doors)
    page = board()
    expect(page.locator(".sign")).to_have_count(len(SIGNS))
    for shown, (_, _, words) in zip(page.locator(".sign").all(), SIGNS, strict=True):
        expect(shown).to_contain_text(words)


def test_a_sign_that_shows_no_plate_is_told_too(board: Open, central: BoardServer) -> None:
    doors = [door(str(n), one, **more) for n, (one, more, _, _) in enumerate(DARK)]
    central.queue = yard(bays=doors)
    page = board()
    expect(page.locator(".sign")).to_have_count(len(DARK))
    for shown, (_, _, level, words) in zip(page.locator(".sign").all(), DARK, strict=True):
        expect(shown).to_contain_text(words)
        expect(shown).to_have_attribute("data-level", level)


def test_nothing_is_called_shown_that_was_only_sent(board: Open, central: BoardServer) -> None:
    never = [one for one in SIGNS if not (one[0] and one[0].confirmed and one[0].sent_whole)]
    doors = [door(str(n), sign=shown) for n, (shown, _, _) in enumerate(never)]
    cars = [called(f"ABC{n}", f"bay-{n}", ago_s) for n, (_, ago_s, _) in enumerate(never)]
    central.queue = yard(*cars, bays=doors)
    page = board()
    expect(page.locator(".sign")).to_have_count(len(never))
    for language in ("en", "sv"):
        expect(page.locator("html")).to_have_attribute("lang", language)
        told = page.locator(".sign > span").all_text_contents()
        assert [] == [words for words in told if re.search("shows|visar", words)]
        page.locator("#language").click()


def test_only_a_confirmed_plate_has_a_tick(board: Open, central: BoardServer) -> None:
    doors = [door("1", sign("ABC123")), door("2", sign("KLM456", confirmed=None)), door("3")]
    central.queue = yard(called("ABC123", "bay-1"), called("KLM456", "bay-2"), bays=doors)
    page = board()
    expect(card(page, "3")).to_contain_text("Sign reports dark")
    mark = "(all) => all.map((n) => getComputedStyle(n, '::before').content)"
    assert page.locator(".sign > span").evaluate_all(mark) == ['"✓ "', '"→ "', "none"]
    told = door("1", sign("ABC123", sent_whole=False))
    central.show(yard(called("ABC123", "bay-1"), bays=[told]))
    expect(card(page, "1")).to_contain_text("sending now")
    assert page.locator(".sign > span").evaluate_all(mark) == ['"◔ "']


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_button_takes_the_place_of_drove_in(
    board: Open, central: BoardServer, page: Page, language: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    central.queue = yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))])
    board(f"?lang={language}")
    enter = page.locator(".occupant [data-deed=enter]")
    enter.wait_for()
    spot = enter.bounding_box()
    central.show(yard(inside("ABC123", "bay-1"), bays=[door("1")]))
    expect(enter).to_be_hidden()
    assert spot is not None
    for button in page.locator(".occupant button:visible").all():
        other = button.bounding_box()
        assert other is not None
        assert (
            other["x"] >= spot["x"] + spot["width"]
            or other["y"] >= spot["y"] + spot["height"]
            or other["y"] + other["height"] <= spot["y"]
        )


def test_a_sign_that_waits_for_another_door_says_for_which(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(called("ABC123", "bay-2"), bays=[door("1"), door("2", waits_for="1")])
    page = board()
    expect(card(page, "2")).to_contain_text("Waiting for door 1 to go dark")


def test_a_plate_that_the_sign_cannot_show_sends_a_person(
    board: Open, central: BoardServer
) -> None:
    doors = [door("1", cannot_show="ABCDEFG123")]
    central.queue = yard(called("ABCDEFG123", "bay-1"), bays=doors)
    page = board()
    words = "The sign cannot show ABCDEFG123: fetch this customer"
    expect(card(page, "1")).to_contain_text(words)


def test_the_sign_that_does_not_answer_is_named_after_three_seconds(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(called("ABC123", "bay-1", 0), bays=[door("1")])
    page = board()
    expect(card(page, "1")).to_contain_text("telling it…")
    page.clock.run_for(4_000)
    expect(card(page, "1")).to_contain_text("The sign has not answered yet")


def test_after_110_seconds_the_answers_stand_out(board: Open, central: BoardServer) -> None:
    doors = [door("1", sign("ABC123", off_at=NOW + timedelta(seconds=12)))]
    central.queue = yard(called("ABC123", "bay-1", 108), bays=doors)
    page = board()
    recall = card(page, "1").get_by_role("button", name="Recall")
    place = recall.bounding_box()
    expect(recall).to_have_css("background-color", "rgb(255, 255, 255)")
    page.clock.run_for(3_000)
    expect(recall).to_have_css("background-color", "rgb(255, 242, 212)")
    assert place == recall.bounding_box()
    expect(card(page, "1")).to_contain_text("recall or put back")


def test_a_no_show_stands_on_the_card_only_after_two_calls_and_five_minutes(
    board: Open, central: BoardServer
) -> None:
    often, long = (NO_SHOW_AFTER_CALLS, NO_SHOW_AFTER.total_seconds())
    off = sign(off_at=NOW - timedelta(seconds=180))
    tried = [called("ABC123", "bay-1", long + 60), called("KLM456", "bay-2", 60, calls=often)]
    doors = [door("1", sign("ABC123")), door("2", sign("KLM456")), door("3", off)]
    central.queue = yard(*tried, called("RST78A", "bay-3", long - 2, calls=often), bays=doors)
    page = board()
    for number in "123":
        expect(card(page, number).get_by_role("button", name="No-show")).to_be_hidden()
    page.clock.run_for(3_000)
    expect(card(page, "3").get_by_role("button", name="No-show")).to_be_visible()
    expect(card(page, "3")).to_contain_text("recall, put back or no-show")
    expect(card(page, "1").get_by_role("button", name="No-show")).to_be_hidden()


def test_only_a_broken_sign_that_may_hold_its_picture_asks_for_eyes(
    board: Open, central: BoardServer
) -> None:
    broken = sign(state="fault")
    doors = [door("1", broken, holds_frame=True), door("2", broken)]
    central.queue = yard(bays=doors)
    page = board()
    expect(card(page, "1")).to_contain_text("A plate may still stand on it: look")
    expect(card(page, "2").get_by_role("button", name="I see the sign is dark")).to_be_hidden()
    card(page, "1").get_by_role("button", name="I see the sign is dark").click()
    assert central.heard().path == "/v1/stations/demo/bays/bay-1/seen-dark"


def test_a_broken_yard_sign_that_may_send_somebody_here_asks_for_eyes_too(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(bays=[door("1", held_on=["Sign at the gate"]), door("2")])
    page = board()
    words = "Sign at the gate may still send somebody here: look there"
    expect(card(page, "1")).to_contain_text(words)
    card(page, "1").get_by_role("button", name="I see the sign is dark").click()
    assert central.heard().path == "/v1/stations/demo/bays/bay-1/seen-dark"


def test_minutes_tick_on_their_own(board: Open, central: BoardServer) -> None:
    since = NOW - timedelta(minutes=12)
    central.queue = yard(inside("ABC123", "bay-1", in_bay_at=since), bays=[door("1")])
    page = board()
    expect(card(page, "1").locator(".age")).to_have_text("12 min")
    central.beat(NOW + timedelta(seconds=58))
    page.clock.run_for(3_000)
    expect(card(page, "1").locator(".age")).to_have_text("13 min")
