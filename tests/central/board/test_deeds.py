"""What a person may do to a visit, how the board asks for the rest, and taking it back."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, Route, expect

from contract import problems
from contract.problems import Problem
from contract.transitions import TRANSITIONS, UNDO_WITHIN, Verb, may
from contract.visit import OPEN, State
from contract.wire import Standing
from contract.yard import QueueRow
from tests.central.board.hands import choose_in_menu
from tests.central.board.yards import NOW, as_may, at, called, door, inside, sign, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

VISIT = "/v1/stations/demo/visits/visit-ABC123"


def row(page: Page, plate: str) -> Locator:
    return page.locator("li[data-visit]").filter(has_text=plate)


def parked(plate: str, why: str | None = None) -> QueueRow:
    told = replace(waits(plate, 0), state="parked", place=None, window=None, note=why)
    return as_may(told)


ONE_OF_EACH = {
    State.WAITING: waits("ABC123", 1),
    State.PARKED: parked("ABC123"),
    State.CALLED: called("ABC123", "bay-1"),
    State.IN_BAY: inside("ABC123", "bay-1"),
}


# -- the menu ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(OPEN))
def test_the_menu_holds_every_verb_of_the_table_and_each_has_its_key(
    board: Open, central: BoardServer, state: State
) -> None:
    central.queue = yard(ONE_OF_EACH[state])
    page = board()
    row(page, "ABC 123").get_by_role("button", name="More").click()
    choices = page.get_by_role("dialog").locator(".choice")
    expect(choices).to_have_count(len(may(state)))
    values = choices.evaluate_all("(all) => all.map((one) => one.value)")
    keys = choices.evaluate_all("(all) => all.map((one) => one.dataset.key)")
    assert set(values) == set(may(state))
    assert len(set(keys)) == len(keys)


def test_the_menu_offers_what_central_says_and_nothing_else(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(replace(waits("ABC123", 1), may=["call", "park"]))
    page = board()
    row(page, "ABC 123").get_by_role("button", name="More").click()
    expect(page.get_by_role("dialog").locator(".choice strong")).to_have_text(["Call to…", "Park"])


@pytest.mark.parametrize(
    ("given", "words", "verb"),
    [
        (ONE_OF_EACH[State.WAITING], "Park", Verb.PARK),
        (ONE_OF_EACH[State.PARKED], "Back in line", Verb.UNPARK),
        (ONE_OF_EACH[State.WAITING], "Leaves", Verb.LEAVE),
        (ONE_OF_EACH[State.CALLED], "Recall", Verb.RECALL),
        (ONE_OF_EACH[State.CALLED], "Put back", Verb.PUT_BACK),
    ],
)
def test_what_needs_no_word_is_done_at_once_and_says_only_the_version(
    board: Open, central: BoardServer, given: QueueRow, words: str, verb: Verb
) -> None:
    central.queue = yard(given)
    page = board()
    choose_in_menu(row(page, "ABC 123"), words)
    asked = central.heard()
    assert asked.path == f"{VISIT}/{verb}"
    assert asked.body == {"version": given.version}
    assert not TRANSITIONS[verb].needs


def test_a_menu_that_is_left_changes_nothing(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1))
    page = board()
    row(page, "ABC 123").get_by_role("button", name="More").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(row(page, "ABC 123").get_by_role("button", name="More")).to_be_focused()
    assert [] == central.asked


def test_somebody_parked_says_so_and_why_and_has_one_way_back(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("KLM456", 1), parked("ABC123", "Fetches papers"))
    page = board()
    expect(row(page, "ABC 123")).to_contain_text("Parked: Fetches papers")
    expect(page.locator("#line-count")).to_have_text("1 waiting · 1 parked")
    row(page, "ABC 123").get_by_role("button", name="Back in line").click()
    assert central.heard().path == f"{VISIT}/unpark"
    central.show(yard(waits("KLM456", 1), waits("ABC123", 2)))
    expect(row(page, "ABC 123").locator(".plate")).to_be_focused()


# -- reasons ----------------------------------------------------------------------------------------


def test_nobody_is_removed_without_a_reason(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1))
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Remove…")
    question = page.get_by_role("dialog", name="Remove ABC 123: why?")
    question.get_by_role("button", name="Remove").click()
    expect(question.get_by_role("alert")).to_have_text("Choose a reason or write one.")
    assert [] == central.asked
    quick = question.get_by_role("group", name="Suggestions").get_by_role("button")
    expect(quick).to_have_text(["Typed wrong", "Entered twice", "Wrong station"])
    quick.nth(1).click()
    page.keyboard.press("Enter")
    assert central.heard().path == f"{VISIT}/remove"
    assert central.heard().body == {"version": 1, "reason": "Entered twice"}


def test_the_order_is_changed_with_a_reason_and_before_whom(
    board: Open, central: BoardServer
) -> None:
    line = [waits("KLM456", 1), waits("RST78A", 2), waits("ABC123", 3), waits("DEF111", 4)]
    central.queue = yard(*line)
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Change order…")
    question = page.get_by_role("dialog", name="Move ABC 123 in the line")
    places = question.get_by_label("To stand")
    # Before the one behind is where it stands already.
    expect(places.locator("option")).to_have_text(
        ["before 1: KLM 456", "before 2: RST 78A", "last in the line"]
    )
    places.select_option("before 2: RST 78A")
    question.get_by_label("Reason").fill("A child is ill")
    page.keyboard.press("Enter")
    told = {"version": 1, "reason": "A child is ill", "before": "visit-RST78A"}
    assert central.heard().path == f"{VISIT}/override"
    assert central.heard().body == told


def test_last_in_the_line_is_before_nobody(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1), waits("KLM456", 2))
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Change order…")
    question = page.get_by_role("dialog")
    question.get_by_label("To stand").select_option("last in the line")
    question.get_by_role("button", name="Promised").click()
    page.keyboard.press("Enter")
    assert central.heard().body == {"version": 1, "reason": "Promised"}


def test_whoever_was_moved_shows_why(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1, rule="override", reason="A child is ill"))
    page = board()
    expect(row(page, "ABC 123")).to_contain_text("Moved: A child is ill (arrived 10:12)")


# -- how it ended -----------------------------------------------------------------------------------


def asks_how_it_ended(board: Open, central: BoardServer) -> Page:
    central.queue = yard(inside("ABC123", "bay-1"), bays=[door("1")])
    page = board()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("dialog", name="ABC 123: how did it end?")).to_be_visible()
    return page


@pytest.mark.parametrize("key", ["1", "Enter"])
def test_approved_is_one_key_and_the_answer_of_enter(
    board: Open, central: BoardServer, key: str
) -> None:
    page = asks_how_it_ended(board, central)
    page.keyboard.press(key)
    assert central.heard().path == f"{VISIT}/finish"
    assert central.heard().body == {"version": 3, "outcome": {"result": "approved"}}


@pytest.mark.parametrize(
    ("key", "result"), [("2", "approved_with_remarks"), ("3", "re_inspection")]
)
def test_remarks_are_written_one_a_line(
    board: Open, central: BoardServer, key: str, result: str
) -> None:
    page = asks_how_it_ended(board, central)
    page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    question = page.get_by_role("dialog")
    expect(question.get_by_role("alert")).to_have_text("Write at least one remark.")
    assert [] == central.asked
    question.get_by_label("Remarks").fill("Brake hose, front left\n\n  Horn \n")
    page.keyboard.press("Control+Enter")
    remarks = ["Brake hose, front left", "Horn"]
    assert central.heard().body["outcome"] == {"result": result, "remarks": remarks}


def test_a_remark_that_central_would_refuse_is_said_before_it_is_sent(
    board: Open, central: BoardServer
) -> None:
    page = asks_how_it_ended(board, central)
    page.keyboard.press("3")
    question = page.get_by_role("dialog")
    for text, words in (("x" * 201, "at most 200 signs"), ("x\n" * 31, "At most 30 remarks")):
        question.get_by_label("Remarks").fill(text)
        question.get_by_role("button", name="Finish").click()
        expect(question.get_by_role("alert")).to_contain_text(words)
    assert [] == central.asked


def test_what_was_not_inspected_has_a_reason(board: Open, central: BoardServer) -> None:
    page = asks_how_it_ended(board, central)
    page.keyboard.press("4")
    page.get_by_role("dialog").get_by_role("button", name="Papers missing").click()
    page.keyboard.press("Enter")
    told = {"result": "not_inspected", "reason": "Papers missing"}
    assert central.heard().body["outcome"] == told


@pytest.mark.parametrize("keys", [["Escape"], ["3", "Escape"], ["4", "Escape"]])
def test_escape_leaves_the_car_where_it_is(
    board: Open, central: BoardServer, keys: list[str]
) -> None:
    page = asks_how_it_ended(board, central)
    for key in keys:
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert [] == central.asked


# -- taking it back ---------------------------------------------------------------------------------


def calls_somebody(board: Open, central: BoardServer) -> Page:
    central.queue = yard(waits("ABC123", 1), bays=[door("1")])
    page = board()
    page.get_by_role("button", name="Call next ABC 123").click()
    expect(page.locator("#undo-words")).to_have_text("ABC 123 called to door 1.")
    central.show(yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))]))
    return page


def test_ones_own_deed_can_be_taken_back_by_a_key(board: Open, central: BoardServer) -> None:
    page = calls_somebody(board, central)
    central.answer("/undo", waits("ABC123", 1))
    page.keyboard.press("u")
    assert central.heard(2).path == "/v1/stations/demo/undo"
    assert central.heard(2).body == {"visit": "visit-ABC123"}
    expect(page.locator("#notice")).to_have_text("Taken back. ABC 123 is waiting.")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_undo_is_offered_as_long_as_central_would_do_it(board: Open, central: BoardServer) -> None:
    page = calls_somebody(board, central)
    seconds = int(UNDO_WITHIN.total_seconds())
    for _ in range(seconds // 10 - 1):
        page.clock.run_for(10_000)
        central.beat(NOW)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.run_for(11_000)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_who_has_changed_it_meanwhile_is_said(board: Open, central: BoardServer) -> None:
    page = calls_somebody(board, central)
    refused = Problem(problems.CHANGED_MEANWHILE, "No.", by="Desk 2", state="in_bay", version=3)
    central.answer("/undo", refused)
    central.queue = yard(inside("ABC123", "bay-1"), bays=[door("1")])
    page.get_by_role("button", name="Undo").click()
    words = "Desk 2 has entered or changed ABC 123 since. ABC 123 is in the bay now."
    expect(page.locator("#notice")).to_have_text(words)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_an_old_place_that_is_taken_is_said_with_who_has_it(
    board: Open, central: BoardServer
) -> None:
    page = calls_somebody(board, central)
    central.answer("/undo", Problem(problems.BAY_BUSY, "No.", plate="KLM456"))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_have_text("That door is taken by KLM 456.")


def test_a_recall_cannot_be_unsaid_so_nothing_is_offered(board: Open, central: BoardServer) -> None:
    page = calls_somebody(board, central)
    page.get_by_role("button", name="Recall").click()
    central.heard(2)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Drove in")).to_be_enabled()
    assert len(central.asked) == 2


def test_a_deed_that_was_refused_is_nothing_to_take_back(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1))
    central.answer("/park", Problem(problems.WRONG_STATE, "No.", state="called", version=2))
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Park")
    expect(page.locator("#notice")).to_contain_text("cannot be done")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_without_contact_nothing_is_taken_back(board: Open, central: BoardServer) -> None:
    page = calls_somebody(board, central)
    expect(page.locator(".occupant")).to_be_visible()
    page.route("**/v1/**", _only_deeds_get_through)
    # Twice: what was asked just before may be answered just after.
    for _ in range(2):
        page.clock.run_for(25_000)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("u")
    assert len(central.asked) == 1


def _only_deeds_get_through(route: Route) -> None:
    if route.request.method == "GET":
        route.abort()
    else:
        route.continue_()


def test_the_bar_moves_nothing(board: Open, central: BoardServer) -> None:
    central.queue = yard(*(waits(f"DEF{n:03}", n) for n in range(1, 40)))
    page = board()
    before = row(page, "DEF 003").bounding_box()
    choose_in_menu(row(page, "DEF 003"), "Park")
    expect(page.locator("#undo-words")).to_have_text("DEF 003 parked.")
    assert before == row(page, "DEF 003").bounding_box()
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()


# -- two vehicles with one number -------------------------------------------------------------------


def test_a_second_vehicle_with_the_same_number_is_split_off_at_the_desk(
    board: Open, central: BoardServer
) -> None:
    here = Standing(plate="ABC123", visit="v", state="waiting", as_of=NOW, again=True, place=2)
    central.answer("/arrivals", here)
    page = board()
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    another = page.get_by_role("button", name="Another vehicle with the same number")
    expect(another).to_be_visible()
    central.answer("/arrivals", replace(here, again=False, place=3))
    another.click()
    first, second = central.heard(1).body, central.heard(2).body
    assert second == {"id": second["id"], "plate": "ABC123", "another": True}
    assert first == {"id": first["id"], "plate": "ABC123"}
    assert first["id"] != second["id"]
    expect(page.locator("#desk-answer")).to_have_text("ABC 123 is number 3 in the line.")
    expect(another).to_be_hidden()
    expect(page.locator("#undo-words")).to_have_text("ABC 123 put in the line.")


def test_the_question_of_a_second_vehicle_goes_when_somebody_types_on(
    board: Open, central: BoardServer
) -> None:
    here = Standing(plate="ABC123", visit="v", state="in_bay", as_of=NOW, again=True)
    central.answer("/arrivals", here)
    page = board()
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    another = page.get_by_role("button", name="Another vehicle with the same number")
    expect(page.locator("#desk-answer")).to_have_text("ABC 123 is here already (in the bay).")
    expect(another).to_be_visible()
    page.keyboard.type("K")
    expect(another).to_be_hidden()


def test_two_vehicles_with_one_number_are_told_apart(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1), waits("ABC123", 2, visit="other", twin=1))
    page = board()
    expect(row(page, "ABC 123").nth(1)).to_contain_text("Vehicle 2 with this number")
    expect(row(page, "ABC 123").nth(0)).not_to_contain_text("with this number")


# -- keys -------------------------------------------------------------------------------------------


def test_a_whole_visit_is_worked_with_keys_alone(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1), bays=[door("1"), door("2")])
    page = board()
    expect(row(page, "ABC 123")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    page.keyboard.press("2")
    assert central.heard(1).path == f"{VISIT}/call"
    assert central.heard(1).body == {"version": 1, "bay": "bay-2"}
    central.show(yard(called("ABC123", "bay-2"), bays=[door("1"), door("2", sign("ABC123"))]))
    expect(page.get_by_role("button", name="Drove in")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("m")
    page.keyboard.press("e")
    assert central.heard(2).path == f"{VISIT}/enter"
    central.show(yard(inside("ABC123", "bay-2"), bays=[door("1"), door("2")]))
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("f")
    page.keyboard.press("1")
    assert central.heard(3).path == f"{VISIT}/finish"


def test_who_calls_and_takes_back_with_keys_stands_on_that_plate_all_the_while(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("ABC123", 1), bays=[door("1")])
    page = board()
    page.get_by_role("button", name="Call next").focus()
    page.keyboard.press("Enter")
    central.show(yard(called("ABC123", "bay-1"), bays=[door("1", sign("ABC123"))]))
    expect(page.locator(".occupant .plate")).to_be_focused()
    page.get_by_role("button", name="Undo").focus()
    later = f"epoch-1-{int(central.queue.cursor.rpartition('-')[2]) + 1}"
    central.queue = yard(waits("ABC123", 1), bays=[door("1")], cursor=later)
    page.keyboard.press("Enter")
    expect(page.locator("#line-rows .plate")).to_be_focused()


def test_a_key_of_the_menu_is_no_key_of_the_page(board: Open, central: BoardServer) -> None:
    """N in the menu is "No-show"; on the page it calls the next customer."""
    cars = [called("ABC123", "bay-1"), waits("KLM456", 1)]
    central.queue = yard(*cars, bays=[door("1", sign("ABC123")), door("2")])
    page = board()
    row(page, "ABC 123").get_by_role("button", name="More").click()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="ABC 123 did not come?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert [] == central.asked


def test_a_key_for_a_plate_says_where_to_stand(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("ABC123", 1))
    page = board()
    expect(row(page, "ABC 123")).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator("#notice")).to_contain_text("Stand on a plate for that")


# -- promises, other bookings, hours ----------------------------------------------------------------


def promised(plate: str, clock: str) -> QueueRow:
    return waits(plate, 1, kind="recheck", rule="recheck", promised_at=at(clock))


def test_a_promise_gets_urgent_in_its_last_five_minutes_and_a_broken_one_is_said(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(
        promised("ABC123", "10:38"), promised("KLM456", "10:36"), promised("RST78A", "10:30")
    )
    page = board()
    expect(row(page, "ABC 123").locator(".notes")).to_have_text("Promised by 10:38")
    expect(row(page, "ABC 123").locator("[data-level=quiet]")).to_be_visible()
    expect(row(page, "KLM 456").locator("[data-level=look]")).to_have_text(
        "Promised by 10:36: 4 min left"
    )
    broken = "Promise broken: was to be called by 10:30"
    expect(row(page, "RST 78A").locator("[data-level=act]")).to_have_text(broken)
    place = row(page, "ABC 123").bounding_box()
    central.beat(at("10:34"))
    page.clock.run_for(2_000)
    expect(row(page, "ABC 123").locator("[data-level=look]")).to_be_visible()
    assert place == row(page, "ABC 123").bounding_box()


def test_a_promise_that_was_kept_is_no_longer_watched(board: Open, central: BoardServer) -> None:
    recheck = called("ABC123", "bay-1", kind="recheck", promised_at=at("10:30"))
    central.queue = yard(recheck, bays=[door("1", sign("ABC123"))])
    page = board()
    expect(row(page, "ABC 123")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Promise")
