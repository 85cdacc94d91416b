"""The demo as a program: it starts, comes back from what dies, and ends without a trace."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contract.visit import State
from portvakt.demo.staff import Staff
from tests.e2e.judge import shown
from tests.e2e.running import DEMO, READY_S, RunningDemo, free_ports, processes_below
from tests.waiting import until

pytestmark = pytest.mark.processes

BOOKINGS = 8


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """One whose path leaves room for a socket's: sun_path holds 108 bytes (unix(7))."""
    with TemporaryDirectory(prefix="pv") as folder:
        yield Path(folder)


def test_ctrl_c_ends_everything_and_nothing_but_the_address_was_said(short_folder: Path) -> None:
    environment = {"TMPDIR": str(short_folder), "PORTVAKT_DEMO_RECORD": str(short_folder)}
    with RunningDemo(free_ports(), (), environment) as demo:
        children = processes_below(demo.process.pid)
        assert len(children) >= len(demo.state()["parts"])
        assert demo.stop(signal.SIGINT) == 0
    assert demo.printed == f"Portvakt demo: open {demo.url}/  (Ctrl-C stops everything)\n"
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    assert sorted(path.name for path in short_folder.iterdir()) == ["sign-1.log", "sign-2.log"]
    assert not shown(short_folder / "sign-1.log")[-1].lit


def test_a_demo_that_is_kept_stands_again_after_sigterm_and_guards_its_ports(
    demo: RunningDemo, tmp_path: Path
) -> None:
    _is_on_loopback_only(demo)
    _refuses_a_second(demo)
    token = (tmp_path / "data" / "post" / "token.json").read_bytes()
    with demo.staff_session() as staff:
        before = staff.queue()
    assert demo.stop(signal.SIGTERM) == 0

    with RunningDemo(demo.port, demo.arguments) as again, again.staff_session() as staff:
        after = staff.queue()
    assert (tmp_path / "data" / "post" / "token.json").read_bytes() == token
    assert after.expected_left == before.expected_left == BOOKINGS
    assert [bay.sign.device for bay in after.bays if bay.sign] == [
        bay.sign.device for bay in before.bays if bay.sign
    ]


def test_what_is_killed_comes_back_and_the_console_says_so_once_each_way(demo: RunningDemo) -> None:
    killed = {part: demo.kill(part) for part in ("central", "post", "sign-1")}
    until(
        lambda: all(demo.pid(part) not in (None, pid) for part, pid in killed.items()),
        READY_S,
        "new processes",
    )
    demo.stop()
    for title in ("Central", "The post", "The sign above door 1"):
        assert demo.printed.count(f"{title} was ended by signal 9; starting it again.") == 1
        assert demo.printed.count(f"{title} is back.") == 1


def _is_on_loopback_only(demo: RunningDemo) -> None:
    for port in (demo.port, demo.port + 1, demo.port + 2):
        with socket.socket() as probe:
            # A server on all addresses would refuse this neighbour of 127.0.0.1.
            probe.bind(("127.0.0.2", port))


def _refuses_a_second(demo: RunningDemo) -> None:
    argv = [*DEMO, "--port", str(demo.port)]
    second = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith(f"portvakt demo: Port {demo.port} is in use")
    assert second.stderr.count("\n") == 1


def test_traffic_brings_cars_that_are_called_shown_and_leave(tmp_path: Path) -> None:
    environment = {"PORTVAKT_DEMO_RECORD": str(tmp_path)}
    demo = RunningDemo(free_ports(), ("--traffic", "600"), environment)
    with demo, demo.staff_session() as staff:
        (car,) = until(lambda: _inside(staff), 40, "a car in the bay")
        until(lambda: car not in _inside(staff), 40, "the car's leaving")
    assert any(picture.lit for picture in shown(tmp_path / "sign-2.log"))
    assert not any(picture.lit for picture in shown(tmp_path / "sign-1.log"))


def _inside(staff: Staff) -> set[str]:
    return {row.visit for row in staff.queue().line if row.state == State.IN_BAY}
