"""What we may say about a place in the line, and only from what central said and when.

Every line here promises something, so each stands behind its condition.
"""

from datetime import date, datetime, timedelta, tzinfo

from contract.plate import Plate
from contract.visit import OPEN, State
from contract.wire import STATUS_FRESH_MS, Elsewhere, Longer, Standing, Window
from kiosk.screen import Line, line_of
from kiosk.texts import Texts

STEP_MIN = 5
DAYS_A_WEEK = 7
STEP = timedelta(minutes=STEP_MIN)


def name_of(standing: Standing, *, fresh: bool) -> str:
    """Which screen answers: `drive_in` only from an answer younger than STATUS_FRESH_MS."""
    match standing.state:
        case State.CALLED if standing.missed_call_at is not None:
            return "missed"
        case State.CALLED if standing.door is not None:
            return "drive_in" if fresh else "unreached"
        case State.IN_BAY:
            return "in_bay"
        case State.WAITING | State.PARKED | State.CALLED:
            return _name_of_place(standing)
        case "held":
            return "held" if standing.opens_at is None else "closed"
        case State.DONE | State.NO_SHOW | State.LEFT | State.REMOVED | "dismissed":
            return "not_in_line"
        case _:  # a newer central's word: nothing is claimed that we cannot read
            return "cannot_tell"


def _name_of_place(standing: Standing) -> str:
    if standing.missed_call_at is not None:
        return "back_in_line"
    return "again" if standing.again else "place"


def is_registered(standing: Standing) -> bool:
    """Whether there is a visit in the yard of which "registered" is true."""
    return standing.state in OPEN


def is_fresh(asked_ms: int, now_ms: int) -> bool:
    """Whether an answer may still move a car; its age counts from when we asked, not from when it came."""
    return now_ms - asked_ms < STATUS_FRESH_MS


def waits_for_sign(standing: Standing) -> bool:
    """Whether the customer must be told how the turn will be announced."""
    return standing.state == State.WAITING


def place_lines(
    texts: Texts, plate: Plate, standing: Standing, zone: tzinfo, *, fetched: bool
) -> tuple[Line, ...]:
    """The lines of screens 5a to 6: registered, how many before, when, and where to look."""
    lines = [_registered(texts, plate, standing, zone)]
    before = "" if standing.place is None else _before(texts, standing.place)
    if waits_for_sign(standing):
        lines.append(line_of(f"{before} {_turn(texts, standing, zone)}".strip()))
        lines.append(_announcement(texts, plate, standing, fetched=fetched))
    elif before:
        lines.append(line_of(before))
    if standing.elsewhere is not None and standing.elsewhere.slot_at > standing.as_of:
        today = standing.as_of.astimezone(zone).date()
        lines.append(elsewhere_line(texts, plate, standing.elsewhere, today, zone))
    return tuple(lines)


def missed_lines(texts: Texts, plate: Plate, standing: Standing, zone: tzinfo) -> tuple[Line, ...]:
    """Screen 7b: the call ran out, and central keeps the place all the same."""
    return _missed(texts, plate, standing, zone), line_of(texts["missed.help"])


def _missed(texts: Texts, plate: Plate, standing: Standing, zone: tzinfo) -> Line:
    if standing.missed_call_at is None:
        raise AssertionError(standing)
    time = clock_text(standing.missed_call_at, zone)
    return line_of(texts["missed"], plate, time=time)


def held_lines(texts: Texts, plate: Plate, standing: Standing, zone: tzinfo) -> tuple[Line, ...]:
    """Screen 12: nobody is in the line before a person has looked, and who looks is there when it is open."""
    if standing.opens_at is None:
        return (line_of(texts["held"], plate), line_of(texts["held.look"]))
    today = standing.as_of.astimezone(zone).date()
    closed = closed_line(texts, standing.opens_at, today, zone)
    return closed, line_of(texts["held"], plate), line_of(texts["closed.look"])


def closed_line(texts: Texts, opens_at: datetime, today: date, zone: tzinfo) -> Line:
    """Say that the station is closed and when it opens."""
    return line_of(texts["closed"], when=when_text(texts, opens_at, today, zone))


