"""What a technician solders, orders and sets by is what the code and the arithmetic say."""

import math
import re
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from device.setting_kinds import written
from device.settings import Known, known, load
from kiosk.key_codes import KERNEL_CODES, USB_KEYS
from kiosk.keys import FULL_LAYOUT, PHONE_LAYOUT, Key
from kiosk.legibility import capital_mm, capital_px, least_inches
from kiosk.settings import PostSettings
from signage.encoders.ws2812 import DOTS_AT_MOST
from signage.fonts import ALL, Typeface
from signage.layout import CannotDraw, Canvas, plate
from signage.settings import SignSettings

ROOT = Path(__file__).parent.parent
WHOLE = (ROOT / "hardware.md").read_text(encoding="utf-8")
PAGE, _, SIGN_PAGE = WHOLE.partition("## The sign: ")
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


SIGN_HEADER = {10: 19, 11: 23, 8: 24, 2: 3, 3: 5, 24: 18}


def second_column(setting: str, page: str = PAGE) -> str:
    row = re.search(rf"^\| `{re.escape(setting)}` \| ([^|]*) \|", page, re.MULTILINE)
    assert row is not None, f"hardware.md does not name {setting}"
    return row[1].strip().strip("`")


def rows_under(first_cell: str, page: str = PAGE) -> list[list[str]]:
    """The rows of the table whose head begins with *first_cell*."""
    table = page.split(f"| {first_cell} |", 1)[1].split("\n\n", 1)[0]
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


@pytest.mark.parametrize("one", list(known(SignSettings)), ids=lambda one: str(one.path))
def test_every_setting_of_the_sign_is_on_the_page_with_its_default(one: Known) -> None:
    required = one.path in {"central.url", "central.station"}
    wanted = one.default or ("must be given" if required else "not set")
    assert second_column(one.path, SIGN_PAGE) == wanted


def test_the_page_names_no_setting_that_the_sign_does_not_have() -> None:
    there = {one.path for one in known(SignSettings)}
    sections = "central|identity|panel|lease|pages|yard|light|current|timer|self_test"
    named = set(re.findall(rf"`((?:{sections})\.[a-z_.0-9]+)`", SIGN_PAGE))
    assert named == there


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


def test_bench_tests_of_the_sign_are_numbered_and_none_is_claimed_that_was_not_done() -> None:
    tests = rows_under("no.", SIGN_PAGE.partition("### Bench tests")[2])
    assert [row[0] for row in tests] == [f"S{number}" for number in range(1, len(tests) + 1)]
    assert {row[3] for row in tests} == {"not done yet"}
    assert set(re.findall(r"\bS\d+\b", SIGN_PAGE)) == {row[0] for row in tests}


def test_the_checklist_of_seconds_to_dark_is_still_to_be_filled_in() -> None:
    """It is for the site: a figure in it would be somebody's claim."""
    rows = rows_under("no.", SIGN_PAGE)
    assert [row[0] for row in rows] == [f"C{number}" for number in range(1, len(rows) + 1)]
    deeds = " ".join(row[1] for row in rows)
    for deed in ("network", "stop", "KILL", "STOP", "Pi's power", "panel's power"):
        assert deed in deeds
    assert len(rows) == len(re.findall(r"^\| C\d .* \| \| \|$", SIGN_PAGE, re.MULTILINE))


@pytest.mark.parametrize("face", ALL, ids=lambda face: str(face.height_px))
def test_columns_on_the_page_are_those_that_a_plate_needs(face: Typeface) -> None:
    (row,) = [row for row in rows_under("typeface", SIGN_PAGE) if row[1] == str(face.height_px)]
    for text, needed in zip(("ABC 123", "HHHHHHH", "HHHHHHHHHH"), row[2:5], strict=True):
        plate(text, Canvas(int(needed), face.height_px, (face,)))
        with pytest.raises(CannotDraw):
            plate(text, Canvas(int(needed) - 1, face.height_px, (face,)))


def test_letters_of_a_panel_are_clear_from_as_far_as_the_first_table_says() -> None:
    """Four millimetres of letter for each metre, rounded up to a half metre's letter in the table."""
    for row in rows_under("read from", SIGN_PAGE):
        metres, least, better, rows_px = (int(cell.split()[0]) for cell in row[:4])
        pitch_mm = int(row[3].split()[2])
        assert 4 * metres <= least < better
        assert rows_px * pitch_mm == better
        assert row[4].endswith(f"x{rows_px}")
    for row in rows_under("panel", SIGN_PAGE)[:3]:
        assert int(row[2].split()[0]) == int(row[1].split()[0]) // 4


def test_the_most_pixels_of_one_chain_are_those_that_one_message_carries() -> None:
    assert f"At most {DOTS_AT_MOST} pixels" in SIGN_PAGE
    assert f"at most {DOTS_AT_MOST} dots in all" in SIGN_PAGE


