"""People sign in by a real provider (Django OAuth Toolkit), and are here what it says they are."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from central.oidc.refusals import SENTENCES, Why
from tests.central.oidc.board import Board, House, asked_for, said, who_is
from tests.central.web.hall import PASSWORD
from tests.fakes.oidc_provider import AFTER, BACK
from tests.fakes.oidc_provider_process import RealProvider

pytestmark = pytest.mark.processes

MINUTE_MS = 60_000
BoardOf = Callable[..., Board]


def test_who_is_bound_comes_in_and_gets_where_they_wanted(
    house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    house.yard.people.create_user("Desk", PASSWORD, ["hall"])
    house.yard.people.link("Desk", provider.address, provider.subjects["desk"])
    board = board_of(house)
    browser = board.browser()
    page = browser.get("/login").get_data(as_text=True)
    assert 'href="/login/oidc"' in page
    assert "the works" in page
    answer = board.sign_in(browser, words="?next=/board%3Fstation%3Dhall")
    assert answer.headers["Location"] == "/board?station=hall"
    session = who_is(browser)
    assert session is not None
    assert session["name"] == "Desk"
    assert browser.get("/v1/stations/hall/queue").status_code == 200
    assert browser.get("/v1/stations/other/queue").status_code == 403


def test_the_browser_is_sent_with_a_challenge_and_comes_back_to_our_own_address(
    board: Board,
) -> None:
    browser = board.browser()
    answer = browser.get("/login/oidc", headers={"Host": "evil.example"})
    asked = asked_for(answer.headers["Location"])
    assert asked["redirect_uri"] == BACK
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["response_type"] == "code"
    assert "openid" in asked["scope"].split()
    assert {"state", "nonce"} <= asked.keys()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("portvakt_trip=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(cookie.split("; "))


def test_nobody_is_sent_on_to_a_page_of_somebody_else(board: Board) -> None:
    for wanted in ("https://evil.example/", "/board/../logout"):
        browser = board.browser()
        answer = board.sign_in(browser, words=f"?{urlencode({'next': wanted})}")
        assert answer.headers["Location"] == "/board"


def test_somebody_who_is_bound_to_nobody_stays_out_and_the_log_says_whom_to_link(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    browser = board.browser()
    answer = board.sign_in(browser, "guest")
    assert said(browser, answer) == SENTENCES[Why.UNKNOWN]
    assert f"subject='{board.provider.subjects['guest']}'" in caplog.text
    assert who_is(browser) is None


def test_the_same_subject_of_another_issuer_is_somebody_else(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    sqlite_house.bind("Desk", "https://id.example", provider.subjects["desk"])
    board = board_of(sqlite_house)
    browser = board.browser()
    assert said(browser, board.sign_in(browser)) == SENTENCES[Why.UNKNOWN]


def test_a_session_of_before_ends_when_somebody_signs_in(board: Board) -> None:
    browser, other = board.browser(), board.browser()
    board.sign_in(browser)
    before = browser.get_cookie("portvakt_session")
    assert before is not None
    board.sign_in(browser)
    other.set_cookie("portvakt_session", before.value)
    assert who_is(other) is None
    assert who_is(browser) is not None


def test_a_claim_says_who_is_what_and_changes_it_at_the_next_sign_in(
    house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    board = board_of(house, role_claim="groups")
    provider.claim("desk", groups=["portvakt:staff@hall"])
    first = board.browser()
    assert board.sign_in(first).headers["Location"] == "/board"
    session = who_is(first)
    assert session is not None
    assert (session["name"], session["role"]) == ("desk", "staff")
    provider.claim("desk", groups=["portvakt:manager@other"])
    second = board.browser()
    assert board.sign_in(second).headers["Location"] == "/board"
    session = who_is(second)
    assert session is not None
    assert session["role"] == "manager"
    assert second.get("/v1/stations/hall/queue").status_code == 403
    assert who_is(first) is None
    assert len(house.ended) == 1


def test_who_has_no_role_any_more_is_refused_and_signed_out_everywhere(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    board = board_of(sqlite_house, role_claim="groups")
    provider.claim("desk", groups=["portvakt:staff@hall"])
    before = board.browser()
    board.sign_in(before)
    assert who_is(before) is not None
    provider.claim("desk", groups=["printer-users"])
    after = board.browser()
    assert said(after, board.sign_in(after)) == SENTENCES[Why.NO_ROLE]
    assert who_is(before) is None
    assert len(sqlite_house.ended) == 1


def test_a_name_that_somebody_has_is_not_taken_over(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    sqlite_house.bind("Desk", "https://id.example", "1")
    board = board_of(sqlite_house, role_claim="groups")
    provider.claim("desk", groups=["portvakt:staff@hall"], name="Desk")
    browser = board.browser()
    assert said(browser, board.sign_in(browser)) == SENTENCES[Why.NAME_TAKEN]
    assert who_is(browser) is None


def test_without_the_setting_a_claim_gives_nobody_a_role(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    provider.claim("desk", groups=["portvakt:office@hall"])
    board = board_of(sqlite_house)
    browser = board.browser()
    assert said(browser, board.sign_in(browser)) == SENTENCES[Why.UNKNOWN]


def test_a_name_is_a_label_of_at_most_64_signs_and_never_an_address(
    sqlite_house: House, board_of: BoardOf, provider: RealProvider
) -> None:
    board = board_of(sqlite_house, role_claim="groups")
    shown = {"\u202e\n ": "desk", "x" * 100: "x" * 64}
    for claimed, name in shown.items():
        provider.claim("desk", groups="portvakt:staff@hall", name=claimed, email="a@b.example")
        provider.claim("guest", groups="portvakt:staff@hall", name=claimed, email="a@b.example")
        browser = board.browser()
        board.sign_in(browser, "desk" if name == "desk" else "guest")
        session = who_is(browser)
        assert session is not None
        assert session["name"] == name


def test_the_way_out_ends_at_the_provider_and_leads_back_to_the_form(board: Board) -> None:
    browser = board.browser()
    first = board.sign_in(browser)
    assert first.headers["Location"] == "/board"
    assert "/login/oidc/out" in browser.get("/login").get_data(as_text=True)
    answer = browser.get("/login/oidc/out")
    where = answer.headers["Location"]
    assert where.startswith(f"{board.provider.address}/logout/?")
    assert asked_for(where) == {"client_id": "portvakt", "post_logout_redirect_uri": AFTER}
