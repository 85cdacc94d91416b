"""What the post learns that is no answer to anybody: the list, the line, the lamp, what fails."""

from dataclasses import replace

from kiosk.becoming import Became, CodeTried, StoryTold, WeAre
from kiosk.enrolling import Enrolling, tried
from kiosk.faults import Fault
from kiosk.happenings import (
    AskElsewhere,
    BookedElsewhere,
    DayOver,
    Expected,
    HallLamp,
    HelpKept,
    Learned,
    Link,
    Remembered,
    Step,
)
from kiosk.helping import help_kept
from kiosk.matching import ExpectedPlates
from kiosk.phases import Confirm, Entry


def learned(entry: Entry, news: Learned, now_ms: int) -> Entry:
    """Take in *news* that came at monotonic time *now_ms*."""
    match news:
        case Expected():
            return _listed(entry, news, now_ms)
        case Remembered() | DayOver():
            return _remembered(entry, news)
        case BookedElsewhere():
            return _booked_elsewhere(entry, news, now_ms)
        case HelpKept(number):
            return help_kept(entry, number, now_ms)
        case Link(up):
            return replace(entry, online=up)
        case HallLamp(lit):
            return replace(entry, hall_lit=lit)
        case Fault(part, present):
            now = entry.faults | {part} if present else entry.faults - {part}
            return replace(entry, faults=now)
        case WeAre() | CodeTried() | StoryTold():
            return _became(entry, news)


def _became(entry: Entry, news: Became) -> Entry:
    match news:
        case WeAre(who, outcome):
            return replace(entry, who=who, enrolling=Enrolling(outcome=outcome))
        case CodeTried(outcome, minutes):
            return replace(entry, enrolling=tried(entry.enrolling, outcome, minutes))
        case StoryTold(story):
            return replace(entry, story=story)


def _listed(entry: Entry, news: Expected, now_ms: int) -> Entry:
    here = entry.here if news.day == entry.day else ()
    return replace(
        entry,
        expected=news.plates.adding(here),
        here=here,
        day=news.day,
        opens_at=news.opens_at,
        listed_ms=now_ms,
        online=True,
    )


def _remembered(entry: Entry, news: Remembered | DayOver) -> Entry:
    """Take over an earlier process's list while there is no newer one; forget it when its day ends."""
    if isinstance(news, DayOver):
        return replace(entry, expected=ExpectedPlates(), here=(), opens_at=None, listed_ms=None)
    if entry.listed_ms is not None:
        return entry
    return replace(entry, expected=news.plates.adding(entry.here), day=news.day)


def looked_elsewhere(entry: Entry) -> Step:
    """Ask whether a plate without a booking here today has one elsewhere, once it stands on the screen."""
    phase = entry.phase
    if not isinstance(phase, Confirm) or not phase.no_booking or phase.asked is not None:
        return entry, ()
    ticket = entry.tickets + 1
    asking = replace(entry, tickets=ticket, phase=replace(phase, asked=ticket))
    return asking, (AskElsewhere(ticket, phase.plate),)


def _booked_elsewhere(entry: Entry, news: BookedElsewhere, now_ms: int) -> Entry:
    phase = entry.phase
    if not isinstance(phase, Confirm) or phase.asked != news.ticket:
        return entry
    return replace(entry, phase=replace(phase, elsewhere=news.elsewhere, heard_ms=now_ms))
