"""What a technician solders, orders and sets by is what the code and the arithmetic say."""

import re
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from device.setting_kinds import written
from device.settings import known, load
from kiosk.key_codes import KERNEL_CODES, USB_KEYS
from kiosk.keys import FULL_LAYOUT, PHONE_LAYOUT, Key
from kiosk.legibility import capital_mm, capital_px, least_inches
from kiosk.settings import PostSettings
from signage.panel_settings import PanelSettings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "hardware.md").read_text(encoding="utf-8")
POST = load(ROOT / "deploy/settings/post.toml", PostSettings)
# What a technician wires, mounts or plugs in; the rest of post.toml is about the station.
HARDWARE = ("keypad.", "signals.", "speech.", "screen.", "browser.", "page.")
# Whom the page is served to is nobody's soldering.
SOFTWARE = {"page.port", "page.frame_ancestors"}
SETTINGS = [
    one.path
    for one in known(PostSettings)
    if one.path.startswith(HARDWARE) and one.path not in SOFTWARE
]

# Raspberry Pi documentation, "GPIO and the 40-pin header": the header's pin of each GPIO used here.
HEADER = {5: 29, 6: 31, 12: 32, 13: 33, 16: 36, 17: 11, 18: 12, 19: 35} | {
    20: 38,
    21: 40,
    22: 15,
    23: 16,
    26: 37,
}


