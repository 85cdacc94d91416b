"""What a technician asks a sign, whether its service runs or not; nothing is written to the panel."""

from functools import partial
from pathlib import Path

from device.check import Answer, Question, Roots, fault, note, ok
from device.check_central import MakeSession, asking_session, central_questions
from device.check_machine import disk_answer, machine_questions
from device.clock import Clock, SystemClock
from device.settings import SettingsError, load
from signage.bus import Spi
from signage.panel_settings import PanelSettings
from signage.settings import SignSettings


def questions(
    config: Path,
    clock: Clock | None = None,
    roots: Roots | None = None,
    make_session: MakeSession = asking_session,
) -> list[Question]:
    """All that can be asked with these settings; with faulty ones only what needs none."""
    clock, roots = clock or SystemClock(), roots or Roots()
    machine = machine_questions(clock, roots)
    try:
        settings = load(config, SignSettings)
    except SettingsError as error:
        return [Question("Settings", partial(_refused, error)), *machine]
    central, token_file = settings.central, settings.identity.token_file
    return [
        Question("Settings", partial(ok, f"{config} can be read.")),
        Question("Panel", partial(panel_answer, settings.panel, roots.dev)),
        Question("Disk", partial(disk_answer, token_file.parent)),
        *central_questions(central.url, central.station, token_file, make_session),
        *machine,
    ]


def panel_answer(panel: PanelSettings, dev: Path) -> Answer:
    """Whether the wire to the panel is there; what hangs on it cannot answer."""
    if panel.kind == "emulator":
        return note("it is emulated; nothing hangs above the door.")
    wire = panel.wire
    if not isinstance(wire, Spi):
        return note(f"it is reached through {panel.bus}.")
    path = dev / wire.node
    if not path.exists():
        return fault(
            f"there is no SPI bus {path}.",
            "Switch SPI on: sudo raspi-config nonint do_spi 0; then restart.",
        )
    return ok(f"the SPI bus {path} is there; only a lit module proves the wires.")


def _refused(error: SettingsError) -> Answer:
    return fault(str(error), "Correct the file; until then the last good settings stay in force.")
