"""What a row of presses leads to: more typing, an offer, a question, a plate to confirm."""

from contract.plate import MIN_SIGNS, Plate
from kiosk.keys import KEY_OF, Pad
from kiosk.matching import ORDINARY_SIGNS, Fits
from kiosk.phases import Confirm, Entry, Idle, Offer, Phase, Spell, Typing, Which
from kiosk.spelling import Spelling, closed_spelling, is_ordinary

# With 100 plates expected, four presses still fit several of them in one case of 45, five hardly ever.
EARLY_OFFER_PRESSES = 5
# Central's list counts as today's truth while it was heard that recently.
LIST_FRESH_MS = 120_000


def after_presses(entry: Entry, presses: str, now_ms: int) -> Phase:
    """Decide on presses to which a sign was just added or taken away.

    A longer expected plate that has begun is waited for; nothing is ever accepted here.
    """
    if not presses:
        return Idle()
    fits = entry.expected.fitting(presses, entry.rules.pad)
    if entry.rules.pad is Pad.FULL:
        return _on_full_pad(entry, presses, fits, now_ms)
    whole = fits.whole or _without_taxi_mark(entry, presses)
    complete = is_ordinary(presses) and not fits.begun
    if len(whole) == 1:
        return Offer(presses, whole[0])
    if complete and len(whole) == 2:  # noqa: PLR2004 - two cars, one question (screen 3b)
        return Which(presses, (whole[0], whole[1]))
    if complete:
        return _unasked(spelled(entry, closed_spelling(presses), now_ms), now_ms)
    return Typing(presses, _early_offer(presses, fits))


def after_ok(entry: Entry, presses: str, now_ms: int) -> Phase | None:
    """Decide on presses that the customer calls complete; None when no plate is that short."""
    if len(presses) < MIN_SIGNS:
        return None
    if entry.rules.pad is Pad.FULL:
        return confirm(entry, presses, Typing(presses), now_ms)
    whole = entry.expected.fitting(presses, entry.rules.pad).whole
    if len(whole) == 2:  # noqa: PLR2004 - two cars, one question (screen 3b)
        return Which(presses, (whole[0], whole[1]))
    return spelled(entry, closed_spelling(presses), now_ms)


def _unasked(phase: Phase, now_ms: int) -> Phase:
    """Remember when a question came under the finger of somebody who may still be typing."""
    return Spell(phase.spelling, now_ms) if isinstance(phase, Spell) else phase


def spelled(entry: Entry, spelling: Spelling, now_ms: int) -> Phase:
    """Ask for the next letter, or show the plate for OK when there is nothing left to ask."""
    if spelling.settling or spelling.open_ended:
        return Spell(spelling)
    return confirm(entry, spelling.signs, Spell(spelling), now_ms)


def confirm(entry: Entry, signs: str, before: Typing | Spell, now_ms: int) -> Confirm:
    """Show the plate for OK, in the words that our knowledge of today's bookings allows."""
    plate = Plate.parse(signs)
    no_booking = entry.online and is_list_fresh(entry, now_ms) and plate not in entry.expected
    return Confirm(plate, before, no_booking)


def is_list_fresh(entry: Entry, now_ms: int) -> bool:
    """Whether central said lately whom it expects today, and whether the station is open."""
    return entry.listed_ms is not None and now_ms - entry.listed_ms < LIST_FRESH_MS


def _on_full_pad(entry: Entry, presses: str, fits: Fits, now_ms: int) -> Phase:
    taxi = _without_taxi_mark(entry, presses)
    if taxi and not fits.whole:
        return Offer(presses, taxi[0])
    complete = len(presses) >= MIN_SIGNS and not fits.begun
    if complete and (fits.whole or Plate.parse(presses).is_ordinary_swedish):
        return confirm(entry, presses, Typing(presses), now_ms)
    return Typing(presses, _early_offer(presses, fits))


def _early_offer(presses: str, fits: Fits) -> Plate | None:
    """Offer what is begun, but never over something that is an ordinary plate already."""
    alone = len(fits.begun) == 1 and not fits.whole and not is_ordinary(presses)
    return fits.begun[0] if alone and len(presses) >= EARLY_OFFER_PRESSES else None


def _without_taxi_mark(entry: Entry, presses: str) -> tuple[Plate, ...]:
    """Expected plates that fit without a last T: it is stamped beside a taxi's number and no part of it."""
    if len(presses) != ORDINARY_SIGNS + 1 or presses[-1] not in {"T", KEY_OF["T"]}:
        return ()
    found = entry.expected.fitting(presses[:-1], entry.rules.pad).whole
    return found if len(found) == 1 else ()
