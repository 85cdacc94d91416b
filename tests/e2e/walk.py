"""What a newcomer presses and sees on the demo's page, in a real browser."""

import re
from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.running import RunningDemo

PRESSES = "222123"
PLATE = re.compile(r"ABC\s*123")
PATIENCE_MS = 15_000


def broken_rules(page: Page) -> list[str]:
    """What the browser will say of a policy that a page of *page*, or of a frame in it, does not keep."""
    said: list[str] = []
    rules = re.compile(
        "Content Security Policy|Trusted(HTML|Script|Type)|Permissions-Policy|X-Frame"
    )
    page.on("console", lambda told: said.append(told.text) if rules.search(told.text) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@dataclass(frozen=True, slots=True)
class Walk:
    """The demo's page, open in front of us."""

    page: Page
    demo: RunningDemo

    @property
    def screen(self) -> FrameLocator:
        """The post's screen."""
        return self.page.frame_locator("iframe.screen")

    @property
    def board(self) -> FrameLocator:
        """The board at the desk."""
        return self.page.frame_locator("iframe.board")

    def open(self) -> "Walk":
        """Open the page and wait until the post and the board are there."""
        expect.set_options(timeout=PATIENCE_MS)
        self.page.goto(self.demo.url + "/")
        self.reads("Type the number plate")
        expect(self.board.get_by_text("Nobody is waiting")).to_be_visible()
        return self

    def press(self, *keys: str) -> None:
        """Click keys of the keypad, each by what stands on it."""
        pad = self.page.frame_locator("iframe.keypad")
        for key in keys:
            pad.locator(f'[data-key="{key}"]').click()

    def types_the_plate(self) -> None:
        """Type ABC 123, look whether the post means the same car, and say yes."""
        self.press(*PRESSES)
        self.reads("Is this your car?")
        expect(self.screen.locator("#screen")).to_contain_text(PLATE)
        self.press("ok")

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until *text* stands on the post's screen."""
        expect(self.screen.locator("#screen")).to_contain_text(text)

    def clicks(self, name: str) -> None:
        """Press the first button of that name on the board."""
        self.board.get_by_role("button", name=name).first.click()

    def board_says(self, text: str | re.Pattern[str]) -> None:
        """Wait until *text* stands on the board."""
        expect(self.board.locator("main")).to_contain_text(text)

    def dots(self, door: str) -> tuple[str, ...]:
        """The sign above *door* as it is drawn on the page."""
        lit = self.page.locator(f'.sign[data-door="{door}"] circle').evaluate_all(
            "dots => dots.map((dot) => dot.classList.contains('lit') ? '#' : '.').join('')"
        )
        return tuple(lit[start : start + 48] for start in range(0, len(lit), 48))

    def sees_light(self, door: str) -> None:
        """Wait until the sign above *door* is lit on the page."""
        sign = self.page.get_by_role("img", name=f"The sign above door {door} is lit")
        expect(sign).to_be_visible()

    def sees_darkness(self, door: str) -> None:
        """Wait until the sign above *door* is dark on the page."""
        sign = self.page.get_by_role("img", name=f"The sign above door {door} is dark")
        expect(sign).to_be_visible()

    def ticked(self, steps: int) -> None:
        """Wait until as many of the page's steps are ticked."""
        expect(self.page.locator(".steps li.done")).to_have_count(steps)
