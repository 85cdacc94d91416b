"""The pages that are written from the code: the API's own, and the one of all problems."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from central.web.api import page, problems_page
from central.web.routes import Who
from contract import problems
from contract.wire import Role
from tests.central.web.hall import Hall, reason
from tests.central.web.served import PATIENCE_S, Served

PHONE = ViewportSize(width=390, height=844)


class Links(HTMLParser):
    """The places in a page, and what its links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self.leads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = dict(attrs)
        if words.get("id"):
            self.places.append(words["id"] or "")
        self.leads += [words[name] or "" for name in ("href", "src") if name in words]


# -- the page of all problems ------------------------------------------------------------------


def test_the_page_of_problems_is_what_the_code_says() -> None:
    assert page_of_problems() == problems_page.markdown(), f"run: {problems_page.COMMAND}"


def page_of_problems() -> str:
    return problems_page.PAGE.read_text(encoding="utf-8")


def test_every_problem_says_when_it_comes_and_what_to_do() -> None:
    reasons = [kind.reason for kind in problems.every()]
    assert len(reasons) == len(set(reasons))
    for kind in problems.every():
        assert kind.when.endswith("."), kind.reason
        assert kind.what_to_do.endswith("."), kind.reason
        assert set(kind.members) <= set(problems.MEMBERS), kind.reason
        assert f"| {kind.status} | `{kind.reason}` |" in page_of_problems()


# -- the API's page ----------------------------------------------------------------------------


def test_the_page_shows_every_call_and_every_link_leads_somewhere(hall: Hall) -> None:
    staff = hall.person()
    document = staff.get("/v1/openapi.json").json
    assert document is not None
    links = Links(staff.get("/docs").get_data(as_text=True))
    names = {call["operationId"] for path in document["paths"].values() for call in path.values()}
    assert len(links.places) == len(set(links.places))
    assert names <= set(links.places)
    assert {f"problem-{kind.reason}" for kind in problems.every()} <= set(links.places)
    assert {link[1:] for link in links.leads if link.startswith("#")} <= set(links.places)


def test_the_page_fetches_nothing_from_elsewhere(hall: Hall) -> None:
    staff = hall.person()
    links = Links(staff.get("/docs").get_data(as_text=True))
    own = {link for link in links.leads if not link.startswith("#")}
    assert own == {
        "/board",
        "/board/static/icon.svg",
        "/docs/docs.css",
        "/docs/docs.js",
        "/v1/openapi.json",
    }
    for name in page.FILES:
        text = staff.get(f"/docs/{name}").get_data(as_text=True)
        assert not re.search(r"https?://|@import|url\(", text), name
    assert reason(staff.get("/docs/docs.html")) == (404, "not_found")
    assert reason(hall.stranger().get("/docs/docs.css")) == (401, "not_signed_in")


def test_who_may_read_it(hall: Hall) -> None:
    assert hall.person(Who.TECHNICIAN).get("/docs").content_type == "text/html; charset=utf-8"
    assert hall.stranger().get("/docs").location == "/login"
    assert reason(hall.device(Role.POST).get("/docs")) == (403, "not_allowed")


def test_a_call_has_a_line_for_a_shell(hall: Hall) -> None:
    text = hall.person().get("/docs").get_data(as_text=True)
    lines = re.findall(r"<code>(curl -X POST .*?/arrivals.*?)</code>", text, re.DOTALL)
    assert lines == [
        (
            "curl -X POST &#34;$PORTVAKT/v1/stations/pitea/arrivals&#34; \\\n"
            "  -H &#34;Authorization: Bearer $POST_TOKEN&#34; \\\n"
            "  -H &#39;Content-Type: application/json&#39; \\\n"
            "  --data-binary &#39;{&#34;id&#34;: &#34;019ab0f2-7b4a-7c11-b2d3-4e5f60718293&#34;,"
            " &#34;plate&#34;: &#34;ABC 123&#34;, &#34;at&#34;: &#34;2026-11-23T08:00:00Z&#34;,"
            " &#34;synced&#34;: true, &#34;boot_id&#34;: &#34;b1946ac9&#34;,"
            " &#34;mono_ms&#34;: 84213007}&#39;"
        )
    ]


@pytest.fixture
def reader(served: Served, context: BrowserContext) -> Iterator[Page]:
    """Somebody who is signed in and reads; anything that the browser complains of fails the test."""
    code = served.admin.ask("sign_in_code", user="Desk 1")["code"]
    context.request.post(served.url("/login"), form={"code": code})
    reading, complaints = context.new_page(), list[str]()
    reading.on("console", lambda message: complaints.append(message.text))
    reading.on("pageerror", lambda error: complaints.append(str(error)))
    reading.set_default_timeout(PATIENCE_S * 1_000)
    reading.goto(served.url("/docs"))
    yield reading
    assert complaints == []


@pytest.mark.browser
@pytest.mark.processes
def test_a_reader_finds_a_call_by_any_of_its_words(reader: Page) -> None:
    shown = reader.locator("nav li:visible")
    assert shown.count() > 30
    reader.keyboard.press("/")
    reader.keyboard.type("help CLOSE_help")
    expect(shown).to_have_count(1)
    reader.keyboard.press("Enter")
    expect(reader.locator("article:target")).to_have_attribute("id", "close_help")
    reader.get_by_role("searchbox").fill("bay_busy 409 reopen")
    expect(shown).to_have_count(1)
    reader.get_by_role("searchbox").fill("no such thing")
    expect(reader.get_by_role("status")).to_have_text("Nothing here has that word.")


@pytest.mark.browser
@pytest.mark.processes
def test_a_phone_shows_it_without_scrolling_sideways_and_the_list_is_folded(reader: Page) -> None:
    reader.set_viewport_size(PHONE)
    assert reader.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    expect(reader.locator("nav li").first).to_be_hidden()
    reader.get_by_text("Calls, types, problems").click()
    reader.locator("nav").get_by_role("link", name="GET queue").click()
    expect(reader.locator("nav li").first).to_be_hidden()
    expect(reader.locator("#queue")).to_be_in_viewport()


# The page repeats a few things many times; one of each is looked at.
PARTS = (
    "header",
    ".find",
    "nav section",
    ".about",
    "#arrive",
    "#type-Arrival",
    "#problem-bay_busy",
)


@pytest.mark.browser
@pytest.mark.processes
def test_everybody_can_read_it_by_day_and_by_night(reader: Page) -> None:
    parts = {"include": [[part] for part in PARTS]}
    for by_day in (True, False):
        reader.emulate_media(color_scheme="light" if by_day else "dark")
        found = Axe().run(reader, context=parts)
        assert found.violations_count == 0, found.generate_report()
