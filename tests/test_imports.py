"""Imports point one way: contract <- device <- kiosk, signage; contract <- central; portvakt may use all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "contract": {"contract"},
    "device": {"contract", "device"},
    "kiosk": {"contract", "device", "kiosk"},
    "signage": {"contract", "device", "signage"},
    "central": {"contract", "central"},
    "portvakt": {"contract", "device", "kiosk", "signage", "central", "portvakt"},
}
DRIVERS = {
    "gpiozero": {
        "kiosk/matrix_keypad.py",
        "kiosk/fake_matrix.py",
        "kiosk/outputs.py",
        "signage/timer_line.py",
    },
    "luma": {
        "portvakt/bench/luma_path.py",
        "signage/panels/max7219.py",
        "signage/panels/spi_line.py",
    },
    "serial": {"kiosk/serial_keypad.py", "signage/panels/serial_line.py"},
    "evdev": {"kiosk/usb_keypad.py"},
    "smbus2": {"signage/sensors/i2c.py"},
    # Only who has a provider loads what speaks to it: `central.web.app` imports them when it is named.
    "authlib": {"central/oidc/provider.py", "central/oidc/id_token.py"},
    "joserfc": {"central/oidc/provider.py", "central/oidc/id_token.py"},
}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def _modules() -> Iterator[Path]:
    for package in MAY_IMPORT:
        yield from (ROOT / package).rglob("*.py")


def wrong_imports(root: Path, paths: Iterator[Path]) -> list[str]:
    """Name every import that points the wrong way, as `file imports package`."""
    wrong = []
    for path in paths:
        place = path.relative_to(root).as_posix()
        for name in set(_imports(path)):
            if name in MAY_IMPORT and name not in MAY_IMPORT[place.split("/")[0]]:
                wrong.append(f"{place} imports {name}")
            if name in DRIVERS and place not in DRIVERS[name]:
                wrong.append(f"{place} imports {name}, which only a driver file may")
    return sorted(wrong)


def test_imports_point_one_way_and_only_drivers_touch_hardware_libraries() -> None:
    assert wrong_imports(ROOT, _modules()) == []


@pytest.mark.parametrize(
    "line",
    ["import kiosk.entry", "from central import line", "import gpiozero", "import luma.core"],
)
def test_a_wrong_import_is_found(tmp_path: Path, line: str) -> None:
    guilty = tmp_path / "signage" / "lease.py"
    guilty.parent.mkdir()
    guilty.write_text(line)
    assert wrong_imports(tmp_path, iter([guilty])) != []


def test_nothing_is_python_in_the_folder_for_systemd() -> None:
    assert list((ROOT / "systemd").rglob("*.py")) == []
