"""When the post reads aloud: only after somebody asked for it, and only what has changed."""

from dataclasses import replace

from kiosk.faults import Part
from kiosk.happenings import Deed, Happening, Hush, Press, Say
from kiosk.phases import Entry
from kiosk.screen import Screen
from kiosk.spoken import spoken


def read_aloud(
    entry: Entry, screen: Screen, happening: Happening
) -> tuple[Entry, tuple[Deed, ...]]:
    """Stop the voice at any key (EN 301 549, 5.1.3.5), then read the screen if it says anything new.

    While nothing can be heard nothing is read; once it can again, all that stands there.
    """
    reads = entry.speaking and Part.SPEECH not in entry.faults
    pressed = isinstance(happening, Press)
    was_reading = entry.shown is not None and entry.shown.speaking != ""
    deeds: tuple[Deed, ...] = (Hush(),) if was_reading and (pressed or not reads) else ()
    if not reads:
        return replace(entry, said=""), deeds
    words = spoken(screen, begins=not was_reading)
    if not pressed and words == entry.said:
        return entry, deeds
    return replace(entry, said=words), (*deeds, Say(words, screen.language, entry.volume))
