"""Who a simulated sign has to do with: the world that it hangs in, and the eye on it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from contract.wire import Beat, Lease

if TYPE_CHECKING:
    from tests.simulation.sign import SimSign


class World(Protocol):
    """What a sign hangs in: a course of time, and a line to central."""

    rng: random.Random
    now_ms: int

    def after(self, delay_ms: int, work: Callable[[], None]) -> None:
        """Let something happen later."""

    def say(self, words: str) -> None:
        """Write a line of the history."""

    def send_beat(self, sign: SimSign, boot: int, beat: Beat) -> None:
        """Let a sign ask; `sign.hear` may be called with the answer, once, twice or never."""


class Eye(Protocol):
    """Who looks at the signs and knows what they have heard."""

    def sees(self, sign: SimSign) -> None:
        """What stands on a sign has changed."""

    def reads(self, sign: SimSign, beat: Beat) -> None:
        """A sign says what it shows."""

    def heard(self, sign: SimSign, answer: Lease, sent_ms: int) -> None:
        """A sign has taken in the answer to the beat that it sent at *sent_ms*."""

    def told_dark(self, sign: SimSign, call: str) -> None:
        """A sign has heard that a call is over."""

    def fell(self, sign: SimSign, how: str) -> None:
        """A sign's process was killed, or hangs."""
