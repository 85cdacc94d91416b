"""Customers at speed: a real post, the real page in a real browser, and people as they are."""

import random
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Page

from contract.plate import Plate
from kiosk.keys import KEY_OF, Key, Pad
from kiosk.screen import Screen
from portvakt.bench import fleet
from portvakt.bench.customer import PATIENCE, give_plate, next_key, shows_whole, spell_plate
from portvakt.bench.post import HandledPost, handled_post
from portvakt.bench.presses import slip_of
from tests.fakes.queue_server import QueueServer
from tests.kiosk.soak_growth import Sample
from tests.waiting import until

FIRST = "sv"
EXPECTED = 100
_ASKING = {
    "idle",
    "typing",
    "offer",
    "which",
    "spell",
    "free",
    "confirm",
    "no_booking",
    "elsewhere",
}
_ON_THE_WAY = {"sent", "searching", *_ASKING}
# Keys that find all as they want it: the screen stays, and nothing would be gained by a refusal.
_QUIET = {(Key.CANCEL, "idle")}
# Notes which screen the page has put into its document; the report comes two frames later.
_WATCH = """
(() => {
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, listener, ...rest) {
    return add.call(this, name, (event) => {
      listener(event);
      if (name === "screen") window.soakScreen = JSON.parse(event.data).id;
    }, ...rest);
  };
})();
"""
_PAGE = """() => [
  document.body.dataset.screen, document.documentElement.lang,
  document.documentElement.outerHTML, document.documentElement.textContent, document.title,
  localStorage.length + sessionStorage.length,
]"""


class Person:
    """Somebody at the post whose every key must have an effect."""

    def __init__(self, post: HandledPost, faults: list[str]) -> None:
        self._post = post
        self._faults = faults
        self.presses = 0

    @property
    def screen(self) -> Screen:
        return self._post.screen

    def press(self, key: str) -> None:
        before = self.screen.name
        pressed = self._post.press(key)
        self.presses += 1
        if not pressed.deeds and (key, before) not in _QUIET:
            self._faults.append(f"{key} on {before} beeped, and nothing followed")


