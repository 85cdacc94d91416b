"""The two commands as processes, as systemd starts them."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from device.machine.heartbeat import STRANGER
from tests.device.machine.machine import MachineFolder
from tests.waiting import until

pytestmark = pytest.mark.processes

RUN = """
import sys
from pathlib import Path
from device.machine.{what} import run
from device.machine.places import Places
root = Path(sys.argv[1])
sys.exit(run(Places(root / "etc", root / "update", root / "release", root)))
"""


class Central:
    """Answers every machine with the same word."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b'{"every_s": 60}'
        self.heard: list[dict[str, object]] = []
        central = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                central.heard.append(json.loads(self.rfile.read(length)))
                self.send_response(central.status)
                self.send_header("Content-Type", "application/problem+json")
                self.send_header("Content-Length", str(len(central.answer)))
                self.end_headers()
                self.wfile.write(central.answer)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def central() -> Iterator[Central]:
    central = Central()
    yield central
    central.stop()


class Systemd:
    """Starts a command as a unit does, and hears its notices."""

    def __init__(self, machine: MachineFolder) -> None:
        self.machine = machine
        self._path = machine.root / "notify"
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._line.bind(str(self._path))
        self._line.settimeout(20)
        self.log = machine.root / "log"

    def start(self, what: str) -> "subprocess.Popen[bytes]":
        env = {
            **os.environ,
            "NOTIFY_SOCKET": str(self._path),
            "CREDENTIALS_DIRECTORY": str(self.machine.credentials),
            "RUNTIME_DIRECTORY": str(self.machine.runtime),
        }
        words = [sys.executable, "-c", RUN.format(what=what), str(self.machine.root)]
        with self.log.open("ab") as log:
            return subprocess.Popen(words, env=env, stderr=log)

    def hears(self) -> bytes:
        return self._line.recv(100)

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def systemd(tmp_path: Path, central: Central) -> Iterator[Systemd]:
    systemd = Systemd(MachineFolder(tmp_path, central.url))
    yield systemd
    systemd.close()


def test_a_heartbeat_is_ready_at_once_tells_central_and_ends_when_it_is_asked_to(
    systemd: Systemd, central: Central
) -> None:
    process = systemd.start("heartbeat")
    try:
        assert systemd.hears() == b"READY=1"
        until(lambda: central.heard, 20, "the machine's word")
        until((systemd.machine.runtime / "reached").exists, 20, "the mark")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert central.heard[0]["roles"] == ["post"]
    assert systemd.machine.places.wanted.exists()


def test_a_heartbeat_whose_token_is_not_known_ends_to_be_given_another(
    systemd: Systemd, central: Central
) -> None:
    central.status, central.answer = 401, b'{"reason": "unknown_device", "detail": "no"}'
    process = systemd.start("heartbeat")
    try:
        assert process.wait(20) == STRANGER
    finally:
        process.kill()
        process.wait()
    log = systemd.log.read_text()
    assert "unknown_device" in log
    assert "Traceback" not in log


def test_a_fetch_with_nothing_to_do_ends_well(systemd: Systemd, central: Central) -> None:
    assert systemd.start("fetch").wait(20) == 0
    assert systemd.log.read_text() == ""
