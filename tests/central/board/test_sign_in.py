"""The pages in front of the board, in a browser, before a central that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.central.board.test_words import serious_faults
from tests.central.web.served import Served, running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSWORD = "lugn bil vid porten"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A central with one person, of the office."""
    with running(tmp_path_factory.mktemp("served")) as served:
        served.admin.ask("create_station", station="hall", name="Hall")
        served.admin.ask(
            "create_user", name="Office 1", password=PASSWORD, stations=["*"], role="office"
        )
        yield served


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """A central in which there is nobody yet."""
    with running(tmp_path) as served:
        served.admin.ask("create_station", station="hall", name="Hall")
        yield served


def test_the_first_person_and_whom_they_invite_get_in(page: Page, empty: Served) -> None:
    """One morning: an empty central, its first person, and a desk that comes by a code."""
    page.goto(empty.url("/board"))
    expect(page.get_by_role("heading", name="The first person")).to_be_visible()
    assert [] == serious_faults(page)
    page.get_by_label("Code").fill("K7QF-93TM-XW2P-5HRD")
    page.get_by_label("Name").fill("Office 1")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "That is not the code in the file. Look once more."
    )
    page.get_by_label("Code").fill((empty.data / "first-person.code").read_text().strip())
    page.keyboard.press("Enter")
    expect(page).to_have_url(empty.url("/office"))
    assert not (empty.data / "first-person.code").exists()

    made = empty.admin.ask("create_user", name="Desk 1", stations=["hall"])
    page.context.clear_cookies()
    page.goto(empty.url("/login"))
    page.get_by_text("I was given a code").click()
    assert [] == serious_faults(page)
    page.get_by_label("Code").fill("made up")
    page.keyboard.press("Enter")
    said = "used, is too old or is wrong"
    expect(page.locator("form[data-wrong]").get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_text(said)).to_have_count(1)
    page.get_by_label("Code").fill(made["code"].lower())
    page.keyboard.press("Enter")
    expect(page).to_have_url(empty.url("/password"))
    expect(page.get_by_text("For Desk 1")).to_be_visible()
    assert [] == serious_faults(page)
    page.get_by_label("New password").fill("password1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("too easy to guess")
    page.get_by_label("Show the password").check()
    fresh = page.get_by_label("New password")
    expect(fresh).to_have_attribute("type", "text")
    fresh.fill(PASSWORD)
    fresh.press("Enter")
    expect(page).to_have_url(empty.url("/board"))


def test_a_browser_without_scripts_is_let_in_and_told_why_when_it_is_not(
    browser: Browser, served: Served
) -> None:
    """It sends the form itself, with the origin that the page's own policy lets it say."""
    name = "Desk without scripts"
    served.admin.ask("create_user", name=name, password=PASSWORD, stations=["hall"])
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(served.url("/login"))
        for password, leads_to in (("gissat", "/login"), (PASSWORD, "/board")):
            page.locator("input[name=login]").fill(name)
            page.locator("input[name=password]").fill(password)
            with page.expect_response("**/login"):
                page.locator("button.main").click()
            expect(page).to_have_url(served.url(leads_to))
            if leads_to == "/login":
                expect(page.get_by_text("The name or the password is not right")).to_be_visible()


def test_a_page_of_ours_that_a_stranger_asked_for_comes_after_signing_in(
    page: Page, served: Served
) -> None:
    asked = "/office?tab=looks&station=hall"
    page.goto(served.url(asked))
    page.wait_for_url("**/login?next=**")
    page.get_by_label("Name").fill("Office 1")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(served.url(asked))
    expect(page.get_by_role("heading", name="Who looked", level=2)).to_be_visible()


def test_too_many_wrong_tries_say_how_long_it_takes(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(served.url("/login?lang=sv"))
    page.get_by_label("Namn").fill("Ingen")
    page.get_by_label("Lösenord").fill("gissat")
    alert = page.get_by_role("alert")
    for _ in range(10):
        with page.expect_response("**/login"):
            page.keyboard.press("Enter")
        expect(alert).to_have_text("Namn och lösenord hör inte ihop.")
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("Försök igen om 15 min")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
