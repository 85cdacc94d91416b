"""The page of the fleet before a real central: seventy-three stations, and what a person does there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from central.clock import SystemClock
from central.database.store import Store
from central.database.tx import Tx
from central.fleet import machines, wanted
from central.migrations import migrate
from central.places import setup
from central.places.setup import StationSetup
from central.words import COMMAND_LINE
from central.yard import Yard
from contract.fleet import BadRelease, MachineSaid, Phase
from tests.central.board.test_words import serious_faults
from tests.central.fleet.bundles import NEXT, PLATFORM, RELEASE, Signer
from tests.central.web import served as web_served
from tests.central.web.served import PASSWORD, Served

pytestmark = [pytest.mark.browser, pytest.mark.processes]

STATIONS = [f"{100 + 7 * number:04}" for number in range(73)]
LOST, BACK = "0310", "0156"
OLD = "26.11.4-0a0b0c0d"
NAMES = ("Post 1", "Sign 1", "Sign 2", "Sign 3")
WORDS = """async () => {
    const board = Object.keys((await import("/board/static/words_en.js")).en);
    const office = Object.keys((await import("/board/static/office/words_en.js")).en);
    const { own } = await import("/board/static/office/fleet_words.js");
    const holes = (text) => [...text.matchAll(/\\{\\w+\\}/g)].map(String).sort().join();
    const told = Object.fromEntries(Object.entries(own).map(([name, words]) =>
        [name, Object.fromEntries(Object.entries(words).map(([key, text]) => [key, holes(text)]))]));
    return { ...told, others: [...board, ...office] };
}"""


def say_all(tx: Tx) -> None:
    """Every machine has spoken within the last minute, but for a station that is dark."""
    now = datetime.now(UTC)
    for place, station in enumerate(STATIONS):
        named = StationSetup(name=f"Town {station}", time_zone="Europe/Stockholm")
        setup.insert_station(tx, COMMAND_LINE, station, named)
        wanted.put_in(tx, station, "lab" if place < 10 else "all")
        for name in NAMES:
            words: dict[str, Any] = {"release": OLD, "platform": PLATFORM, "boot": "b"}
            if (station, name) == (BACK, "Sign 2"):
                why = "panel did not open"
                words |= {"phase": Phase.ROLLED_BACK, "about": RELEASE, "why": why}
                words["bad"] = [BadRelease(release=RELEASE, why=why)]
            at = now - timedelta(minutes=47 if station == LOST else 0)
            role, device = name.split()[0].lower(), f"{name[:4].lower().strip()}-{place:08x}"
            said = MachineSaid(**words)
            device = f"{device}-{NAMES.index(name)}"
            machines.heard(tx, station, device, name, role, said, at, tells=False)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A central that has two releases and heard nearly three hundred machines."""
    folder = tmp_path_factory.mktemp("fleet")
    data = folder / "data"
    data.mkdir()
    signer = Signer(folder / "signer")
    (data / "allowed_signers").write_text(signer.trust, "ascii")
    url = f"sqlite:///{data / 'central.db'}"
    migrate(url)
    store = Store(url, SystemClock())
    yard = Yard(store, SystemClock(), folder=data)
    store.write(say_all)
    for release in (RELEASE, NEXT):
        yard.fleet.releases.add(_brought(signer, data, release), lambda _done, _of: None)
    yard.people.create_user("Office", PASSWORD, ["*"], "office")
    yard.people.create_user("Technician", PASSWORD, [BACK], "technician")
    store.close()
    with web_served.running(folder, limits_times=100) as served:
        yield served


def _brought(signer: Signer, data: Path, release: str) -> str:
    return signer.release(data / "releases", release).name


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    screen = {"width": 1440, "height": 900}
    return {**browser_context_args, "locale": "en-GB", "viewport": screen}


class Desk:
    """Somebody before the page."""

    def __init__(self, served: Served, page: Page) -> None:
        self.served, self.page = served, page

    def open(self, name: str = "Office") -> Page:
        code = self.served.admin.ask("sign_in_code", user=name)["code"]
        self.page.request.post(f"{self.served.address}/login", form={"code": code})
        self.page.goto(f"{self.served.address}/office/fleet")
        expect(self.page.locator("#rows tr").first).to_be_visible()
        return self.page

    def rows(self) -> Locator:
        return self.page.locator("#rows tr")

    def row(self, station: str, name: str) -> Locator:
        return self.rows().filter(has_text=station).filter(has_text=name)


