"""The panel of a settings file as far as it can be known: a fault must not keep a plate lit."""

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from device.setting_kinds import Rule, faults, read
from signage.bus import parse_bus
from signage.panel_settings import WIRES, MobitecSettings, PanelSettings

# As many modules as a chain may have: what is shifted out at its end does no harm.
_ANY_SIZE = {"modules": 32, "rows": 1, "width_px": 16, "height_px": 7}
_OF_A_FRAME = ("mobitec", "emulator")


def least_settings(table: dict[str, Any]) -> list[PanelSettings]:
    """Read the section `panel`: the panel that it names or, where it is faulty, all that it may mean.

    Raises:
        ValueError: its wire is not known.
    """
    sound = _sound(PanelSettings, table)
    if not _faulty(PanelSettings, table):
        try:
            return [PanelSettings(**sound)]
        except ValueError:
            pass  # single settings that do not go together
    if "bus" in table and "bus" not in sound:
        raise ValueError("panel.bus is not a text")
    usual = PanelSettings()
    named = table.get("kind", usual.kind)
    wire = type(parse_bus(sound.get("bus", usual.bus)))
    return [
        PanelSettings(**(_resized(sound, kind) | {"kind": kind})) for kind in _kinds(named, wire)
    ]


def _kinds(named: object, wire: type) -> list[str]:
    """The kind that the file names if that can hang on the wire, or every one that can."""
    fitting = [kind for kind, wires in WIRES.items() if issubclass(wire, wires)]
    return [kind for kind in fitting if kind == named] or [
        kind for kind in fitting if kind != "emulator"
    ]


def _resized(sound: dict[str, Any], kind: str) -> dict[str, Any]:
    # What goes with what is asked only of letters; darkness needs the address alone.
    own = {"mobitec": MobitecSettings(address=sound["mobitec"].address)}
    return (_ANY_SIZE | sound if kind in _OF_A_FRAME else sound | _ANY_SIZE) | own


def _sound(into: Any, table: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    """The settings of *table* that have no fault of their own, in their own types; others are left out."""
    types: dict[str, Any] = get_type_hints(into)
    made: dict[str, Any] = {}
    for one in fields(into):
        value, kind = table.get(one.name), types[one.name]
        if is_dataclass(kind):
            of_it: Any = kind
            made[one.name] = of_it(**_sound(of_it, value if isinstance(value, dict) else {}))
        elif value is not None and not _is_faulty(one.metadata["rule"], kind, value):
            made[one.name] = read(kind, value)
    return made


def _faulty(into: Any, table: dict[str, Any]) -> bool:  # noqa: ANN401 - a dataclass
    """Whether a setting that *into* knows has a fault, at the top of *table*."""
    types = get_type_hints(into)
    return any(
        one.name in table and _is_faulty(one.metadata["rule"], types[one.name], table[one.name])
        for one in fields(into)
        if not is_dataclass(types[one.name])
    )


def _is_faulty(rule: Rule, kind: Any, value: object) -> bool:  # noqa: ANN401 - a type
    return any(faults(rule, kind, "", value))
