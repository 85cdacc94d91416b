"""What a person's hands do on the board, where it takes more than one press."""

from playwright.sync_api import Locator


def choose_in_menu(row: Locator, words: str) -> None:
    """Open everything that may be done to the visit of *row*, and press what says *words*."""
    row.get_by_role("button", name="More").click()
    row.page.get_by_role("dialog").get_by_role("button", name=words).click()
