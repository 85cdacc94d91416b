"""What many tests share: Debian's chromium for those that look at a page."""

import os
import shutil

import pytest

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


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the chromium of the system, never one that playwright would download."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium here: apt-get install -y chromium")
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_ARGS}
