"""`portvakt sign show`: a text as the sign would draw it, through the real encoder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import get_type_hints

from contract.errors import PortvaktError
from device.setting_kinds import faults
from device.settings import load
from signage.layout import Canvas
from signage.panel_settings import WIRES, PanelSettings
from signage.png import png
from signage.script import Drawing
from signage.settings import PageSettings, SignSettings
from signage.show import PANELS, render

# Columns and rows of dots that such a panel often has; nothing else is known without a settings file.
_USUAL_PX = {"ws2812": (54, 8), "mobitec": (112, 16), "signhead": (96, 16)}
_SECTIONS = {"colour": "ws2812", "start": "ws2812", "run": "ws2812", "snake": "ws2812"} | {
    "draws": "mobitec",
    "font": "mobitec",
    "advance_px": "mobitec",
}
_DOTS = str.maketrans("#.", "●·")
# Replaced by the panel's own.
_ANY = Canvas(1, 1)


class CannotShow(PortvaktError):
    """The panel asked for does not exist or the picture could not be written."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What `sign show` was asked for.

    `panel` names a driver; without it the settings file *config* says what hangs there, or it is a chain
    of modules.  `changes` are settings of [panel], or of the panel's own section, that differ from it.
    `page` 2 is what follows the plate.
    """

    panel: str | None = None
    config: Path | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    page: int = 1
    door: str = ""
    arrow: str | None = None


def show(text: str, asked: Asked, picture: Path | None, *, as_hex: bool) -> Iterator[str]:
    """Yield the lines to print: the transfers in hex, or the frame in dots that a person can read.

    Raises:
        CannotDraw: a letter that the sign lacks, or a text that is too wide.
        CannotShow: an unknown panel, one that cannot be, or a file that cannot be written.
        SettingsError: the settings file cannot be used.
    """
    settings = load(asked.config, SignSettings) if asked.config else None
    panel = _panel(asked, settings)
    second = _second(asked, settings.pages if settings else PageSettings())
    try:
        shown = render(text, panel, second, asked.door)
    except ValueError as error:
        raise CannotShow(_sentence(error)) from error
    if picture is not None:
        _write(picture, png(shown.frame))
    if as_hex:
        yield from shown.hex_lines
    elif picture is None:
        yield from (row.translate(_DOTS) for row in shown.frame.rows)
    else:
        yield f"{picture}: {shown.frame.width_px} x {shown.frame.height_px} dots"


def _panel(asked: Asked, settings: SignSettings | None) -> PanelSettings:
    wanted = asked.panel
    if wanted is not None and wanted not in PANELS:
        others = f"{', '.join(PANELS[:-1])} or {PANELS[-1]}"
        raise CannotShow(f"There is no panel {wanted}; choose {others}.")
    base = settings.panel if settings else PanelSettings()
    own: dict[str, object] = {}
    for name, value in asked.changes.items():
        section = _SECTIONS.get(name)
        _look_at(name, value, section, getattr(base, section) if section else base)
        if section is not None:
            own[section] = replace(own.get(section, getattr(base, section)), **{name: value})  # type: ignore[type-var]
        else:
            own[name] = value
    try:
        return replace(base, **(_kind(wanted, base) | own))  # type: ignore[arg-type]
    except ValueError as error:
        raise CannotShow(_sentence(error)) from error


def _kind(wanted: str | None, base: PanelSettings) -> dict[str, object]:
    """The driver, a usual size, and a wire that it can hang on: nothing is opened, so any will do."""
    if wanted is None or wanted == base.kind:
        return {}
    width_px, height_px = _USUAL_PX.get(wanted, (base.width_px, base.height_px))
    return {
        "kind": wanted,
        "bus": WIRES[wanted][0].example,
        "width_px": width_px,
        "height_px": height_px,
    }


def _look_at(name: str, value: object, section: str | None, into: PanelSettings) -> None:
    """Refuse what the setting itself would refuse, in its words."""
    rule = next(one for one in fields(into) if one.name == name).metadata["rule"]
    path = f"panel.{section}.{name}" if section else f"panel.{name}"
    for what, must in faults(rule, get_type_hints(type(into))[name], path, value):
        raise CannotShow(f"{what} {must}.")


def _second(asked: Asked, pages: PageSettings) -> Drawing | None:
    if asked.page == 1:
        return None
    arrow = asked.arrow or pages.arrow
    return Drawing(_ANY, pages.second, arrow, pages.door or bool(asked.door))


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _write(picture: Path, content: bytes) -> None:
    try:
        picture.write_bytes(content)
    except OSError as error:
        raise CannotShow(
            f"The picture cannot be written to {picture}: {error.strerror}."
        ) from error
