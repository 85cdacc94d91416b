import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def systemd_version() -> str | None:
    """The first line of `systemd-analyze --version`, or None where there is no systemd."""
    if shutil.which("systemd-analyze") is None:
        return None
    words = ["systemd-analyze", "--version"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\n")[0]


@pytest.fixture(scope="session")
def systemd() -> str:
    """The systemd that judges the units; without one the tests that need it are skipped."""
    return systemd_version() or pytest.skip("no systemd on this machine: the units were not judged")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which systemd the units were judged by, or that none did it."""
    ran = any(
        Path(report.fspath).parent.name == HERE.name
        for report in terminalreporter.getreports("passed")
    )
    if ran:
        version = systemd_version()
        told = f"judged by {version}" if version else "NOT judged: no systemd on this machine"
        terminalreporter.write_line(f"units of systemd/ were {told}")
