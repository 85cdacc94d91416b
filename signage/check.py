"""What a technician asks a sign, whether its service runs or not; nothing is written to the panel."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from contract.wire import Role
from device.check import Answer, Question, fault, note, ok
from device.check_device import Around, Parts, device_questions
from signage.check_wires import current_answer, light_answer, timer_answer, wire_answer
from signage.layout import CannotDraw, Canvas, plate
from signage.light_settings import CurrentSettings, LightSettings
from signage.panel import Panel
from signage.panel_settings import PanelSettings
from signage.panels.opened import open_panel
from signage.script import Drawing
from signage.settings import PageSettings, SignSettings

# A panel that is slower may not hang above a door (contract: worst_dark_ms).
SLOWEST_DARK_MS = 2_000
# An ordinary plate, one of the widest, and a personal one.
_PLATES = ("ABC 123", "WMX 99W", "ABCDEFÖ")


def questions(config: Path, around: Around | None = None) -> list[Question]:
    """All that can be asked with these settings; with faulty ones only what needs none."""
    return device_questions(config, SignSettings, _PARTS, around or Around())


def speed_answer(settings: PanelSettings) -> Answer:
    """Whether the panel goes dark in time, by its driver's arithmetic or as it was measured."""
    dark_ms = open_panel(settings).facts.worst_dark_ms
    by = "as measured on the spot" if settings.dark_ms else "by the driver's arithmetic"
    if dark_ms > SLOWEST_DARK_MS:
        return fault(
            f"it needs {dark_ms} ms to go dark, more than {SLOWEST_DARK_MS}.", _quicker(settings)
        )
    return ok(f"it is dark at most {dark_ms} ms after it must be, {by}.")


def plates_answer(canvas: Canvas) -> Answer:
    """Which plates this panel can show."""
    refused = [why for text in _PLATES if (why := _undrawable(text, canvas))]
    size = f"{canvas.width_px} x {canvas.height_px} dots"
    if not refused:
        return ok(f"{size} show {', '.join(_PLATES)}.")
    todo = "The board says of such a plate: fetch this customer."
    if len(refused) == len(_PLATES):
        return fault(f"{size} show no plate: {refused[0]}", "Hang a larger panel, or set its size.")
    return note(f"{size} do not show every plate: {refused[0]}", todo)


def pages_answer(pages: PageSettings, panel: Panel) -> Answer:
    """Whether what follows the plate can be drawn."""
    if not panel.traits.pages:
        return ok("this panel is too slow for a second page; the plate stands alone.")
    try:
        drawing = Drawing(panel.canvas, pages.second, pages.arrow, pages.door)
        found = drawing.second_page("1")
    except CannotDraw as refused:
        return note(
            f"the second page does not fit, so the plate stands alone: {refused.detail}",
            "Shorten pages.second, or leave the arrow and the door out.",
        )
    if found is None:
        return ok("there is no second page; the plate stands alone.")
    return ok(f'the second page, "{" ".join(found.words.split())}", can be drawn.')


def _quicker(settings: PanelSettings) -> str:
    """What to do about a panel that is too slow; until then central gives it no plates."""
    if settings.kind != "mobitec":
        return "Raise panel.baud if the panel can; or hang another panel above a door."
    text = 'panel.mobitec.draws = "text", ' if settings.mobitec.draws == "dots" else ""
    return (
        "Measure how long the sign draws (hardware.md, bench test S11) and write panel.mobitec.draws_ms."
        f" Still too slow: {text}a higher panel.baud if the sign can, or another panel."
    )


def _details(settings: SignSettings, around: Around) -> Iterator[Question]:
    panel, light, current, dev = settings.panel, settings.light, settings.current, around.roots.dev
    yield Question("Speed", partial(speed_answer, panel))
    yield Question("Plates", lambda: plates_answer(open_panel(panel).canvas))
    yield Question("Pages", lambda: pages_answer(settings.pages, open_panel(panel)))
    yield Question("Light", partial(light_answer, light, dev, _lux(light)))
    yield Question("Current", partial(current_answer, current, dev, _milliamps(current)))
    yield Question(
        "Timer",
        lambda: timer_answer(
            settings.timer,
            panel.kind,
            dev,
            holds_last_frame=open_panel(panel).facts.holds_last_frame,
            has_gpio=find_spec("lgpio") is not None,
        ),
    )
    yield Question("Dots", partial(_dots_answer, panel))


def _lux(settings: LightSettings) -> Callable[[], float]:
    def measure() -> float:
        # Only now: a sign without sensors needs no I2C.
        from signage.sensors.bh1750 import from_settings  # noqa: PLC0415

        with closing(from_settings(settings)) as sensor:
            return sensor.lux()

    return measure


def _milliamps(settings: CurrentSettings) -> Callable[[], float]:
    def measure() -> float:
        from signage.sensors.ina219 import from_settings  # noqa: PLC0415 - as above

        with closing(from_settings(settings)) as sensor:
            return sensor.milliamps()

    return measure


def _undrawable(text: str, canvas: Canvas) -> str:
    try:
        plate(text, canvas)
    except CannotDraw as refused:
        return refused.detail
    return ""


def _dots_answer(panel: PanelSettings) -> Answer:
    if panel.kind == "emulator":
        return note("an emulated panel has none.")
    return note(
        "nothing above says that a dot is lit: only a lit panel proves the wires.",
        "sudo systemctl stop portvakt-sign\n"
        "sudo portvakt sign test --config /etc/portvakt/sign.toml\n"
        "sudo systemctl start portvakt-sign",
    )


_PARTS = Parts(
    Role.SIGN,
    folder=lambda settings: settings.identity.token_file.parent,
    settings=lambda config, _: ok(f"{config} can be read."),
    main=lambda settings, around: Question(
        "Panel", partial(wire_answer, settings.panel, around.roots.dev)
    ),
    details=_details,
)
