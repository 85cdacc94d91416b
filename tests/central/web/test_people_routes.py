"""The people of a station, as a manager's and the office's pages ask for them."""

from pathlib import Path

import pytest

from central.people.first_person import FILE, FirstPerson
from central.web.app import WebSettings, create_app
from central.web.routes import Who
from contract.accounts import PersonRow
from tests.central import quick_passwords
from tests.central.web.hall import PASSWORD, STATION, Asker, Hall, reason

NEW = "lugn bil vid porten"
FROM_A_BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


@pytest.fixture
def manager(hall: Hall) -> Asker:
    hall.person(Who.OFFICE)
    return hall.person(Who.MANAGER)


def row_of(manager: Asker, name: str) -> PersonRow:
    rows = manager.get("people").json
    assert rows is not None
    return next(PersonRow(**row) for row in rows if row["name"] == name)


def signed_in(hall: Hall, code: str) -> Asker:
    """Somebody who came by a code: their browser, with their session's own value."""
    browser = hall.stranger()
    answer = browser.ask("POST", "/login", data={"code": code})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    session = browser.get("/v1/session").json
    assert session is not None
    browser.headers["X-Portvakt-Csrf"] = session["csrf"]
    return browser


def test_an_invited_person_is_let_to_nothing_but_a_password(hall: Hall, manager: Asker) -> None:
    made = manager.post("people", {"name": "Desk 2"})
    assert made.status_code == 201
    assert made.json is not None
    browser = hall.stranger()
    answer = browser.ask("POST", "/login", data={"code": made.json["code"]})
    assert (answer.status_code, answer.location) == (303, "/password")
    session = browser.get("/v1/session").json
    assert session is not None
    assert (session["role"], session["sets_password"]) == ("staff", True)
    browser.headers["X-Portvakt-Csrf"] = session["csrf"]
    assert reason(browser.get("queue")) == (403, "set_password_first")
    assert reason(browser.get("devices"))[0] == 403
    assert browser.get("/board").location == "/password"
    assert browser.get("/password").status_code == 200
    before = browser.client.get_cookie("portvakt_session")
    set_ = browser.post("/v1/session/password", {"new": NEW})
    assert set_.status_code == 204
    assert browser.client.get_cookie("portvakt_session") != before
    assert browser.get("queue").status_code == 200
    again = hall.stranger().ask("POST", "/login", data={"login": "Desk 2", "password": NEW})
    assert (again.status_code, again.location) == (303, "/board")


def test_who_was_invited_may_sign_out_again(hall: Hall, manager: Asker) -> None:
    made = manager.post("people", {"name": "Desk 2"}).json
    assert made is not None
    invited = signed_in(hall, made["code"])
    assert invited.post("/logout").status_code == 204
    assert reason(invited.get("/v1/session")) == (401, "not_signed_in")


def test_a_manager_sees_who_is_locked_and_lets_them_in(hall: Hall, manager: Asker) -> None:
    hall.yard.people.create_user("Desk 2", PASSWORD, [STATION])
    for _ in range(10):
        hall.stranger().ask("POST", "/login", data={"login": "Desk 2", "password": "guessed"})
    desk = row_of(manager, "Desk 2")
    assert desk.locked_until is not None
    unlocked = manager.post(f"people/{desk.id}/unlock", {})
    assert unlocked.json is not None
    assert "locked_until" not in unlocked.json or unlocked.json["locked_until"] is None
    form = {"login": "Desk 2", "password": PASSWORD}
    assert hall.stranger().ask("POST", "/login", data=form).status_code == 303


def test_a_manager_disables_promotes_and_invites_anew(hall: Hall, manager: Asker) -> None:
    hall.yard.people.create_user("Desk 2", PASSWORD, [STATION])
    desk = row_of(manager, "Desk 2").id
    promoted = manager.ask("PUT", f"people/{desk}", json={"role": "manager"})
    assert promoted.json is not None
    assert promoted.json["role"] == "manager"
    assert manager.post(f"people/{desk}/disable", {}).json["disabled"]  # type: ignore[index]
    assert reason(manager.post(f"people/{desk}/invite", {})) == (409, "person_refused")
    assert not manager.post(f"people/{desk}/enable", {}).json["disabled"]  # type: ignore[index]
    code = manager.post(f"people/{desk}/invite", {}).json["code"]  # type: ignore[index]
    assert signed_in(hall, code).post("/v1/session/password", {"new": NEW}).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "words", "said"),
    [
        ("POST", "people", {"name": "Desk 2", "role": "office"}, (403, "not_allowed")),
        ("POST", "people", {"name": "Desk 2", "role": "king"}, (422, "value_refused")),
        ("POST", "people", {"name": "manager of hall"}, (409, "person_refused")),
        ("POST", "people", {"name": " "}, (400, "bad_request")),
        ("PUT", "people/{office}", {"role": "staff"}, (403, "not_allowed")),
        ("PUT", "people/{own}", {"role": "staff"}, (403, "not_allowed")),
        ("PUT", "people/nobody", {"role": "staff"}, (404, "not_found")),
        ("POST", "people/{office}/disable", {}, (403, "not_allowed")),
        ("POST", "people/{office}/invite", {}, (403, "not_allowed")),
        ("POST", "people/{own}/invite", {}, (403, "not_allowed")),
    ],
)
def test_nobody_makes_more_of_themselves_or_of_others(
    hall: Hall, manager: Asker, method: str, path: str, words: object, said: tuple[int, str]
) -> None:
    ids = {
        "office": row_of(manager, "office of hall").id,
        "own": row_of(manager, "manager of hall").id,
    }
    assert reason(manager.ask(method, path.format(**ids), json=words)) == said


