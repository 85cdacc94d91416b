"""A measured figure and the table of them."""

import statistics
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table


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
        return "kept" if self.value <= self.target else "missed"


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


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the table that a person reads."""
    table = Table(title="portvakt bench", title_justify="left")
    for heading in ("figure", "measured", "target", "", "passes", "beside it"):
        table.add_column(heading)
    for one in figures:
        target = "" if one.target is None else f"<= {one.target:g} {one.unit}"
        passes = f"{min(one.passes):g} to {max(one.passes):g}"
        value = f"{one.value:g} {one.unit}"
        table.add_row(one.name, value, target, one.verdict, passes, one.detail)
    console.print(table)
