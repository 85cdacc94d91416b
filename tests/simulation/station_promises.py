"""No screen claims what is not so, and no answer says what the database does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from contract.wire import HEADER_BOOT, STATUS_FRESH_MS, Arrival, HelpState, Standing
from kiosk.answers import clock_text
from kiosk.screen import Screen
from kiosk.typing_rules import LIST_FRESH_MS
from tests.simulation.course import BrokenPromise
from tests.simulation.post import Saved
from tests.simulation.station_central import Asked, Process, Reply
from tests.simulation.station_claims import claims
from tests.simulation.station_life import TICK_MS
from tests.simulation.station_model import BAYS, STATION, key_of, wall
from tests.simulation.station_truth import Truth

if TYPE_CHECKING:
    from tests.simulation.post import Machine
    from tests.simulation.station import Station

PATH = f"/v1/stations/{STATION}"
SIGN_FRESH_MS = 30_000
# From our asking to the pixels: a turn of the loop, the way of an event through its queue.
A_TURN_MS = TICK_MS + 10
LIST_MS = LIST_FRESH_MS + 2_000  # how old the list may be that a post goes by
OPEN = {"waiting", "parked", "called", "in_bay"}


@dataclass(frozen=True, slots=True)
class Told:
    """A standing that reached a post, and when the post had asked for it."""

    key: str
    standing: Standing
    asked_ms: int


@dataclass(frozen=True, slots=True)
class Taken:
    """When central first had an arrival, how wrong its wall clock was, and how long the way was."""

    at_ms: int
    wall_off_ms: int
    transit_ms: int
    boot_id: str


@dataclass
class Promises:
    """The judge of one history."""

    station: Station
    truth: Truth
    saves: dict[str, Saved] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    registered: set[tuple[str, str]] = field(default_factory=set)
    claimed: Counter[str] = field(default_factory=Counter)
    _told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    _helps: dict[str, list[HelpState]] = field(default_factory=lambda: defaultdict(list))

    # -- what happens ---------------------------------------------------------------------------

    def saved(self, machine: Machine, body: bytes) -> None:
        """A post's disk has taken an arrival."""
        arrival = msgspec.json.decode(body, type=Arrival)
        self.saves[arrival.id] = Saved(machine.name, arrival, body, self.station.now_ms)
        self.station.say(f"{machine.name} saved {arrival.plate}")
        customer = self.station.at_the_keys.get(machine.name)
        if customer is None or customer.plate.text != arrival.plate:
            raise BrokenPromise(f"{arrival.plate} was saved, which nobody has confirmed")

    def answered(self, asked: Asked, reply: Reply) -> None:
        """Central has answered; nothing else has happened since, so the database must agree."""
        if reply.status // 100 != 2:
            return
        if asked.path == f"{PATH}/arrivals" or asked.path.startswith(f"{PATH}/status"):
            self._standing_is_true(msgspec.json.decode(reply.body, type=Standing))
        elif asked.path.startswith(f"{PATH}/help"):
            self._help_is_true(msgspec.json.decode(reply.body, type=HelpState))

    def heard(self, asked: Asked, process: Process, sent_ms: int) -> None:
        """A request has been at central; whatever came of it, the database says whether it was taken."""
        if asked.path != f"{PATH}/arrivals":
            return
        arrival = msgspec.json.decode(asked.body, type=Arrival)
        if arrival.id not in self.taken and self.truth.has_arrival(arrival.id):
            now_ms = self.station.now_ms
            boot_id = asked.headers[HEADER_BOOT]
            self.taken[arrival.id] = Taken(now_ms, process.wall_off_ms, now_ms - sent_ms, boot_id)

    def told(self, post: str, asked: Asked, reply: Reply, asked_ms: int) -> None:
        """An answer has reached a post."""
        if reply.status // 100 != 2:
            return
        if asked.path == f"{PATH}/arrivals" or asked.path.startswith(f"{PATH}/status"):
            standing = msgspec.json.decode(reply.body, type=Standing)
            self._told[post].append(Told(key_of(standing.plate), standing, asked_ms))
        elif asked.path.startswith(f"{PATH}/help"):
            self._helps[post].append(msgspec.json.decode(reply.body, type=HelpState))

    def forgets(self, post: str) -> None:
        """A post begins a new life and knows nothing but its disk."""
        self._told[post].clear()
        self._helps[post].clear()

    # -- answers --------------------------------------------------------------------------------

    def _standing_is_true(self, standing: Standing) -> None:
        visit = self.truth.visits("id = ?", standing.visit)[0]
        line = [one.id for one in self.truth.line()]
        place = 1 + line.index(visit.id) if visit.id in line else None
        door = visit.bay if visit.state == "called" else None
        is_so = (visit.state, key_of(visit.plate), place, door)
        said = (standing.state, key_of(standing.plate), standing.place, standing.door)
        if said != is_so:
            raise BrokenPromise(f"central answered {said} when {is_so} was so")
        if standing.watch_sign and not (self.station.jumps or self.station.hangs):
            self._signs_are_watched(visit.kind)

    def _signs_are_watched(self, kind: str) -> None:
        hung = {bay: device for device, bay in self.truth.signs().items()}
        for bay in (bay for bay, kinds in BAYS.items() if kind in kinds):
            heard_ms = self.station.sign_heard_ms.get(hung.get(bay, ""), -SIGN_FRESH_MS)
            if self.station.now_ms - heard_ms > SIGN_FRESH_MS:
                raise BrokenPromise(f"watch the sign of door {bay}, which nobody has heard")

    def _help_is_true(self, state: HelpState) -> None:
        if not self.truth.has_help(state.id):
            raise BrokenPromise("central has answered a call for help that it does not have")
        if state.acknowledged_by != self.truth.acknowledged_by(state.id):
            raise BrokenPromise(f"nobody called {state.acknowledged_by} has taken this call")

    # -- screens --------------------------------------------------------------------------------

    def shown(self, machine: Machine, screen: Screen) -> None:
        """A screen has changed: each of its sentences must stand on something."""
        for name, words in claims(screen):
            self.claimed[name] += 1
            if name.startswith("registered"):
                self.registered.add((machine.name, key_of(words["plate"])))
            if not self._stands(machine, name, words, screen):
                raise BrokenPromise(f"{machine.name} says without a reason: {screen.text!r}")

    def still_shown(self, machine: Machine) -> None:
        """Time goes on over a screen: "drive in" must not grow old."""
        if machine.screen is not None and machine.screen.name == "drive_in":
            self.shown(machine, machine.screen)

    def _stands(self, machine: Machine, name: str, words: dict[str, str], screen: Screen) -> bool:
        post, key = machine.name, key_of(words["plate"]) if "plate" in words else ""
        match name:
            case "registered" | "again" | "unreached":
                return any(said.standing.state in OPEN for said in self._about(post, key))
            case "registered.drop_in":
                return self._place_was(post, key, int(words["place"]))
            case "before.none" | "before.one" | "before.many":
                before = {"before.none": 0, "before.one": 1}.get(name)
                cars = int(words["cars"]) if before is None else before
                return any(
                    self._place_was(post, key_of(plate.text), cars + 1) for plate in screen.plates
                )
            case "watch_sign":
                return any(said.standing.watch_sign for said in self._about(post, key))
            case "sign_out.fetch":
                return any(self.truth.has_help_for(post, plate.text) for plate in screen.plates)
            case "drive_in":
                return self._drives_in(post, key, words["door"])
            case "in_bay" | "not_in_line":
                states = {said.standing.state for said in self._about(post, key)}
                return "in_bay" in states if name == "in_bay" else bool(states - OPEN)
            case "no_booking.ask":
                return self.station.jumps or not self.truth.is_booked_or_here(
                    key, wall(self.station.now_ms - LIST_MS)
                )
            case "saved_here.at" | "saved_here.no_clock":
                return self._is_saved(machine, key, words.get("time"))
        return self._help_stands(post, name, words.get("time"), machine)

    def _nobody_expects(self, key: str) -> bool:
        since = wall(self.station.now_ms - LIST_MS)
        return self.station.jumps or not self.truth.is_booked_or_here(key, since)

    def _about(self, post: str, key: str) -> list[Told]:
        return [said for said in self._told[post] if said.key == key]

    def _place_was(self, post: str, key: str, place: int) -> bool:
        return any(said.standing.place == place for said in self._about(post, key))

    def _drives_in(self, post: str, key: str, door: str) -> bool:
        oldest_ms = self.station.now_ms - STATUS_FRESH_MS - A_TURN_MS
        return any(
            said.asked_ms > oldest_ms
            and (said.standing.state, said.standing.door) == ("called", door)
            for said in self._about(post, key)
        )

    def _is_saved(self, machine: Machine, key: str, time: str | None) -> bool:
        mine = [
            saved
            for saved in self.saves.values()
            if saved.post == machine.name and key_of(saved.arrival.plate) == key
        ]
        if not mine or machine.life is None:
            return False
        arrival = mine[-1].arrival
        if time is not None and time != clock_text(arrival.at, machine.settings.zone):
            return False
        waiting = {key_of(plate) for plate in machine.life.waiting_plates()}
        return key in waiting or self.truth.has_arrival(arrival.id)

    def _help_stands(self, post: str, name: str, time: str | None, machine: Machine) -> bool:
        heard = self._helps[post]
        if name == "help.reached":
            zone = machine.settings.zone
            return any(clock_text(state.raised_at, zone) == time for state in heard)
        if name == "help.keeps_place":
            return any(state.has_place for state in heard)
        return any(state.acknowledged_by for state in heard)
