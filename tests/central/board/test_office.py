"""The office before a real central: what a person presses there is done, and can be seen to be done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from contract.ids import uuid7
from tests.central.board.test_words import serious_faults
from tests.central.web import served as web_served
from tests.central.web.served import PASSWORD, PATIENCE_S, Served

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TABS = ["Devices", "Halls", "People", "Other systems", "Who looked", "Personal data", "My password"]
TABS_SV = ["Enheter", "Hallar", "Personer", "Andra system", "Vem som tittade", "Personuppgifter"]
NEW_PASSWORD = "sex gula bilar i rad"


@dataclass
class Office:
    """A station of its own for one test, and a browser in which somebody of a role is signed in."""

    served: Served
    page: Page
    station: str

    def person(self, role: str) -> str:
        """Somebody of that role at this station, by name."""
        name = f"{role.title()} of {self.station}"
        self.served.admin.ask(
            "create_user", name=name, password=PASSWORD, stations=[self.station], role=role
        )
        return name

    def open(self, role: str, tab: str = "", query: str = "") -> Page:
        """Sign somebody of *role* in and open the office at *tab*."""
        code = self.served.admin.ask("sign_in_code", user=self.person(role))["code"]
        self.page.request.post(f"{self.served.address}/login", form={"code": code})
        self.page.goto(f"{self.served.address}/office{query}")
        expect(self.page.locator("#name")).to_have_text(f"Hall {self.station}")
        if tab:
            self.tab(tab)
        return self.page

    def tab(self, name: str) -> None:
        """Go to a part of the office."""
        self.tab_link(name).click()
        expect(self.page.get_by_role("heading", name=name, level=2)).to_be_visible()

    def tab_link(self, name: str) -> Locator:
        return self.page.get_by_role("navigation").get_by_role("link", name=name)

    def url(self, path: str) -> str:
        return f"{self.served.address}/v1/stations/{self.station}/{path}"

    def row(self, words: str) -> Locator:
        """The row of a list that says *words*."""
        return self.page.locator(".cards > li").filter(has_text=words)

    def said(self) -> Locator:
        """What the page says at its foot."""
        return self.page.locator("#foot")

    def enrol(self, code: str) -> requests.Response:
        """What a post does with its code."""
        return requests.post(self.url("devices/enrol"), json={"code": code}, timeout=PATIENCE_S)

    def post(self) -> dict[str, str]:
        """A post of its own, enrolled by the command line."""
        ask = self.served.admin.ask
        made = ask("device_code", station=self.station, role="post", name="Post 1")
        return dict(self.enrol(made["code"]).json())

    def says(self, post: dict[str, str], path: str, words: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {post['token']}"}
        answer = requests.post(self.url(path), json=words, headers=headers, timeout=PATIENCE_S)
        assert answer.ok, answer.text
        return dict(answer.json()) if answer.content else {}

    def arrives(self, plate: str) -> str:
        """Somebody types their plate at a post; gives the visit."""
        now = datetime.now(UTC)
        arrival = {"id": uuid7(int(now.timestamp() * 1000)), "plate": plate, "at": now.isoformat()}
        typed = arrival | {"synced": True, "boot_id": "b", "mono_ms": 1}
        return str(self.says(self.post(), "arrivals", typed)["visit"])

    def leaves(self, visit: str) -> None:
        """The desk sends that visit home."""
        session = self.served.person(self.person("staff"))
        answer = session.post(
            self.url(f"visits/{visit}/leave"), json={"version": 1}, timeout=PATIENCE_S
        )
        assert answer.ok, answer.text


# A boot counts as one that lasts after a minute, which nobody waits for here.
AT_ONCE = "import datetime, central.devices.clones as clones; clones.LATE = datetime.timedelta(0)"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web_served, "START", f"{AT_ONCE}\n{web_served.START}")
        with web_served.running(tmp_path_factory.mktemp("served"), limits_times=100) as one:
            yield one


@pytest.fixture
def office(served: Served, page: Page, request: pytest.FixtureRequest) -> Iterator[Office]:
    """No page may say anything on the console while it is looked at."""
    station = f"s{abs(hash(request.node.name)) % 10**8}"
    served.admin.ask("create_station", station=station, name=f"Hall {station}")
    served.admin.ask("create_bay", station=station, bay="bay-1", door="1")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    yield Office(served, page, station)
    assert [] == [text for text in said if "Failed to load resource" not in text]


def code_shown(page: Page) -> str:
    """The code as a person reads it off the page."""
    shown = page.get_by_role("dialog").locator(".code")
    expect(shown).to_be_visible()
    return shown.inner_text().replace("\n", "")


def lines_of(code: Locator) -> list[str]:
    """The signs that stand beside each other, line by line."""
    script = """(code) => {
        const lines = {};
        for (const sign of code.querySelectorAll(".key, .dash")) {
            const top = Math.round(sign.getBoundingClientRect().top);
            lines[top] = (lines[top] ?? "") + sign.textContent;
        }
        return Object.values(lines);
    }"""
    lines: list[str] = code.evaluate(script)
    return lines


# -- devices ------------------------------------------------------------------------------------


def test_a_technician_makes_a_code_with_the_keyboard_and_a_post_enrols_with_it(
    office: Office,
) -> None:
    page = office.open("technician")
    page.get_by_role("button", name="New device…").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Post at the entrance")
    page.keyboard.press("Enter")
    code = code_shown(page)
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", code)
    expect(page.get_by_role("dialog")).to_contain_text("sudo systemctl restart portvakt-kiosk")
    assert [] == serious_faults(page)
    page.keyboard.press("Escape")
    expect(office.row(f"The code begins with {code[:4]}")).to_contain_text("Tries left: 5")
    assert office.enrol(code).status_code == 201
    page.reload()
    expect(office.row("Post at the entrance")).to_contain_text("Has never been heard.")
    expect(page.get_by_text("Codes that wait")).to_be_hidden()


def test_a_code_that_is_withdrawn_enrols_nothing(office: Office) -> None:
    page = office.open("technician")
    page.get_by_role("button", name="New device…").click()
    page.get_by_role("radio", name="Sign").check()
    page.get_by_label("Name, as it stands").fill("Sign 1")
    page.get_by_role("button", name="Make a code").click()
    code = code_shown(page)
    page.get_by_role("button", name="Done").click()
    expect(office.row("Sign 1")).to_contain_text("Sign at door 1.")
    page.get_by_role("button", name="Withdraw the code").click()
    expect(office.said()).to_contain_text(f"The code {code[:4]} works no longer.")
    assert office.enrol(code).status_code == 403


def test_a_device_is_shut_out_only_after_a_question_that_says_what_will_happen(
    office: Office,
) -> None:
    post = office.post()
    page = office.open("technician")
    page.get_by_role("button", name="Change Post 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Shut out…").click()
    question = page.get_by_role("dialog", name="Shut out Post 1?")
    expect(question).to_contain_text("It cannot be undone")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    expect(question.get_by_role("button", name="Shut out")).to_have_class("danger")
    question.get_by_role("button", name="Shut out").click()
    expect(office.said()).to_contain_text("Post 1 is shut out.")
    expect(page.get_by_text("No device is connected yet.")).to_be_visible()
    headers = {"Authorization": f"Bearer {post['token']}"}
    answer = requests.get(office.url("expected"), headers=headers, timeout=PATIENCE_S)
    assert answer.json()["reason"] == "unknown_device"


def test_a_copied_card_stands_on_top_with_what_to_do_until_somebody_says_that_it_is_gone(
    office: Office,
) -> None:
    post = office.post()
    for boot in ("here", "copy", "copy", "here"):
        office.says(post, f"devices/{post['device']}/heartbeat", {"release": "1", "boot": boot})
    page = office.open("technician")
    alert = page.locator(".alert")
    expect(alert).to_contain_text("Two machines say that they are Post 1")
    expect(alert.get_by_role("listitem").first).to_have_text("Find the copy and switch it off.")
    assert [] == serious_faults(page)
    alert.get_by_role("button", name="The copy is gone").click()
    expect(alert).to_be_hidden()
    expect(office.row("Post 1")).to_contain_text("Works. Heard")


def test_a_manager_sees_devices_and_may_not_change_them(office: Office) -> None:
    office.post()
    page = office.open("manager")
    expect(office.row("Post 1")).to_be_visible()
    assert page.locator("main").get_by_role("button").count() == 0


# -- people -------------------------------------------------------------------------------------


def test_a_manager_invites_somebody_who_then_sets_a_password(office: Office) -> None:
    page = office.open("manager", "People")
    page.get_by_role("button", name="Invite…").click()
    roles = page.get_by_role("dialog").get_by_role("radio")
    expect(roles).to_have_count(2)
    name = f"Desk of {office.station}"
    page.get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    code = code_shown(page)
    assert [10, 9] == [len(line) for line in lines_of(page.locator("dialog .code"))]
    page.keyboard.press("Escape")
    expect(office.row(name)).to_contain_text("Has not set a password yet.")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login*")
    page.get_by_text("I was given a code").click()
    page.get_by_label("Code").fill(code.lower())
    page.keyboard.press("Enter")
    page.wait_for_url("**/password")
    page.goto(f"{office.served.address}/office")
    page.wait_for_url("**/password")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board*")
    expect(page.locator("#who")).to_contain_text(name)


def test_the_office_of_all_stations_says_where_whom_it_invites_may_sign_in(
    office: Office,
) -> None:
    other = f"x{office.station}"
    office.served.admin.ask("create_station", station=other, name=f"Hall {other}")
    name = f"Lead of {office.station}"
    office.served.admin.ask(
        "create_user", name=name, password=PASSWORD, stations=["*"], role="office"
    )
    code = office.served.admin.ask("sign_in_code", user=name)["code"]
    page = office.page
    page.request.post(f"{office.served.address}/login", form={"code": code})
    page.goto(f"{office.served.address}/office?tab=people&station={office.station}")
    expect(page.locator("#station option:checked")).to_have_text(f"Hall {office.station}")
    page.get_by_role("button", name="Invite…").click()
    dialog = page.get_by_role("dialog")
    here = dialog.get_by_role("checkbox", name=f"Hall {office.station}", exact=True)
    every = dialog.get_by_role("checkbox", name="All stations")
    expect(here).to_be_checked()
    expect(every).to_be_hidden()
    dialog.get_by_label("Name").fill(f"Desk of {office.station}")
    dialog.get_by_role("checkbox", name=f"Hall {other}", exact=True).check()
    dialog.get_by_role("button", name="Invite").click()
    code_shown(page)
    page.keyboard.press("Escape")
    expect(office.row(f"Desk of {office.station}")).to_contain_text(
        f"Hall {office.station}, Hall {other}"
    )
    page.get_by_role("button", name="Invite…").click()
    dialog.get_by_label("Name").fill(f"Second of {office.station}")
    dialog.get_by_role("radio", name="Office").check()
    every.check()
    expect(here).to_be_disabled()
    dialog.get_by_role("button", name="Invite").click()
    code_shown(page)
    page.keyboard.press("Escape")
    expect(office.row(f"Second of {office.station}")).to_contain_text("Office · all stations")


def test_a_manager_is_told_to_ask_the_office_for_whom_they_may_not_unlock(office: Office) -> None:
    name = office.person("technician")
    session = requests.Session()
    for _ in range(10):
        form = {"login": name, "password": "guessed"}
        session.post(f"{office.served.address}/login", form, timeout=PATIENCE_S)
    office.open("manager", "People")
    expect(office.row(name)).to_contain_text("Ask the office to unlock them.")


def test_who_is_disabled_by_mistake_is_let_in_again_with_one_press(office: Office) -> None:
    name = office.person("staff")
    page = office.open("manager", "People")
    page.get_by_role("button", name=f"Change {name}").click()
    page.get_by_role("button", name="Disable…").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable", exact=True).click()
    expect(office.row(name)).to_contain_text("May not sign in.")
    page.get_by_role("button", name="Undo").click()
    expect(office.row(name)).to_contain_text("Has never signed in.")


def test_nobody_is_offered_what_they_may_not_do(office: Office) -> None:
    above, equal = office.person("office"), office.person("staff")
    page = office.open("manager", "People")
    expect(office.row(above)).to_be_visible()
    expect(page.get_by_role("button", name=f"Change {above}")).to_be_hidden()
    expect(office.row("this is you").get_by_role("button")).to_be_hidden()
    page.get_by_role("button", name=f"Change {equal}").click()
    page.get_by_role("button", name="Change role…").click()
    page.get_by_role("radio", name="Manager").check()
    page.get_by_role("dialog").get_by_role("button", name="Change", exact=True).click()
    expect(office.said()).to_contain_text(f"{equal} is now: Manager.")


def test_one_changes_ones_own_password_and_stays_signed_in(office: Office) -> None:
    page = office.open("staff")
    expect(page.get_by_role("navigation")).to_be_hidden()
    page.get_by_label("The password now").fill(PASSWORD)
    page.get_by_label("The new password").fill("kort")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The new password has at least 12 characters.")
    page.get_by_label("The new password").fill(NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(office.said()).to_contain_text("The password is changed.")
    page.get_by_label("The password now").fill(PASSWORD)
    page.get_by_label("The new password").fill(NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The password now is not right.")


# -- other systems ------------------------------------------------------------------------------


def test_a_token_is_made_used_and_revoked(office: Office) -> None:
    page = office.open("manager", "Other systems")
    page.get_by_role("button", name="New key…").click()
    page.get_by_label("The system's name").fill("Bookings of the chain")
    page.keyboard.press("Enter")
    token = page.get_by_role("dialog").locator(".token").inner_text()
    assert [] == serious_faults(page)
    page.keyboard.press("Escape")
    expect(office.row("Bookings of the chain")).to_contain_text("Has never been used.")
    headers = {"Authorization": f"Bearer {token}"}
    booking = {"plate": "ABC123", "slot_at": datetime.now(UTC).isoformat()}

    def books() -> int:
        url = office.url("bookings/b-1")
        return requests.put(url, json=booking, headers=headers, timeout=PATIENCE_S).status_code

    assert books() == 201
    page.reload()
    expect(office.row("Bookings of the chain")).to_contain_text("Last used")
    page.get_by_role("button", name="Revoke the key of Bookings of the chain").click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Revoke")
    expect(sure).to_have_class("danger")
    sure.click()
    expect(office.row("Bookings of the chain")).to_contain_text("Revoked")
    assert books() == 401


# -- who looked, and personal data ----------------------------------------------------------------


def test_a_look_is_seen_and_filtered_by_person(office: Office) -> None:
    desk = office.person("staff")
    session = office.served.person(desk)
    assert session.get(office.url("queue"), timeout=PATIENCE_S).ok
    page = office.open("manager", "Who looked")
    expect(office.row(desk)).to_contain_text("Saw the board")
    page.get_by_label("Person").select_option(desk)
    expect(page.locator(".looks-list > li")).to_have_count(1)
    page.get_by_role("button", name="The day before").click()
    expect(page.get_by_text("Nobody looked on that day.")).to_be_visible()


def test_everything_about_one_plate_is_shown_and_then_erased(office: Office) -> None:
    visit = office.arrives("ABC123")
    page = office.open("manager", "Personal data")
    page.get_by_label("Number plate").fill("abc 123")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Everything about ABC 123")).to_be_focused()
    expect(page.locator(".export")).to_contain_text("Checked in at the post")
    facts = page.locator(".row-facts").first
    expect(facts.locator("dt").first).to_have_text("plate")
    expect(facts.locator("dd").first).to_have_text("ABC 123")
    expect(facts).to_contain_text("why in that orderno booking")
    expect(facts).to_contain_text("nowwaiting")
    expect(facts).not_to_contain_text("how it ended")
    assert [] == serious_faults(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert "ABC" not in download.value.suggested_filename
    erase(page)
    expect(page.locator("main")).to_contain_text("ABC 123 has an open visit. End it on the board")
    office.leaves(visit)
    erase(page)
    expect(page.locator("main")).to_contain_text("Erased about ABC 123: visits 1, arrivals 1.")
    page.get_by_role("button", name="Show all we have").click()
    expect(page.get_by_text("We have nothing about this plate.")).to_be_visible()


def erase(page: Page) -> None:
    """Ask for it, read what will happen, and say yes."""
    page.get_by_role("button", name="Erase…").click()
    question = page.get_by_role("dialog", name="Erase everything about")
    expect(question.locator("h2 .plate")).to_have_text("SABC 123")
    expect(question).to_contain_text("This stays: the times of the visits")
    question.get_by_role("button", name="Erase").click()


def test_the_office_asks_staff_to_end_a_visit_that_it_wants_to_erase(office: Office) -> None:
    office.arrives("DEF456")
    page = office.open("office", "Personal data")
    expect(page.locator("main")).to_contain_text("The nightly erasure has not run yet.")
    page.get_by_label("Number plate").fill("DEF456")
    page.get_by_role("button", name="Erase…").click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(page.locator("main")).to_contain_text("Ask staff to end it on the board")


# -- the page itself ----------------------------------------------------------------------------


def test_every_part_is_clean_for_axe_in_both_languages_and_fits_a_phone(office: Office) -> None:
    office.arrives("ABC123")
    page = office.open("office")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.get_by_role("navigation").get_by_role("link").all_inner_texts() == TABS
    wide = "document.documentElement.scrollWidth"
    faults = {}
    for tab in TABS:
        office.tab(tab)
        faults[tab] = [*serious_faults(page), page.evaluate(wide)]
    page.get_by_role("button", name="Svenska").click()
    for tab in TABS_SV:
        office.tab(tab)
        faults[tab] = [page.evaluate(wide)]
    assert {name: [390] for name in [*TABS, *TABS_SV]} == faults


def test_the_tab_is_in_the_address_and_survives_a_session_that_is_over(office: Office) -> None:
    page = office.open("manager", "Other systems")
    expect(page).to_have_title(f"Other systems – Hall {office.station} – Portvakt")
    expect(page.get_by_role("link", name="Other systems")).to_be_focused()
    office.tab("People")
    page.go_back()
    expect(page.get_by_role("heading", name="Other systems", level=2)).to_be_visible()
    page.context.clear_cookies()
    office.tab_link("People").click()
    page.wait_for_url("**/login?next=*")
    page.get_by_label("Name").fill(f"Manager of {office.station}")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="People", level=2)).to_be_visible()


def test_the_board_leads_to_the_office_and_back(office: Office) -> None:
    page = office.open("manager")
    page.get_by_role("link", name="To the board").click()
    page.wait_for_url("**/board?*")
    page.get_by_role("link", name="Office").click()
    expect(page.get_by_role("heading", name="Devices", level=2)).to_be_visible()
