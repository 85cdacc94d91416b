"""What it costs to draw and to encode a frame, against its time on the wire, beside luma's own path."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from portvakt.bench.figure import Figure, figure
from portvakt.bench.luma_path import ways
from signage.encoders import alpha, mobitec, signhead, ws2812
from signage.encoders.max7219 import MODULE_PX, encode
from signage.frame import Frame
from signage.layout import Canvas, plate

SPI_HZ = 8_000_000
TARGET = 0.25
_TEXT = "ABC 123"
# A plate of six letters needs five modules; on four stands what fits.
_SHORT_TEXT = "AB 123"
_MODULES = (4, 8, 16)
_WS2812_PX, _MOBITEC_PX, _HEAD_PX = (54, 8), (112, 16), (96, 16)
_HEAD_BAUD = 115_200
# Start bit, data, parity and stop bit.
_ALPHA_BITS, _OTHER_BITS = 10, 10


@dataclass(frozen=True, slots=True)
class _Panel:
    """How one kind of panel is encoded, and how long that is on its wire."""

    name: str
    encode: Callable[[], Sequence[bytes]]
    wire_us: float


def measure(passes: int, calls: int) -> Iterator[Figure]:
    """Yield the cost for each length of cascade, and then for the other panels, in processor time."""
    with warnings.catch_warnings():
        # luma asks Pillow for pixels in a way that Pillow 14 drops.
        warnings.simplefilter("ignore")
        for modules in _MODULES:
            yield from _cascade(modules, passes, calls)
    for panel in _others():
        costs_us = [_cost_us(panel.encode, max(1, calls // 10)) for _ in range(passes)]
        yield figure(
            f"encode a frame, {panel.name}",
            [cost / panel.wire_us for cost in costs_us],
            "x wire time",
            target=TARGET,
            detail=f"{min(costs_us):.1f} us of processor, {panel.wire_us / 1_000:.1f} ms on the wire",
        )


def _cascade(modules: int, passes: int, calls: int) -> Iterator[Figure]:
    """Ours and luma's turn by turn, so that a busy machine is busy for both."""
    words = _SHORT_TEXT if modules == _MODULES[0] else _TEXT
    canvas = Canvas(modules * MODULE_PX, MODULE_PX)
    frame = plate(words, canvas)
    whole, display = ways(modules, words)
    works = (partial(encode, frame), lambda: encode(plate(words, canvas)), display, whole)
    rounds = [[_cost_us(work, calls // 4 or 1) for work in works] for _ in range(passes)]
    wire_us = wire_time_us(modules)
    ours, both, theirs, all_theirs = (
        [costs[way] / wire_us for costs in rounds] for way in range(len(works))
    )
    least_us = min(costs[0] for costs in rounds)
    yield figure(
        f"encode a frame, {modules} modules",
        ours,
        "x wire time",
        target=TARGET,
        detail=f"{least_us:.1f} us of processor, {wire_us:.0f} us on the wire;"
        f" luma's display {figure('', theirs, '').value:.2f}",
    )
    yield figure(
        f"draw and encode, {modules} modules",
        both,
        "x wire time",
        detail=f"luma's canvas, text and display {figure('', all_theirs, '').value:.2f}",
    )


def wire_time_us(modules: int) -> float:
    """Time of one frame's bits at 8 MHz: 8 transfers of 16 bits a module (MAX7219 datasheet)."""
    return MODULE_PX * modules * 16 * 1e6 / SPI_HZ


def _others() -> Iterator[_Panel]:
    pixels, head = _frame(*_WS2812_PX), _frame(*_HEAD_PX)
    way, lease = ws2812.PLAIN, signhead.Lease(0, 7_000, 100)
    sign = mobitec.Sign(6, *_MOBITEC_PX)
    dots = _frame(*_MOBITEC_PX)
    yield _spi("ws2812, 54 x 8", lambda: ws2812.encode(pixels, way, "amber", 100))
    yield _serial("alpha", lambda: [alpha.text(_TEXT)], alpha.BAUD, _ALPHA_BITS)
    yield _serial("mobitec, text", lambda: [mobitec.text(_TEXT, sign)], mobitec.BAUD, _OTHER_BITS)
    yield _serial("mobitec, dots", lambda: [mobitec.dots(dots, sign)], mobitec.BAUD, _OTHER_BITS)
    yield _serial(
        "signhead, 96 x 16",
        # A new frame each time: it remembers its rows.
        lambda: [signhead.show_packet(1, lease, signhead.picture(replace(head)))],
        _HEAD_BAUD,
        _OTHER_BITS,
    )


def _frame(width_px: int, height_px: int) -> Frame:
    return plate(_TEXT, Canvas(width_px, height_px))


def _spi(name: str, work: Callable[[], Sequence[bytes]]) -> _Panel:
    bits = 8 * sum(map(len, work()))
    return _Panel(name, work, bits * 1e6 / ws2812.SPI_HERTZ)


def _serial(name: str, work: Callable[[], Sequence[bytes]], baud: int, bits: int) -> _Panel:
    return _Panel(name, work, sum(map(len, work())) * bits * 1e6 / baud)


def _cost_us(work: Callable[[], object], calls: int) -> float:
    started_ns = time.thread_time_ns()
    for _ in range(calls):
        work()
    return (time.thread_time_ns() - started_ns) / calls / 1_000
