"""The examples that an installation leaves are settings that the services take."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.roles import CHECKOUT
from device.settings import known, load
from kiosk.settings import PostSettings
from portvakt.cli import main
from signage.settings import SignSettings

EXAMPLES = CHECKOUT / "deploy" / "settings"


@pytest.mark.parametrize(
    ("name", "into"), [("post.toml", PostSettings), ("sign.toml", SignSettings)]
)
def test_an_example_is_taken_and_shows_the_usual_values(name: str, into: Any) -> None:
    path = EXAMPLES / name
    load(path, into)

    for section, values in _flat(tomllib.loads(path.read_text())):
        (setting,) = [one for one in known(into) if one.path == section]
        if setting.default is not None:
            assert values == tomllib.loads(f"x = {setting.default}")["x"], section


def _flat(table: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        nested = isinstance(value, dict)
        found += _flat(value, f"{path}{name}.") if nested else [(f"{path}{name}", value)]
    return found


def test_centrals_options_are_options_of_the_command(tmp_path: Path) -> None:
    text = (EXAMPLES / "central.env").read_text()
    found = re.search(r'^PORTVAKT_CENTRAL_OPTIONS="(.*)"$', text, re.MULTILINE)
    assert found is not None
    words = shlex.split(found[1])

    done = CliRunner().invoke(main, ["central", "serve", "--data", str(tmp_path), *words, "--help"])

    assert done.exit_code == 0
    help_text = done.output
    assert all(word in help_text for word in words if word.startswith("--"))
