"""Chromium with its own sandbox, under the system calls that the unit permits."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd import under_filter
from tests.systemd.test_units import SYSTEMD, analyze, lines

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that nobody can reach; pytest's own is root's."""
    with tempfile.TemporaryDirectory(prefix="portvakt-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o777)
        yield Path(made)


def members(word: str) -> set[str]:
    """The system calls that one word of SystemCallFilter= stands for."""
    if not word.startswith("@"):
        return {word}
    told = analyze("syscall-filter", word).stdout.splitlines()[1:]
    names = [line.strip() for line in told if line.strip() and not line.strip().startswith("#")]
    return {call for name in names for call in members(name)}


def permitted() -> set[str]:
    calls: set[str] = set()
    for line in lines(SYSTEMD / "portvakt-browser.service", "SystemCallFilter"):
        found = {call for word in line.lstrip("~").split() for call in members(word)}
        calls = calls - found if line.startswith("~") else calls | found
    return calls


def drawn(home: Path, calls: set[str]) -> str:
    (home / "calls").write_text("\n".join(calls))
    (home / "page.html").write_text("<script>document.title = 'drawn ' + (1 + 1)</script>")
    under = [sys.executable, under_filter.__file__, str(home / "calls")]
    options = ["--headless=new", "--disable-gpu", f"--user-data-dir={home}/profile", "--dump-dom"]
    return subprocess.run(
        [*under, "timeout", "30", "chromium", *options, f"file://{home}/page.html"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home)},
    ).stdout


def test_chromium_draws_with_what_the_unit_permits_and_not_with_less(
    home: Path, systemd: str
) -> None:
    if os.geteuid() != 0 or shutil.which("chromium") is None or platform.machine() != "x86_64":
        pytest.skip("the filter is set by root, for chromium, on x86-64")
    if not under_filter.NUMBERS.exists():
        pytest.skip("no linux-libc-dev here: the numbers of the system calls are not known")
    calls = permitted()

    assert "drawn 2" in drawn(home, calls)
    assert "drawn 2" not in drawn(home, calls - {"chroot"}), "the filter bites"