class Soak:
    """Lets customers come to one post with one page, and holds every promise after each of them."""

    def __init__(self, post: HandledPost, page: Page, cars: list[Plate], seed: str) -> None:
        self.post = post
        self.page = page
        self.samples: list[Sample] = []
        self.customers = self.presses = 0
        self._cars = cars
        self._chance = random.Random(seed)
        self._faults: list[str] = []
        page.on("console", lambda message: self._faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self._faults.append(f"page: {error}"))
        page.add_init_script(_WATCH)
        page.goto(post.url)
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Performance.enable")

    def come(self) -> None:
        """One customer, from the first key to the screen that the next one finds."""
        self.customers += 1
        person, plate = Person(self.post, self._faults), self._plate()
        self._before(person)
        if self._chance.random() < 0.15:
            self._leaves_in_the_middle(person, plate)
        else:
            self._gives(person, plate)
            until(self._answered, what=f"an answer (customer {self.customers})")
            assert self.post.screen.plates <= {plate}, "another's plate is on the screen"
            if self.customers % 5 == 0:
                self._stands_there(plate)
            self._after(person, plate)
        self.presses += person.presses
        self._nothing_stays(plate)
        assert not self._faults, f"customer {self.customers}: {self._faults}"

    def weigh(self) -> Sample:
        """Note what post and page hold."""
        self._cdp.send("HeapProfiler.collectGarbage")
        heap = self._cdp.send("Runtime.getHeapUsage")["usedSize"]
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        found = {one["name"]: int(one["value"]) for one in metrics}
        memory = self.post.memory()
        self.samples.append(
            Sample(
                self.customers,
                memory.pss_kib,
                memory.anonymous_kib,
                memory.objects,
                int(heap),
                found["Nodes"],
                found["JSEventListeners"],
            )
        )
        return self.samples[-1]

    # -- what people do -----------------------------------------------------------------------------

    def _plate(self) -> Plate:
        kind = self._chance.choices(
            (self._booked, fleet.ordinary, fleet.personal, fleet.foreign), (50, 38, 6, 6)
        )[0]
        return kind(self._chance)

    def _booked(self, chance: random.Random) -> Plate:
        return chance.choice(self._cars)

    def _before(self, person: Person) -> None:
        """What somebody tries before the plate."""
        if self._chance.random() < 0.3:
            for _ in range(self._chance.randint(1, 3)):
                person.press(Key.LANGUAGE)
        for key, share in ((Key.SPEAK, 0.1), (Key.HELP, 0.1), (Key.CLEAR, 0.05), (Key.OK, 0.05)):
            if self._chance.random() < share:
                person.press(key)

    def _gives(self, person: Person, plate: Plate) -> None:
        way = self._chance.random()
        if way < 0.15 and len(plate.text) <= 7:
            give_plate(person, plate, slip=slip_of(plate, Pad.PHONE, seen=way < 0.1))
        elif way < 0.25 and person.screen.name == "idle":
            spell_plate(person, plate)
        else:
            give_plate(person, plate)

    def _leaves_in_the_middle(self, person: Person, plate: Plate) -> None:
        """Some keys, and then nobody: two time-outs."""
        for _ in range(self._chance.randint(1, min(PATIENCE, 9))):
            if shows_whole(person.screen, plate):
                break
            person.press(next_key(person.screen, plate, Pad.PHONE))
        if self._chance.random() < 0.3:
            person.press(Key.HELP)
        if person.screen.name in _ASKING - {"idle"}:
            assert self.post.skip(61_000).name == "still_there"

    def _after(self, person: Person, plate: Plate) -> None:
        """What somebody does before the answer."""
        what = self._chance.random()
        if what < 0.1:
            person.press(Key.HELP)
        elif what < 0.2:
            person.press(Key.LANGUAGE)
        elif what < 0.3:
            person.press(Key.CANCEL)
        elif what < 0.4:
            self.post.skip(21_000)  # the answer has left the screen; OK brings it back
            if person.screen.name == "idle":
                person.press(Key.OK)
                until(self._answered, what="the answer once more")
        elif what < 0.5:
            self._overtaken(person, plate)

    def _overtaken(self, person: Person, plate: Plate) -> None:
        """The next one types while the last one's answer still stands there."""
        person.press(KEY_OF.get(plate.text[0], "2"))
        screen = person.screen
        found = (screen.name, screen.language, screen.plates)
        assert found == ("typing", FIRST, frozenset()), f"the next one finds {found}"
        person.press(Key.CANCEL)

    # -- what must be true --------------------------------------------------------------------------

    def _answered(self) -> bool:
        return self.post.screen.name not in _ON_THE_WAY

    def _stands_there(self, plate: Plate) -> None:
        """The page shows what was decided, with the customer's plate."""
        until(lambda: self.post.drawn, what="the page's report")
        _, language, _, text, _, _ = self.page.evaluate(_PAGE)
        assert language == self.post.screen.language
        if self.post.screen.plates:
            assert plate.display in text

    def _is_on_the_page(self) -> None:
        """The page follows, and now and then it says so itself."""
        number = self.post.number
        until(lambda: self.page.evaluate("soakScreen") >= number, what="the screen on the page")
        if self.customers % 10 == 0:
            until(lambda: self.post.drawn, what="the page's report")

    def _nothing_stays(self, plate: Plate) -> None:
        """The next one finds an idle screen in the first language, and nothing of this customer."""
        for _ in range(14):  # five minutes are the longest that a screen stays
            if self.post.screen.name == "idle" and self.post.screen.language == FIRST:
                break
            self.post.skip(31_000)
        screen = self.post.skip(61_000)
        found = (screen.name, screen.language, screen.note)
        assert found == ("idle", FIRST, ""), f"customer {self.customers} leaves {found}"
        assert not screen.plates, f"customer {self.customers} leaves a plate"
        assert not any(cell.main for cell in screen.cells), "signs are left in their places"
        self._is_on_the_page()
        name, language, html, text, title, kept = self.page.evaluate(_PAGE)
        page = (name, language, title, kept)
        assert page == ("idle", FIRST, "Portvakt", 0), f"the page is left at {page}"
        for words in (html, text):
            assert plate.text not in "".join(words.split()), f"{plate.masked} stays on the page"


def soaked_post(folder: Path, server: QueueServer) -> AbstractContextManager[HandledPost]:
    """A post that can enrol at *server*, with a voice that nobody hears."""
    (folder / "code").write_text("1234")
    voice = folder / "voice"
    voice.write_text("#!/bin/sh\nexec cat >/dev/null\n")
    voice.chmod(0o755)
    return handled_post(folder, server.url, voice)


def cars_of(seed: str) -> list[Plate]:
    """The day's expected cars."""
    return fleet.day(random.Random(seed), EXPECTED)
