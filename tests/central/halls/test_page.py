"""The office's page of halls in a browser: what is old looks old, and a quiet hall is not a lost one."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.central.board.test_words import serious_faults
from tests.central.halls.pretended import all_kinds
from tests.central.web.served import PASSWORD, Served, running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

Open = Callable[[str], Page]
CONNECT = {"en": "Connect a hall…", "sv": "Anslut en hall…"}
MAKE = {"en": "Make the key", "sv": "Gör nyckeln"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running(tmp_path_factory.mktemp("office"), limits_times=100) as served:
        served.set_up()
        all_kinds(served)
        served.admin.ask(
            "create_user", name="Head", password=PASSWORD, stations=["*"], role="office"
        )
        yield served


@pytest.fixture
def halls(office: Served, page: Page) -> Open:
    """Open the page in a language, as somebody of the office."""

    def opened(language: str) -> Page:
        code = office.admin.ask("sign_in_code", user="Head")["code"]
        page.request.post(f"{office.address}/login", form={"code": code})
        page.goto(f"{office.address}/office?tab=halls&lang={language}")
        expect(page.locator(".halls-list > li").first).to_be_visible()
        return page

    return opened


def test_each_hall_says_how_old_what_is_known_of_it_is(halls: Open) -> None:
    page = halls("en")
    row = page.locator(".halls-list > li")
    expect(row.filter(has_text="Kiruna")).to_contain_text("In contact. As of")
    expect(row.filter(has_text="Kiruna")).to_contain_text("Nobody waits")
    expect(row.filter(has_text="Piteå")).to_contain_text("6 min ago")
    lost = row.filter(has_text="Skellefteå")
    expect(lost).to_contain_text("No contact since")
    expect(lost).to_contain_text("4 days ago")
    # Whoever waits there now nobody knows.
    expect(lost).not_to_contain_text("Nobody waits")
    expect(row.filter(has_text="Umeå")).to_contain_text("Has never reported.")


def test_what_needs_somebody_in_a_hall_is_said(halls: Open) -> None:
    busy = halls("en").locator(".halls-list > li").filter(has_text="Luleå")
    for words in (
        "6 waiting, the first came",
        "Somebody needs help and is not helped yet.",
        "Post 1 (nobody can type), Sign 1.",
        "somebody in the hall bears its name",
        "Its last backup was",
    ):
        expect(busy).to_contain_text(words)


def test_the_end_of_a_key_is_said_two_months_before_and_in_red_when_it_has_come(
    halls: Open,
) -> None:
    row = halls("en").locator(".halls-list > li")
    soon = row.filter(has_text="Luleå").locator('[data-level="look"]', has_text="Its key ends on ")
    expect(soon).to_contain_text("make a new one and give it to the hall box.")
    over = row.filter(has_text="Skellefteå").locator('[data-level="act"]', has_text="Its key ended")
    expect(over).to_contain_text("nothing is heard of it until a new one is in the hall box.")
    expect(row.filter(has_text="Kiruna")).not_to_contain_text("key")
    swedish = halls("sv").locator(".halls-list > li").filter(has_text="Luleå")
    expect(swedish).to_contain_text("Dess nyckel går ut ")


def test_a_hall_whose_reports_are_not_taken_says_who_is_in_the_way(halls: Open) -> None:
    row = halls("en").locator(".halls-list > li").filter(has_text="Övertorneå")
    expect(row.locator('[data-level="act"]')).to_have_text(
        "1 vehicle is still on the board here, so its reports are not taken. Revoke its key under Other"
        " systems, finish or close it, then make a new key."
    )


def test_no_key_is_made_while_somebody_is_on_the_board_here(halls: Open, office: Served) -> None:
    said = {
        "en": "1 vehicle is still on the board of Vännäs here. Finish or close it first, for nobody would"
        " see it any more.",
        "sv": "1 fordon är kvar på tavlan för Vännäs här. Avsluta det först, annars ser ingen det längre.",
    }
    for language, words in said.items():
        page = halls(language)
        page.goto(f"{office.address}/office?tab=halls&station=vannas&lang={language}")
        page.get_by_role("button", name=CONNECT[language]).click()
        page.get_by_role("dialog").get_by_role("button", name=MAKE[language]).click()
        expect(page.locator("#notice")).to_have_text(words)


def test_a_hall_that_reports_gets_another_key_beside_the_one_it_has(
    halls: Open, office: Served
) -> None:
    page = halls("en")
    page.goto(f"{office.address}/office?tab=halls&station=pitea&lang=en")
    page.get_by_role("button", name="Connect a hall…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Another key for Piteå")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("dialog")).to_contain_text("revoke the old one there")
    page.get_by_role("button", name="Done").click()


def test_a_device_of_a_hall_is_taken_out_of_service_from_here(halls: Open) -> None:
    page = halls("en")
    page.locator(".halls-list > li").filter(has_text="Luleå").get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out of service").click()
    expect(page.locator("#foot")).to_contain_text("Sign 1 goes out of service when the hall hears")


def test_a_page_that_has_lost_its_own_office_says_so_and_calls_nobody_well(
    halls: Open, page: Page
) -> None:
    page.clock.install()
    halls("en")
    page.route("**/v1/halls", lambda route: route.abort())
    page.clock.run_for(200_000)
    expect(page.locator(".page-lost")).to_contain_text("It shows what it knew at")
    # Another test may have connected one more.
    expect(page.locator(".sum")).to_have_text(re.compile(r"^0 of \d halls in contact\.$"))


def test_it_is_clean_for_axe_and_fits_a_phone_in_both_languages(halls: Open) -> None:
    for language in ("sv", "en"):
        page = halls(language)
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert [*serious_faults(page), wide] == [390]


def test_a_hall_is_connected_with_a_key_that_is_shown_once(halls: Open) -> None:
    page = halls("en")
    page.get_by_role("button", name="Connect a hall…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Connect Hall: its line moves into the hall")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".token")).to_contain_text("pv_api-")
    expect(page.get_by_role("dialog")).to_contain_text("central box office http://127.0.0.1:")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".halls-list")).to_contain_text("Hall")


def test_the_board_of_a_hall_says_at_its_office_where_the_line_is(
    halls: Open, office: Served
) -> None:
    page = halls("en")
    page.goto(f"{office.address}/board?station=pitea")
    expect(page.locator("#contact-words")).to_have_text(
        "This line is kept by the computer in its hall. Open the board there."
    )
