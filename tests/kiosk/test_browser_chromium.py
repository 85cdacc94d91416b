"""`portvakt kiosk show` with the real Chromium, without its window: it draws, and is found when it hangs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHROMIUM_ARGS
from tests.fakes.queue_central import QueueCentral
from tests.fakes.queue_server import QueueServer
from tests.kiosk.post_process import PostProcess
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

RUN = (
    "import sys; from pathlib import Path; from kiosk.browser import run; "
    "from kiosk.browser_watch import Limits; "
    "sys.exit(run(Path(sys.argv[1]), Limits(first_ms=60_000, patience_ms=4_000), 0.1))"
)


class Systemd:
    """The socket that a service tells its state to; somebody must read it, or the service waits."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.told: list[str] = []
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(self.path))
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def heard(self, what: str) -> bool:
        return any(what in told for told in self.told)

    def close(self) -> None:
        self._line.shutdown(socket.SHUT_RD)
        self._thread.join(5)
        self._line.close()

    def _read(self) -> None:
        while told := self._line.recv(1024):
            self.told.append(told.decode())


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    systemd = Systemd(tmp_path)
    yield systemd
    systemd.close()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[PostProcess]:
    server = QueueServer(QueueCentral())
    server.start()
    post = PostProcess(tmp_path, server.url)
    try:
        post.start()
        yield post
    finally:
        post.kill()
        server.stop()


def settings_for(post: PostProcess, folder: Path) -> Path:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium here: apt-get install -y chromium")
    flags = ["--headless=new", *CHROMIUM_ARGS]
    path = folder / "show.toml"
    path.write_text(
        f'[central]\nurl = "http://127.0.0.1:9"\nstation = "pitea"\n[page]\nport = {post.port}\n'
        f"[browser]\nshell = []\nprogram = {program!r}\nflags = {flags!r}\n"
    )
    return path


def renderers(of: int) -> list[int]:
    """The processes below *of* that draw pages."""
    below, found = {of}, []
    for pid in sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()):
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[1])
            words = Path(f"/proc/{pid}/cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent in below:
            below.add(pid)
            found += [pid] if "--type=renderer" in words else []
    return found


def test_the_page_is_drawn_and_a_browser_that_hangs_is_ended(
    post: PostProcess, systemd: Systemd, tmp_path: Path
) -> None:
    config = settings_for(post, tmp_path)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    env = {**os.environ, "NOTIFY_SOCKET": str(systemd.path), "RUNTIME_DIRECTORY": str(runtime)}
    log = tmp_path / "show.log"
    with log.open("wb") as file:
        show = subprocess.Popen([sys.executable, "-c", RUN, config], env=env, stderr=file)
    try:
        until(lambda: systemd.heard("READY=1"), 60, f"the first picture (see {log})")
        # The post tells its own start in the meantime, so its screen may have changed.
        until(lambda: post.shown()["drawn"] == post.shown()["screen"] > 0, what="the newest screen")
        assert post.shown()["heap_bytes"] > 100_000
        until(lambda: systemd.heard("WATCHDOG=1"), what="a ping")
        hung = renderers(show.pid)
        assert hung, "a renderer to stop"
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        assert show.wait(30) == 1
        assert "the browser has not drawn for 4 s" in log.read_text()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in hung), what="their end")
        assert systemd.told[-1] == "STOPPING=1"
    finally:
        show.terminate()
        show.wait(10)
