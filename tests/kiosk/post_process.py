"""A post as a process of its own, in demo mode, and somebody who clicks its keys."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.waiting import PATIENCE_S, patiently

RUN = "import sys; from pathlib import Path; from kiosk.service import run; sys.exit(run(Path(sys.argv[1])))"


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class PostProcess:
    """Starts, stops and kills one post; its folder outlives it."""

    def __init__(self, folder: Path, central_url: str, state: Path | None = None) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._config = folder / "post.toml"
        (folder / "code").write_text("1234")
        self._config.write_text(
            f'state_dir = "{state or folder}"\nlanguages = ["en", "sv"]\ndemo = true\n'
            f'[central]\nurl = "{central_url}"\nstation = "pitea"\n'
            f"expected_every_s = 1\nfirst_retry_s = 0.2\nlast_retry_s = 0.5\n"
            f'[identity]\ntoken_file = "{folder}/token"\ncode_file = "{folder}/code"\n'
            f"[page]\nport = {self.port}\n[browser]\nexpected = false\n"
            f"[signals]\nhall_lamp = 22\nhall_sense = 23\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(self._config)], stderr=log, env=os.environ
            )
        patiently(self._answers, f"the post's page (see {self.log})")

    def stop(self) -> int:
        """Ask it to end, as systemd does; give its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def press(self, *keys: str) -> None:
        for key in keys:
            for move in ("down", "up"):
                requests.post(
                    f"{self.url}/keys/{key}/{move}", timeout=PATIENCE_S
                ).raise_for_status()

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}/shown", timeout=PATIENCE_S).json()
        return found

    def is_drawn(self) -> bool:
        """Whether the page has reported the screen that is decided now."""
        shown = self.shown()
        return bool(shown["drawn"] == shown["screen"])

    def shows(self, name: str) -> None:
        """Wait until the screen *name* is decided."""
        patiently(lambda: self.shown()["name"] == name, f"the screen {name}")

    def words(self) -> str:
        """The lines of the screen, as a page that looks now is told them."""
        with requests.get(f"{self.url}/stream", stream=True, timeout=PATIENCE_S) as stream:
            data = next(line for line in stream.iter_lines() if line.startswith(b"data: "))
        lines = json.loads(data.removeprefix(b"data: "))["lines"]
        return "\n".join("".join(p.get("text") or p["plate"] for p in line) for line in lines)

    def _answers(self) -> bool:
        try:
            return bool(self.shown()["screen"])
        except requests.RequestException:
            return False
