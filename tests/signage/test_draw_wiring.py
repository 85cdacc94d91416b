"""The pictures by which a technician tells a wrong setting are those that a panel would show."""

import re
from pathlib import Path

import pytest

from tests.signage.draw_wiring import pictures

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sign.md").read_text(encoding="utf-8")
PICTURES = dict(pictures())


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_is_in_the_manual_as_a_panel_shows_it(name: str) -> None:
    """After a change: `python -m tests.signage.draw_wiring docs/sign`."""
    assert PICTURES[name] == (ROOT / "docs/sign" / name).read_bytes()
    assert f"(sign/{name})" in PAGE


def test_each_way_of_hanging_looks_different() -> None:
    assert len(PICTURES) == len(set(PICTURES.values()))


def test_every_picture_that_the_manual_names_is_there() -> None:
    for name in re.findall(r"\(sign/([\w.-]+)\)", PAGE):
        assert (ROOT / "docs/sign" / name).exists(), name
