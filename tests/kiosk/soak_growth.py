"""What post and page held after so many customers, and how much that grows with each."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Sample:
    """What post and page held after so many customers; the page after its garbage was collected."""

    customers: int
    pss_kib: int
    anonymous_kib: int
    objects: int
    heap_bytes: int
    nodes: int
    listeners: int


def growth(samples: list[Sample], of: Callable[[Sample], float]) -> float:
    """How much there is more for each customer: the middle of the second half against the first quarter's."""
    first, second = samples[: len(samples) // 4], samples[len(samples) // 2 :]
    more = median(map(of, second)) - median(map(of, first))
    return more / (median(s.customers for s in second) - median(s.customers for s in first))
