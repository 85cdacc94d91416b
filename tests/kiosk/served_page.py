"""The post's page on a real port, without a post behind it: screens are handed to it one by one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from playwright.sync_api import Page

from kiosk.page import PageServer, create_app
from kiosk.screen import Screen, as_json
from kiosk.settings import CentralSettings, PageSettings, PostSettings
from kiosk.showing import Showing
from tests.kiosk.gallery import LANGUAGES

INSPECTOR = (Path(__file__).parent / "inspect_screen.js").read_text("utf-8")
Found = dict[str, list[str]]


@contextmanager
def served_page(page: PageSettings | None = None, showing: Showing | None = None) -> Iterator[str]:
    """Serve the page with *page* as its settings; give its address."""
    settings = PostSettings(
        languages=LANGUAGES,
        central=CentralSettings(url="http://central", station="pitea"),
        page=page or PageSettings(),
    )
    shows = showing or Showing()
    server = PageServer(create_app(settings, shows), 0)
    url = f"http://127.0.0.1:{server.open()}"
    stopping = Event()
    thread = threading.Thread(target=server.run, args=(stopping,))
    thread.start()
    try:
        yield url
    finally:
        shows.close()
        stopping.set()
        thread.join()


def prepare(page: Page, url: str, share: float | None = None) -> None:
    """Open the page without its stream: we draw.  *share* stands in for the settings."""
    page.add_init_script("window.EventSource = class { addEventListener() {} close() {} };")
    page.goto(url)
    page.evaluate("() => document.body.classList.remove('lost')")
    page.evaluate(f"() => {{ {INSPECTOR}; window.inspected = inspected; }}")
    if share is not None:
        page.evaluate("(share) => { root.dataset.capital = share; }", share)


def draw(page: Page, screen: Screen) -> None:
    """Draw *screen* by the page's own drawing."""
    page.evaluate("(screen) => draw(screen)", as_json(screen))


def for_each(page: Page, screens: dict[str, Screen], look: str) -> dict[str, Any]:
    """Draw each screen and look at it by *look*, a JavaScript expression that may await."""
    assert page.locator("body.lost").count() == 0, "nothing is drawn on a page that is lost"
    found: dict[str, Any] = page.evaluate(
        "async (screens) => { const found = {};"
        " for (const [name, screen] of Object.entries(screens)) {"
        f" draw(screen); found[name] = await ({look}); }}"
        " return found; }",
        {name: as_json(screen) for name, screen in screens.items()},
    )
    return found


def faults_of(page: Page, screens: dict[str, Screen]) -> Found:
    """What is wrong with *screens* as they stand on the page, by their names."""
    found = for_each(page, screens, "window.inspected().faults")
    return {name: faults for name, faults in found.items() if faults}