def test_nobody_of_the_office_is_taken_away_while_nobody_else_is_there(hall: Hall) -> None:
    office = hall.person(Who.OFFICE)
    hall.yard.people.create_user("Office 2", PASSWORD, [STATION], "office")
    second = row_of(office, "Office 2").id
    assert office.post(f"people/{second}/disable", {}).status_code == 200
    hall.yard.staffing.do(None, "", second, "enable")
    assert office.ask("PUT", f"people/{second}", json={"role": "staff"}).status_code == 200


# -- one's own password -------------------------------------------------------------------------


def test_ones_own_password_is_changed_and_other_boards_end(hall: Hall) -> None:
    here = hall.person()
    name = {"login": "staff of hall", "password": PASSWORD}
    there = hall.stranger()
    assert there.ask("POST", "/login", data=name).status_code == 303
    wrong = here.post("/v1/session/password", {"new": NEW, "old": "not it"})
    assert reason(wrong) == (422, "value_refused")
    assert reason(here.post("/v1/session/password", {"new": "short", "old": PASSWORD}))[0] == 422
    assert here.post("/v1/session/password", {"new": NEW, "old": PASSWORD}).status_code == 204
    assert here.get("queue").status_code == 200
    assert reason(there.get("queue")) == (401, "not_signed_in")
    hall.store.submit(lambda _: None).result()
    assert len(hall.ended) == 2
    unsaid = here.post("/v1/session/password", {"new": NEW, "old": NEW})
    assert reason(unsaid) == (403, "csrf"), "the session is a new one, and so is its value"


# -- the first person ---------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE


@pytest.fixture
def newcomer(hall: Hall, file: Path) -> Asker:
    """A browser that opens a central in which there is nobody."""
    first = FirstPerson(hall.yard.people, file)
    app = create_app(hall.yard, hall.clock, WebSettings(), first=first)
    return Asker(app.test_client(), {})


def test_a_stranger_comes_back_from_the_form_to_a_page_of_ours_only(newcomer: Asker) -> None:
    there = newcomer.get("/office?tab=looks&station=hall").location
    assert there == "/login?next=/office%3Ftab%3Dlooks%26station%3Dhall"
    for other in ("/docs", "/board?x=//evil.example", "/office?next=https://evil.example"):
        assert newcomer.get(other).location == "/login"


def test_an_empty_central_leads_to_its_first_person(newcomer: Asker, file: Path) -> None:
    assert newcomer.get("/board").location == "/login"
    assert newcomer.get("/login").location == "/first"
    page = newcomer.get("/first").get_data(as_text=True)
    assert 'action="/first"' in page
    assert str(file.parent) not in page, "where it lies is said to nobody who only has a browser"
    form = {"code": file.read_text(), "login": "Office 1", "password": PASSWORD}
    made = newcomer.ask("POST", "/first", data=form)
    assert (made.status_code, made.location) == (303, "/office")
    session = newcomer.get("/v1/session").json
    assert session is not None
    assert (session["role"], session["everywhere"]) == ("office", True)
    assert newcomer.get("/first").location == "/login"
    assert newcomer.get("/login").status_code == 200
    assert reason(newcomer.ask("POST", "/first", data=form)) == (404, "not_found")
    late = newcomer.ask("POST", "/first", data=form, headers=FROM_A_BROWSER)
    assert (late.status_code, late.location) == (303, "/login")


def test_a_browser_without_scripts_sees_what_was_wrong(newcomer: Asker, file: Path) -> None:
    form = {"code": "K7QF-93TM-XW2P-5HRD", "login": "Office 1", "password": PASSWORD}
    wrong = newcomer.ask("POST", "/first", data=form, headers=FROM_A_BROWSER)
    assert wrong.status_code == 401
    assert "not the code in the file" in wrong.get_data(as_text=True)
    form = {"code": file.read_text(), "login": "Office 1", "password": "short"}
    easy = newcomer.ask("POST", "/first", data=form, headers=FROM_A_BROWSER)
    assert easy.status_code == 422
    assert "at least 12 characters" in easy.get_data(as_text=True)


def test_the_code_in_the_file_is_not_guessed(newcomer: Asker, file: Path) -> None:
    form = {"code": "K7QF-93TM-XW2P-5HRD", "login": "Office 1", "password": PASSWORD}
    heard = [newcomer.ask("POST", "/first", data=form).status_code for _ in range(101)]
    assert [401] * 100 + [429] == heard
    right = {**form, "code": file.read_text()}
    assert reason(newcomer.ask("POST", "/first", data=right)) == (429, "too_many")


def test_no_other_site_makes_the_first_person(newcomer: Asker, file: Path) -> None:
    form = {"code": file.read_text(), "login": "Office 1", "password": PASSWORD}
    headers = {"Origin": "https://evil.example"}
    assert reason(newcomer.ask("POST", "/first", data=form, headers=headers)) == (403, "csrf")


def test_where_somebody_is_already_there_is_no_first(hall: Hall) -> None:
    hall.person()
    assert hall.stranger().get("/first").location == "/login"
    form = {"code": "", "login": "Office 1", "password": PASSWORD}
    assert reason(hall.stranger().ask("POST", "/first", data=form)) == (404, "not_found")