@pytest.fixture
def desk(fleet: Served, page: Page) -> Iterator[Desk]:
    """No page may say anything on the console while it is looked at."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    yield Desk(fleet, page)
    assert [] == [text for text in said if "Failed to load resource" not in text]


@pytest.fixture
def released(fleet: Served) -> Iterator[None]:
    """The first ring wants the next release, for this test alone: the others find it as it was."""
    fleet.admin.ask("release", release=NEXT, ring="lab")
    yield
    words = {"release": NEXT, "rings": ["lab"]}
    answer = fleet.person("Office").post(f"{fleet.address}/v1/fleet/take-back", json=words)
    assert answer.json()["rings"] == ["lab"]


def test_the_first_line_says_how_all_are_and_what_needs_a_person_is_first(desk: Desk) -> None:
    page = desk.open()
    expect(page.locator("#ready")).to_have_text("71 of 73 stations ready")
    told = page.locator("#troubles li")
    expect(told).to_have_count(2)
    expect(told.nth(0)).to_have_text(re.compile(rf"^{LOST} lost since (yesterday )?\d\d:\d\d$"))
    expect(told.nth(1)).to_have_text(f"{BACK} Sign 2 went back from 26.11.5: panel did not open")
    expect(desk.rows()).to_have_count(73 * 4)
    for place in range(4):
        expect(desk.rows().nth(place)).to_contain_text(LOST)
    expect(desk.rows().nth(4)).to_contain_text("went back")
    told.nth(1).get_by_role("button").click()
    expect(desk.row(BACK, "Sign 2")).to_be_focused()


def test_a_machine_is_found_by_the_keyboard_alone(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("/")
    page.keyboard.type("0107 post")
    expect(desk.rows()).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(desk.rows().first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="0107 Post 1")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(desk.rows()).to_have_count(73 * 4)
    page.locator("#search").fill("nowhere")
    expect(page.locator("#none-found")).to_have_text("No machine fits “nowhere”. Esc shows all.")


def test_a_release_goes_to_the_next_ring_and_is_taken_back(desk: Desk) -> None:
    page = desk.open()
    row = page.locator("#release-rows > li").filter(has_text="26.11.6")
    row.get_by_role("button", name="Release to lab…").click()
    dialog = page.get_by_role("dialog", name="Release 26.11.6 to ring lab?")
    expect(dialog).to_contain_text("10 stations, 40 machines.")
    dialog.get_by_role("button", name="Release", exact=True).click()
    expect(page.locator("#undo-words")).to_have_text("26.11.6 goes to: lab.")
    expect(desk.row("0107", "Sign 2")).to_contain_text("→ 26.11.6")
    # A ring without stations has nothing to try: the next step is the ring that has them.
    expect(row.get_by_role("button", name="Release to all…")).to_be_visible()
    page.locator("#undo").click()
    expect(desk.row("0107", "Sign 2")).not_to_contain_text("→")


@pytest.mark.usefixtures("released")
def test_a_release_is_halted_with_a_reason_and_let_go_on(desk: Desk) -> None:
    page = desk.open()
    row = page.locator("#release-rows > li").filter(has_text="26.11.6")
    row.get_by_role("button", name="Halt…").click()
    page.get_by_role("dialog").get_by_label("Why").fill("The sign flickers")
    page.get_by_role("dialog").get_by_role("button", name="Halt", exact=True).click()
    expect(row).to_contain_text("The sign flickers")
    expect(desk.row("0107", "Sign 2")).to_contain_text("→ 26.11.6, halted")
    row.get_by_role("button", name="Let it go on…").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    expect(row).not_to_contain_text("The sign flickers")


def test_a_machine_is_pinned_and_a_station_moved_and_both_are_undone(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("button", name="Change 0604 Sign 1").click()
    page.get_by_role("button", name="Stay at 26.11.4").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it stay").click()
    row = desk.row("0604", "Sign 1")
    expect(row).to_contain_text("pinned")
    page.locator("#undo").click()
    expect(row).not_to_contain_text("pinned")
    page.get_by_role("button", name="Change 0604 Sign 1").click()
    page.get_by_role("button", name="Move 0604 to another ring").click()
    page.get_by_role("dialog").get_by_role("button", name="the first station").click()
    expect(row.locator(".c-ring")).to_have_text("one")
    page.locator("#undo").click()
    expect(row.locator(".c-ring")).to_have_text("all")


def test_a_technician_sees_their_own_and_changes_nothing(desk: Desk) -> None:
    page = desk.open("Technician")
    expect(desk.rows()).to_have_count(4)
    expect(page.locator("#ready")).to_have_text("The station is not ready")
    expect(page.locator("#rows button")).to_have_count(0)
    expect(page.locator("#release-rows button:visible")).to_have_count(0)


def test_what_is_old_looks_old(desk: Desk) -> None:
    page = desk.page
    page.clock.install()
    desk.open()
    page.context.set_offline(True)
    for _ in range(5):
        page.clock.run_for(10_000)
    expect(page.locator("body")).to_have_class(re.compile("stale"))
    expect(page.locator("#contact-words")).to_have_text(
        re.compile(r"^No contact\. This is how it was at \d\d:\d\d:\d\d\.$")
    )
    page.context.set_offline(False)
    page.clock.run_for(10_000)
    expect(page.locator("body")).not_to_have_class(re.compile("stale"))


def test_both_languages_have_all_words_and_change_none_of_the_others(desk: Desk) -> None:
    desk.page.goto(f"{desk.served.address}/login")
    told = desk.page.evaluate(WORDS)
    assert told["sv"] == told["en"]
    assert set(told["others"]) & set(told["en"]) == set()


def test_axe_finds_nothing_serious_in_either_language_nor_on_a_phone(desk: Desk) -> None:
    page = desk.open()
    # Nothing is looked at twice: three hundred rows alike would take axe a minute.
    page.get_by_role("button", name="Need somebody").click()
    expect(desk.rows()).to_have_count(5)
    assert serious_faults(page) == []
    page.locator("#language").click()
    expect(page.locator("#ready")).to_have_text("71 av 73 stationer är klara")
    page.set_viewport_size({"width": 390, "height": 844})
    assert serious_faults(page) == []
    wide = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)