def test_the_timer_runs_out_between_its_limits() -> None:
    found = re.search(
        r"0\.45 to 0\.55 x R x C.*?with (\d+) kΩ and (\d+) µF ([\d.]+) to ([\d.]+) s",
        SIGN_PAGE,
        re.DOTALL,
    )
    assert found is not None
    seconds = int(found[1]) * int(found[2]) / 1_000
    assert (f"{0.45 * seconds:.1f}", f"{0.55 * seconds:.1f}") == (found[3], found[4])
    assert timer_corners(seconds, made=0.05, warmth=0.05) == (1.7, 2.6)
    assert "all corners are 1.7 to 2.6 s" in SIGN_PAGE
    assert timer_corners(470 * 9.4 / 1_000, made=0.05, warmth=0.05) == (1.8, 2.7)
    assert "as good: 1.8 to 2.7 s" in SIGN_PAGE


def test_the_capacitor_that_the_page_warns_of_would_be_outside_the_limits() -> None:
    assert timer_corners(4.3, made=0.1, warmth=0.15, digits=2) == (1.47, 3.02)
    assert "1.47 to 3.02 s, outside both limits" in SIGN_PAGE


def timer_corners(
    seconds: float, made: float, warmth: float, digits: int = 1
) -> tuple[float, float]:
    """The shortest and the longest time of R x C = *seconds*, with a resistor of 1 %."""
    least = 0.45 * seconds * 0.99 * (1 - made) * (1 - warmth)
    most = 0.55 * seconds * 1.01 * (1 + made) * (1 + warmth)
    return round(least, digits), round(most, digits)


def test_watts_of_a_panel_are_the_same_where_it_is_chosen_and_where_it_gets_its_supply() -> None:
    supply = {row[0]: (row[1], row[2]) for row in rows_under("panel of the sign", SIGN_PAGE)}
    chosen = {row[0]: row[5] for row in rows_under("panel", SIGN_PAGE)}
    for here, there in (
        ("MAX7219, modules of 32 mm", "MAX7219, 6 modules"),
        ("WS2812, pitch 10 mm", "WS2812, 54 x 8, amber"),
        ("P10 panels behind a sign head (`signhead`)", "P10, 3 panels of 32 x 16, one colour"),
        ("Alpha sign, indoor (`alpha`)", "Alpha sign, indoor"),
    ):
        assert chosen[here] == " to ".join(supply[there])


def test_a_sign_is_tilted_towards_the_eyes_of_the_first_in_line() -> None:
    """From the middle of a face whose lower edge is at 3.0 m to eyes at 1.2 m."""
    found = re.search(
        r"(\d+) degrees where he stands 10 m away, (\d+) at 15 m, (\d+) at 25 m,\s+(\d+) at 50",
        SIGN_PAGE,
    )
    assert found is not None
    degrees = [round(math.degrees(math.atan((3.08 - 1.2) / far))) for far in (10, 15, 25, 50)]
    assert [int(one) for one in found.groups()] == degrees


def test_pins_of_the_sign_are_at_the_right_place_of_its_header() -> None:
    found = re.findall(
        r"^\| [^|]+ \| (\d+) \| (\d+) \| [a-z0-9]",
        SIGN_PAGE.partition("### Wiring")[2].partition("**")[0],
        re.MULTILINE,
    )
    assert {int(gpio): int(header) for gpio, header in found} == SIGN_HEADER


def test_the_groups_on_the_unit_are_those_of_the_wires() -> None:
    unit = (ROOT / "systemd/portvakt-sign.service").read_text()
    (groups,) = re.findall(r"^SupplementaryGroups=(.*)$", unit, re.MULTILINE)
    assert {"gpio", "i2c", "dialout", "spi"} <= set(groups.split())
    for device in ("char-spi", "char-gpiochip", "char-i2c", "char-ttyUSB"):
        assert f"DeviceAllow={device} rw" in unit
    assert "`portvakt-sign.service` with the user `portvakt-sign`" in SIGN_PAGE
    assert "User=portvakt-sign" in unit


def test_the_example_that_is_installed_is_one_that_the_sign_takes(tmp_path: Path) -> None:
    """Also with everything that it only suggests."""
    example = (ROOT / "deploy/settings/sign.toml").read_text(encoding="utf-8")
    assert load(ROOT / "deploy/settings/sign.toml", SignSettings).panel.kind == "max7219"
    path = tmp_path / "sign.toml"
    path.write_text(re.sub(r"^#(?=\[|[a-z_0-9]+ = )", "", example, flags=re.MULTILINE))
    settings = load(path, SignSettings)
    assert settings.light.place is not None
    sections = set(re.findall(r"^\[([a-z_0-9.]+)\]", path.read_text(), re.MULTILINE))
    assert {one.path.rpartition(".")[0] for one in known(SignSettings)} <= sections


@pytest.mark.parametrize("unit", ["portvakt-kiosk.service", "portvakt-browser.service"])
def test_users_on_the_page_are_those_of_the_units(unit: str) -> None:
    user = re.search(r"^User=(.*)$", (ROOT / "systemd" / unit).read_text(), re.MULTILINE)
    assert user is not None
    assert f"`{unit}`: user `{user[1]}`" in PAGE


def test_files_and_rules_that_the_page_names_are_there() -> None:
    for name in re.findall(r"`(\d\d-portvakt[\w-]*\.rules)`", WHOLE):
        assert (ROOT / "systemd/udev" / name).exists()
    for name in re.findall(r"`((?:systemd|docs|deploy)/[\w./-]+)`", WHOLE):
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
