"""A customer at the post and a colleague at the desk who try again when a machine fails them."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from contract.errors import PortvaktError
from contract.transitions import Verb
from contract.visit import State
from contract.words import BayWords, VisitWords
from device.session import CentralUnreachable
from device.sse import read_events
from portvakt.demo.sample import presses_of
from portvakt.demo.staff import Staff
from tests.waiting import until

ANSWER_S = 4
KEEP_TRYING_S = 60
# Screens that a post shows only when the arrival is safe: on its disk, or at central.
CONFIRMED = {"place", "again", "saved_here", "unreached", "drive_in", "in_bay"}


class Eyes:
    """Looks at the post's screen, and looks again when the post was away."""

    def __init__(self, post_url: str) -> None:
        self._url = post_url
        self._stopping = threading.Event()
        self._seen = threading.Condition()
        self._screen: dict[str, Any] = {}
        self._looks = 0
        self._thread = threading.Thread(target=self._look, name="eyes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look away."""
        self._stopping.set()

    def wait_for(self, what: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """The first screen that fits, or {} when none came in *seconds*."""
        with self._seen:
            return self._screen if self._seen.wait_for(lambda: what(self._screen), seconds) else {}

    def forget(self) -> None:
        """Count only what is shown from now on."""
        with self._seen:
            self._screen = {}

    def _look(self) -> None:
        while not self._stopping.is_set():
            try:
                with requests.get(f"{self._url}/stream", stream=True, timeout=(3, 10)) as response:
                    for sent in read_events(response):
                        if sent.event == "screen":
                            self._see(json.loads(sent.data))
            except (requests.RequestException, CentralUnreachable):
                self._see({})
                self._stopping.wait(0.1)

    def _see(self, screen: dict[str, Any]) -> None:
        with self._seen:
            self._screen = screen
            self._seen.notify_all()


@dataclass
class Customer:
    """Types plates on the post; believes only what the screen says."""

    post_url: str
    eyes: Eyes
    confirmed: set[str] = field(default_factory=set)

    def enters(self, plate: str) -> None:
        """Type *plate* until the post has confirmed it."""
        until(lambda: self._tries(plate), KEEP_TRYING_S, f"a confirmation of {plate}")
        self.confirmed.add(plate)

    def _tries(self, plate: str) -> bool:
        try:
            self._press("cancel")
            self.eyes.wait_for(_is("idle"), ANSWER_S)
            for key in presses_of(plate):
                self._press(key)
            if not self.eyes.wait_for(_offers(plate), ANSWER_S):
                return False
            self._press("ok")
        except requests.RequestException:
            return False
        return bool(self.eyes.wait_for(_is(*CONFIRMED), ANSWER_S))

    def _press(self, key: str) -> None:
        for move in ("down", "up"):
            requests.post(f"{self.post_url}/keys/{key}/{move}", timeout=3).raise_for_status()


def _is(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda screen: screen.get("name") in names


def _offers(plate: str) -> Callable[[dict[str, Any]], bool]:
    """The plate is offered as a whole one; a guess after some of the presses stands in a line instead."""
    return lambda screen: (
        screen.get("name") == "offer" and (screen["plate"] or "").replace(" ", "") == plate
    )


@dataclass
class Colleague:
    """Works the doors through the board's own calls, and looks at the line before trying again."""

    staff: Staff

    def calls(self, plate: str, bay: str) -> None:
        """Call until *plate*, the only one in the line, is called to *bay*."""
        until(
            lambda: self._is_called(plate) or self._do(f"bays/{bay}/call-next", BayWords()),
            KEEP_TRYING_S,
            f"{plate} called to door {bay}",
        )

    def sees_in(self, plate: str, bay: str) -> None:
        """Press "drove in", then "finish", until *plate* has left the line."""
        until(lambda: self._moves_on(plate, bay), KEEP_TRYING_S, f"{plate} finished")

    def _moves_on(self, plate: str, bay: str) -> bool:
        try:
            row = next((row for row in self.staff.queue().line if row.plate == plate), None)
        except PortvaktError:
            return False
        if row is None:
            return True
        verb = Verb.ENTER if row.state == State.CALLED else Verb.FINISH
        words = VisitWords(version=row.version, bay=bay if verb is Verb.ENTER else None)
        self._do(f"visits/{row.visit}/{verb}", words)
        return False

    def _is_called(self, plate: str) -> bool:
        try:
            line = self.staff.queue().line
        except PortvaktError:
            return False
        return any(row.plate == plate and row.state == State.CALLED for row in line)

    def _do(self, place: str, words: BayWords | VisitWords) -> bool:
        """Do it; never sure that it was done, so the line is looked at again."""
        try:
            self.staff.post(place, words)
        except PortvaktError:  # away, or it was done before the answer was lost: the line tells
            return False
        return False
