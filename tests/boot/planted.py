"""Faults that are planted in a release: each is one that a real release could have."""

from collections.abc import Callable
from pathlib import Path

from tests.boot.hall import SIGN

_EXEC = (
    "ExecStart=/opt/portvakt/current/venv/bin/portvakt sign run --config /etc/portvakt/sign.toml"
)


def nothing(folder: Path) -> None:
    """A good one."""
    del folder


def never_ready(folder: Path) -> None:
    """The sign's service starts, and never says that it is ready."""
    unit = _unit(folder)
    _replace(unit, _EXEC, "ExecStart=/usr/bin/sleep infinity")
    _replace(unit, "TimeoutStartSec=30", "TimeoutStartSec=4")


def dies_later(folder: Path) -> None:
    """The sign's service is ready, and dies four seconds later, again and again."""
    _replace(_unit(folder), "[Service]", "[Service]\nRuntimeMaxSec=4")


def loses_its_panel(folder: Path) -> None:
    """Nothing dies, but the sign's service may not open its panel any more."""
    _replace(
        _unit(folder),
        "SupplementaryGroups=gpio i2c dialout spi",
        "SupplementaryGroups=gpio i2c spi",
    )


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "never READY": (never_ready, SIGN),
    "dies again and again, four seconds after READY": (dies_later, SIGN),
    "a part that worked before": (loses_its_panel, "panel"),
}


def _unit(folder: Path) -> Path:
    return folder / "systemd" / SIGN


def _replace(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text, f"{file.name} has no {before}: plant this fault in another way"
    file.write_text(text.replace(before, after), "utf-8")