def _registered(texts: Texts, plate: Plate, standing: Standing, zone: tzinfo) -> Line:
    if standing.missed_call_at is not None:
        return _missed(texts, plate, standing, zone)
    if standing.again:
        return line_of(texts["again"], plate)
    if standing.booked_at is not None:
        past = standing.booked_at < standing.as_of
        slot = texts["registered.slot_was" if past else "registered.slot"]
        time = clock_text(standing.booked_at, zone)
        return line_of(f"{texts['registered']} {slot}", plate, time=time)
    if standing.place is not None:
        return line_of(texts["registered.drop_in"], plate, place=standing.place)
    return line_of(texts["registered"], plate)


def _before(texts: Texts, place: int) -> str:
    cars = place - 1
    if cars == 0:
        return texts["before.none"]
    return texts["before.one"] if cars == 1 else texts["before.many"].format(cars=cars)


def _turn(texts: Texts, standing: Standing, zone: tzinfo) -> str:
    """Screen 5c, 5e, or 5f where central knows that it told this customer less."""
    longer = standing.longer
    if longer is None or standing.window is None:
        return turn_text(texts, standing.window, standing.as_of, zone)
    text = turn_text(texts, standing.window, standing.as_of, zone, what="longer")
    return f"{text} {_doors_closed(texts, longer)}".rstrip()


def _doors_closed(texts: Texts, longer: Longer) -> str:
    if longer.doors_closed == 0:
        return ""
    name = "longer.door" if longer.doors_closed == 1 else "longer.doors"
    return texts[name].format(doors=longer.doors_closed)


def turn_text(
    texts: Texts, window: Window | None, as_of: datetime, zone: tzinfo, *, what: str = "turn"
) -> str:
    """A window of the clock, rounded outwards to 5 minutes, and the minutes until then; or "unknown".

    The minutes are counted from *as_of* to the printed clock times and rounded outwards to 5 too, so the
    two never contradict each other; a window that begins within 5 minutes is told by its end alone.
    Outwards, because 30 minutes said and 35 in truth is a broken word, and the reverse is luck.
    """
    if window is None:  # central sends none that would help nobody
        return texts["turn.unknown"]
    start, end = _rounded(window)
    low = (start - as_of) // STEP * STEP_MIN
    high = -((as_of - end) // STEP) * STEP_MIN  # the floor of what is negative is a ceiling
    kind = "by" if low <= 0 else "about" if start == end else "window"
    clocks = {"start": clock_text(start, zone), "end": clock_text(end, zone)}
    return texts[f"{what}.{kind}"].format(**clocks, low=low, high=high)


def _rounded(window: Window) -> tuple[datetime, datetime]:
    down, up = _past_step(window.starts_at), _past_step(window.ends_at)
    return window.starts_at - down, window.ends_at - up + (STEP if up else timedelta())


def _past_step(at: datetime) -> timedelta:
    return timedelta(minutes=at.minute % STEP_MIN, seconds=at.second, microseconds=at.microsecond)


def _announcement(texts: Texts, plate: Plate, standing: Standing, *, fetched: bool) -> Line:
    """Screen 5d while every sign is well; else 5g, whose promise needs a call that the board has."""
    if standing.watch_sign:
        return line_of(texts["watch_sign"], plate)
    return line_of(texts["sign_out.fetch" if fetched else "sign_out"])


def elsewhere_line(
    texts: Texts, plate: Plate, elsewhere: Elsewhere, today: date, zone: tzinfo
) -> Line:
    """Screen 8b: a booking for another day, or at another station."""
    name = "elsewhere" if elsewhere.station is None else "elsewhere.at"
    when = when_text(texts, elsewhere.slot_at, today, zone)
    return line_of(texts[name], plate, when=when, station=elsewhere.station)


def when_text(texts: Texts, at: datetime, today: date, zone: tzinfo) -> str:
    """A coming day and its time; a weekday's name is told only while there is one such day ahead."""
    day = at.astimezone(zone)
    days = (day.date() - today).days
    near = {0: "when.today", 1: "when.tomorrow"}.get(days, f"when.{day.weekday()}")
    name = near if days < DAYS_A_WEEK else "when.days"
    return texts[name].format(time=clock_text(at, zone), days=days)


def clock_text(at: datetime, zone: tzinfo) -> str:
    """The time as Swedes write it: 9.05."""
    local = at.astimezone(zone)
    return f"{local.hour}.{local:%M}"
