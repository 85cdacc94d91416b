"""`/etc/portvakt/update.toml`: every fault at once, in words."""

from pathlib import Path

import pytest

from deploy.errors import InstallError
from deploy.switch.settings import Settings, read_settings


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "update.toml") == Settings(600, 60, 3, 2, "station", True)


def test_what_the_file_says_holds(tmp_path: Path) -> None:
    path = tmp_path / "update.toml"
    path.write_text('watch_s = 30\nsteady_s = 5\nquiet = "any"\nneed_synced_clock = false\n')

    assert read_settings(path) == Settings(30, 5, quiet="any", need_synced_clock=False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("watch_s = ", "cannot be read"),
        ("wacht_s = 3", "there is no setting wacht_s; there are watch_s, steady_s"),
        ("boots = 1", "boots = 1 must be at least 2"),
        ("watch_s = true", "watch_s = True must be of the kind int"),
        ('quiet = "night"', 'quiet = "night" must be one of station, any'),
        ("watch_s = 60\nsteady_s = 60", "steady_s must be less than watch_s"),
        ("boots = 0\nkeep = 1", "boots = 0 must be at least 2; keep = 1 must be at least 2"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "update.toml"
    path.write_text(text)

    with pytest.raises(InstallError) as refused:
        read_settings(path)

    assert says in str(refused.value)
