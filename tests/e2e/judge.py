"""Judges a run by two records only: what each panel was sent, and what central granted on the wire.

Both are stamped with CLOCK_MONOTONIC of one machine.  The pictures come from the fake panel's own decoding
of the bytes, the grants from the answers as they passed the cable; neither asks a sign what it thinks.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from portvakt.demo.fake_panel import FakePanel, dots
from signage.layout import layout
from tests.fakes.proxy import Tap

MS = 1_000_000
# A plate is dark at the latest 7.2 s after a lease of 7 s began; a frame is drawn in far less than this.
LATE_MS = 200
DRAWING_MS = 500
SECOND_PAGE = "KÖR IN"

_GRANT = re.compile(rb'\{"answer":"grant"[^{}]*\}')
_LONGEST_GRANT = 2048


@dataclass(frozen=True, slots=True)
class Granted:
    """Central's leave for one plate at one bay: from `ns`, when the answer passed, for `ttl_ms`."""

    ns: int
    bay: str
    text: str
    call: str
    ttl_ms: int

    @property
    def ends_ns(self) -> int:
        """The latest moment at which it may still be lit: the sign counts from earlier, its beat."""
        return self.ns + (self.ttl_ms + LATE_MS) * MS


class Grants:
    """Collects the grants that pass a cable; hand `tap` to it."""

    def __init__(self) -> None:
        self.all: list[Granted] = []

    def tap(self) -> Tap:
        """Hear one connection."""
        rest = b""

        def heard(ns: int, data: bytes) -> None:
            nonlocal rest
            rest += data
            while found := _GRANT.search(rest):
                said = json.loads(found.group())
                granted = Granted(ns, said["bay"], said["text"], said["call"], said["ttl_ms"])
                self.all.append(granted)
                rest = rest[found.end() :]
            rest = rest[-_LONGEST_GRANT:]

        return heard


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a panel, from `ns` until the next; `sender` is the process whose bytes made it."""

    ns: int
    sender: int
    picture: tuple[str, ...]

    @property
    def lit(self) -> bool:
        """Whether any LED is lit."""
        return any("#" in row for row in self.picture)


def drawn(text: str, width_px: int = 48) -> tuple[str, ...]:
    """The picture of *text* by the sign's own font."""
    return layout(text, width_px, 8).rows


def shown(record: Path, modules: int = 6) -> list[Shown]:
    """Replay a panel's record: every change of its picture, the darkness of its start first."""
    panel = FakePanel(modules)
    pictures = [Shown(0, 0, tuple(dots(panel.picture())))]
    for line in record.read_text(encoding="ascii").splitlines():
        ns, sender, data = line.split()
        panel.transfer(bytes.fromhex(data))
        picture = tuple(dots(panel.picture()))
        if picture != pictures[-1].picture:
            pictures.append(Shown(int(ns), int(sender), picture))
    return pictures


def faults(
    pictures: Sequence[Shown], grants: Iterable[Granted], texts: Iterable[str], end_ns: int
) -> list[str]:
    """Every time at which one panel showed what no live lease of its bay allowed; empty when none."""
    grants = sorted(grants, key=lambda grant: grant.ns)
    known = {drawn(text): text for text in texts}
    found = []
    after_a_plate = False
    for now, ends_ns in _with_ends(pictures, end_ns):
        if not now.lit:
            # Between two pages the chips are dark for a moment.
            after_a_plate = after_a_plate and ends_ns - now.ns <= DRAWING_MS * MS
            continue
        text = known.get(now.picture)
        after_a_plate = after_a_plate or text is not None
        is_second = now.picture == drawn(SECOND_PAGE)
        if is_second and not after_a_plate:
            found.append(f"{_s(now.ns)}: {SECOND_PAGE} stood without a plate")
        if text is None and not is_second and ends_ns - now.ns > DRAWING_MS * MS:
            found.append(f"{_s(now.ns)}: something that is no plate stood {_s(ends_ns - now.ns)}")
        fitting = [grant for grant in grants if text in (None, grant.text)]
        if (bare_ns := _uncovered(now.ns, ends_ns, fitting)) is not None:
            found.append(f"{_s(bare_ns)}: {text or 'a half picture'} stood without a live lease")
    return found


def on_two_doors(one: Sequence[Shown], other: Sequence[Shown], end_ns: int) -> list[str]:
    """Every time at which two panels showed the same lit picture."""
    return [
        f"{_s(max(first.ns, second.ns))}: the same picture on two doors"
        for first, first_ends in _with_ends(one, end_ns)
        for second, second_ends in _with_ends(other, end_ns)
        if first.lit
        and first.picture != drawn(SECOND_PAGE)
        and first.picture == second.picture
        and max(first.ns, second.ns) < min(first_ends, second_ends)
    ]


def _with_ends(pictures: Sequence[Shown], end_ns: int) -> list[tuple[Shown, int]]:
    ends = [following.ns for following in pictures[1:]] + [end_ns]
    return list(zip(pictures, ends, strict=True))


def _uncovered(from_ns: int, to_ns: int, grants: Sequence[Granted]) -> int | None:
    """The first moment in the span that none of *grants* (oldest first) covers; None when all is."""
    at_ns = from_ns
    for grant in grants:
        if grant.ns <= at_ns < grant.ends_ns:
            at_ns = grant.ends_ns
        if at_ns >= to_ns:
            return None
    return at_ns


def _s(ns: int) -> str:
    return f"{ns / 1e9:.3f} s"
