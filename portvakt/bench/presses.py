"""How many keys a customer presses until the plate is confirmed, OK included.

The entry machine itself is pressed, by a customer who does what its screens say, a press a second.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial

import msgspec

from contract.plate import Plate
from kiosk.entry import step
from kiosk.happenings import Expected, Press, Save, Tick
from kiosk.keys import FULL_LAYOUT, KEY_OF, PHONE_LAYOUT, SIGNS, Key, Pad
from kiosk.matching import ExpectedPlates
from kiosk.phases import Entry, Rules, begin
from kiosk.screen import Screen
from portvakt.bench import fleet
from portvakt.bench.customer import PRESS_MS, Slip, Stuck, give_plate, spell_plate
from portvakt.bench.figure import Figure, figure

EXPECTED_A_DAY = 100
BLOCKS = 5  # the passes behind a figure: days do not depend on each other
BOOKED_TARGET, DROP_IN_TARGET, FULL_TARGET = 7.2, 11.0, 7.2
_SEED = 20190116  # one run is like the next
_QUESTIONS = {"which", "spell"}
_NAMES = {Pad.PHONE: "12 keys", Pad.FULL: "full pad"}

Progress = Callable[[str], None]
Way = Callable[["TrialPost", Plate], int]


class TrialPost:
    """One post before one customer.

    `unconfirmed` counts saves that were not an OK on a screen which showed that plate and no other.
    """

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._now_ms = 0
        self.saved: list[Plate] = []
        self.unconfirmed = 0
        self.asked = False

    @property
    def screen(self) -> Screen:
        """What is on the screen now."""
        assert self._entry.shown is not None  # noqa: S101 - every step draws
        return self._entry.shown

    def press(self, key: str) -> None:
        """Press one key."""
        before = self.screen
        self._now_ms += PRESS_MS
        self._entry, deeds = step(self._entry, Press(key), self._now_ms)
        self.asked = self.asked or self.screen.name in _QUESTIONS
        for deed in deeds:
            if isinstance(deed, Save):
                self.saved.append(deed.plate)
                self.unconfirmed += key != Key.OK or before.plates != {deed.plate}


@dataclass(slots=True)
class Tally:
    """What some customers needed."""

    presses: list[int] = field(default_factory=list)
    asked: int = 0
    unconfirmed: int = 0
    others: int = 0  # saves of a plate that is not the customer's
    stuck: int = 0

    def take(self, post: TrialPost, plate: Plate, way: Way) -> None:
        """Let one customer with *plate* go *way* at *post*."""
        try:
            self.presses.append(way(post, plate))
        except Stuck:
            self.stuck += 1
        self.asked += post.asked
        self.unconfirmed += post.unconfirmed
        self.others += any(saved.match_key != plate.match_key for saved in post.saved)

    @property
    def mean(self) -> float:
        """Presses a plate."""
        return sum(self.presses) / len(self.presses)


def measure(plates: int, progress: Progress) -> Iterator[Figure]:
    """Yield the figures for about *plates* customers on each pad, booked and drop-in in equal parts."""
    every: list[Tally] = []
    for pad in Pad:
        booked, drop_in = _round(pad, plates, progress)
        yield from _judged(pad, booked, drop_in)
        every += [*booked, *drop_in]
        for name, tallies in _stated(pad, max(plates // 20, 100), progress):
            yield _figure(f"presses, {name}, {_NAMES[pad]}", tallies)
            every += tallies
    yield from totals(every)


def totals(every: Iterable[Tally]) -> Iterator[Figure]:
    """What may not happen to anybody."""
    tallies = list(every)
    counts = {
        "plates taken without an OK that showed them": sum(one.unconfirmed for one in tallies),
        "plates taken in place of the customer's own": sum(one.others for one in tallies),
        "customers whom the screens led nowhere": sum(one.stuck for one in tallies),
    }
    seen = f"of {sum(len(one.presses) for one in tallies):,} customers"
    for name, count in counts.items():
        yield figure(name, [count], "", target=0.0, detail=seen)


def one_day(pad: Pad, expected: Iterable[Plate]) -> Entry:
    """A post that has just heard whom the station expects."""
    entry = begin(Rules(pad, ("sv",), UTC, "right"), 0)
    plates = ExpectedPlates([plate.text for plate in expected])
    for news in (Tick(), Expected(plates, "2026-11-23")):
        entry, _ = step(entry, news, 0)
    return entry


def _round(pad: Pad, plates: int, progress: Progress) -> tuple[list[Tally], list[Tally]]:
    """Let every expected car come, and as many that nobody expects; a tally for each block of days."""
    days = max(plates // (2 * EXPECTED_A_DAY), BLOCKS)
    booked, drop_in = [Tally() for _ in range(BLOCKS)], [Tally() for _ in range(BLOCKS)]
    for number in range(days):
        if number % 10 == 0:
            progress(f"presses, {_NAMES[pad]}: {100 * number // days} %")
        chance = random.Random(f"{_SEED} {pad} {number}")  # noqa: S311 - no secret
        cars = fleet.day(chance, 2 * EXPECTED_A_DAY)
        entry = one_day(pad, cars[:EXPECTED_A_DAY])
        for place, plate in enumerate(cars):
            tally = (booked if place < EXPECTED_A_DAY else drop_in)[number % BLOCKS]
            tally.take(TrialPost(entry), plate, partial(_typed, pad))
    return booked, drop_in


def _judged(pad: Pad, booked: list[Tally], drop_in: list[Tally]) -> Iterator[Figure]:
    limits = (BOOKED_TARGET, DROP_IN_TARGET) if pad is Pad.PHONE else (FULL_TARGET, FULL_TARGET)
    yield _figure(f"presses, booked, {_NAMES[pad]}", booked, limits[0])
    yield _figure(f"presses, drop-in, {_NAMES[pad]}", drop_in, limits[1])


def _stated(pad: Pad, plates: int, progress: Progress) -> Iterator[tuple[str, list[Tally]]]:
    """Plates of other shapes, and customers who press a wrong key once: in nobody's target."""
    spelled = pad is Pad.PHONE
    ways: list[tuple[str, fleet.Kind, Way]] = [
        ("personal plate", fleet.personal, partial(_typed, pad)),
        ("foreign plate", fleet.foreign, partial(_typed, pad)),
    ]
    if spelled:
        ways += [
            ("personal plate by ÅÄÖ", fleet.personal, _spelled),
            ("foreign plate by ÅÄÖ", fleet.foreign, _spelled),
        ]
    for name, kind, way in ways:
        yield name, _some(pad, name, kind, way, plates, progress)
    for seen, when in ((True, "seen at once"), (False, "seen when asked")):
        for booked, who in ((True, "booked"), (False, "drop-in")):
            name = f"{who}, one wrong key {when}"
            way = partial(_slipped, pad, seen)
            expected = None if booked else fleet.ordinary
            yield name, _some(pad, name, expected, way, plates, progress)


