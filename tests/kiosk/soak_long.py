"""Customers at an even pace for so many minutes, and what the memory of post and page did meanwhile.

`python -m tests.kiosk.soak_long --minutes 60 --every 2` prints a line of JSON a minute; it ends at the
first promise that was not kept.
"""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_ARGS
from tests.fakes.queue_server import QueueServer
from tests.kiosk.soak import Soak, cars_of, soaked_post
from tests.kiosk.soak_central import SoakCentral


def main() -> int:
    """Let customers come for a time; print each sample as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=2.0, help="seconds from one to the next")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    cars = cars_of("soak")
    server = QueueServer(SoakCentral(cars))
    server.start()
    with ExitStack() as parts:
        parts.callback(server.stop)
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        post = parts.enter_context(soaked_post(folder, server))
        driver = parts.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=wanted.chromium, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        soak = Soak(post, page, cars, "soak")
        _for_minutes(soak, wanted.minutes, wanted.every)
        browser.close()
    return 0


def _for_minutes(soak: Soak, minutes: float, every_s: float) -> None:
    begun, weighed = time.monotonic(), 0.0
    while (now := time.monotonic()) - begun < 60 * minutes:
        soak.come()
        if now - weighed >= 60:
            weighed = now
            words = {"minute": round((now - begun) / 60, 1), "presses": soak.presses}
            print(json.dumps(words | asdict(soak.weigh())), flush=True)  # noqa: T201 - a program
        soak.page.wait_for_timeout(1_000 * max(0.0, every_s - (time.monotonic() - now)))


if __name__ == "__main__":
    sys.exit(main())
