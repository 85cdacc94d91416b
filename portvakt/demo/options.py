"""What a person may ask of the demo, and what only its own tests may."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PORT = 8080
DEFAULT_SPEED = 60.0  # a minute of the yard in a second
LANGUAGES = ("en", "sv")
HOST = "127.0.0.1"
MAX_PORT = 65_533  # two more follow


@dataclass(frozen=True, slots=True)
class Judging:
    """What the tests of the whole station set, by environment; a person never needs it.

    `post_central` and `sign_central` are other addresses for the devices (a proxy that can be cut, one
    that listens in), `lease_ttl_ms` is a shorter lease, `record` a folder for what the panels were sent.
    """

    post_central: str | None = None
    sign_central: str | None = None
    lease_ttl_ms: int | None = None
    record: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Judging":
        """Read the four variables; those that are not set change nothing."""
        ttl = environment.get("PORTVAKT_DEMO_LEASE_TTL_MS")
        record = environment.get("PORTVAKT_DEMO_RECORD")
        return cls(
            post_central=environment.get("PORTVAKT_DEMO_POST_CENTRAL"),
            sign_central=environment.get("PORTVAKT_DEMO_SIGN_CENTRAL"),
            lease_ttl_ms=None if ttl is None else int(ttl),
            record=None if record is None else Path(record),
        )


def _judging() -> Judging:
    return Judging.from_environment(os.environ)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of `portvakt demo`.

    `port` is the page's; central listens on the next and the post on the one after.  `traffic` is how
    many times faster than life simulated cars come, None for none.  Without `data` everything lives in
    a temporary folder that is removed at the end.
    """

    port: int = DEFAULT_PORT
    traffic: float | None = None
    language: str = "en"
    data: Path | None = None
    open_browser: bool = True
    judging: Judging = field(default_factory=_judging)

    @property
    def central_port(self) -> int:
        """Where central and its board listen."""
        return self.port + 1

    @property
    def post_port(self) -> int:
        """Where the post's screen and keypad listen."""
        return self.port + 2

    @property
    def page_url(self) -> str:
        """The demo's page, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def central_url(self) -> str:
        """The queue API and the board."""
        return f"http://{HOST}:{self.central_port}"

    @property
    def post_url(self) -> str:
        """The post's own local page."""
        return f"http://{HOST}:{self.post_port}"
