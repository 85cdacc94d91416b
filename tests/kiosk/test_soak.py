"""Two hundred customers at speed leave nothing behind: no memory, no plate, no language, no dead key.

PORTVAKT_SOAK=1 lets 2,000 of them come.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.fakes.queue_server import QueueServer
from tests.kiosk.soak import Soak, cars_of, soaked_post
from tests.kiosk.soak_central import SoakCentral
from tests.kiosk.soak_growth import Sample, growth

pytestmark = [pytest.mark.browser, pytest.mark.processes]

CUSTOMERS = 2_000 if os.environ.get("PORTVAKT_SOAK") else 200
SAMPLES = 20
# Warm caches, and up to 500 plates of the day that the post is meant to remember.
WARM = CUSTOMERS // 10
POST_BYTES, PAGE_BYTES, OBJECTS = 10_000, 1_500, 8


@pytest.fixture
def soak(tmp_path: Path, page: Page) -> Iterator[Soak]:
    cars = cars_of("soak")
    server = QueueServer(SoakCentral(cars))
    server.start()
    page.set_viewport_size({"width": 1280, "height": 800})
    with soaked_post(tmp_path, server) as post:
        yield Soak(post, page, cars, os.environ.get("PORTVAKT_SEED", "soak"))
        page.close()
    server.stop()


def test_customers_at_speed_leave_nothing_behind(soak: Soak) -> None:
    for number in range(1, CUSTOMERS + 1):
        soak.come()
        if number > WARM and number % (CUSTOMERS // SAMPLES) == 0:
            soak.weigh()
    grown = more_than_allowed(soak.samples)
    assert grown == [], f"{grown}\n{where_it_grew(soak)}"


def more_than_allowed(samples: list[Sample]) -> list[str]:
    """Name what grew from customer to customer."""
    grown = {
        "bytes of the post": (growth(samples, lambda s: 1024 * s.anonymous_kib), POST_BYTES),
        "objects of the post": (growth(samples, lambda s: s.objects), OBJECTS),
        "bytes of the page's heap": (growth(samples, lambda s: s.heap_bytes), PAGE_BYTES),
        "nodes of the page": (growth(samples, lambda s: s.nodes), 0.5),
        "listeners of the page": (growth(samples, lambda s: s.listeners), 0.1),
    }
    return [
        f"{value:.1f} {what} a customer" for what, (value, most) in grown.items() if value > most
    ]


def where_it_grew(soak: Soak) -> str:
    """Thirty more customers under tracemalloc; it costs too much to run all the time."""
    soak.post.growth()
    for _ in range(30):
        soak.come()
    return "\n".join([*map(str, soak.samples), *soak.post.growth()])


def test_a_leak_would_be_seen() -> None:
    flat = [Sample(n, 40_000, 30_000, 50_000, 2_000_000, 300, 10) for n in range(0, 200, 10)]
    assert more_than_allowed(flat) == []
    leaking = [
        Sample(n, 0, 30_000 + 20 * n, 50_000 + 60 * n, 2_000_000 + 2_000 * n, 300 + n, 10 + n)
        for n in range(0, 200, 10)
    ]
    assert len(more_than_allowed(leaking)) == 5
