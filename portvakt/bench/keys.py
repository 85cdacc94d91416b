"""From a contact that closes to the beep, and to changed pixels of the real page in a real browser.

The contacts of a real post are closed at moments that know nothing of its scan.  Pixels are those of
Chromium's screencast: what its compositor hands out, before any screen; a panel adds its own time.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kiosk.keys import Key
from portvakt.bench.figure import Figure, figure, quantile
from portvakt.bench.moments import Timed
from portvakt.bench.pixels import BrowserMissing, Drawn, Eyes
from portvakt.bench.post import HandledPost, handled_post

BEEP_TARGET_MS, PIXEL_TARGET_MS = 10.0, 85.0
HOLD_S = 0.05
# A third of a second is a quick finger; it is also longer than any picture of the last key takes.
REST_S = (0.20, 0.35)
BEEP_REST_S = (0.03, 0.06)
AFTER_S, PATIENCE_S = 0.05, 1.5
BLOCKS = 5
_MS = 1_000.0
# Nobody listens there: what is measured is the post alone.
_NO_CENTRAL = "http://127.0.0.1:9"
_KEYS = ("2", Key.CLEAR)  # one place of the plate is filled and emptied again

Progress = Callable[[str], None]
Skipped = Callable[[str], None]


def measure_beep(presses: int, progress: Progress) -> Iterator[Figure]:
    """Yield how long after the contact the buzzer's line has its level."""
    with _post() as post:
        timed = list(_beeps(post, presses, progress))
    times_ms = [one.beep_s * _MS for one in timed if one.beep_s is not None]
    lost = presses - len(times_ms)
    for share, target in ((0.5, None), (0.95, None), (0.99, BEEP_TARGET_MS)):
        late_ms = quantile([one.late_s * _MS for one in timed], share)
        detail = f"{len(times_ms)} presses, {lost} without; a bare 5 ms wait was late by {late_ms:.1f} ms"
        yield _figure(f"key -> beep, p{100 * share:.0f}", times_ms, share, target, detail)


def measure_pixels(presses: int, progress: Progress, skipped: Skipped) -> Iterator[Figure]:
    """Yield how long after the contact the picture of the place has changed; *skipped* says why not."""
    try:
        with _post() as post, Eyes(post.url) as eyes:
            seen = list(_sights(post, eyes, presses, progress))
    except BrowserMissing as missing:
        skipped(str(missing))
    else:
        yield from _pixel_figures(seen, presses)


@contextmanager
def _post() -> Iterator[HandledPost]:
    folder = tempfile.TemporaryDirectory(prefix="portvakt-bench-")
    with folder as name, handled_post(Path(name), _NO_CENTRAL) as post:
        yield post


def _beeps(post: HandledPost, presses: int, progress: Progress) -> Iterator[Timed]:
    for number in range(presses):
        if number % 20 == 0:
            progress(f"key -> beep, {number} of {presses}")
        post.begin_timed(_KEYS[number % 2], HOLD_S, draws=False)
        yield post.timed()
        time.sleep(_rest(BEEP_REST_S))


def _sights(
    post: HandledPost, eyes: Eyes, presses: int, progress: Progress
) -> Iterator[tuple[Timed, Drawn | None]]:
    for number in range(presses + 2):
        if number % 10 == 0:
            progress(f"key -> pixel, {number} of {presses}")
        eyes.forget()
        post.begin_timed(_KEYS[number % 2], HOLD_S, draws=True)
        eyes.look(_rest(REST_S))
        timed = post.timed()
        eyes.look(AFTER_S)
        drawn = eyes.change_after(timed.closed_at)
        if drawn is None:
            eyes.look(PATIENCE_S)
            drawn = eyes.change_after(timed.closed_at)
        if number > 1:  # the first two warm the page up
            yield timed, drawn


def _pixel_figures(seen: list[tuple[Timed, Drawn | None]], presses: int) -> Iterator[Figure]:
    both = [(timed, drawn) for timed, drawn in seen if drawn is not None]
    times_ms = [(drawn.pixel_at - timed.closed_at) * _MS for timed, drawn in both]
    if not both:
        return
    detail = (
        f"{len(both)} presses, {presses - len(both)} not seen; {_parts(both)}; 60 frames a second"
    )
    yield _figure("key -> pixel, p50", times_ms, 0.5, None, detail)
    yield _figure(
        "key -> pixel, p95", times_ms, 0.95, PIXEL_TARGET_MS, f"max {max(times_ms):.0f} ms"
    )
    reports_ms = [timed.drawn_s * _MS for timed, _ in seen if timed.drawn_s is not None]
    note = f"{len(reports_ms)} presses; no earlier than two frames after drawing, so a limit from above"
    yield _figure("key -> the page's own report, p95", reports_ms, 0.95, None, note)


def _parts(both: list[tuple[Timed, Drawn]]) -> str:
    """Where the time goes, by the median of each part."""
    parts: dict[str, list[float]] = {}
    for timed, drawn in both:
        heard, decided = timed.heard_s or 0.0, timed.decided_s or 0.0
        pushed, drew = drawn.heard_at - timed.closed_at, drawn.drew_at - timed.closed_at
        ends = {
            "scan": heard,
            "decide": decided,
            "push": pushed,
            "page": drew,
            "frame": drawn.pixel_at - timed.closed_at,
        }
        begin = 0.0
        for name, end in ends.items():
            parts.setdefault(name, []).append((end - begin) * _MS)
            begin = end
    return ", ".join(f"{name} {quantile(times, 0.5):.1f}" for name, times in parts.items()) + " ms"


def _figure(
    name: str, times_ms: list[float], share: float, target: float | None, detail: str
) -> Figure:
    """The quantile over all presses, with that of each block of presses behind it."""
    size = max(1, len(times_ms) // BLOCKS)
    blocks = [times_ms[at : at + size] for at in range(0, size * BLOCKS, size)]
    passes = [round(quantile(block, share), 3) for block in blocks if block]
    value = round(quantile(times_ms, share), 3)
    return msgspec.structs.replace(figure(name, passes, "ms", target, detail), value=value)


def _rest(between_s: tuple[float, float]) -> float:
    return random.uniform(*between_s)  # noqa: S311 - no secret
