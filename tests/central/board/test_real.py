"""The board before a real central: what a person presses is done, and what central refuses is said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from contract.ids import uuid7
from tests.central.board.hands import choose_in_menu
from tests.central.web import served as web_served
from tests.central.web.served import PASSWORD, PATIENCE_S, Served

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class Station:
    """A station of its own for one test: two doors, Desk 1 at the board, Desk 2 elsewhere."""

    served: Served
    name: str

    def set_up(self) -> "Station":
        ask = self.served.admin.ask
        ask("create_station", station=self.name, name=f"Hall {self.name}")
        for door in "12":
            ask("create_bay", station=self.name, bay=f"bay-{door}", door=door)
        for desk in (1, 2):
            ask("create_user", name=self.desk(desk), password=PASSWORD, stations=[self.name])
        return self

    def desk(self, number: int) -> str:
        return f"Desk {number} of {self.name}"

    def url(self, path: str) -> str:
        return f"{self.served.address}/v1/stations/{self.name}/{path}"

    def other(self, path: str, words: dict[str, Any]) -> dict[str, Any]:
        """Desk 2 does something, at another board."""
        session = self.served.person(self.desk(2))
        answer = session.post(self.url(path), json=words, timeout=PATIENCE_S)
        assert answer.ok, answer.text
        return dict(answer.json()) if answer.content else {}

    def arrives(self, plate: str, kind: str = "full") -> dict[str, Any]:
        return self.other("arrivals", {"id": uuid7(_ms()), "plate": plate, "kind": kind})

    def post(self) -> dict[str, str]:
        """A post of its own, as it was enrolled."""
        return self.device(role="post", name="Post 1")

    def device(self, **words: Any) -> dict[str, str]:
        words = {"station": self.name, **words}
        code = self.served.admin.ask("device_code", **words)["code"]
        enrolled = requests.post(self.url("devices/enrol"), json={"code": code}, timeout=PATIENCE_S)
        return dict(enrolled.json())

    def says(self, post: dict[str, str], path: str, words: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {post['token']}"}
        answer = requests.post(self.url(path), json=words, headers=headers, timeout=PATIENCE_S)
        assert answer.ok, answer.text

    def typed_at_the_post(self, plate: str) -> None:
        now = datetime.now(UTC).isoformat()
        arrival = {"id": uuid7(_ms()), "plate": plate, "at": now, "synced": True}
        self.says(self.post(), "arrivals", arrival | {"boot_id": "b", "mono_ms": 1})

    def is_closed_today(self) -> None:
        in_three_days = DAYS[(datetime.now(UTC).weekday() + 3) % len(DAYS)]
        hours = f"{in_three_days} 07:00-17:00"
        self.served.admin.ask("set_station", station=self.name, hours=hours)


def _ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


# A clock that nobody has set knows no closing time, and the machine that runs this may have such a one.
CLOCK_IS_SET = "import central.clock; central.clock.kernel_clock_state = lambda: 0"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web_served, "START", f"{CLOCK_IS_SET}\n{web_served.START}")
        with web_served.running(tmp_path_factory.mktemp("served")) as one:
            yield one


@pytest.fixture
def station(served: Served, request: pytest.FixtureRequest) -> Station:
    name = f"s{abs(hash(request.node.name)) % 10**8}"
    return Station(served, name).set_up()


@pytest.fixture
def board(page: Page, station: Station) -> Iterator[Callable[[], Page]]:
    """Sign Desk 1 in and open their board; no page may say anything on the console."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))

    def open_board() -> Page:
        code = station.served.admin.ask("sign_in_code", user=station.desk(1))["code"]
        page.request.post(f"{station.served.address}/login", form={"code": code})
        page.goto(f"{station.served.address}/board")
        expect(page.locator("#contact-words")).to_contain_text("Up to date")
        return page

    yield open_board
    assert [] == said


Open = Callable[[], Page]


def row(page: Page, plate: str) -> Locator:
    return page.locator("#line-rows > li").filter(has_text=plate)


