"""What many tests share: Debian's chromium for those that look at a page."""

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

# Root in a container has no user namespace to build chromium's sandbox in; the tests open only loopback.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """A service that begins in a test sets up the log of the whole process; the next test has its own."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    hooks = sys.excepthook, threading.excepthook
    mask = os.umask(0o022)
    yield
    os.umask(mask)
    root.setLevel(level)
    for handler in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(handler)
    sys.excepthook, threading.excepthook = hooks


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the chromium of the system, never one that playwright would download."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium here: apt-get install -y chromium")
    # A deadline for a machine that does much beside us, not a time that is asserted.
    expect.set_options(timeout=20_000)
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_ARGS}
