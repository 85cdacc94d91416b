"""Somebody at the keys of the pure entry machine, and the clock on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.plate import Plate
from contract.wire import Elsewhere, HelpState, Standing, Window
from kiosk.entry import step
from kiosk.happenings import (
    Answer,
    AskElsewhere,
    AskHelp,
    AskStatus,
    BookedElsewhere,
    Deed,
    Expected,
    Happening,
    HelpHeard,
    NoAnswer,
    NotSaved,
    Press,
    Save,
    Saved,
    Say,
    Tick,
)
from kiosk.keys import Pad
from kiosk.matching import ExpectedPlates
from kiosk.phases import Rules, begin
from kiosk.pressing import READ_WITHIN_MS
from kiosk.screen import Screen
from portvakt.bench.customer import PRESS_MS

TICK_MS = 100
LOOK_MS = READ_WITHIN_MS
TEN_THIRTY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 10.30 in Stockholm
TEN_TWENTY = TEN_THIRTY - timedelta(minutes=10)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Typist:
    """Drives one post.  `saves` are the plates that went to the outbox."""

    def __init__(
        self,
        expected: list[str] | None = None,
        *,
        pad: Pad = Pad.PHONE,
        languages: tuple[str, ...] = ("en", "sv"),
        online: bool = True,
        speech: bool = False,
    ) -> None:
        self.now_ms = 1_000
        self.entry = begin(Rules(pad, languages, STOCKHOLM, "right", speech), self.now_ms)
        self.deeds: list[Deed] = []
        self.tell(Tick())
        if online:
            self.tell(Expected(ExpectedPlates(expected or []), "2026-11-23"))

    def tell(self, happening: Happening) -> list[Deed]:
        self.entry, deeds = step(self.entry, happening, self.now_ms)
        self.deeds += deeds
        return deeds

    def press(self, *keys: str) -> "Typist":
        """Press keys, looking at the screen before each; a string is typed without looking."""
        for key in keys:
            self.now_ms += LOOK_MS
            for one in [key] if key.islower() else key:
                self.tell(Press(one))
        return self

    def wait(self, ms: int) -> "Typist":
        """Let time pass in ticks."""
        for _ in range(0, ms, TICK_MS):
            self.now_ms += TICK_MS
            self.tell(Tick())
        return self

    @property
    def screen(self) -> Screen:
        assert self.entry.shown is not None
        return self.entry.shown

    @property
    def text(self) -> str:
        return self.screen.text

    @property
    def saves(self) -> list[str]:
        return [deed.plate.display for deed in self.deeds if isinstance(deed, Save)]

    @property
    def asked(self) -> list[str]:
        return [deed.plate.display for deed in self.deeds if isinstance(deed, AskStatus)]

    @property
    def help_calls(self) -> list[Plate | None]:
        return [deed.plate for deed in self.deeds if isinstance(deed, AskHelp)]

    @property
    def looked_elsewhere(self) -> list[str]:
        return [deed.plate.display for deed in self.deeds if isinstance(deed, AskElsewhere)]

    @property
    def read(self) -> list[Say]:
        """What was read aloud."""
        return [deed for deed in self.deeds if isinstance(deed, Say)]

    @property
    def heard(self) -> str:
        """What was read aloud last."""
        return self.read[-1].text

    def booked_elsewhere(self, elsewhere: Elsewhere | None) -> "Typist":
        """Central answers whether the plate on the screen is booked elsewhere."""
        ticket = next(d.ticket for d in reversed(self.deeds) if isinstance(d, AskElsewhere))
        self.tell(BookedElsewhere(ticket, elsewhere))
        return self

    @property
    def ticket(self) -> int:
        return next(deed.ticket for deed in reversed(self.deeds) if isinstance(deed, Save))

    @property
    def help_number(self) -> int:
        return next(deed.number for deed in reversed(self.deeds) if isinstance(deed, AskHelp))

    def saved(self, *, synced: bool = True) -> "Typist":
        self.tell(Saved(self.ticket, TEN_THIRTY + timedelta(minutes=2) if synced else None))
        return self

    def not_saved(self) -> "Typist":
        self.tell(NotSaved(self.ticket))
        return self

    def unreached(self) -> "Typist":
        self.tell(NoAnswer(self.ticket))
        return self

    def answered(self, standing: Standing, *, after_ms: int = 0) -> "Typist":
        """Central answers a question that was asked *after_ms* ago."""
        self.tell(Answer(self.ticket, standing, self.now_ms - after_ms))
        return self

    def help_state(self, **state: object) -> "Typist":
        number = self.help_number
        words = {"id": str(number), "raised_at": TEN_THIRTY + timedelta(minutes=2), **state}
        self.tell(HelpHeard(number, HelpState(**words)))  # type: ignore[arg-type]
        return self

    def registered(self, plate: str = "ABC 123", **changes: object) -> "Typist":
        """Type an expected plate, confirm it, and get central's answer."""
        keys = {"ABC 123": "222123", "DEF 456": "333456"}[plate]
        self.press(keys, "ok").saved()
        return self.answered(standing(plate, **changes))


class Unhurried(Typist):
    """Somebody who reads each screen before the next press."""

    def press(self, *keys: str) -> "Unhurried":
        self.now_ms += PRESS_MS
        super().press(*keys)
        return self


def standing(plate: str = "ABC 123", **changes: object) -> Standing:
    words: dict[str, object] = {
        "plate": plate.replace(" ", ""),
        "visit": "v-1",
        "state": "waiting",
        "as_of": TEN_TWENTY,
        "place": 4,
        "watch_sign": True,
        **changes,
    }
    return Standing(**words)  # type: ignore[arg-type]


def window(low: int, high: int) -> Window:
    """A window as central sees it at the `as_of` of `standing`."""
    return Window(
        low_min=low,
        median_min=(low + high) // 2,
        high_min=high,
        starts_at=TEN_TWENTY + timedelta(minutes=low),
        ends_at=TEN_TWENTY + timedelta(minutes=high),
    )
