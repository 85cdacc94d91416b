"""Signing in and out, and what stops those who guess."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from central.people.lock_out import WRONG
from central.people.people import SignedIn, session_key
from central.web.app import WebSettings, create_app
from central.web.routes import Who
from central.web.signing_in import AT_ONCE, WAITING, SigningIn
from contract import problems
from contract.problems import Problem
from tests.central import quick_passwords
from tests.central.web.hall import PASSWORD, STATION, Asker, Hall, reason
from tests.waiting import until

FROM_A_BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


@pytest.fixture
def desk(hall: Hall) -> str:
    return hall.yard.people.create_user("Desk 1", PASSWORD, [STATION]).name


def try_to_sign_in(asker: Asker, login: str, password: str, **more: str) -> TestResponse:
    return asker.ask("POST", "/login", data={"login": login, "password": password}, headers=more)


def test_the_right_password_opens_the_board(hall: Hall, desk: str) -> None:
    browser = hall.stranger()
    answer = try_to_sign_in(browser, desk, PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/board")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if "session" in one)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/;" in cookie + ";"
    assert "Secure" not in cookie
    assert browser.get("/board").status_code == 200
    session = browser.get("/v1/session").json
    assert session is not None
    assert (session["name"], session["stations"]) == ("Desk 1", [STATION])


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(hall: Hall, desk: str) -> None:
    wrong = try_to_sign_in(hall.stranger(), desk, "guessed password")
    unknown = try_to_sign_in(hall.stranger(), "Nobody", "guessed password")
    assert reason(wrong) == (401, "wrong_sign_in")
    assert wrong.data == unknown.data
    assert "Set-Cookie" not in wrong.headers


def test_a_browser_without_scripts_sees_why_on_the_form(hall: Hall, desk: str) -> None:
    answer = try_to_sign_in(hall.stranger(), desk, "guessed password", **FROM_A_BROWSER)
    assert answer.status_code == 401
    assert answer.content_type == "text/html; charset=utf-8"
    assert "try again" in answer.get_data(as_text=True)


def guess(hall: Hall, name: str, times: int = WRONG, asker: Asker | None = None) -> list[int]:
    """What somebody hears who guesses so often, each time in a new browser unless told."""
    return [
        try_to_sign_in(asker or hall.stranger(), name, "guessed").status_code for _ in range(times)
    ]


def test_after_ten_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour(
    hall: Hall, desk: str
) -> None:
    assert guess(hall, desk) == [401] * WRONG
    refused = try_to_sign_in(hall.stranger(), desk, PASSWORD)
    assert reason(refused) == (429, "too_many")
    assert refused.headers["Retry-After"] == "900"
    hall.clock.advance(15 * 60_000)
    assert try_to_sign_in(hall.stranger(), desk, PASSWORD).status_code == 303


def test_the_desks_own_browser_gets_in_while_strangers_are_locked_out(
    hall: Hall, desk: str
) -> None:
    own = hall.stranger()
    assert try_to_sign_in(own, desk, PASSWORD).status_code == 303
    for _ in range(3):
        assert guess(hall, desk, WRONG + 1)[-1] == 429
        assert try_to_sign_in(own, desk, PASSWORD).status_code == 303
        hall.clock.advance(15 * 60_000)


def test_a_name_of_nobody_is_locked_like_one_of_somebody(hall: Hall, desk: str) -> None:
    heard = [guess(hall, name, WRONG + 1) for name in (desk, "Nobody")]
    assert heard[0] == heard[1] == [*[401] * WRONG, 429]
    said = [try_to_sign_in(hall.stranger(), name, "guessed") for name in (desk, "Nobody")]
    assert said[0].data == said[1].data
    assert said[0].headers["Retry-After"] == said[1].headers["Retry-After"]


def test_one_address_that_tries_many_names_is_slowed_down_and_the_desk_is_not(
    hall: Hall, desk: str
) -> None:
    own = hall.stranger()
    assert try_to_sign_in(own, desk, PASSWORD).status_code == 303
    heard = [guess(hall, f"Desk {number}", 1)[0] for number in range(100, 201)]
    assert heard == [*[401] * 100, 429]
    assert reason(try_to_sign_in(hall.stranger(), desk, PASSWORD)) == (429, "too_many")
    assert try_to_sign_in(own, desk, PASSWORD).status_code == 303


def test_codes_are_not_guessed_for_ever_either(hall: Hall, desk: str) -> None:
    codes = [hall.stranger().ask("POST", "/login", data={"code": "guessed"}) for _ in range(101)]
    assert [answer.status_code for answer in codes] == [*[401] * 100, 429]
    code = hall.yard.people.sign_in_code(desk)
    assert reason(hall.stranger().ask("POST", "/login", data={"code": code}))[0] == 429


def test_every_sign_in_brings_a_new_session_and_ends_the_one_before(hall: Hall, desk: str) -> None:
    """A token that somebody planted in this browser signs nobody in (session fixation)."""
    browser = hall.stranger()
    tokens = []
    for _ in range(2):
        assert try_to_sign_in(browser, desk, PASSWORD).status_code == 303
        cookie = browser.client.get_cookie("portvakt_session")
        assert cookie is not None
        tokens.append(cookie.value)
    assert tokens[0] != tokens[1]
    assert hall.ended == [session_key(tokens[0])]
    old = hall.with_cookies(f"portvakt_session={tokens[0]}")
    assert reason(old.get("/v1/session")) == (401, "not_signed_in")


def test_the_known_browsers_cookie_is_for_nobody_elses_page(hall: Hall, desk: str) -> None:
    answer = try_to_sign_in(hall.stranger(), desk, PASSWORD)
    known = next(one for one in answer.headers.getlist("Set-Cookie") if "portvakt_known" in one)
    assert {"HttpOnly", "SameSite=Strict", f"Max-Age={180 * 24 * 3600}"} <= set(known.split("; "))


def test_behind_tls_the_cookies_are_this_hosts_alone(hall: Hall, desk: str) -> None:
    app = create_app(hall.yard, hall.clock, WebSettings(secure_cookie=True))
    browser = Asker(app.test_client(), {})
    over_tls = {"base_url": "https://central.example"}
    form = {"login": desk, "password": PASSWORD}
    answer = browser.ask("POST", "/login", data=form, **over_tls)
    set_ = answer.headers.getlist("Set-Cookie")
    assert [one.partition("=")[0] for one in set_] == [
        "__Host-portvakt_session",
        "__Host-portvakt_known",
    ]
    for cookie in set_:
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert browser.get("/v1/session", **over_tls).status_code == 200
    token = set_[0].partition("=")[2].partition(";")[0]
    plain = Asker(app.test_client(use_cookies=False), {"Cookie": f"portvakt_session={token}"})
    assert reason(plain.get("/v1/session", **over_tls)) == (401, "not_signed_in")


def test_a_one_time_code_signs_in_once(hall: Hall, desk: str) -> None:
    code = hall.yard.people.sign_in_code(desk)
    first = hall.stranger().ask("POST", "/login", data={"code": code})
    again = hall.stranger().ask("POST", "/login", data={"code": code})
    assert first.status_code == 303
    assert reason(again) == (401, "wrong_sign_in")


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/board?station=hall", "/board?station=hall"),
        ("//evil.example/board", "/board"),
        ("https://evil.example", "/board"),
        ("/board\r\nX: y", "/board"),
        ("/boardroom", "/board"),
    ],
)
def test_signing_in_leads_to_the_board_and_nowhere_else(
    hall: Hall, desk: str, asked: str, goes_to: str
) -> None:
    form = {"code": hall.yard.people.sign_in_code(desk), "next": asked}
    assert hall.stranger().ask("POST", "/login", data=form).location == goes_to


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-site"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_no_other_site_signs_somebody_in(
    hall: Hall, desk: str, headers: dict[str, str], status: int
) -> None:
    assert try_to_sign_in(hall.stranger(), desk, PASSWORD, **headers).status_code == status


def test_what_is_no_form_is_refused(hall: Hall) -> None:
    answer = hall.stranger().post("/login", {"login": "Desk 1"})
    assert reason(answer) == (400, "bad_request")
    huge = hall.stranger().ask("POST", "/login", data={"login": "x" * 70_000})
    assert reason(huge) == (413, "too_large")


def test_signing_out_ends_the_session_and_its_streams(hall: Hall) -> None:
    staff = hall.person()
    cookie = staff.client.get_cookie("portvakt_session")
    assert cookie is not None
    assert staff.post("/logout").status_code == 204
    assert hall.ended == [session_key(cookie.value)]
    kept = hall.with_cookies(f"portvakt_session={cookie.value}")
    assert reason(kept.get("/v1/session")) == (401, "not_signed_in")


def test_a_session_is_found_beside_cookies_of_others(hall: Hall) -> None:
    staff = hall.person()
    cookie = staff.client.get_cookie("portvakt_session")
    assert cookie is not None
    cookies = f'a={{"b": 1}}; ; c; portvakt_session={cookie.value}; d="'
    assert hall.with_cookies(cookies).get("/v1/session").status_code == 200


def test_two_passwords_are_checked_at_once_a_few_wait_and_the_rest_come_back(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    checked: list[int] = []
    now: list[int] = []

    def slow(_name: str, _password: str, _browser: str) -> SignedIn:
        now.append(1)
        checked.append(len(now))
        go_on.wait(10)
        now.pop()
        raise Problem(problems.WRONG_SIGN_IN, "No.")

    monkeypatch.setattr(hall.yard.people, "sign_in", slow)
    signing_in = SigningIn(hall.yard.people, hall.clock)
    with ThreadPoolExecutor(AT_ONCE + WAITING) as people:
        tries = [
            people.submit(signing_in.by_password, f"person {number}", "guessed", "here")
            for number in range(AT_ONCE + WAITING)
        ]
        until(
            lambda: signing_in._rooms[False]._value == 0 and len(now) == AT_ONCE,
            what="a full house",
        )
        with pytest.raises(Problem) as refused:
            signing_in.by_password("late", "guessed", "here")
        assert refused.value.members == {"retry_after_s": 1}
        assert signing_in._rooms[True]._value == AT_ONCE + WAITING, "the desk has a line of its own"
        go_on.set()
        assert [tried.exception().kind for tried in tries] == [problems.WRONG_SIGN_IN] * 4  # type: ignore[union-attr]
    assert max(checked) == AT_ONCE


def test_the_board_and_its_files_are_served_and_nothing_beside_them(hall: Hall) -> None:
    staff, stranger = hall.person(Who.STAFF), hall.stranger()
    assert "text/html" in staff.get("/board").content_type
    script = stranger.get("/board/static/board.js")
    assert script.status_code == 200
    assert "javascript" in script.content_type
    etag = {"If-None-Match": script.headers["ETag"]}
    assert stranger.get("/board/static/board.js", headers=etag).status_code == 304
    for path in ("board.html", "../commands.py", "..%2fcommands.py", "nothing.js", "/etc/passwd"):
        assert stranger.get(f"/board/static/{path}").status_code in (404, 308), path
