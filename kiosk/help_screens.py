"""The screens after the help key: what we say about a person who may come, and when we may say it."""

from collections.abc import Iterable

from kiosk.answers import clock_text
from kiosk.faults import Part
from kiosk.helping import own_plate
from kiosk.phases import Entry, HelpItem
from kiosk.screen import Lamp, Line, Screen, line_of
from kiosk.texts import TEXTS, Texts

REACH_WITHIN_MS = 3_000
NOBODY_AFTER_MS = 120_000


def lamp(helps: Iterable[HelpItem]) -> Lamp:
    """On while the board has an open call from here, blinking while one only tries to get there."""
    heard = [item.heard is not None for item in helps]
    if any(heard):
        return Lamp.ON
    return Lamp.TRYING if heard else Lamp.OFF


# What makes a post useless to whoever stands there, so that somebody in the hall must know.
_CALLS_STAFF = frozenset({Part.KEYPAD, Part.OUTBOX, Part.PAGE, Part.SCREEN})


def hall_lamp(entry: Entry) -> bool:
    """Whether the lamp in the hall is to shine: somebody pressed and nobody has seen it, or we are no use.

    It needs no network, so it is lit before the board knows.
    """
    unseen = (
        not item.fetch and (item.heard is None or item.heard.acknowledged_by is None)
        for item in entry.helps
    )
    return any(unseen) or bool(entry.faults & _CALLS_STAFF)


def help_screen(entry: Entry, item: HelpItem, now_ms: int) -> Screen:
    """Screens 10, 10b, 10c and 11: 11 only after a person pressed, 10 only when the board has the call."""
    texts = TEXTS[entry.language]
    if item.heard is None:
        return _on_its_way(entry, texts, item, now_ms)
    if item.heard.acknowledged_by is not None:
        return Screen("help_coming", entry.language, (line_of(texts["help.coming"]),))
    return _reached(entry, texts, item, now_ms)


def _on_its_way(entry: Entry, texts: Texts, item: HelpItem, now_ms: int) -> Screen:
    if item.failed or now_ms - item.pressed_ms >= REACH_WITHIN_MS:
        door = line_of(door_text(entry, "use_door"))
        lines = (line_of(texts["help.unreached"]), *_lamp_lines(entry, texts, "help.lamp"), door)
        return Screen("help_unreached", entry.language, lines)
    return Screen("help_calling", entry.language, (line_of(texts["help.calling"]),))


def _reached(entry: Entry, texts: Texts, item: HelpItem, now_ms: int) -> Screen:
    if item.heard is None:
        raise AssertionError(item)
    at = clock_text(item.heard.raised_at, entry.rules.zone)
    is_early = now_ms - item.heard_ms < NOBODY_AFTER_MS
    lines = [line_of(texts["help.reached"], time=at)]
    lines += _lamp_lines(entry, texts, "help.lamp" if is_early else "help.lamp_still")
    # The promise is for the car that the call was raised with, and somebody else may read it now.
    if item.heard.has_place and item.plate == own_plate(entry.phase):
        lines.append(line_of(texts["help.keeps_place"]))
    if is_early:
        lines.append(line_of(texts["help.wait_here"]))
        return Screen("help_reached", entry.language, tuple(lines))
    if entry.online:  # cut off, we do not know whether somebody has answered
        lines.append(line_of(texts["help.nobody"]))
    lines.append(line_of(door_text(entry, "use_door_too")))
    return Screen("help_waiting", entry.language, tuple(lines))


def _lamp_lines(entry: Entry, texts: Texts, name: str) -> tuple[Line, ...]:
    """Speak of the lamp only while its own circuit says that it shines."""
    return (line_of(texts[name]),) if entry.hall_lit else ()


def door_text(entry: Entry, name: str) -> str:
    """Name the way in that needs no machine."""
    texts = TEXTS[entry.language]
    return texts[name].format(door=texts[f"door.{entry.rules.door}"])
