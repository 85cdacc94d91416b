"""Eyes on the post's page: a real headless Chromium, and the pictures that its compositor hands out.

Playwright drives it, which only the test environment has.
"""

import base64
import io
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

from PIL import Image, ImageChops

from contract.errors import PortvaktError

WIDTH_PX, HEIGHT_PX = 1280, 800
# JPEG's noise stays below this; a sign that appears is white on dark.
_CHANGED = 60
_FIRST_S = 10.0
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
# Notes when the page hears of a screen and when its own drawing is done, on the wall clock.
_WATCH = """
(() => {
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  window.benchMoments = [];
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, listener, ...rest) {
    if (name !== "screen") return add.call(this, name, listener, ...rest);
    return add.call(this, name, (event) => {
      const heard = now();
      listener(event);
      window.benchMoments.push([heard, now()]);
    }, ...rest);
  };
})();
"""


class BrowserMissing(PortvaktError):
    """There is nothing to look with; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Moments of the wall clock, in seconds: the page heard, had drawn, and its pixels had changed."""

    heard_at: float
    drew_at: float
    pixel_at: float


@dataclass(frozen=True, slots=True)
class _Frame:
    at: float
    place: Image.Image


class Eyes:
    """Looks at the first place of the plate on the page at *url*.

    Raises:
        BrowserMissing: Playwright or Chromium is not installed.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = ExitStack()
        self._frames: list[_Frame] = []
        self._page: Any = None
        self._cdp: Any = None
        self._box = (0, 0, WIDTH_PX, HEIGHT_PX)

    def __enter__(self) -> Self:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        try:
            from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only tests have it
        except ModuleNotFoundError:
            chromium = None
        if chromium is None:
            raise BrowserMissing(
                "key -> pixel is left out: it needs Playwright (`make set-up-test`) and Debian's chromium."
            )
        with self._open:
            driver = self._open.enter_context(sync_playwright())
            browser = driver.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
            self._open.callback(browser.close)
            self._page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
            self._begin()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def forget(self) -> None:
        """Begin a press: of the pictures only the newest stays, to compare with."""
        del self._frames[:-1]
        self._page.evaluate("window.benchMoments.length = 0")

    def look(self, seconds: float) -> None:
        """Take pictures for so long."""
        self._page.wait_for_timeout(seconds * 1_000)

    def change_after(self, at: float) -> Drawn | None:
        """The first change of the place after the moment *at* of the wall clock."""
        moments = self._page.evaluate("window.benchMoments")
        before = [frame for frame in self._frames if frame.at < at]
        later = [frame for frame in self._frames if frame.at >= at]
        if not before or not moments:
            return None
        for frame in later:
            if _differ(frame.place, before[-1].place):
                return Drawn(moments[0][0], moments[0][1], frame.at)
        return None

    def _begin(self) -> None:
        self._page.add_init_script(_WATCH)
        self._page.goto(self._url)
        place = self._page.locator("#plate i").first
        place.wait_for(timeout=_FIRST_S * 1_000)
        box = place.bounding_box()
        self._box = (
            int(box["x"]),
            int(box["y"]),
            int(box["x"] + box["width"]),
            int(box["y"] + box["height"]),
        )
        self._cdp = self._page.context.new_cdp_session(self._page)
        self._cdp.on("Page.screencastFrame", self._seen)
        self._cdp.send("Page.startScreencast", {"format": "jpeg", "quality": 60})
        self.look(0.5)

    def _seen(self, event: dict[str, Any]) -> None:
        self._cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        with Image.open(io.BytesIO(base64.b64decode(event["data"]))) as whole:
            place = whole.convert("L").crop(self._box)
        self._frames.append(_Frame(event["metadata"]["timestamp"], place))


def _differ(one: Image.Image, other: Image.Image) -> bool:
    _, most = ImageChops.difference(one, other).getextrema()
    return int(most) > _CHANGED  # type: ignore[arg-type] # one band, so one pair of numbers
