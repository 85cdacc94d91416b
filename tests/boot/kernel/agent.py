"""The way into a running machine: QEMU's guest agent on a virtio port, so no network is needed for it.

Protocol: https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html
"""

import base64
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER_S = 60
NAP_S = 0.5
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYNC = 4711


class AgentError(Exception):
    """The machine does not answer, or a command in it failed."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    command: str
    status: int
    out: str
    err: str

    def well(self) -> str:
        """What it printed.

        Raises:
            AgentError: it failed.
        """
        if self.status != 0:
            raise AgentError(f"{self.command}\n  ended with {self.status}: {self.err or self.out}")
        return self.out


class Agent:
    """Runs commands in the machine whose agent listens on *path*."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_S)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rb")

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def wait(self, seconds: float) -> None:
        """Wait until the agent answers; what it said to somebody else before is thrown away."""
        end_s = time.monotonic() + seconds
        self._send("guest-sync", {"id": _SYNC})
        self._socket.settimeout(seconds)
        try:
            while time.monotonic() < end_s:
                if json.loads(self._file.readline() or b"{}").get("return") == _SYNC:
                    return
        except (OSError, ValueError) as error:
            raise AgentError(f"The machine does not answer ({error}).") from error
        finally:
            self._socket.settimeout(ANSWER_S)
        raise AgentError(f"The machine did not answer within {seconds:.0f} s.")

    def run(self, command: str, seconds: float = 120, stdin: bytes = b"") -> Done:
        """Run *command* by the machine's shell, as root.

        Raises:
            AgentError: it did not end in *seconds*.
        """
        words = {"path": "/bin/sh", "arg": ["-c", command], "env": [_PATH, "LC_ALL=C.UTF-8"]}
        said = {"input-data": base64.b64encode(stdin).decode()} if stdin else {}
        pid = self._ask("guest-exec", {**words, **said, "capture-output": True})["pid"]
        end_s = time.monotonic() + seconds
        while not (state := self._ask("guest-exec-status", {"pid": pid}))["exited"]:
            if time.monotonic() > end_s:
                raise AgentError(f"{command}\n  did not end within {seconds:.0f} s.")
            time.sleep(NAP_S)
        status = state.get("exitcode", 128 + state.get("signal", 0))
        return Done(command, status, _text(state, "out-data"), _text(state, "err-data"))

    def _ask(self, deed: str, words: dict[str, Any]) -> Any:
        try:
            self._send(deed, words)
            answer = json.loads(self._file.readline())
        except (OSError, ValueError) as error:
            raise AgentError(f"The machine does not answer ({error}).") from error
        if "error" in answer:
            raise AgentError(f"{deed}: {answer['error'].get('desc')}")
        return answer["return"]

    def _send(self, deed: str, words: dict[str, Any]) -> None:
        self._socket.sendall(json.dumps({"execute": deed, "arguments": words}).encode() + b"\n")


def _text(state: dict[str, Any], name: str) -> str:
    return base64.b64decode(state.get(name, "")).decode(errors="replace")
