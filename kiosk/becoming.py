"""What a post learns of itself: who it is at central, and how far it has come since power came."""

from dataclasses import dataclass, field

from device.boot_story import Story
from kiosk.enrolling import Outcome, Who


@dataclass(frozen=True, slots=True)
class WeAre:
    """Who the post is at central; `outcome` is what came of the code on its card, where that was refused."""

    who: Who
    outcome: Outcome = Outcome.NONE


@dataclass(frozen=True, slots=True)
class CodeTried:
    """A typed code did not work; `minutes` how long to wait, after too many."""

    outcome: Outcome
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class StoryTold:
    """How far the post has come since power came; None when there is nothing to tell."""

    story: Story | None


Became = WeAre | CodeTried | StoryTold


@dataclass(frozen=True, slots=True)
class TryCode:
    """A deed: ask central to take this post by the one-time *code*, which is never printed."""

    code: str = field(repr=False)