def card(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Door {number}")


def test_a_call_is_taken_back(station: Station, board: Open) -> None:
    station.arrives("ABC123")
    page = board()
    card(page, "2").get_by_role("button", name="Call next ABC 123").click()
    expect(page.locator("#undo-words")).to_have_text("ABC 123 called to door 2.")
    expect(card(page, "2")).to_contain_text("Called")
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_have_text("Taken back. ABC 123 is waiting.")
    expect(row(page, "ABC 123")).to_be_visible()


def test_a_slip_at_the_desk_is_taken_back(station: Station, board: Open) -> None:
    page = board()
    page.get_by_label("Plate").fill("ABC132")
    page.keyboard.press("Enter")
    expect(row(page, "ABC 132")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_have_text("Taken back. ABC 132 is removed.")
    expect(row(page, "ABC 132")).to_have_count(0)


def test_what_somebody_else_has_changed_since_is_not_taken_back(
    station: Station, board: Open
) -> None:
    visit = station.arrives("ABC123")["visit"]
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Park")
    expect(row(page, "ABC 123")).to_contain_text("Parked")
    station.other(f"visits/{visit}/unpark", {"version": 2})
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_have_text(
        f"{station.desk(2)} has entered or changed ABC 123 since. ABC 123 is waiting now."
    )


def test_a_car_that_must_come_back_is_known_when_it_does(station: Station, board: Open) -> None:
    station.arrives("ABC123")
    page = board()
    card(page, "1").get_by_role("button", name="Call next").click()
    card(page, "1").get_by_role("button", name="Drove in").click()
    card(page, "1").get_by_role("button", name="Finish").click()
    page.keyboard.press("3")
    page.get_by_label("Remarks").fill("Horn\nBrake hose")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#undo-words")).to_have_text("ABC 123 finished.")
    expect(card(page, "1")).to_contain_text("Free")
    page.get_by_label("Plate").fill("abc 123")
    page.keyboard.press("Enter")
    row(page, "ABC 123").locator(".plate").click()
    last = page.get_by_role("dialog").locator(".vehicle dd")
    expect(last).to_contain_text(["Re-inspection required: Horn; Brake hose"])


def test_the_order_is_changed_and_the_reason_is_shown(station: Station, board: Open) -> None:
    for plate in ("ABC123", "KLM456", "RST78A"):
        station.arrives(plate)
    page = board()
    choose_in_menu(row(page, "RST 78A"), "Change order…")
    page.get_by_label("To stand").select_option("before 1: ABC 123")
    page.get_by_role("dialog").get_by_role("button", name="Promised").click()
    page.keyboard.press("Enter")
    expect(row(page, "RST 78A")).to_contain_text("Moved: Promised")
    expect(page.locator("#line-rows .plate").first).to_contain_text("RST 78A")


def test_what_should_not_be_in_the_line_is_removed_and_found_again(
    station: Station, board: Open
) -> None:
    station.arrives("ABC123")
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Remove…")
    page.get_by_role("dialog").get_by_role("button", name="Entered twice").click()
    page.keyboard.press("Enter")
    expect(row(page, "ABC 123")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("bc1")
    found = page.locator(".found li")
    expect(found).to_contain_text("removed")
    found.get_by_role("button", name="Put back in line").click()
    expect(row(page, "ABC 123")).to_be_visible()


def test_who_leaves_is_out_of_the_line(station: Station, board: Open) -> None:
    station.arrives("ABC123")
    page = board()
    choose_in_menu(row(page, "ABC 123"), "Leaves")
    expect(page.locator("#undo-words")).to_have_text("ABC 123 has left.")
    expect(row(page, "ABC 123")).to_have_count(0)


def test_a_door_has_a_break_and_calls_nobody_until_it_opens(station: Station, board: Open) -> None:
    station.arrives("ABC123")
    page = board()
    state = card(page, "1").locator(".bay-state")
    state.click()
    page.keyboard.press("2")
    page.keyboard.press("1")
    expect(state).to_contain_text("Break until")
    expect(card(page, "1").get_by_role("button", name="Call next")).to_be_hidden()
    state.click()
    page.keyboard.press("1")
    expect(state).to_have_text("Open")
    expect(card(page, "1").get_by_role("button", name="Call next")).to_be_enabled()


def test_a_door_with_a_car_in_it_is_not_closed_and_says_why(station: Station, board: Open) -> None:
    visit = station.arrives("ABC123")["visit"]
    station.other(f"visits/{visit}/enter", {"version": 1, "bay": "bay-1"})
    page = board()
    expect(card(page, "1")).to_contain_text("Inside since")
    card(page, "1").locator(".bay-state").click()
    page.keyboard.press("4")
    expect(page.locator("#notice")).to_have_text("That door is taken by ABC 123.")
    expect(card(page, "1").locator(".bay-state")).to_have_text("Open")


def test_who_came_while_closed_is_put_in_the_line_or_not_by_a_person(
    station: Station, board: Open
) -> None:
    station.is_closed_today()
    for plate in ("ABC123", "KLM456"):
        station.typed_at_the_post(plate)
    page = board()
    expect(page.locator("#hours")).to_contain_text("Closed, opens")
    page.get_by_role("button", name="Came while closed: 2").click()
    rows = page.get_by_role("dialog", name="Came while closed").get_by_role("listitem")
    rows.filter(has_text="ABC 123").get_by_role("button", name="Put in line").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Dismiss…").click()
    page.get_by_role("button", name="Not here any more").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing more to look at.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#line-rows > li")).to_have_count(1)
    expect(row(page, "ABC 123")).to_be_visible()


def test_a_post_that_fails_is_named_at_once_and_until_it_works_again(
    station: Station, board: Open
) -> None:
    post = station.post()
    path = f"devices/{post['device']}/heartbeat"
    well = {"release": "26.11.2", "boot": "b"}
    page = board()
    fault = {"part": "outbox", "since_s": 0, "reason": "The disk is full."}
    station.says(post, path, well | {"faults": [fault]})
    expect(page.locator("#devices-open")).to_contain_text(
        "Post 1: nothing can be saved: The disk is full — since"
    )
    station.says(post, path, well)
    expect(page.locator("#devices-open")).to_be_hidden()


def test_a_sign_says_what_stands_on_it_when_somebody_asks(station: Station, board: Open) -> None:
    sign = station.device(role="sign", name="Sign 1", bay="bay-1")
    page = board()
    with page.expect_response(lambda one: one.request.method == "POST") as asked:
        card(page, "1").get_by_role("button", name="Show the sign at door 1").click()
    assert asked.value.status == 204
    dots = {"width_px": 3, "height_px": 5, "columns": [31, 4, 31], "whole": True}
    beat = {"nonce": "n", "boot": "b", "picture": dots}
    station.says(sign, f"signs/{sign['device']}/beat", beat)
    dialog = page.get_by_role("dialog", name="The sign at door 1")
    expect(dialog.get_by_role("img", name="3 × 5 dots, 11 lit")).to_be_visible()
    expect(dialog).to_contain_text("This is what the sign had sent to its panel at")


def test_a_second_vehicle_with_the_same_number_stands_in_the_line_too(
    station: Station, board: Open
) -> None:
    station.arrives("ABC123")
    page = board()
    page.get_by_label("Plate").fill("ABC123")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Another vehicle with the same number").click()
    expect(row(page, "ABC 123")).to_have_count(2)
    expect(row(page, "ABC 123").nth(1)).to_contain_text("Vehicle 2 with this number")


def test_a_booking_tells_what_the_car_looks_like_and_another_day_is_said(
    station: Station, board: Open
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    booking = {"plate": "ABC123", "slot_at": tomorrow.isoformat(), "make": "Volvo", "colour": "red"}
    office = f"Office of {station.name}"
    stations = [station.name]
    station.served.admin.ask(
        "create_user", name=office, password=PASSWORD, stations=stations, role="office"
    )
    session = station.served.person(office)
    answer = session.put(station.url("bookings/b1"), json=booking, timeout=PATIENCE_S)
    assert answer.ok, answer.text
    station.arrives("ABC123")
    page = board()
    expect(row(page, "ABC 123")).to_contain_text("Booked tomorrow")
    row(page, "ABC 123").locator(".plate").click()
    expect(page.get_by_role("dialog").locator(".vehicle")).to_contain_text("Volvo red")
