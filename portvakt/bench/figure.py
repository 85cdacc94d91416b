"""A measured figure, and how a person reads it."""

import statistics
from collections.abc import Iterator, Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report: a ratio to a floor, or a time that is stated and never judged.

    `passes` are the values of the interleaved passes behind `value`, which is their median.
    """

    name: str
    value: float
    unit: str
    passes: list[float]
    target: float | None = None
    detail: str = ""

    @property
    def verdict(self) -> str:
        """Say in a word whether the figure keeps its target."""
        if self.target is None:
            return "stated"
        return "kept" if self.value <= self.target else "MISSED"


def figure(
    name: str, passes: Sequence[float], unit: str, target: float | None = None, detail: str = ""
) -> Figure:
    """Make a figure from the values of several passes."""
    return Figure(
        name=name,
        value=round(statistics.median(passes), 3),
        unit=unit,
        passes=[round(value, 3) for value in passes],
        target=target,
        detail=detail,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which *share* (0 to 1) of *values* lie."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def lines(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield the report: two lines a figure, the value first and what lies beside it below."""
    wide = max(len(one.name) for one in figures)
    for one in figures:
        target = "" if one.target is None else f"  target <= {one.target:g}"
        yield f"{one.name:<{wide}}  {one.value:>8.3f} {one.unit:<12}{one.verdict}{target}"
        passes = f"{len(one.passes)} passes, {min(one.passes):g} to {max(one.passes):g}"
        yield f"{'':<{wide}}  {passes}{'; ' if one.detail else ''}{one.detail}"