def second_column(setting: str) -> str:
    row = re.search(rf"^\| `{re.escape(setting)}` \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert row is not None, f"hardware.md does not name {setting}"
    return row[1].strip().strip("`")


def rows_under(first_cell: str) -> list[list[str]]:
    """The rows of the table whose head begins with *first_cell*."""
    table = PAGE.split(f"| {first_cell} |", 1)[1].split("\n\n", 1)[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def of_post(path: str) -> Any:
    value: Any = POST
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("path", SETTINGS)
def test_every_setting_of_the_hardware_is_on_the_page_as_an_installation_has_it(path: str) -> None:
    value = of_post(path)
    wanted = "not wired" if value is None else written(value)
    assert second_column(path) == wanted


def test_the_page_names_no_setting_that_the_post_does_not_have() -> None:
    there = {one.path for one in known(PostSettings)}
    named = set(re.findall(r"`((?:keypad|signals|speech|screen|browser|page)\.[a-z_.]+)", PAGE))
    assert named <= there | {"keypad.toml"}


@pytest.mark.parametrize(
    "name", [field.name for field in fields(PanelSettings) if field.name != "picture"]
)
def test_the_settings_of_the_panel_are_on_the_page(name: str) -> None:
    assert str(getattr(PanelSettings(), name)) == second_column(f"panel.{name}")


def test_the_page_names_the_keys_in_their_places() -> None:
    assert "`1 2 3 OK`, `4 5 6 RÄTTA`, `7 8 9 AVBRYT`, `ÅÄÖ 0 SPRÅK TAL`" in PAGE
    assert [len(row) for row in PHONE_LAYOUT] == [4, 4, 4, 4]
    assert f"{sum(map(bool, sum(FULL_LAYOUT, ())))} keys" in PAGE


def test_what_a_bought_keypad_must_send_is_what_the_post_understands() -> None:
    on_page = {
        KERNEL_CODES[f"KEY_{name}"]: row[1].strip("`")
        for row in rows_under("key of the post")
        for name in re.findall(r"`(\w+)`", row[2])
    }
    assert on_page == {code: key for code, key in USB_KEYS.items() if key in set(Key)}


def wired() -> list[tuple[str, int, int]]:
    """Signal, GPIO and header pin of every wire that has a GPIO."""
    found = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    return [(signal, int(gpio), int(header)) for signal, gpio, header in found]


def test_every_pin_of_the_settings_is_wired_once_to_the_right_place_of_the_header() -> None:
    keypad, signals = POST.keypad, POST.signals
    pins = [*keypad.rows, *keypad.columns, keypad.help, *_pins_of(signals)]
    assert sorted(gpio for _, gpio, _ in wired()) == sorted(pin for pin in pins if pin is not None)
    assert {gpio: header for _, gpio, header in wired()} == HEADER


def test_the_example_of_a_full_pad_is_one_that_the_post_takes(tmp_path: Path) -> None:
    example = re.search(r"^    \[keypad\]\n(?:    .+\n)+", PAGE, re.MULTILINE)
    assert example is not None
    installed = (ROOT / "deploy/settings/post.toml").read_text(encoding="utf-8")
    before, _, after = installed.partition("[keypad]")
    path = tmp_path / "post.toml"
    path.write_text(f"{before}{dedent(example[0])}\n[signals]{after.partition('[signals]')[2]}")
    settings = load(path, PostSettings)
    assert settings.keypad.layout == FULL_LAYOUT
    assert settings.signals == POST.signals


def _pins_of(signals: object) -> list[int | None]:
    return [getattr(signals, field.name) for field in fields(signals)]  # type: ignore[arg-type]


def test_rows_and_columns_are_wired_in_the_order_of_the_settings() -> None:
    rows = [gpio for signal, gpio, _ in wired() if signal.startswith("row ")]
    columns = [gpio for signal, gpio, _ in wired() if signal.startswith("column ")]
    assert (tuple(rows), tuple(columns)) == (POST.keypad.rows, POST.keypad.columns)


def test_no_core_of_the_cable_is_used_twice() -> None:
    cores = [row[3] for row in rows_under("signal") if row[3].isdecimal()]
    assert cores == [str(core) for core in range(1, 13)]


def test_the_power_budget_adds_up_and_the_supply_is_enough() -> None:
    *consumers, total = [
        [float(re.sub(r"[^\d.]", "", cell)) for cell in row[1:3]] for row in power()
    ]
    assert [round(sum(column), 1) for column in zip(*consumers, strict=True)] == total
    supply = re.search(r"Chosen: 24 V (\d+) W", PAGE)
    assert supply is not None
    assert int(supply[1]) >= 1.5 * total[1]


def power() -> list[list[str]]:
    return rows_under("consumer")


@pytest.mark.parametrize(
    "row", rows_under("`page.reading_m` | capital height"), ids=lambda row: str(row[0])
)
def test_letters_are_as_high_as_the_standard_wants_them(row: list[str]) -> None:
    metres, smallest = float(row[0]), float(row[3].split()[0])
    assert row[1] == f"{capital_mm(metres):.1f} mm"
    assert smallest == least_inches(metres)
    pixels = round(capital_px(metres, 10.1, 1280, 800))
    assert row[2] == (f"{pixels} px" if smallest <= 10.1 else "too large")


def test_bench_tests_are_numbered_and_none_is_claimed_that_was_not_done() -> None:
    tests = rows_under("no.")
    assert [row[0] for row in tests] == [f"P{number}" for number in range(1, len(tests) + 1)]
    assert {row[3] for row in tests} == {"not done yet"}
    named = set(re.findall(r"\bP\d+\b", PAGE))
    assert named == {row[0] for row in tests}


@pytest.mark.parametrize("unit", ["portvakt-kiosk.service", "portvakt-browser.service"])
def test_users_on_the_page_are_those_of_the_units(unit: str) -> None:
    user = re.search(r"^User=(.*)$", (ROOT / "systemd" / unit).read_text(), re.MULTILINE)
    assert user is not None
    assert f"`{unit}`: user `{user[1]}`" in PAGE


def test_files_and_rules_that_the_page_names_are_there() -> None:
    for name in re.findall(r"`(\d\d-portvakt[\w-]*\.rules)`", PAGE):
        assert (ROOT / "systemd/udev" / name).exists()
    for name in re.findall(r"`(systemd/[\w./-]+)`", PAGE):
        assert (ROOT / name).exists()
    rules = "".join(path.read_text() for path in (ROOT / "systemd/udev").glob("*.rules"))
    assert "LIBINPUT_IGNORE_DEVICE" in rules
    assert f'SYMLINK+="{Path(POST.keypad.serial.port).name}"' in rules


def test_the_kernels_line_lets_the_units_limits_on_memory_hold() -> None:
    (line,) = re.findall(r"^    (.*\bvideo=HDMI-A-1:.*)$", PAGE, re.MULTILINE)
    assert "cgroup_enable=memory" in line.split()
    unit = (ROOT / "systemd/portvakt-browser.service").read_text()
    assert "MemoryMax=" in unit


def test_swap_on_the_card_is_switched_off() -> None:
    assert "    [Main]\n    Mechanism=zram\n" in PAGE
    assert "systemctl disable --now dphys-swapfile" in PAGE
