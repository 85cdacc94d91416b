"""Every screen in every language, as it stands on the page: ruler, light meter, and nothing cut off."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from kiosk.legibility import ASPECTS, LARGEST_SHARE, capital_px
from kiosk.settings import PageSettings
from kiosk.showing import Showing
from kiosk.texts import TEXTS
from tests.kiosk.gallery import LANGUAGES, Post, gallery
from tests.kiosk.served_page import draw, faults_of, for_each, prepare, served_page
from tests.waiting import until

pytestmark = pytest.mark.browser

SIZES = {"16:10": (1280, 800), "16:9": (1920, 1080), "128:75": (1024, 600), "10:16": (800, 1280)}
# Said aloud, said on other days and at other doors, or kept for a page that has lost its machine.
NOT_DRAWN = re.compile(r"(language|when|door|speech|key|lost)\b")

HAS_FONT = """() => {
    const wide = (family) => { pen.font = `50px ${family}`; return pen.measureText(SAMPLE).width; };
    return wide('"Roboto Condensed", monospace') !== wide("monospace");
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all, at the tallest letters that the settings allow."""
    with served_page() as url, browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 800})
        prepare(page, url, LARGEST_SHARE)
        if not page.evaluate(HAS_FONT):
            pytest.skip("the page's font is not here: apt-get install -y fonts-roboto-unhinted")
        yield page


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_can_be_read(page: Page, language: str, aspect: str) -> None:
    """Capitals by EN 301 549 5.1.4, contrast 7:1, at most five lines, nothing cut off or covered."""
    width, height = SIZES[aspect]
    page.set_viewport_size({"width": width, "height": height})
    assert faults_of(page, gallery(language)) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_shows_every_text(language: str) -> None:
    screens = gallery(language).values()
    seen = "\n".join(f"{screen.text}\n{screen.speaking}" for screen in screens)
    missing = [
        name
        for name, text in TEXTS[language].items()
        if not NOT_DRAWN.match(name)
        and not all(part.strip() in seen for part in re.split(r"\{\w+\}", text))
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("part('note').style.fontSize = '60px'", "has capitals of 43.1 px, least 50.3"),
        ("part('lines').style.color = '#777'", "has a contrast of 4"),
        ("part('hints').style.marginTop = '-150px'", "lies over"),
        ("part('lines').style.marginLeft = '700px'", "leaves the screen"),
        ("part('lines').style.minHeight = '2000px'", "is too low"),
        ("part('lines').append(...[1, 2, 3].map((one) => element('p', '', 'x')))", "6 lines"),
    ],
)
def test_the_ruler_and_the_light_meter_see_harm(page: Page, harm: str, words: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    draw(page, gallery("en")["14-note-not-here"])
    page.evaluate(f"() => {{ {harm}; }}")
    assert words in "\n".join(page.evaluate("() => window.inspected().faults"))
    page.evaluate("() => { for (const id of ['note', 'lines', 'hints']) part(id).style = ''; }")


def test_axe_finds_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate(AXE_SCRIPT)
    look = "axe.run({resultTypes: ['violations']}).then((found) => found.violations.map((one) => one.id))"
    found = for_each(page, gallery("sv"), look)
    assert {name: faults for name, faults in found.items() if faults} == {}


WHERE = """
    JSON.stringify([...document.querySelectorAll("#plate, #lines p, #choices li, #hints p")].map(
        (one) => one.getBoundingClientRect()))
"""


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_message_moves_nothing_on_any_screen(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    note = TEXTS[language]["note.not_here"]
    look = (
        f"(() => {{ draw({{...screen, note: '', speaking: ''}}); const quiet = {WHERE};"
        f" draw({{...screen, note: '{note}'}}); return quiet === {WHERE}; }})()"
    )
    found = for_each(page, gallery(language), look)
    assert [name for name, same in found.items() if not same] == []


def test_the_first_key_fills_the_plate_where_it_stands(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    boxes = []
    for screen in (Post("sv").screen, Post("sv").press("2").screen, Post("sv").press("22").screen):
        draw(page, screen)
        boxes.append([cell.bounding_box() for cell in page.locator(".cells i").all()])
    assert len(boxes[0]) == 6
    assert boxes[0] == boxes[1] == boxes[2]


def test_a_new_answer_stands_where_the_old_one_stood(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    boxes = []
    for place in (4, 3):
        draw(page, Post("sv").stands(place=place).screen)
        boxes.append([line.bounding_box() for line in page.locator("#lines p").all()])
    assert boxes[0] == boxes[1]


@pytest.mark.parametrize(
    ("metres", "inches", "width", "height"),
    [(0.5, 10.1, 1280, 800), (1.5, 24.0, 1920, 1080)],
)
def test_the_letters_follow_the_settings(
    browser: Browser, metres: float, inches: float, width: int, height: int
) -> None:
    settings = PageSettings(reading_m=metres, screen_inches=inches)
    with served_page(settings) as url, browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        prepare(page, url)
        some = {name: screen for name, screen in gallery("sv").items() if name.startswith("0")}
        assert faults_of(page, some) == {}
        least = min(for_each(page, some, "window.inspected().capitals").values())
        assert least == pytest.approx(capital_px(metres, inches, width, height), rel=0.001)


def test_without_its_narrow_font_letters_shrink_and_none_is_lost(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("() => { root.style.fontFamily = 'DejaVu Sans'; }")
    found = faults_of(page, gallery("sv"))
    page.evaluate("() => { root.style.fontFamily = ''; }")
    faults = [fault for faults in found.values() for fault in faults]
    assert faults != []
    assert [fault for fault in faults if "has capitals" not in fault] == []


def test_zero_is_slashed(page: Page) -> None:
    draw(page, Post("sv", ["ABC100"]).press("222100").screen)
    assert page.locator("#plate .zero").count() == 2
    assert page.locator("#plate").text_content() == "ABC 100"


def test_a_page_that_has_lost_its_machine_can_be_read_in_every_language(page: Page) -> None:
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => lose()")
        expect(page.locator("#lost p")).to_have_count(len(LANGUAGES))
        faults = page.evaluate("() => window.inspected().faults")
        page.evaluate("() => document.body.classList.remove('lost')")
        assert faults == []


def test_a_thousand_screens_leave_nothing_behind(page: Page) -> None:
    screens = gallery("sv")
    count = "document.querySelectorAll('*').length"
    first = for_each(page, screens, count)
    for _ in range(1000 // len(screens)):
        last = for_each(page, screens, count)
    assert last == first


COUNT_STREAMS = """
    window.opened = 0; window.open_now = 0;
    const Stream = window.EventSource;
    window.EventSource = class extends Stream {
        constructor(address) { super(address); window.opened += 1; window.open_now += 1; }
        close() { super.close(); window.open_now -= 1; }
    };
"""


def test_a_machine_that_comes_and_goes_leaves_one_stream(browser: Browser) -> None:
    with served_page() as url, browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(COUNT_STREAMS)
        page.route("**/stream", lambda route: route.abort())
        page.goto(url)
        until(lambda: page.evaluate("() => window.opened") >= 3, what="the third try")
        assert page.evaluate("() => window.open_now") <= 1


def test_a_silent_machine_is_lost_until_it_decides_again(browser: Browser) -> None:
    """A stream that is still there, or is there anew, does not prove that anybody decides."""
    showing = Showing()
    showing.show(Post("sv").screen)
    with served_page(showing=showing) as url, browser.new_context() as context:
        page = context.new_page()
        page.clock.install()
        page.goto(url)
        expect(page.locator("#lines")).to_be_visible()
        page.clock.fast_forward(7_000)
        expect(page.locator("#lines")).to_be_hidden()
        showing.show(Post("sv").press("2").screen)
        expect(page.locator("body")).to_have_class("lost")
        showing.beat()
        expect(page.locator("#lines")).to_be_visible()
        expect(page.locator("#plate")).to_have_text("ABC")
