"""Keys that change, and a provider that is slow, away, or not itself."""

from collections.abc import Callable

import pytest

from central.oidc.provider import AWAY_MS, KEYS_AGAIN_MS, Provider
from central.oidc.refusals import SENTENCES, OidcRefused, Why
from tests.central.oidc.board import Board, House, said
from tests.central.web.hall import PASSWORD
from tests.fakes.oidc_provider_process import RealProvider

pytestmark = pytest.mark.processes

MINUTE_MS = 60_000
BoardOf = Callable[..., Board]


def test_a_new_key_of_the_provider_is_found_by_itself_but_not_asked_for_all_the_time(
    new_board: Board,
) -> None:
    browser = new_board.browser()
    assert new_board.sign_in(browser).headers["Location"] == "/board"
    new_board.provider.sign_by_a_new_key()
    assert said(browser, new_board.sign_in(browser)) == SENTENCES[Why.UNTRUSTED]
    new_board.clock.advance(KEYS_AGAIN_MS)
    assert new_board.sign_in(browser).headers["Location"] == "/board"


def test_a_key_that_was_taken_back_signs_nothing_after_an_hour(
    new_board: Board, provider: RealProvider
) -> None:
    asking = Provider(provider.settings(), new_board.clock)
    old = asking.keys()
    provider.sign_by_a_new_key(forget_old=True)
    assert asking.keys() == old
    new_board.clock.advance(60 * MINUTE_MS)
    assert asking.keys() != old


def test_while_the_provider_is_away_the_password_still_opens(
    sqlite_house: House, board_of: BoardOf
) -> None:
    sqlite_house.yard.people.create_user("Desk", PASSWORD, ["hall"])
    board = board_of(sqlite_house, issuer="http://127.0.0.1:9")
    browser = board.browser()
    assert said(browser, browser.get("/login/oidc")) == SENTENCES[Why.AWAY]
    words = {"login": "Desk", "password": PASSWORD}
    assert browser.post("/login", data=words).headers["Location"] == "/board"


def test_a_provider_that_hangs_holds_nobody_up(new_board: Board, provider: RealProvider) -> None:
    asking = Provider(provider.settings(), new_board.clock, answer_s=0.2)
    with provider.hanging():
        for _ in range(3):  # only the first of them waits
            with pytest.raises(OidcRefused) as refused:
                asking.doors()
            assert refused.value.why is Why.AWAY
    assert refused.value.detail == "away a moment ago"
    new_board.clock.advance(AWAY_MS)
    assert asking.doors().issuer == provider.address


def test_who_answers_as_another_issuer_is_not_believed(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    board = board_of(sqlite_house, issuer=f"{provider.address}/")
    browser = board.browser()
    assert said(browser, browser.get("/login/oidc")) == SENTENCES[Why.UNTRUSTED]


def test_too_many_from_one_address_are_told_so_on_the_form(new_board: Board) -> None:
    browser = new_board.browser()
    answers = [browser.get("/login/oidc/back?state=x") for _ in range(61)]
    assert said(browser, answers[59]) == SENTENCES[Why.STALE]
    assert said(browser, answers[60]) == SENTENCES[Why.BUSY]
