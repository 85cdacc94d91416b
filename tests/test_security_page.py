"""Every line of the threat model names a test that is there, and none is named that is not."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
HEAD = "| what they could try | what stands in the way | the test |"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def lines() -> list[list[str]]:
    """The cells of every line of every table."""
    tables = PAGE.split(HEAD)[1:]
    rows = [row for table in tables for row in table.partition("\n\n")[0].splitlines()[2:]]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("cells", lines(), ids=lambda cells: cells[0][:60])
def test_every_line_names_tests_that_are_there(cells: list[str]) -> None:
    assert len(cells) == 3
    named = NAMED.findall(cells[2])
    assert named
    assert not NAMED.sub("", cells[2]).strip(), "something else than a test is named"
    for path, name in named:
        assert name in names_in(path), f"{path} has no {name}"


def test_every_place_that_an_attacker_may_stand_in_has_its_table() -> None:
    places = (
        "the yard",
        "the network",
        "stolen card",
        "staff phone",
        "Another system",
        "a release",
        "Secrets",
    )
    assert PAGE.count(HEAD) == len(places)
    assert all(place in PAGE for place in places)
    assert len(lines()) >= 40
