"""What stands on the post while nobody types."""

from datetime import date

from kiosk.answers import closed_line
from kiosk.cells import typed_cells
from kiosk.enrol_screens import enrol_screen
from kiosk.enrolling import Who
from kiosk.faults import DISABLING
from kiosk.help_screens import door_text
from kiosk.keys import Key, Pad
from kiosk.phases import Entry
from kiosk.screen import Hint, Screen, line_of
from kiosk.texts import TEXTS, Texts
from kiosk.typing_rules import is_list_fresh


def idle_screen(entry: Entry, texts: Texts, now_ms: int) -> Screen:
    """Screen 1; 9b where nothing could be saved, 17 where a code is wanted, 12 while it is closed."""
    if entry.faults & DISABLING:
        lines = line_of(texts["out_of_order"]), line_of(door_text(entry, "use_door"))
        return Screen("out_of_order", entry.language, lines)
    if entry.who is Who.NOBODY:
        return enrol_screen(entry, texts)
    if entry.opens_at is not None and entry.online and is_list_fresh(entry, now_ms):
        return _closed(entry, texts)
    return _open(entry, texts)


def _closed(entry: Entry, texts: Texts) -> Screen:
    """Before somebody types; a plate is taken all the same, and held for a person to look at."""
    if entry.opens_at is None:
        raise AssertionError(entry)
    today = date.fromisoformat(entry.day)
    lines = (closed_line(texts, entry.opens_at, today, entry.rules.zone),)
    cells = typed_cells("", entry.rules.pad)
    return Screen(
        "idle_closed", entry.language, lines, cells=cells, hints=_idle_hints(entry, texts)
    )


def _idle_hints(entry: Entry, texts: Texts) -> tuple[Hint, ...]:
    others = [TEXTS[one]["language"] for one in entry.rules.languages if one != entry.language]
    languages = (Hint(Key.LANGUAGE, " · ".join(others)),) if others else ()
    return (Hint(Key.HELP, texts["idle.help"]), *languages)


def _open(entry: Entry, texts: Texts) -> Screen:
    names = ["idle.type", "idle.drop_in"]
    if entry.rules.pad is Pad.PHONE:
        names.insert(1, "idle.presses")
    lines = tuple(line_of(texts[name]) for name in names)
    # The empty plate stands where the signs will: nothing jumps at the first key.
    cells = typed_cells("", entry.rules.pad)
    return Screen("idle", entry.language, lines, cells=cells, hints=_idle_hints(entry, texts))
