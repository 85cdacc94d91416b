import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.notify import notify, watchdog_ms


@pytest.fixture(params=["file", "abstract"])
def systemd(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """The receiving end of NOTIFY_SOCKET, in both forms that sd_notify(3) names."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@portvakt-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0"))
        receiver.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield receiver


def test_systemd_hears_that_we_are_ready(systemd: socket.socket) -> None:
    assert notify("READY=1")

    assert systemd.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_said_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")

    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify("READY=1")


def test_the_watchdogs_patience_is_read_in_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_ms() is None

    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    assert watchdog_ms() == 3_000

    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_ms() is None, "the watchdog watches another process"
