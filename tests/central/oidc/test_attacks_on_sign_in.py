"""What attackers send to a sign-in by a provider opens nothing."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from central.oidc.provider import Provider
from central.oidc.refusals import SENTENCES, OidcRefused, Why
from central.oidc.trip import set_out
from tests.central.oidc.board import Board, House, asked_for, said, who_is
from tests.fakes.oidc_provider import BACK

pytestmark = pytest.mark.processes

MINUTE_MS = 60_000
BoardOf = Callable[..., Board]


def test_a_callback_is_taken_once_and_the_session_stays(board: Board) -> None:
    browser = board.browser()
    back = board.provider.walk(board.set_out(browser))
    trip = browser.get_cookie("portvakt_trip")
    assert trip is not None
    assert board.come_back(browser, back).headers["Location"] == "/board"
    assert browser.get_cookie("portvakt_trip") is None
    thief = board.browser()
    thief.set_cookie("portvakt_trip", trip.value)
    assert said(thief, board.come_back(thief, back)) == SENTENCES[Why.STALE]
    assert who_is(thief) is None
    assert who_is(browser) is not None


def test_another_central_of_the_same_house_takes_a_used_callback_no_more(
    board: Board, board_of: BoardOf
) -> None:
    browser = board.browser()
    back = board.provider.walk(board.set_out(browser))
    trip = browser.get_cookie("portvakt_trip")
    assert trip is not None
    assert board.come_back(browser, back).headers["Location"] == "/board"
    second = board_of(board.house)
    thief = second.browser()
    thief.set_cookie("portvakt_trip", trip.value)
    assert said(thief, second.come_back(thief, back)) == SENTENCES[Why.STALE]


def test_a_callback_belongs_to_the_browser_that_set_out(board: Board) -> None:
    browser, victim = board.browser(), board.browser()
    back = board.provider.walk(board.set_out(browser))
    assert said(victim, board.come_back(victim, back)) == SENTENCES[Why.STALE]
    board.set_out(victim)
    assert said(victim, board.come_back(victim, back)) == SENTENCES[Why.STALE]
    assert who_is(victim) is None


def test_a_code_of_one_sign_in_is_worth_nothing_in_another(board: Board) -> None:
    """Code injection: PKCE's verifier is the other browser's (RFC 9700 section 2.1.1)."""
    victim, browser = board.browser(), board.browser()
    stolen = asked_for(board.provider.walk(board.set_out(victim)))["code"]
    own = asked_for(board.set_out(browser))["state"]
    words = urlencode({"code": stolen, "state": own, "iss": board.provider.address})
    answer = board.come_back(browser, f"{BACK}?{words}")
    assert said(browser, answer) == SENTENCES[Why.STALE]
    assert who_is(browser) is None


def test_the_provider_gives_nothing_for_a_code_without_its_own_verifier(board: Board) -> None:
    provider = Provider(board.provider.settings(), board.clock)
    trip = set_out("/board", board.clock.now())
    code = asked_for(board.provider.walk(provider.way_there(trip)))["code"]
    with pytest.raises(OidcRefused) as refused:
        provider.redeem(code, set_out("/board", board.clock.now()))
    assert refused.value.detail == "code refused invalid_grant"
    code = asked_for(board.provider.walk(provider.way_there(trip)))["code"]
    assert provider.redeem(code, trip).id_token


def test_a_token_for_another_sign_in_is_not_believed(board: Board) -> None:
    """The trip's nonce is not the one that the provider was asked with."""
    browser = board.browser()
    address = board.set_out(browser)
    nonce = asked_for(address)["nonce"]
    back = board.provider.walk(address.replace(nonce, "a-nonce-of-somebody-else"))
    assert said(browser, board.come_back(browser, back)) == SENTENCES[Why.UNTRUSTED]


def test_an_answer_of_another_provider_is_not_taken(board: Board) -> None:
    for iss in ("https://evil.example", ""):
        browser = board.browser()
        back = asked_for(board.provider.walk(board.set_out(browser)))
        words = urlencode({"code": back["code"], "state": back["state"], "iss": iss})
        answer = board.come_back(browser, f"{BACK}?{words}")
        assert said(browser, answer) == SENTENCES[Why.UNTRUSTED]


def test_a_trip_that_took_too_long_ends_at_the_form(new_board: Board) -> None:
    browser = new_board.browser()
    back = new_board.provider.walk(new_board.set_out(browser))
    new_board.clock.advance(10 * MINUTE_MS)
    assert said(browser, new_board.come_back(browser, back)) == SENTENCES[Why.STALE]


def test_who_says_no_at_the_provider_reads_that_they_were_not_let_in(board: Board) -> None:
    browser = board.browser()
    state = asked_for(board.set_out(browser))["state"]
    words = {"error": "access_denied", "state": state, "iss": board.provider.address}
    answer = board.come_back(browser, f"{BACK}?{urlencode(words)}")
    assert said(browser, answer) == SENTENCES[Why.DENIED]


def test_another_client_secret_is_refused_and_blames_nobody(
    sqlite_house: House, board_of: BoardOf
) -> None:
    board = board_of(sqlite_house, client_secret="not the secret that was agreed upon")
    browser = board.browser()
    assert said(browser, board.sign_in(browser)) == SENTENCES[Why.UNTRUSTED]


def test_no_secret_gets_into_the_log(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    browser = board.browser()
    with caplog.at_level(logging.DEBUG):
        back = board.provider.walk(board.set_out(browser))
        caplog.clear()  # the walk is the browser's, and its library's lines are not ours
        board.come_back(browser, back)
        board.come_back(browser, back)
    asked = asked_for(back)
    assert "why=stale" in caplog.text
    assert asked["code"] not in caplog.text
    assert asked["state"] not in caplog.text
