"""What a technician asks a post, whether its service runs or not; nothing here takes what the service has."""

from functools import partial
from pathlib import Path

from contract.wire import Role
from device.check import Answer, Question, Roots, fault, note, ok
from device.check_central import MakeSession, Own, asking_session, central_questions
from device.check_machine import disk_answer, machine_questions
from device.clock import Clock, SystemClock
from device.settings import SettingsError, load
from kiosk.check_keys import keys_answer
from kiosk.check_outbox import outbox_answer
from kiosk.check_page import page_answer
from kiosk.check_speech import speech_answer
from kiosk.output_settings import SignalSettings
from kiosk.screen_guard import judge, read_connectors
from kiosk.settings import PostSettings


def questions(
    config: Path,
    clock: Clock | None = None,
    roots: Roots | None = None,
    make_session: MakeSession | None = None,
) -> list[Question]:
    """All that can be asked with these settings; with faulty ones only what needs none."""
    clock, roots = clock or SystemClock(), roots or Roots()
    machine = machine_questions(clock, roots)
    try:
        settings = load(config, PostSettings)
    except SettingsError as error:
        return [Question("Settings", partial(_refused, error)), *machine]
    own = Own(Role.POST, settings.identity.token_file, settings.identity.code_file)
    return [
        Question("Settings", partial(settings_answer, config, settings)),
        Question("Keys", partial(keys_answer, settings, roots)),
        Question("Page", partial(page_answer, settings, make_session or asking_session)),
        Question("Screen", partial(screen_answer, settings, roots.sys)),
        Question("Disk", partial(disk_answer, settings.state_dir)),
        Question("Outbox", partial(outbox_answer, settings.state_dir, clock, roots.dev)),
        *central_questions(settings.central, own, clock, make_session),
        Question("Speech", partial(speech_answer, settings)),
        Question("Hall lamp", partial(hall_lamp_answer, settings.signals)),
        Question("Memory", partial(memory_answer, roots.sys)),
        *machine,
    ]


def settings_answer(config: Path, settings: PostSettings) -> Answer:
    """Whether the file is one for a post outside a hall."""
    if settings.demo:
        return fault(
            f"{config} is for the demo: a page may press the keys.", "Take demo = true out of it."
        )
    return ok(f"{config} can be read.")


def _refused(error: SettingsError) -> Answer:
    return fault(str(error), "Correct the file; until then the last good settings stay in force.")


def screen_answer(settings: PostSettings, sys: Path) -> Answer:
    """Whether a display is plugged in and switched on."""
    connectors = read_connectors(sys / "class/drm")
    wrong = judge(connectors, settings.screen.connector)
    if wrong is None:
        names = ", ".join(one.name for one in connectors)
        return note(
            f"the kernel names no HDMI connector{f', only {names}' if names else ''}.",
            "If the screen hangs on another one, name it in screen.connector.",
        )
    if wrong:
        sentence, _, todo = wrong.partition(": ")
        return fault(f"{sentence}.", f"{todo[:1].upper()}{todo[1:]}")
    return ok("a display is plugged in and switched on.")


def hall_lamp_answer(signals: SignalSettings) -> Answer:
    """What the post may claim about the lamp in the hall."""
    if signals.hall_lamp is None:
        return note(
            "no lamp in the hall is wired; who stands at a dead post is seen on the board alone.",
            "If there is one, name its pin in signals.hall_lamp.",
        )
    if signals.hall_sense is None:
        return note(
            "it is wired without a sense line; the post will never claim that the lamp shines.",
            "If there is a sense relay, name its pin in signals.hall_sense.",
        )
    return ok("it is wired, with its sense line.")


def memory_answer(sys: Path) -> Answer:
    """Whether the limits on memory that the units set hold: Raspberry Pi's firmware switches them off."""
    controllers = sys / "fs/cgroup/cgroup.controllers"
    if not controllers.exists():
        return note("this machine does not say whether the units' limits on memory hold.")
    if "memory" not in controllers.read_text("ascii").split():
        return note(
            "the kernel counts no memory, so the units' limits on it and on swap hold for nothing.",
            "Add cgroup_enable=memory to the line of /boot/firmware/cmdline.txt.\nThen: sudo reboot",
        )
    return ok("the kernel counts memory, and the units' limits hold.")
