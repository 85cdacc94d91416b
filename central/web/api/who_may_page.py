"""Who may take which call, on one page for people: `docs/who-may.md`.

`python -m central.web.api.who_may_page` writes it anew; a test fails while it differs from the document
that central serves.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from central.web.routes import Who

COMMAND = "python -m central.web.api.who_may_page"
PAGE = Path(__file__).parents[3] / "docs" / "who-may.md"
ROLES = [who for who in Who if who not in (Who.ANYBODY, Who.SCRAPER)]

_INTRO = f"""\
# Who may do what

<!-- Written by `{COMMAND}` from the marks of the routes: change those. -->

Every call of `/v1/openapi.json`, which says the same in `x-portvakt-may`. Everybody is let in at their own
stations only: a device and another system by their token, a person by what their account says; a person of
the office may have all stations. A call that is not open to somebody answers 401 to strangers and 403 to all
others, before it looks at anything else.

An address without a slash before it is under `/v1/stations/{{station}}/`. `post` and `sign` are devices;
`staff`, `manager`, `technician` and `office` are people; `bookings:read` and `bookings:write` are the scopes
of another system's token, and `hall:link` that of a hall box's at its office. The last column says what is
written down of who looked: managers and the office read it, and it never holds a plate.
"""


def markdown(document: dict[str, Any]) -> str:
    """Write the page of an OpenAPI *document* that central made."""
    tags = [tag["name"] for tag in document["tags"]]
    parts = [_part(document, tag) for tag in tags]
    return _INTRO + "".join(parts)


def _part(document: dict[str, Any], tag: str) -> str:
    head = ["call", *(f"`{role}`" for role in ROLES), "look"]
    rows = [head, ["---", *([":-:"] * len(ROLES)), "---"]]
    rows += [_cells(name, call) for name, call in _calls(document) if call["tags"] == [tag]]
    return f"\n## {tag}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _calls(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path.replace('/v1/stations/{station}/', '')}", call


def _cells(name: str, call: dict[str, Any]) -> list[str]:
    may = call["x-portvakt-may"]
    extra = " (anybody)" * (Who.ANYBODY in may) + " (the scraper)" * (Who.SCRAPER in may)
    marks = ["×" if role in may or Who.ANYBODY in may else "" for role in ROLES]
    return [f"`{name}`{extra}", *marks, call.get("x-portvakt-looks", "")]


def _document() -> dict[str, Any]:
    """The document as central serves it: the routes are made on an empty database."""
    from central.clock import SystemClock  # noqa: PLC0415 - only to write the page
    from central.database.store import Store  # noqa: PLC0415
    from central.migrations import migrate  # noqa: PLC0415
    from central.web.api import calls, document  # noqa: PLC0415
    from central.web.app import create_app  # noqa: PLC0415
    from central.yard import Yard  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/central.db"
        migrate(url)
        clock = SystemClock()
        store = Store(url, clock)
        made = document.of(calls.of(create_app(Yard(store, clock), clock)))
        store.close()
    return made


if __name__ == "__main__":
    PAGE.write_text(markdown(_document()), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
