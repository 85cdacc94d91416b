"""A real post in a process of its own, with a hand on its contacts and a clock that can be moved on.

`HandledPost` starts it and gives orders over a pair of sockets; what it runs is `kiosk.service.Post`
with all its threads, on the fake board.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from contract.errors import PortvaktError
from kiosk.screen import Screen
from portvakt.bench.moments import Memory, Pressed, Timed

READY_S = 30
ANSWER_S = 60
_CONFIG = """
state_dir = "{folder}"
languages = ["sv", "en"]
demo = true
[central]
url = "{central}"
station = "pitea"
[identity]
token_file = "{folder}/token"
code_file = "{folder}/code"
[page]
port = {port}
[browser]
expected = false
[speech]
{speech}
"""


class PostFailed(PortvaktError):
    """The post under test did not do what it was told; the text says what."""


class HandledPost:
    """Gives orders to the hand of one post.

    *voice* is a program that takes the words of its speech; without one it is silent.
    """

    def __init__(self, folder: Path, central: str, voice: Path | None) -> None:
        self.port = _free_port()
        config = folder / "post.toml"
        speech = "on = false" if voice is None else f'program = "{voice}"'
        config.write_text(
            _CONFIG.format(folder=folder, central=central, port=self.port, speech=speech)
        )
        code = folder / "code"
        if not code.exists():
            # Without any code a post asks for one on its screen, and takes no plate.
            code.write_text("AAAA-2222")
        ours, theirs = socket.socketpair()
        self._orders = Connection(ours.detach())
        with (folder / "log").open("wb") as log:
            fd = theirs.fileno()
            argv = [sys.executable, "-m", "portvakt.bench.hand", str(fd), str(config)]
            self.process = subprocess.Popen(argv, stderr=log, pass_fds=[fd])  # noqa: S603 - our own command
        theirs.close()
        self._answer("ready", READY_S)

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def screen(self) -> Screen:
        """The screen that is decided now."""
        screen: Screen = self._told("look")
        return screen

    def press(self, key: str) -> Pressed:
        """Press one key in no time: the clock is moved on until the same key may be pressed again.

        Raises:
            PostFailed: the key was not taken, or does not come up.
        """
        pressed: Pressed = self._told("press", key)
        return pressed

    @property
    def number(self) -> int:
        """The number of that screen."""
        return int(self._told("number"))

    @property
    def drawn(self) -> bool:
        """Whether a page has reported that very screen."""
        return bool(self._told("drawn"))

    def skip(self, ms: int) -> Screen:
        """Move the post's clock on, let it tick, and give what it shows then."""
        screen: Screen = self._told("skip", ms)
        return screen

    def settle(self) -> Screen:
        """Let the post handle everything that was put before it."""
        screen: Screen = self._told("skip", 0)
        return screen

    def memory(self) -> Memory:
        """What the process holds after it threw away what it could."""
        memory: Memory = self._told("weigh")
        return memory

    def growth(self) -> list[str]:
        """Where memory grew most since this was asked first; the first time it begins to look."""
        lines: list[str] = self._told("grew")
        return lines

    def begin_timed(self, key: str, hold_s: float, *, draws: bool) -> None:
        """Press *key* in real time; `timed` gives what was measured.  *draws*: a page is looking."""
        self._orders.send(("timed", (key, hold_s, draws)))

    def timed(self) -> Timed:
        """Wait for the press that `begin_timed` began."""
        timed: Timed = self._answer("timed", ANSWER_S)
        return timed

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self._orders.close()

    def _told(self, order: str, *words: object) -> Any:  # noqa: ANN401 - each order has its own answer
        try:
            self._orders.send((order, words))
        except ConnectionError as error:
            raise PostFailed(f'The post ended at "{order}".') from error
        return self._answer(order, ANSWER_S)

    def _answer(self, order: str, within_s: float) -> Any:  # noqa: ANN401 - as above
        try:
            if not self._orders.poll(within_s):
                raise PostFailed(f'The post did not answer "{order}" within {within_s:g} s.')
            fine, answer = self._orders.recv()
        except (EOFError, ConnectionError) as error:
            raise PostFailed(f'The post ended at "{order}".') from error
        if not fine:
            raise PostFailed(str(answer))
        return answer


@contextmanager
def handled_post(folder: Path, central: str, voice: Path | None = None) -> Iterator[HandledPost]:
    """Start a post on *folder*, which outlives it, and end it."""
    post = HandledPost(folder, central, voice)
    try:
        yield post
    finally:
        post.close()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
