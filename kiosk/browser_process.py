"""What runs on the screen: the shell and the browser inside it."""

import logging
import os
import signal
import subprocess

END_S = 3.0

log = logging.getLogger(__name__)


class Screen:
    """The shell and the browser: one process group, which ends as a whole."""

    def __init__(self, words: list[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - words of the settings, without a shell
            words, stdin=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def ended(self) -> int | None:
        """The exit status of the shell, None while it runs."""
        return self._process.poll()

    def close(self) -> None:
        """End all of it: asked first, because a shell that is killed may leave the screen in a bad mode."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            log.warning("the browser did not end when asked; it is killed")
        # Also what the shell left behind: a renderer that hangs does not see that its parent went.
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
