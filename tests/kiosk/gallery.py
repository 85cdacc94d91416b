"""Every screen that a post can show, reached as customers reach it: by keys and by what central says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

from contract.visit import State
from contract.wire import Elsewhere, Longer
from device.boot_story import Step, Story
from device.fault_codes import CODES
from kiosk.becoming import CodeTried, StoryTold, WeAre
from kiosk.enrolling import Outcome, Who
from kiosk.faults import Fault, Part
from kiosk.happenings import Expected, HallLamp, HelpUnheard, Link, NotTaken
from kiosk.keys import Pad
from kiosk.matching import ExpectedPlates
from kiosk.screen import Screen
from kiosk.texts import TEXTS
from tests.kiosk.typist import TEN_THIRTY, TEN_TWENTY, Typist, window

LANGUAGES = tuple(TEXTS)
BOOKED = ["ABC123", "DEF456"]
TOMORROW = TEN_THIRTY + timedelta(days=1)
WEDNESDAY = TEN_THIRTY + timedelta(days=2)
OPENS = TEN_THIRTY + timedelta(hours=20)
NEXT_STATION = Elsewhere(slot_at=WEDNESDAY, station="Örnsköldsvik Norra")
ON_ANOTHER_DAY = Elsewhere(slot_at=TOMORROW)
WIDE = window(15, 25)
WIDEST_KEYS = "796799"  # four letters on most of them, and the widest ones


class Post(Typist):
    """A post that speaks *language* first and can change to the others."""

    def __init__(
        self,
        language: str,
        expected: list[str] | None = None,
        *,
        pad: Pad = Pad.PHONE,
        online: bool = True,
        speech: bool = False,
    ) -> None:
        others = tuple(one for one in LANGUAGES if one != language)
        super().__init__(
            BOOKED if expected is None else expected,
            pad=pad,
            languages=(language, *others),
            online=online,
            speech=speech,
        )

    def by_door(self, door: str) -> "Post":
        self.entry = replace(self.entry, rules=replace(self.entry.rules, door=door))
        return self

    def offered(self) -> "Post":
        self.press("222123")
        return self

    def confirmed(self) -> "Post":
        self.offered().press("ok")
        return self

    def helped(self, *, lit: bool = True, **state: object) -> "Post":
        """Press for help; the board has it, and the lamp in the hall shines."""
        self.press("help").help_state(**state)
        self.tell(HallLamp(lit))
        return self

    def told(self, happening: object) -> "Post":
        self.tell(happening)  # type: ignore[arg-type]
        return self

    def unbooked(self) -> "Post":
        """A drop-in who has spelled a plate that central does not expect."""
        self.press("932456", "1", "2", "1", "6")
        return self

    def stands(self, **changes: object) -> "Post":
        self.registered(**changes)  # type: ignore[arg-type]
        return self


def called(post: Post) -> Typist:
    return post.stands(state=State.CALLED, place=None, door="2", called_at=TEN_TWENTY)


def fetched(post: Post) -> Typist:
    """No sign can call it, so the post has asked somebody to fetch the car."""
    return post.stands(watch_sign=False, booked_at=TEN_THIRTY, window=WIDE).help_state()


def longer(post: Post, low: int, high: int, doors: int) -> Typist:
    told = Longer(said_ends_at=TEN_THIRTY, doors_closed=doors)
    return post.stands(window=window(low, high), booked_at=TEN_THIRTY, longer=told)


SCREENS: dict[str, Callable[[str], Typist]] = {
    "01-idle": Post,
    "01-idle-full-pad": lambda one: Post(one, pad=Pad.FULL),
    "02-typing-letters": lambda one: Post(one).press("22"),
    "02-typing-figures": lambda one: Post(one, []).press("23457"),
    "02-typing-widest": lambda one: Post(one, []).press(WIDEST_KEYS[:5]),
    "02-typing-long": lambda one: Post(one, ["QWERTYUIOP"]).press("79378984"),
    "02-typing-full-pad": lambda one: Post(one, [], pad=Pad.FULL).press("WQ0"),
    "02b-still-there": lambda one: Post(one).press("222").wait(60_000),
    "02b-still-there-last-second": lambda one: Post(one).press("222").wait(89_500),
    "02c-offer-early": lambda one: Post(one).press("22212"),
    "03-offer": lambda one: Post(one).offered(),
    "03b-which": lambda one: Post(one, ["ABC123", "BAC123"]).press("222123"),
    "04-spell-first": lambda one: Post(one, []).press(WIDEST_KEYS),
    "04-spell-second": lambda one: Post(one, []).press(WIDEST_KEYS, "1"),
    "04-spell-third": lambda one: Post(one, []).press(WIDEST_KEYS, "1", "1"),
    "04-spell-last": lambda one: Post(one, []).press("222126", "1", "1", "1"),
    "04-free": lambda one: Post(one).press("other"),
    "04-free-sign": lambda one: Post(one).press("other", "2"),
    "04-free-long": lambda one: Post(one).press("other", *"719171727191417"),
    "04-confirm": lambda one: Post(one, [], online=False).unbooked(),
    "05a-booked": lambda one: Post(one).stands(booked_at=TEN_THIRTY, window=WIDE),
    "05a-booked-late": lambda one: Post(one).stands(
        booked_at=TEN_TWENTY - timedelta(minutes=10), window=window(2, 9), place=2
    ),
    "05b-drop-in": lambda one: Post(one).stands(window=WIDE),
    "05b-drop-in-first": lambda one: Post(one).stands(place=1, window=window(20, 20)),
    "05d-parked": lambda one: Post(one).stands(state=State.PARKED, place=None),
    "05e-unknown-wait": lambda one: Post(one).stands(window=None),
    "05f-longer": lambda one: longer(Post(one), 40, 55, 0),
    "05f-longer-door": lambda one: longer(Post(one), 40, 55, 1),
    "05f-longer-doors": lambda one: longer(Post(one), 2, 9, 2),
    "05g-sign-out": lambda one: Post(one).stands(
        watch_sign=False, booked_at=TEN_THIRTY, window=WIDE
    ),
    "05g-sign-out-fetch": lambda one: fetched(Post(one)),
    "05h-also-elsewhere": lambda one: Post(one).stands(window=WIDE, elsewhere=NEXT_STATION),
    "06-again": lambda one: Post(one).stands(again=True, place=3, window=WIDE),
    "06-again-key-refused": lambda one: (
        Post(one).stands(again=True, place=3, window=WIDE).press("clear")
    ),
    "07-drive-in": lambda one: called(Post(one)),
    "07b-missed": lambda one: Post(one).stands(
        state=State.CALLED, place=None, door=None, missed_call_at=TEN_THIRTY
    ),
    "07b-back-in-line": lambda one: Post(one).stands(missed_call_at=TEN_THIRTY, window=WIDE),
    "07c-in-bay": lambda one: Post(one).stands(state=State.IN_BAY, place=None),
    "07d-not-in-line": lambda one: Post(one).stands(state=State.LEFT, place=None),
    "07e-cannot-tell": lambda one: Post(one).stands(state="repainted", place=None),
    "08-no-booking": lambda one: Post(one, []).unbooked(),
    "08b-elsewhere-day": lambda one: Post(one, []).unbooked().booked_elsewhere(ON_ANOTHER_DAY),
    "08b-elsewhere-station": lambda one: Post(one, []).unbooked().booked_elsewhere(NEXT_STATION),
    "09-saved-here": lambda one: Post(one).confirmed().saved().unreached(),
    "09-saved-no-clock": lambda one: Post(one).confirmed().saved(synced=False).unreached(),
    "09-not-taken": lambda one: not_taken(Post(one)),
    "09-unreached": lambda one: unreached(Post(one)),
    "09b-cannot-save": lambda one: Post(one).confirmed().not_saved(),
    "09b-out-of-order": lambda one: Post(one).told(Fault(Part.KEYPAD, True, "unplugged")),
    "10-help-calling": lambda one: Post(one).press("help"),
    "10-help-reached": lambda one: Post(one).helped(),
    "10-help-keeps-place": lambda one: Post(one).offered().helped(has_place=True),
    "10b-help-waiting": lambda one: Post(one).offered().helped(has_place=True).wait(120_000),
    "10b-help-waiting-left": lambda one: Post(one).by_door("left").helped().wait(120_000),
    "10b-help-waiting-ahead": lambda one: Post(one).by_door("ahead").helped().wait(120_000),
    "10b-help-cut-off": lambda one: Post(one).helped(lit=False).told(Link(False)).wait(120_000),
    "10c-help-unreached": lambda one: unheard(Post(one)),
    "11-help-coming": lambda one: Post(one).helped(acknowledged_by="Desk 1"),
    "12-held": lambda one: Post(one).stands(state="held", place=None),
    "12-closed": lambda one: Post(one).stands(state="held", place=None, opens_at=OPENS),
    "12-closed-at-idle": lambda one: Post(one).told(
        Expected(ExpectedPlates(BOOKED), "2026-11-23", opens_at=OPENS)
    ),
    "13-sent": lambda one: Post(one).confirmed(),
    "13-searching": lambda one: Post(one).confirmed().saved().wait(1_000),
    "14-note-too-short": lambda one: Post(one, []).press("2", "ok"),
    "14-note-too-long": lambda one: Post(one, ["QWERTYUIOP"]).press("79378984677"),
    "14-note-type-first": lambda one: Post(one).press("ok"),
    "14-note-not-here": lambda one: Post(one).press("clear"),
    "14-note-no-speech": lambda one: Post(one).press("speak"),
    "15-help-first": lambda one: failed_twice(Post(one, [])),
    "16-speaking-idle": lambda one: Post(one, speech=True).press("speak"),
    "16-speaking-answer": lambda one: (
        Post(one, speech=True).stands(window=WIDE, elsewhere=NEXT_STATION).press("speak")
    ),
    "16-speaking-and-note": lambda one: Post(one, speech=True).press("speak", "clear"),
    "17-code": lambda one: nobody(Post(one, online=False)),
    "17-code-full-pad": lambda one: nobody(Post(one, online=False, pad=Pad.FULL)).press("K7Q"),
    "17-code-key": lambda one: code(Post(one, online=False), "5277").press("7"),
    "17-code-whole": lambda one: code(Post(one, online=False), WHOLE),
    "17-code-trying": lambda one: code(Post(one, online=False), WHOLE).press("ok"),
    "17-code-refused": lambda one: code_failed(Post(one, online=False), Outcome.REFUSED),
    "17-code-too-many": lambda one: code_failed(Post(one, online=False), Outcome.TOO_MANY),
    "17-code-unreached": lambda one: code_failed(Post(one, online=False), Outcome.UNREACHED),
    "17-code-untrusted": lambda one: code_failed(Post(one, online=False), Outcome.UNTRUSTED),
    "17-code-fails": lambda one: code_failed(Post(one, online=False), Outcome.FAILS),
    "17-code-other-kind": lambda one: code_failed(Post(one, online=False), Outcome.OTHER_KIND),
    "17-code-note-short": lambda one: nobody(Post(one, online=False)).press("ok"),
    "17-code-note-sign": lambda one: nobody(Post(one, online=False)).press("0"),
    "17-code-note-whole": lambda one: code(Post(one, online=False), WHOLE).press("2"),
    "18-story-network": lambda one: told(Post(one, online=False), Step.NET, "no_link"),
    "18-story-ready": lambda one: told(Post(one), Step.READY),
}


# Each sign of a code: its key, then the number in front of the sign.
WHOLE = "5277723499338161"


def nobody(post: Post) -> Typist:
    """A post without a token and without a code on its card."""
    post.tell(WeAre(Who.NOBODY))
    return told(post, Step.ENROL, "no_code")


def code(post: Post, keys: str) -> Typist:
    return nobody(post).press(keys)


def code_failed(post: Post, outcome: Outcome) -> Typist:
    code(post, WHOLE).press("ok")
    post.tell(CodeTried(outcome, 15))
    return post


def told(post: Post, step: Step, fault: str = "") -> Typist:
    post.tell(StoryTold(Story(step, CODES[fault] if fault else None)))
    return post


def not_taken(post: Post) -> Typist:
    post.confirmed().saved()
    return post.told(NotTaken(post.ticket))


def unreached(post: Post) -> Typist:
    """Registered before, and central cannot be asked about it now."""
    return post.stands(booked_at=TEN_THIRTY).wait(21_000).press("ok").unreached()


def unheard(post: Post) -> Typist:
    post.press("help")
    post.told(HelpUnheard(post.help_number))
    return post.told(HallLamp(True))


def failed_twice(post: Post) -> Typist:
    return post.unbooked().press("clear", "6", "clear")


@cache
def gallery(language: str) -> dict[str, Screen]:
    """Each screen by the name of its picture."""
    return {name: reached(language).screen for name, reached in SCREENS.items()}
