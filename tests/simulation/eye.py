"""A driver's eye on every sign: which plate stands, since when, by whose leave, and how long without any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from central.signs import lit
from contract.wire import Beat, Dark, Lease, PanelState
from signage.frame import Frame
from tests.simulation.course import BrokenPromise
from tests.simulation.drawn import STALE, calls_of
from tests.simulation.sign import SimSign
from tests.simulation.standing import (
    DARK_BETWEEN_MS,
    HEARD_SLACK_MS,
    MORE,
    MOST_MS,
    REACHED_MS,
    Key,
    Plate,
    Seen,
    Standing,
    Told,
)


@dataclass
class Eye:
    """The judge of one history.

    `now` gives the time.  `beyond` is what happened while two faults befell one sign at once: it hung, or
    could not reach its panel, and had lost central before.
    """

    now: Callable[[], int]
    rows_matter: bool = True
    showings: int = 0
    beyond: list[str] = field(default_factory=list)
    longest_ms: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _standing: dict[str, Standing] = field(default_factory=dict)
    _plate_of: dict[str, tuple[Plate, str]] = field(default_factory=dict)
    _keys: dict[Plate, str] = field(default_factory=dict)
    _lease_ms: dict[Key, int] = field(default_factory=dict)
    _granted: dict[Key, str] = field(default_factory=dict)
    _heard: dict[Key, str] = field(default_factory=dict)
    _told: dict[Key, Told] = field(default_factory=dict)
    _contact_ms: dict[str, int] = field(default_factory=dict)
    _last: dict[str, tuple[frozenset[Seen], int]] = field(default_factory=dict)
    _rows: set[tuple[str, str]] = field(default_factory=set)
    _named: set[tuple[str, str, str]] = field(default_factory=set)
    _doors: set[tuple[str, str]] = field(default_factory=set)

    def called(self, call: lit.Call, door: str) -> None:
        """There is a new call."""
        self._plate_of[call.id] = call.text, door
        self._keys[call.text] = call.match_key

    def answered(self, sign: SimSign, answer: Lease, sent_ms: int) -> None:
        """Central has answered a beat that was sent at *sent_ms*."""
        for call in calls_of(answer):
            ttl_ms = 0 if isinstance(answer, Dark) else answer.ttl_ms
            self._may_show(sign, call, sent_ms, sent_ms + ttl_ms)

    def _may_show(self, sign: SimSign, call: str, sent_ms: int, ends_ms: int) -> None:
        key = (sign.device, self._plate_of[call][0])
        self._check_lease(key)
        self._lease_ms[key] = max(ends_ms, self._lease_ms.get(key, 0))
        self._granted[key] = call
        told = self._told.get(key)
        if told is not None and (sent_ms >= told.at_ms if told.call is None else call != told.call):
            self._check_told(key)
            del self._told[key]

    def rows_are(self, rows: tuple[lit.Lit, ...], named: Iterable[lit.Lit]) -> None:
        """Central has changed its rows: for each that is gone, nothing may stand any more."""
        self._rows = {(row.device, row.match_key) for row in rows}
        self._named = {(row.device, row.match_key, row.bay) for row in named}
        self._doors = {(row.bay, row.match_key) for row in rows}
        for device in self._standing:
            self._check_row(device)

    def reads(self, sign: SimSign, beat: Beat) -> None:
        """A sign tells central what stands on it: nothing, or its listing; that must be so."""
        if not beat.sent.whole or beat.state is not PanelState.OK or beat.confirmed is False:
            return
        named = {self._plate_of[call][0] for call in (*beat.listed, beat.sent.call) if call}
        for plate, _ in self._plates(sign.device):
            if plate not in named and sign.glass.supplied:
                raise BrokenPromise(f"{sign.device} says that {plate} is gone, and shows it still")

    def heard(self, sign: SimSign, answer: Lease, sent_ms: int) -> None:
        """A sign has taken in the answer to the beat that it sent at *sent_ms*."""
        self._measure(sign.device)
        self._contact_ms[sign.device] = sent_ms
        if sign.device in self._standing:
            self._standing[sign.device].goes_on()
        stays = {self._plate_of[call][0]: call for call in calls_of(answer)}
        self._heard.update({(sign.device, plate): call for plate, call in stays.items()})
        for plate, _ in self._plates(sign.device):
            if plate not in stays:
                self._must_go(sign, plate, None)

    def told_dark(self, sign: SimSign, call: str) -> None:
        """A sign has heard that a call is over."""
        plate = self._plate_of[call][0]
        key = (sign.device, plate)
        # After a recall it may still hold the call before, or be told already of the one after.
        if self._granted.get(key, call) == self._heard.get(key, call) == call:
            self._must_go(sign, plate, call)

    def _must_go(self, sign: SimSign, plate: Plate, call: str | None) -> None:
        key, now_ms = (sign.device, plate), self.now()
        if key not in self._told:
            until_ms = now_ms + sign.kind.worst_dark_ms + HEARD_SLACK_MS
            self._told[key] = Told(now_ms, until_ms, call)

    def fell(self, sign: SimSign, what: str) -> None:
        """A sign's process was killed, or hangs, or the line to its panel failed."""
        stands = self._standing.get(sign.device)
        if stands is None:
            return
        age_ms = self.now() - self._contact_ms.get(sign.device, 0)
        stands.befell(what, sign.kind, self.now(), is_reached=age_ms <= REACHED_MS)

    # -- what a driver sees ---------------------------------------------------------------------

    def sees(self, sign: SimSign) -> None:
        """What stands on a sign has changed."""
        device = sign.device
        self._check(device)
        before, plates = self._plates(device), self._read(sign)
        if plates == before:
            return
        self.showings += bool(plates - before)
        if plates:
            stands = self._standing.get(device)
            if stands is not None and plates & before:
                stands.plates = plates
            else:
                self._standing[device] = Standing(plates)
                # It was on its way when the panel's line failed, so nothing can follow it.
                if self.now() < sign.glass.lost_until_ms:
                    self.fell(sign, "its line failed")
            self._check_twice(device)
            self._check(device)
        else:
            self._standing.pop(device, None)
            self._last[device] = before, self.now()

    def look_once_more(self) -> None:
        """At the end of a history, whatever stands still is judged too."""
        for device in self._standing:
            self._check(device)

    def _plates(self, device: str) -> frozenset[tuple[Plate, str | None]]:
        stands = self._standing.get(device)
        return frozenset() if stands is None else stands.plates

    def _read(self, sign: SimSign) -> frozenset[tuple[Plate, str | None]]:
        """Read the plates of the frame; the second page goes with the plate before it."""
        frame: Frame | None = sign.glass.seen
        if frame is None or frame.is_dark or frame.words == STALE:
            return frozenset()
        if sign.kind.lines:
            lines = [line.rpartition("  ") for line in frame.words.split("\n")]
            return frozenset(
                (plate, door.removeprefix("PORT ")) for plate, _, door in lines if plate
            )
        if frame.words in self._keys:
            return frozenset({(frame.words, None)})
        if before := self._plates(sign.device):
            return before
        before, since_ms = self._last.get(sign.device, (frozenset(), 0))
        if not before or self.now() - since_ms > DARK_BETWEEN_MS:
            raise BrokenPromise(f"{frame.words!r} on {sign.device} without a plate before it")
        return before

    def _check(self, device: str) -> None:
        """Look at all that stands on a sign until now."""
        self._measure(device)
        for plate, _ in self._plates(device):
            self._check_lease((device, plate))
            self._check_told((device, plate))
        self._check_row(device)

    def _standing_of(self, key: Key) -> Standing | None:
        stands = self._standing.get(key[0])
        return stands if stands and any(plate == key[1] for plate, _ in stands.plates) else None

    def _check_lease(self, key: Key) -> None:
        stands, ends_ms = self._standing_of(key), self._lease_ms.get(key, 0)
        if stands and self.now() > max(ends_ms + stands.lease_late_ms, stands.excused_ms):
            over_ms = self.now() - ends_ms
            self._broken(key[0], f"{key[1]} stands {over_ms} ms after its lease on {key[0]}")

    def _check_told(self, key: Key) -> None:
        told, stands = self._told.get(key), self._standing_of(key)
        if not told or not stands:
            return
        if self.now() > max(told.until_ms + stands.told_late_ms, stands.excused_ms):
            how = f"{self.now() - told.at_ms} ms after it heard to go dark"
            self._broken(key[0], f"{key[1]} stands on {key[0]} {how}")

    def _check_row(self, device: str) -> None:
        for plate, door in self._plates(device):
            key = self._keys[plate]
            if door is None:
                has_row = (device, key) in self._rows
            else:
                has_row = (device, key, f"b{door}") in self._named and (
                    f"b{door}",
                    key,
                ) in self._doors
            if not has_row and self.rows_matter:
                self._broken(device, f"central has let go of {plate}, which stands on {device}")

    def _check_twice(self, device: str) -> None:
        for plate, door in self._plates(device):
            for other, stands in self._standing.items():
                for its_plate, its_door in stands.plates:
                    if other != device and its_plate == plate:
                        self._check_both(plate, (device, door), (other, its_door))

    def _check_both(self, plate: Plate, one: Seen, other: Seen) -> None:
        """A plate may stand at its door and, as that door's, on yard signs."""
        doors = {self._door_of(seen, plate) for seen in (one, other)}
        if len(doors) > 1 or one[1] == other[1] is None:
            device = one[0] if self._standing[one[0]].how == MORE else other[0]
            self._broken(device, f"{plate} on two doors: {other[0]}, {one[0]} {sorted(doors)}")

    def _door_of(self, seen: Seen, plate: Plate) -> str:
        device, door = seen
        return self._plate_of[self._granted[device, plate]][1] if door is None else f"b{door}"

    def _broken(self, device: str, how: str) -> None:
        """A promise is broken; of a sign that two things befell at once it is only written down."""
        if self._standing[device].how != MORE:
            raise BrokenPromise(how)
        if all(device not in one for one in self.beyond):
            self.beyond.append(how)

    def _measure(self, device: str) -> None:
        """Note how long a plate has stood without a word of central."""
        stands = self._standing.get(device)
        if stands is None:
            return
        age_ms = self.now() - self._contact_ms.get(device, 0)
        if age_ms > self.longest_ms[stands.how]:
            self.longest_ms[stands.how] = age_ms
            if age_ms > MOST_MS.get(stands.how, age_ms):
                self._broken(device, f"{device} is lit {age_ms} ms after its last contact")
