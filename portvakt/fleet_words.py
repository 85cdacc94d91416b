"""The fleet in words and in a table, for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

# By shape, word and place: a terminal may have no colours.
_SHAPES = {
    "lost": "!!",
    "rolled_back": "<-",
    "unit_failing": "!!",
    "refused": "!",
    "fault": "!",
    "late": "?",
    "trial": "->",
    "staging": "->",
    "old": "~",
    "unheard": ".",
    "ready": "ok",
    "revoked": "x",
}
_WORDS = {
    "rolled_back": "rolled back",
    "unit_failing": "a service fails",
    "fault": "a part fails",
    "staging": "preparing",
    "trial": "on trial",
    "old": "old release",
    "unheard": "never heard",
}
_HEAD = ("", "station", "machine", "state", "runs", "wants", "ring", "heard", "about")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def lines(fleet: dict[str, Any]) -> Iterator[str]:
    """All of it: the words first, then rings, releases that are halted, and the machines."""
    yield fleet["says"]
    yield ""
    for ring in fleet["rings"]:
        if ring["stations"] or ring["release"]:
            yield ring_line(ring)
    for release in fleet["releases"]:
        if release["halted_at"]:
            yield f"{release['release']} is halted: {release['why']}."
    yield ""
    now = datetime.fromisoformat(fleet["as_of"])
    yield from _table([_HEAD, *(_cells(row, now) for row in fleet["machines"])])


def ring_line(ring: dict[str, Any]) -> str:
    """One ring: how many stations it has, and what they should run."""
    count = len(ring["stations"])
    stations = "1 station" if count == 1 else f"{count} stations"
    if not ring["release"]:
        return f"ring {ring['ring']}: {stations}, wants no release"
    run = f"{ring['running']} of {ring['machines']} machines run it"
    return f"ring {ring['ring']}: {stations}, wants {ring['release']}, {run}"


def release_line(release: dict[str, Any]) -> str:
    """One release that central has."""
    size = f"{release['size'] / 1_000_000:.1f} MB"
    words = f"{release['release']}  {', '.join(release['platforms'])}  {size}"
    return f"{words}  halted: {release['why']}" if release["halted_at"] else words


def age(seconds: float) -> str:
    """How long ago, in the largest whole unit."""
    for size, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {word}"
    return f"{int(max(seconds, 0))} s"


def _cells(row: dict[str, Any], now: datetime) -> tuple[str, ...]:
    state = row["state"]
    heard = row["heard_at"]
    return (
        _SHAPES.get(state, "?"),
        row["station"],
        row["name"],
        _WORDS.get(state, state),
        row["release"] or "-",
        _wants(row),
        row["ring"],
        age((now - datetime.fromisoformat(heard)).total_seconds()) if heard else "never",
        _about(row),
    )


def _wants(row: dict[str, Any]) -> str:
    if row["pinned"]:
        return f"{row['pinned']} (pinned)"
    return "" if row["wanted"] in (None, row["release"]) else str(row["wanted"])


def _about(row: dict[str, Any]) -> str:
    """What else a person would want to know, only where it is not as it should be."""
    told = [row["about"] if row["state"] != "old" else "", row["why"]]
    if row["outbox_waiting"]:
        told.append(
            f"{row['outbox_waiting']} arrivals wait, the oldest {age(row['outbox_oldest_s'] or 0)}"
        )
    told += [
        words
        for words, is_so in (
            ("too little power", row["under_voltage"]),
            ("clock not set", row["clock_synced"] is False),
            ("card read-only", row["root_writable"] is False),
        )
        if is_so
    ]
    return "; ".join(filter(None, told))


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
