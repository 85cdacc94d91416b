"""The newcomer's steps in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from contract.visit import State
from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.options import DemoOptions
from portvakt.demo.page import Backstage, PageServer
from portvakt.demo.scene import Door, Scene
from tests.e2e.running import free_ports
from tests.portvakt.demo.yard import queue, row

pytestmark = pytest.mark.browser

LIGHTS, DARKENS = b"\x0f\x01", b"\x0f\x00"


@pytest.fixture
def panel() -> FakePanel:
    return FakePanel(1)


@pytest.fixture
def scene(panel: FakePanel) -> Scene:
    return Scene([Door("1", "sign-1", panel)], dict)


@pytest.fixture
def tab(page: Tab, scene: Scene) -> Iterator[Tab]:
    options = DemoOptions(port=free_ports())
    server = PageServer(Backstage(options, scene, list, lambda: "code-1"))
    server.start()
    page.goto(options.page_url)
    yield page
    page.goto("about:blank")
    server.close()


def test_finished_steps_can_be_shown_again(tab: Tab, scene: Scene, panel: FakePanel) -> None:
    steps, whole_job = tab.get_by_role("list", name="Try it"), tab.get_by_text("the whole job")
    expect(steps).to_be_visible()
    scene.yard_changed(queue(row(state=State.CALLED, bay="bay-1")))
    panel.transfer(LIGHTS)
    scene.yard_changed(queue(row(state=State.IN_BAY, bay="bay-1")))
    panel.transfer(DARKENS)
    expect(steps.locator(".done")).to_have_count(2)
    expect(whole_job).to_be_hidden()
    scene.yard_changed(queue())
    expect(whole_job).to_be_visible()
    tab.get_by_role("button", name="Show the steps again").click()
    expect(steps).to_be_visible()
    expect(whole_job).to_be_hidden()
