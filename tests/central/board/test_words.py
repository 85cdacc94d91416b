"""Languages, signing in, and whether everybody can read the page."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from contract import problems
from contract.problems import Problem
from contract.transitions import Verb
from contract.yard import HeldRow, Vehicle
from tests.central.board.yards import NOW, busy, called, door, inside, needs_help, sign, waits, yard
from tests.fakes.board_server import STATIC, BoardServer
from tests.waiting import until

pytestmark = pytest.mark.browser

OPENINGS = {
    "sheet": ["Enter"],
    "menu": ["m"],
    "remove": ["m", "d"],
    "order": ["m", "o"],
    "outcome": ["1", "f"],
    "remarks": ["1", "f", "3"],
    "find": ["/"],
    "keys": ["?"],
}

Open = Callable[..., Page]


def serious_faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['nodes'][0]['html']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def test_both_languages_have_all_words_and_all_blanks(board: Open) -> None:
    page = board()
    blanks = """async () => {
        const { languages } = await import("/board/static/words.js");
        const holes = (text) => [...text.matchAll(/\\{\\w+\\}/g)].map(String).sort().join();
        return Object.fromEntries(Object.entries(languages).map(([name, words]) =>
            [name, Object.fromEntries(Object.entries(words).map(([k, v]) => [k, holes(v)]))]));
    }"""
    told = page.evaluate(blanks)
    assert told["sv"] == told["en"]


# What only devices, the office, or this page's own code can be told.
NOT_FOR_THE_BOARD = {
    "bookings_refused",
    "code_for_another",
    "code_refused",
    "method_not_allowed",
    "not_json",
    "not_signed_in",
    "range_refused",
    "token_refused",
    "unknown_device",
}


def test_every_refusal_that_a_person_can_meet_has_words(board: Open) -> None:
    page = board()
    script = """async (reasons) => {
        const { languages } = await import("/board/static/words.js");
        return reasons.filter((reason) => !Object.hasOwn(languages.en, `p_${reason}`));
    }"""
    reasons = {kind.reason for kind in problems.every()} - NOT_FOR_THE_BOARD
    without = page.evaluate(script, sorted(reasons))
    # A wrong password is answered on its own page.
    assert without == ["wrong_sign_in"]


def test_every_verb_has_its_words_and_what_can_be_taken_back_says_what_it_was(board: Open) -> None:
    page = board()
    script = """async () => {
        const { VERBS } = await import("/board/static/table.js");
        const { languages: { en } } = await import("/board/static/words.js");
        const without = (head) => Object.keys(VERBS).filter((verb) => !Object.hasOwn(en, head + verb));
        return [Object.keys(VERBS), without("do_"), without("did_")];
    }"""
    assert page.evaluate(script) == [list(Verb), [], ["recall"]]


def _opens(page: Page, keys: list[str]) -> bool:
    """What is looked at here is the dialog; a key that falls between two redraws is pressed again."""
    page.locator("#line-rows .plate").focus()
    for key in keys:
        page.keyboard.press(key)
    return page.get_by_role("dialog").count() > 0


def test_axe_finds_nothing_serious_in_what_opens(board: Open, central: BoardServer) -> None:
    held = HeldRow(
        arrival="a1", plate="HLD123", came_at=NOW, received_at=NOW, source="post", why="closed"
    )
    urgent = waits("RST78A", 1, kind="recheck", promised_at=NOW + timedelta(minutes=2), twin=1)
    cars = [inside("ABC123", "bay-1"), urgent]
    central.queue = yard(*cars, bays=[door("1"), door("2", state="on_break")], held=[held])
    central.answer("/vehicle", Vehicle(plate="RST78A", make="Volvo", register="unreachable"))
    central.answer("/visits", [waits("ABC123", 1)])
    page = board()
    expect(page.locator("#line-rows li[data-visit]")).to_have_count(1)
    faults = {"the board": serious_faults(page)}
    for name, keys in OPENINGS.items():
        until(partial(_opens, page, keys), what=f"the dialog of {name}")
        faults[name] = serious_faults(page)
        while page.get_by_role("dialog").count():
            page.keyboard.press("Escape")
    page.get_by_role("button", name="Came while closed").click()
    faults["held"] = serious_faults(page)
    assert {name: [] for name in faults} == faults


def test_the_language_is_the_persons_and_stays(board: Open, central: BoardServer) -> None:
    page = board()
    expect(page.locator("#line")).to_contain_text("Nobody is waiting")
    page.get_by_role("button", name="Svenska").click()
    expect(page.locator("#line")).to_contain_text("Ingen väntar")
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    page.reload()
    expect(page.locator("#line")).to_contain_text("Ingen väntar")
    assert page.evaluate("Object.entries(localStorage)") == [["portvakt-language", "sv"]]


def test_axe_finds_nothing_serious_on_a_busy_board(board: Open, central: BoardServer) -> None:
    seen = needs_help("Post 2", acknowledged_by="Desk 2")
    central.queue = replace(busy(), help=[needs_help(plate="ABC123"), seen])
    page = board()
    expect(page.locator("#line-rows li")).to_have_count(12)
    for other in ("Svenska", "English"):
        assert [] == serious_faults(page)
        page.get_by_role("button", name=other).click()
    page.locator("#line-rows [data-deed=call]").first.click()
    assert [] == serious_faults(page)
    page.keyboard.press("Escape")
    page.clock.run_for(25_000)
    expect(page.locator("body")).to_have_class("stale")
    assert [] == serious_faults(page)


def test_axe_finds_nothing_serious_where_signs_are_in_trouble(
    board: Open, central: BoardServer
) -> None:
    doors = [
        door("1", sign(state="fault", fault="no answer"), holds_frame=True),
        door("2", sign(reachable=False)),
        door("3", waits_for="1"),
    ]
    central.queue = yard(called("ABC123", "bay-1", 115), called("KLM456", "bay-3"), bays=doors)
    page = board()
    expect(page.locator(".bay")).to_have_count(3)
    assert [] == serious_faults(page)


def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    board: Open, central: BoardServer, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    held = HeldRow(
        arrival="a1", plate="HLD123", came_at=NOW, received_at=NOW, source="post", why="closed"
    )
    promised = waits("PRM123", 13, kind="recheck", promised_at=NOW, twin=1, looks="red Volvo V70")
    more = {"help": [needs_help(plate="ABC123")], "held": [held], "closes_at": NOW}
    central.queue = replace(busy(), line=[*busy().line, promised], **more)
    board()
    expect(page.locator("#line-rows li[data-visit]")).to_have_count(13)
    wide = (
        "(all) => all.filter((n) => n.getBoundingClientRect().right > 390).map((n) => n.outerHTML)"
    )
    for other in ("Svenska", "English"):
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert [] == page.locator("main *:visible").evaluate_all(wide)
        page.get_by_role("button", name=other).click()


def test_on_a_phone_every_button_can_be_hit_and_no_word_is_cut(
    board: Open, central: BoardServer, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    cars = [called("ABC123", "bay-1"), waits("ABCDEFGHIJ", 1)]
    central.queue = yard(*cars, bays=[door("1", sign("ABC123")), door("2")], help=[needs_help()])
    board()
    expect(page.locator("#line-rows li")).to_have_count(1)
    low = "(all) => all.filter((n) => n.offsetHeight < 40).map((n) => n.outerHTML)"
    cut = "(all) => all.filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.outerHTML)"
    whole = """(select) => {
        const free = select.cloneNode(true);
        free.style.cssText = "position: absolute; max-width: none; width: max-content";
        select.parentNode.append(free);
        const needed = free.offsetWidth;
        free.remove();
        return select.offsetWidth >= needed;
    }"""
    for other in ("Svenska", "English"):
        assert [] == page.locator("button:visible, input:visible, select:visible").evaluate_all(low)
        assert [] == page.locator("button:visible, .kinds").evaluate_all(cut)
        assert page.locator("#desk select").evaluate(whole)
        page.get_by_role("button", name=other).click()


def test_signing_in_goes_to_the_board(page: Page, central: BoardServer) -> None:
    page.goto(f"{central.url}/login")
    assert [] == serious_faults(page)
    page.get_by_label("Name").fill("desk")
    page.get_by_label("Password").fill("a long one")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{central.url}/board")
    assert central.heard().body == {"form": "login=desk&password=a+long+one&next="}


def test_a_wrong_password_is_said_on_the_page(page: Page, central: BoardServer) -> None:
    central.answer("/login", Problem(problems.WRONG_SIGN_IN, "No."))
    page.goto(f"{central.url}/login?lang=sv")
    page.get_by_label("Namn").fill("desk")
    page.get_by_label("Lösenord").fill("wrong")
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("alert")).to_have_text("Namn och lösenord hör inte ihop.")


def test_the_page_keeps_no_style_or_script_of_its_own() -> None:
    for page in STATIC.glob("*.html"):
        text = page.read_text()
        assert "<style" not in text
        assert "style=" not in text
        assert text.count("<script") == text.count('<script type="module" src=')


def test_a_plate_somebody_typed_is_text_and_never_markup(board: Open, central: BoardServer) -> None:
    central.queue = yard(waits("<b>X</b>", 1), help=[needs_help("<img src=x>")])
    page = board()
    expect(page.locator("#help")).to_contain_text("Help at <img src=x>")
    expect(page.locator("#line-rows .signs")).to_have_text("<b>X</b>")
