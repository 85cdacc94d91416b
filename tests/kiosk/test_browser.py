"""The post's pages in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fakes.queue_central import QueueCentral
from tests.fakes.queue_server import QueueServer
from tests.kiosk.post_process import PostProcess
from tests.waiting import until

PARTS = ("#plate", "#lines", "#hints")
pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[PostProcess]:
    server = QueueServer(QueueCentral())
    server.start()
    post = PostProcess(tmp_path, server.url)
    post.start()
    yield post
    post.kill()
    server.stop()


def test_clicks_on_the_keypad_become_a_plate_on_the_screen(
    post: PostProcess, browser: Browser
) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        screen, keypad = context.new_page(), context.new_page()
        faults: list[str] = []
        screen.on("console", lambda message: faults.append(message.text))
        screen.goto(post.url)
        keypad.goto(f"{post.url}/keypad")
        expect(screen.locator("#lines")).to_contain_text("Type the number plate. Press OK.")
        for key in "222123":
            keypad.locator(f'[data-key="{key}"]').click()
        expect(screen.locator("#plate")).to_have_text("ABC 123")
        keypad.keyboard.press("Enter")
        expect(screen.locator("#lines")).to_contain_text("You are number 1.")
        # A page behind another one is drawn lazily; the post's own is always in front.
        screen.bring_to_front()
        until(post.is_drawn, 30, what="the page's report")
        keypad.keyboard.press("?")
        expect(screen.locator("#lines")).to_contain_text("Your signal reached us")
        expect(keypad.locator("#lamp.on")).to_be_visible()
        assert faults == []


def test_a_page_that_has_lost_its_machine_shows_no_old_answer(
    post: PostProcess, page: Page
) -> None:
    page.goto(post.url)
    expect(page.locator("#lines")).to_be_visible()
    post.kill()
    expect(page.locator("#lost")).to_contain_text("This screen has lost contact.")
    expect(page.locator("#lost")).to_contain_text("door on the right")
    expect(page.locator("#lines")).to_be_hidden()
    post.start()
    expect(page.locator("#lines")).to_be_visible()
    expect(page.locator("#lost")).to_be_hidden()


def test_while_no_frames_come_one_report_waits_and_then_tells_the_newest_screen(
    post: PostProcess, page: Page
) -> None:
    page.add_init_script("""
        window.frame = requestAnimationFrame.bind(window);
        window.held = [];
        window.requestAnimationFrame = (draws) => window.held ? window.held.push(draws) : frame(draws);
    """)
    page.goto(post.url)
    expect(page.locator("#lines")).to_be_visible()
    for key in "222123":
        post.press(key)
    expect(page.locator("#plate")).to_have_text("ABC 123")
    assert page.evaluate("held.length") == 1
    page.evaluate("() => { const [draws] = held; held = null; frame(draws); }")
    until(post.is_drawn, 30, what="the page's report")


def test_a_message_moves_nothing(post: PostProcess, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(post.url)
    expect(page.locator("#lines")).to_contain_text("Type the number plate. Press OK.")
    before = [page.locator(part).bounding_box() for part in PARTS]
    post.press("clear")
    expect(page.locator("#note")).to_have_text("That key does nothing here.")
    assert [page.locator(part).bounding_box() for part in PARTS] == before


def test_both_pages_pass_the_accessibility_checker(post: PostProcess, page: Page) -> None:
    for path in ("/", "/keypad"):
        page.goto(f"{post.url}{path}")
        until(lambda: page.locator("body:not(.lost)").count(), what="a drawn page")
        found = Axe().run(page).response["violations"]
        assert [fault["id"] for fault in found] == []
