"""Every problem on one page for people, `docs/problems.md`.

`python -m central.web.api.problems_page` writes it anew; a test fails while it differs from
contract/problems.py.
"""

import sys
from pathlib import Path

import msgspec

from contract import problems
from contract.problems import MEDIA_TYPE, MEMBERS

COMMAND = "python -m central.web.api.problems_page"
PAGE = Path(__file__).parents[3] / "docs" / "problems.md"

_INTRO = f"""\
# Every way in which central says no

<!-- Written by `{COMMAND}` from contract/problems.py: change it there. -->

A refusal is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) of the type
`{MEDIA_TYPE}`: `type`, `title`, `status`, `detail` (one sentence for the person who reads it) and
`reason`. Programs look at `reason`: it never changes, and one that is not in this table is to be taken for
its status. After `too_many` and `not_saved` the header `Retry-After` says when to come back.

| status | reason | title | when | what to do | more members |
|---|---|---|---|---|---|
"""
_MEMBERS = """
## More members

| member | says |
|---|---|
"""


def markdown() -> str:
    """Write the page."""
    rows = "".join(
        _row(
            f"{kind.status}",
            f"`{kind.reason}`",
            kind.title,
            kind.when,
            kind.what_to_do,
            ", ".join(f"`{name}`" for name in kind.members),
        )
        for kind in problems.every()
    )
    said = {name: msgspec.json.schema(kind)["description"] for name, kind in MEMBERS.items()}
    members = "".join(_row(f"`{name}`", says) for name, says in sorted(said.items()))
    return _INTRO + rows + _MEMBERS + members


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
