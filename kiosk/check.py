"""What a technician asks a post, whether its service runs or not; nothing here takes what the service has."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from contract.wire import Role
from device.check import Answer, Question, fault, note, ok
from device.check_central import asking_session
from device.check_device import Around, Parts, device_questions
from kiosk.check_keys import keys_answer
from kiosk.check_outbox import outbox_answer
from kiosk.check_page import page_answer
from kiosk.check_speech import speech_answer
from kiosk.output_settings import SignalSettings
from kiosk.screen_guard import judge, read_connectors
from kiosk.settings import PostSettings


def questions(config: Path, around: Around | None = None) -> list[Question]:
    """All that can be asked with these settings; with faulty ones only what needs none."""
    return device_questions(config, PostSettings, _PARTS, around or Around())


def _details(settings: PostSettings, around: Around) -> Iterator[Question]:
    make, roots = around.make_session or asking_session, around.roots
    yield Question("Page", partial(page_answer, settings, make))
    yield Question("Screen", partial(screen_answer, settings, roots.sys))
    yield Question("Outbox", partial(outbox_answer, settings.state_dir, around.clock, roots.dev))
    yield Question("Speech", partial(speech_answer, settings))
    yield Question("Hall lamp", partial(hall_lamp_answer, settings.signals))
    yield Question("Memory", partial(memory_answer, roots.sys))


def settings_answer(config: Path, settings: PostSettings) -> Answer:
    """Whether the file is one for a post outside a hall."""
    if settings.demo:
        return fault(
            f"{config} is for the demo: a page may press the keys.", "Take demo = true out of it."
        )
    return ok(f"{config} can be read.")


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


_PARTS = Parts(
    Role.POST,
    folder=lambda settings: settings.state_dir,
    settings=settings_answer,
    main=lambda settings, around: Question("Keys", partial(keys_answer, settings, around.roots)),
    details=_details,
)
