"""What can be known of a panel although its settings are faulty."""

import pytest

from signage.least_settings import least_settings
from signage.panel_settings import AlphaSettings, PanelSettings


def test_good_settings_are_what_they_are() -> None:
    table = {"kind": "alpha", "bus": "serial:/dev/x", "baud": 4_800, "alpha": {"address": "0A"}}
    (panel,) = least_settings(table)
    assert panel == PanelSettings(
        kind="alpha", bus="serial:/dev/x", baud=4_800, alpha=AlphaSettings(address="0A")
    )
    assert least_settings({}) == [PanelSettings()]


def test_names_that_nobody_knows_and_faults_in_a_section_are_passed_over() -> None:
    table = {
        "bus": "spi:0.1",
        "modules": 5,
        "colour": "blue",
        "alpha": {"address": 7, "kind": "^", "mood": "good"},
        "mobitec": "yes",
    }
    (panel,) = least_settings(table)
    assert (panel.bus, panel.modules, panel.alpha) == ("spi:0.1", 5, AlphaSettings(kind="^"))


@pytest.mark.parametrize(
    "fault", [{"modules": "five"}, {"rows": 9}, {"orientation": 45}, {"modules": 20, "rows": 4}]
)
def test_a_max7219_of_unknown_size_is_as_long_as_can_be(fault: dict[str, object]) -> None:
    (panel,) = least_settings({"kind": "max7219", "bus": "spi:0.1", **fault})
    assert (panel.kind, panel.bus) == ("max7219", "spi:0.1")
    assert panel.modules * panel.rows == 32


def test_a_ws2812_of_too_many_dots_is_a_ws2812_all_the_same() -> None:
    (panel,) = least_settings({"kind": "ws2812", "bus": "spi:0.0", "width_px": 256})
    assert (panel.kind, panel.bus) == ("ws2812", "spi:0.0")


def test_a_sign_that_is_told_its_size_keeps_what_is_known_of_it() -> None:
    table = {"kind": "mobitec", "bus": "serial:/dev/x", "width_px": 112, "dark_ms": -1}
    (panel,) = least_settings(table)
    assert (panel.kind, panel.width_px) == ("mobitec", 112)


@pytest.mark.parametrize("kind", [{"kind": "alfa"}, {"kind": 7}, {}, {"kind": "max7219"}])
def test_of_a_kind_that_cannot_be_it_is_everything_that_the_wire_may_hold(
    kind: dict[str, object],
) -> None:
    panels = least_settings({"bus": "serial:/dev/x", **kind})
    assert [one.kind for one in panels] == ["alpha", "mobitec", "signhead"]
    panels = least_settings({"bus": "spi:0.0", "kind": "alpha"})
    assert [one.kind for one in panels] == ["max7219", "ws2812"]


@pytest.mark.parametrize("bus", [7, "", "x", "spi:", [], "usb:1"])
def test_without_a_wire_there_is_nothing_to_darken(bus: object) -> None:
    with pytest.raises(ValueError, match=r"wire|text"):
        least_settings({"bus": bus})
