"""The office's words, before a central that serves files only."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from central.web.routes import SIGNED_IN
from contract.accounts import Looked, Scope
from contract.wire import Role

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

WORDS = """async () => {
    const board = Object.keys((await import("/board/static/words_en.js")).en);
    const { own } = await import("/board/static/office/words.js");
    const holes = (text) => [...text.matchAll(/\\{\\w+\\}/g)].map(String).sort().join();
    const told = Object.fromEntries(Object.entries(own).map(([name, words]) =>
        [name, Object.fromEntries(Object.entries(words).map(([key, text]) => [key, holes(text)]))]));
    return { ...told, board };
}"""


def test_both_languages_of_the_office_have_all_words_and_all_blanks(board: Open) -> None:
    told = board().evaluate(WORDS)
    assert told["sv"] == told["en"]
    assert set(told["board"]) & set(told["en"]) == set(), (
        "a word of the board would change its sense"
    )


def test_everything_that_central_names_has_words(board: Open) -> None:
    """A role or a scope that is new must not be shown by its own name."""
    keys = set(board().evaluate(WORDS)["en"])
    named = {f"look_{what}" for what in Looked} | {f"scope_{what}" for what in Scope}
    roles = {f"role_{role}" for role in (*SIGNED_IN, *Role)}
    assert named | roles <= keys