def _some(
    pad: Pad, name: str, kind: fleet.Kind | None, way: Way, plates: int, progress: Progress
) -> list[Tally]:
    """Let *plates* cars of one *kind* come, or of those that are expected."""
    progress(f"presses, {_NAMES[pad]}: {name}")
    tallies = [Tally() for _ in range(BLOCKS)]
    chance = random.Random(f"{_SEED} {pad} {name}")  # noqa: S311 - no secret
    for number in range(plates):
        if number % EXPECTED_A_DAY == 0:
            cars = fleet.day(chance, EXPECTED_A_DAY)
            entry = one_day(pad, cars)
        plate = cars[number % EXPECTED_A_DAY] if kind is None else kind(chance)
        tallies[number % BLOCKS].take(TrialPost(entry), plate, way)
    return tallies


def _typed(pad: Pad, post: TrialPost, plate: Plate) -> int:
    return give_plate(post, plate, pad)


def _spelled(post: TrialPost, plate: Plate) -> int:
    return spell_plate(post, plate)


def _slipped(pad: Pad, seen: bool, post: TrialPost, plate: Plate) -> int:
    return give_plate(post, plate, pad, slip_of(plate, pad, seen=seen))


def slip_of(plate: Plate, pad: Pad, *, seen: bool) -> Slip:
    """A wrong key beside the right one, at a place of the plate; always the same for one plate."""
    chance = random.Random(f"{_SEED} {plate.text}")  # noqa: S311 - no secret
    place = chance.randrange(len(plate.text))
    sign = plate.text[place]
    right = KEY_OF.get(sign, sign) if pad is Pad.PHONE else sign
    return Slip(place, chance.choice(_beside(right, pad)), seen)


def _beside(key: str, pad: Pad) -> list[str]:
    """The keys for signs that touch *key* on the pad."""
    layout = PHONE_LAYOUT if pad is Pad.PHONE else FULL_LAYOUT
    places = {name: (r, c) for r, keys in enumerate(layout) for c, name in enumerate(keys)}
    row, column = places[key]
    return [
        name
        for name, (r, c) in places.items()
        if name != key and name in SIGNS and max(abs(r - row), abs(c - column)) == 1
    ]


def _figure(name: str, tallies: list[Tally], target: float | None = None) -> Figure:
    """Their mean, with the worst case and how many were asked something."""
    presses = [count for one in tallies for count in one.presses]
    asked = sum(one.asked for one in tallies)
    detail = (
        f"{len(presses):,} plates, worst {max(presses)}, {asked / len(presses):.2%} with a question"
    )
    means = [one.mean for one in tallies if one.presses]
    made = figure(name, means, "presses", target, detail)
    # Over all plates: their mean says more than the middle one of the blocks.
    return msgspec.structs.replace(made, value=round(sum(presses) / len(presses), 3))
