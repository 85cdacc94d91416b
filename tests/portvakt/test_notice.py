"""The notice at the post: what a customer must be able to read, on one page."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Page, expect

from central.database.store import Store
from central.migrations import migrate
from central.serving.admin import AdminServer
from central.serving.commands import Commands
from central.yard import Yard
from kiosk.texts import TEXTS
from portvakt.notice_command import IMY, NoticeNotWritten, notice
from portvakt.notice_page import Station, notice_page
from portvakt.notice_texts import NOTICES
from tests.fakes.clock import FakeClock

STATION = Station(
    name="Norra hallen",
    controller="Besiktning i norr AB",
    contact="dataskydd@example.se",
    authority=IMY,
    plates_days=7,
    recheck_days=30,
)
# As much as a company may want to say of itself, and as long as days may be.
LONG = replace(
    STATION,
    controller="Aktiebolaget Fordonsbesiktning i norra Sverige, org.nr 556000-0000",
    contact="dataskydd@example.se, 0900-000 00, Industrivägen 1, 901 00 Umeå",
    plates_days=365,
    recheck_days=365,
)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The data folder of a central in this process, with the station `north`."""
    url = f"sqlite:///{tmp_path}/central.db"
    migrate(url)
    clock = FakeClock()
    store = Store(url, clock)
    yard = Yard(store, clock)
    yard.places.create_station("north", "Norra <hallen>", "Europe/Stockholm")
    with AdminServer(tmp_path / "central.sock", Commands(yard, "", lambda _: None)):
        yield tmp_path
    store.close()


def made(data: Path, *more: str) -> Result:
    words = ["--station", "north", "--controller", "Bil & Co", "--contact", "hej@example.se"]
    return CliRunner().invoke(notice, [*words, "--data", str(data), *more])


def test_the_notice_says_who_answers_and_the_days_that_are_set_now(data: Path) -> None:
    page = made(data).stdout
    assert "Bil &amp; Co</strong>, Norra &lt;hallen&gt;" in page
    assert "hej@example.se" in page
    assert "imy.se" in page
    assert "Numret raderas 7 dagar efter besöket, 30 dagar om bilen" in page


def test_the_notice_is_written_to_a_file_and_an_unwritable_one_is_said(data: Path) -> None:
    answer = made(data, "--out", str(data / "notice.html"))
    assert "let your lawyer read it" in answer.stdout
    assert (data / "notice.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    nowhere = made(data, "--out", str(data / "none" / "notice.html"))
    assert isinstance(nowhere.exception, NoticeNotWritten)


def test_every_language_of_the_post_says_all_of_it() -> None:
    """Article 13: who, what, why and on what basis, how long, who sees it, rights, complaint."""
    assert list(NOTICES) == list(TEXTS)
    for words in NOTICES.values():
        assert len(words["parts"]) == 5
        told = " ".join(text for _, text in words["parts"])
        assert "GDPR" in told
        assert {"{plates}", "{rechecks}"} == set(re.findall(r"\{\w+\}", told))


@pytest.mark.browser
def test_the_page_is_one_a4_without_a_script_and_the_draft_line_is_not_printed(
    page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "notice.html"
    path.write_text(notice_page(LONG), encoding="utf-8")
    page.set_viewport_size({"width": 703, "height": 1047})
    page.goto(path.as_uri())
    expect(page.get_by_text("A draft.")).to_be_visible()
    assert page.locator("script").count() == 0
    page.emulate_media(media="print")
    expect(page.get_by_text("A draft.")).to_be_hidden()
    expect(page.get_by_role("img", name="ABC 123")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    points = "(nodes) => Math.min(...nodes.map((n) => parseFloat(getComputedStyle(n).fontSize)))"
    smallest_px = page.locator("p:visible, dt, dd").evaluate_all(points)
    assert smallest_px >= 14, "10.5 pt: read at arm's length"
