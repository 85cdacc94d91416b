"""The child process that reads one text: started, given its text, listened to, killed."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from threading import Event

_LOOK_S = 0.4  # how soon a stop is seen


def start(argv: list[str]) -> "subprocess.Popen[bytes]":
    """Start a child that will read its standard input aloud.

    Raises:
        OSError: it cannot be started.
    """
    return subprocess.Popen(  # noqa: S603 - the program that the settings name
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A group of its own, so that a kill reaches whatever a wrapper script has started.
        process_group=0,
    )


def last_words(
    child: "subprocess.Popen[bytes]", text: str, deadline_s: float, stopping: Event
) -> str | None:
    """Give it *text* and wait: its standard error, or None when it has not ended in time.

    The text goes through standard input because it may hold a plate, and every user of the machine
    can read the arguments of a process.  *deadline_s* is a time of `time.monotonic`.
    """
    given: bytes | None = text.encode()
    while not stopping.is_set() and time.monotonic() < deadline_s:
        try:
            return child.communicate(given, _LOOK_S)[1].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            given = None  # it has been given
    return None


def kill(child: "subprocess.Popen[bytes]") -> None:
    """Silence it now; whoever started it reaps it."""
    if child.poll() is None:
        with suppress(ProcessLookupError):  # it ended, and was reaped, this very moment
            os.killpg(child.pid, signal.SIGKILL)
