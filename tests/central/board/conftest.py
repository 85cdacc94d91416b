"""A board in a browser, at 10:32:05, before a central that does what the test says."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.central.board.yards import NOW, yard
from tests.fakes.board_server import BoardServer, board_server


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """Look at it as an English-speaking desk with an ordinary screen does."""
    screen = {"width": 1280, "height": 800}
    return {**browser_context_args, "locale": "en-GB", "viewport": screen}


@pytest.fixture
def central() -> Iterator[BoardServer]:
    with board_server(yard()) as fake:
        yield fake


@pytest.fixture
def board(page: Page, central: BoardServer) -> Iterator[Callable[..., Page]]:
    """Open the board; no page may say anything on the console while it is looked at."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )

    def open_board(query: str = "") -> Page:
        page.clock.install(time=NOW)
        page.goto(f"{central.url}/board{query}")
        return page

    yield open_board
    unexpected = [text for text in said if "Failed to load resource" not in text]
    assert [] == unexpected
