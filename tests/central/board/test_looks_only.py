"""The board of those who do not run the line: it offers nothing that central would refuse them."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from central.web.routes import LINE
from contract.yard import HeldRow
from tests.central.board.test_words import serious_faults
from tests.central.board.yards import NOW, busy, needs_help
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

HELD = HeldRow(
    arrival="a1", plate="HLD123", came_at=NOW, received_at=NOW, source="post", why="closed"
)


def looks(board: Open, central: BoardServer, role: str) -> Page:
    central.queue = replace(busy(), help=[needs_help()], held=[HELD])
    assert central.session
    central.session |= {"role": role}
    page = board()
    expect(page.locator("#line-rows li[data-visit]")).to_have_count(12)
    return page


def offered(page: Page) -> set[str]:
    """The deeds whose buttons somebody could press now."""
    said = "(all) => all.map((button) => button.dataset.deed)"
    return set(page.locator("[data-deed]:visible").evaluate_all(said))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("technician", {"timeline", "held", "picture"}),
        ("office", {"timeline", "held"}),
    ],
)
def test_who_does_not_run_the_line_is_offered_looks_only_and_told_so_once(
    board: Open, central: BoardServer, role: str, may: set[str]
) -> None:
    page = looks(board, central, role)
    assert may == offered(page)
    expect(page.get_by_text("You see the board; staff run the line.")).to_have_count(1)
    expect(page.get_by_label("Plate")).to_be_hidden()
    expect(page.locator("#bay-cards")).to_contain_text("Open")
    assert [] == serious_faults(page)
    page.locator("#held-open").click()
    assert may == offered(page)
    page.keyboard.press("Escape")
    page.locator("#line-rows .plate").first.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Vehicle")).to_have_count(0)
    assert not [path for path in central.reads if path.endswith("/vehicle")]


def test_a_key_of_the_line_says_why_it_does_nothing(board: Open, central: BoardServer) -> None:
    page = looks(board, central, "technician")
    for key in ("n", "/", "u", "a"):
        page.keyboard.press(key)
        expect(page.locator("#notice")).to_have_text("You see the board; staff run the line.")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog").locator("dt")
    expect(keys).to_have_count(6)
    assert [] == central.asked


def test_who_runs_the_line_is_offered_all_of_it(board: Open, central: BoardServer) -> None:
    for role in ("staff", "manager"):
        page = looks(board, central, role)
        assert {"call", "menu", "bay-state", "find", "arrive", "acknowledge"} <= offered(page)
        expect(page.locator("#looks-only")).to_be_hidden()
    assert {str(role) for role in LINE} == {"staff", "manager"}
