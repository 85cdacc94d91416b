"""What it costs to encode a frame, against its time on the wire."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from portvakt.bench.figure import Figure, figure
from signage.frame import layout
from signage.max7219 import encode

SPI_HZ = 8_000_000
_TEXT = "ABC 123"
_MODULES = (5, 8, 16)
_HEIGHT_PX, _MODULE_PX = 8, 8


def measure(passes: int, calls: int) -> Iterator[Figure]:
    """Yield one figure for each length of cascade, in the processor's own time."""
    for modules in _MODULES:
        work = partial(encode, layout(_TEXT, modules * _MODULE_PX, _HEIGHT_PX))
        wire_us = wire_time_us(modules)
        costs_us = [_cost_us(work, calls) for _ in range(passes)]
        yield figure(
            f"encode a frame, {modules} modules",
            [cost / wire_us for cost in costs_us],
            "x wire time",
            target=0.25,
            detail=f"{min(costs_us):.1f} us of processor, {wire_us:.0f} us on the wire",
        )


def wire_time_us(modules: int) -> float:
    """Time of one frame's bits at 8 MHz: 8 transfers of 16 bits a module (MAX7219 datasheet)."""
    return _HEIGHT_PX * modules * 16 * 1e6 / SPI_HZ


def _cost_us(work: Callable[[], object], calls: int) -> float:
    started_ns = time.thread_time_ns()
    for _ in range(calls):
        work()
    return (time.thread_time_ns() - started_ns) / calls / 1_000
