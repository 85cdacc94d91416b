"""The newcomer's walk: the whole job on one page, by pressing what a person would press."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contract.visit import Source
from tests.e2e.judge import drawn
from tests.e2e.running import RunningDemo, free_ports
from tests.e2e.walk import PLATE, Walk, broken_rules
from tests.fakes.proxy import Cable
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DARK = ("." * 48,) * 8


def test_a_plate_typed_on_the_post_is_called_shown_and_driven_in(
    page: Page, demo: RunningDemo
) -> None:
    broken = broken_rules(page)
    walk = Walk(page, demo).open()
    assert walk.dots("1") == DARK

    walk.types_the_plate()
    walk.reads(re.compile(r"ABC\s*123 is registered"))
    walk.reads(re.compile(r"Your time (is|was) \d?\d[.:]\d\d"))
    expect(walk.board.locator("#line-rows")).to_contain_text(PLATE)
    walk.board_says("at the post")
    walk.ticked(1)

    walk.clicks("Call next")
    walk.sees_light("1")
    until(lambda: walk.dots("1") == drawn("ABC 123"), what="ABC 123 in lit dots")
    assert walk.dots("2") == DARK
    until(lambda: demo.rows("1") == drawn("ABC 123"), what="ABC 123 on the panel itself")
    walk.board_says("Sent to the sign (it cannot confirm)")
    walk.clicks("Show the sign at door 1")
    lit = re.compile(r"48 × 8 dots, \d+ lit")
    expect(walk.board.get_by_role("img", name=lit)).to_be_visible()
    walk.clicks("Close")
    walk.ticked(2)

    walk.clicks("Drove in")
    walk.sees_darkness("1")
    assert walk.dots("1") == DARK
    walk.board_says(re.compile(r"since \d\d:\d\d"))
    expect(page.get_by_text("That is the whole job.")).to_be_hidden()

    walk.clicks("Finish")
    walk.clicks("Approved")
    walk.board_says("Nobody is waiting")
    expect(page.get_by_text("That is the whole job.")).to_be_visible()
    assert demo.rows("1") == DARK
    assert broken == []


@pytest.fixture
def ports() -> int:
    return free_ports()


@pytest.fixture
def cable(ports: int) -> Iterator[Cable]:
    """The cable between the post and central, and nothing else."""
    cable = Cable(ports + 1)
    yield cable
    cable.close()


@pytest.fixture
def demo_on_a_cable(tmp_path: Path, ports: int, cable: Cable) -> Iterator[RunningDemo]:
    environment = {"PORTVAKT_DEMO_POST_CENTRAL": cable.url}
    with RunningDemo(ports, ("--data", str(tmp_path / "data")), environment) as demo:
        yield demo


def test_a_plate_typed_while_the_cable_is_out_arrives_once_with_its_own_time(
    page: Page, demo_on_a_cable: RunningDemo, cable: Cable
) -> None:
    demo = demo_on_a_cable
    walk = Walk(page, demo).open()

    cable.cut()
    before = datetime.now(UTC)
    walk.types_the_plate()
    walk.reads("We cannot reach the bookings right now.")
    walk.reads(re.compile(r"ABC\s*123 is saved here"))
    walk.reads("We register you when we reach the queue.")
    saved_by = datetime.now(UTC)
    expect(walk.board.get_by_text("Nobody is waiting")).to_be_visible()
    walk.ticked(0)

    cable.mend()
    with demo.staff_session() as staff:
        (row,) = until(lambda: staff.queue().line, 40, "the arrival")
        assert (row.plate, row.source) == ("ABC123", Source.POST)
        slack = timedelta(milliseconds=50)
        assert before - slack <= row.arrived_at <= saved_by + slack
        expect(walk.board.locator("#line-rows")).to_contain_text(PLATE)
        walk.ticked(1)
        assert [line.plate for line in staff.queue().line] == ["ABC123"]
