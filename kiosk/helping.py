"""Calls for help that this post has raised, from the key to the person who closed them."""

from dataclasses import replace

from contract.plate import Plate
from contract.wire import HelpState
from kiosk.happenings import AskHelp, Deed, KeepAsking, Step
from kiosk.phases import Answered, Confirm, Entry, Failed, HelpItem, Offer, Phase, Waiting

# How long a call of the customer before still brings somebody to whoever stands here now.
SHARED_FOR_MS = 120_000


def press_help(entry: Entry, now_ms: int) -> Step:
    """Show the call for help that is open here; raise one when there is none."""
    plate = own_plate(entry.phase)
    found = (item for item in reversed(entry.helps) if _is_for(entry, item, plate, now_ms))
    item = next(found, None)
    if item is None:
        entry, item = raised(entry, plate, now_ms)
        deeds: tuple[Deed, ...] = (AskHelp(item.number, plate),)
    else:
        deeds = (KeepAsking(item.number),)
    return replace(entry, helping=item.number, help_shown_ms=now_ms), deeds


def raised(
    entry: Entry, plate: Plate | None, now_ms: int, *, fetch: bool = False
) -> tuple[Entry, HelpItem]:
    """Note a new call for help; the caller asks for it."""
    number = entry.tickets + 1
    item = HelpItem(number, plate, now_ms, fetch=fetch, customer=entry.customer)
    return replace(entry, tickets=item.number, helps=(*entry.helps, item)), item


def help_kept(entry: Entry, number: int, now_ms: int) -> Entry:
    """Take over a call of an earlier process; whoever pressed is somebody before our first customer."""
    item = HelpItem(number, None, now_ms, customer=entry.customer - 1)
    return replace(entry, helps=(*entry.helps, item))


def help_heard(entry: Entry, number: int, state: HelpState, now_ms: int) -> Entry:
    """Note what central says about a call; a closed one is forgotten."""
    item = entry.help_item(number)
    if item is None:
        return entry
    if state.closed:
        return _without(entry, number)
    news = item.heard is None or item.heard.acknowledged_by != state.acknowledged_by
    heard_ms = now_ms if item.heard is None else item.heard_ms
    seen_ms = None if state.acknowledged_by is None else item.seen_ms or now_ms
    changed = replace(item, heard=state, heard_ms=heard_ms, failed=False, seen_ms=seen_ms)
    shown_ms = now_ms if news and entry.helping == number else entry.help_shown_ms
    return replace(_with_item(entry, changed), help_shown_ms=shown_ms)


def help_unheard(entry: Entry, number: int, *, gave_up: bool) -> Entry:
    """Note that the board does not have the call yet, or that we stopped trying."""
    item = entry.help_item(number)
    if item is None:
        return entry
    return _without(entry, number) if gave_up else _with_item(entry, replace(item, failed=True))


def _with_item(entry: Entry, changed: HelpItem) -> Entry:
    helps = tuple(changed if item.number == changed.number else item for item in entry.helps)
    return replace(entry, helps=helps)


def _without(entry: Entry, number: int) -> Entry:
    helps = tuple(item for item in entry.helps if item.number != number)
    return replace(entry, helps=helps, helping=None if entry.helping == number else entry.helping)


def own_plate(phase: Phase) -> Plate | None:
    """The plate that is on the screen, not one that is only guessed at."""
    match phase:
        case Offer(plate=plate) | Confirm(plate=plate) | Failed(plate=plate):
            return plate
        case Waiting(saving=saving) | Answered(saving=saving):
            return saving.plate
        case _:
            return None


def _is_for(entry: Entry, item: HelpItem, plate: Plate | None, now_ms: int) -> bool:
    """Whether whoever comes for *item* finds this customer.

    Not for another car, or for one that waits to be fetched; and an old call of somebody else's would
    tell this customer that a colleague has seen them.
    """
    is_other_car = None not in (plate, item.plate) and plate != item.plate
    if item.fetch or is_other_car:
        return False
    since_ms = item.pressed_ms if item.seen_ms is None else item.seen_ms
    return item.customer == entry.customer or now_ms - since_ms < SHARED_FOR_MS
