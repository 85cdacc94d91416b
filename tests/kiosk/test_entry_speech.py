"""A post that is heard instead of seen: asked for by one key, stopped by any, silent for the next one."""

from itertools import pairwise

import pytest

from kiosk.faults import Fault, Part
from kiosk.happenings import Hush, Refuse, Say, Tick
from kiosk.texts import TEXTS
from tests.kiosk.typist import Typist, standing, window

BOOKED = ["ABC123", "DEF456"]


def listener(**words: object) -> Typist:
    return Typist(BOOKED, speech=True, **words).press("speak")  # type: ignore[arg-type]


def test_nothing_is_read_before_somebody_asks_for_it() -> None:
    post = Typist(BOOKED, speech=True).registered(window=window(15, 25))
    assert post.read == []


def test_one_key_reads_the_screen_and_says_how_to_hear_it_again() -> None:
    post = listener()
    assert post.heard.splitlines() == [
        "Reading aloud is on. Press the speech key again to hear it once more and change the volume.",
        "Type the number plate. Press OK.",
        "One press for each character.",
        "No booking? Type it anyway.",
        "Key question mark: Help: press ?",
        "Key language: Svenska",
    ]
    assert post.screen.speaking == "Reading aloud"


def test_an_entry_can_be_made_by_ear_alone() -> None:
    post = listener().press("222123")
    assert "A, B, C, 1, 2, 3." in post.heard
    assert "Is this your car?" in post.heard
    assert "Key OK: Green = yes." in post.heard
    post.press("ok").saved().answered(standing(window=window(15, 25)))
    assert "A, B, C, 1, 2, 3 is in the queue without a booking. You are number 4." in post.heard
    assert "Your turn: about 10.35–10.45 (in 15–25 minutes)." in post.heard


def test_each_typed_sign_is_heard() -> None:
    post = listener().press("2")
    assert post.heard.startswith("Typed: 2.")
    assert post.press("7").heard.startswith("Typed: 2, 7.")


def test_any_key_stops_the_voice_before_anything_else_is_read() -> None:
    post = listener()
    post.deeds.clear()
    post.press("2")
    kinds = [type(deed) for deed in post.deeds]
    assert kinds.index(Hush) < kinds.index(Say)


def test_the_same_key_reads_again_louder_and_after_the_loudest_quietly() -> None:
    post = listener().press("speak", "speak", "speak", "speak")
    assert [one.volume for one in post.read] == [1, 2, 3, 0, 1]
    first, *others = [one.text for one in post.read]
    assert all(one == others[0] and first.endswith(one) for one in others)


def test_a_refused_key_is_told_in_words() -> None:
    assert "Type the number plate first." in listener().press("ok").heard


def test_the_language_key_changes_the_voice_too() -> None:
    post = listener().press("language")
    assert post.read[-1].language == "sv"
    assert "Skriv registreringsnumret." in post.heard


def test_what_has_not_changed_is_not_read_twice() -> None:
    post = listener().press("2").wait(70_000)
    asked = [one.text for one in post.read if "Still there?" in one.text]
    assert len(asked) == 1, "the seconds that count down are not read"
    assert all(one != after for one, after in pairwise(one.text for one in post.read))


def test_an_answer_that_is_listened_to_stays_a_minute() -> None:
    post = listener().registered()
    for _ in range(14):
        post.wait(4_000).answered(standing())
    assert post.screen.name == "place"
    assert post.wait(4_100).screen.name == "idle"


def test_the_next_customer_finds_a_silent_post_at_the_first_volume() -> None:
    post = listener().press("speak").registered().press("cancel")
    assert post.deeds[-1] == Hush()
    before = len(post.read)
    post.press("222123")
    assert len(post.read) == before
    assert post.screen.speaking == ""
    assert post.press("speak").read[-1].volume == 1


def test_whoever_leaves_takes_the_voice_along() -> None:
    post = listener().wait(61_000)
    assert post.screen.speaking == ""
    assert isinstance(post.deeds[-1], Hush)
    assert not [deed for deed in post.tell(Tick()) if isinstance(deed, Say)]


def test_without_a_voice_the_key_gives_a_tone_and_says_so() -> None:
    post = Typist().press("speak")
    assert post.screen.note == "This machine cannot read aloud."
    assert Refuse() in post.deeds
    assert post.read == []


def test_while_nothing_can_be_heard_the_key_gives_a_tone_and_claims_nothing() -> None:
    post = Typist(BOOKED, speech=True)
    post.tell(Fault(Part.SPEECH, True, "the sound card is gone"))
    post.press("speak")
    assert post.screen.speaking == ""
    assert post.screen.note == "This machine cannot read aloud."
    assert Refuse() in post.deeds
    assert post.read == []
    post.tell(Fault(Part.SPEECH, False))
    assert post.press("speak").screen.speaking == "Reading aloud"


def test_a_voice_that_fails_while_it_reads_is_no_longer_claimed_and_comes_back_by_itself() -> None:
    post = listener().press("2")
    post.tell(Fault(Part.SPEECH, True, "the sound card is gone"))
    assert post.screen.speaking == ""
    assert post.screen.note == "This machine cannot read aloud."
    before = len(post.read)
    assert len(post.press("2").read) == before
    post.tell(Fault(Part.SPEECH, False))
    assert post.screen.speaking == "Reading aloud"
    assert "Typed: 2, 2." in post.heard


def test_a_language_without_a_voice_silences_no_other() -> None:
    post = Typist(BOOKED, speech=True)
    post.tell(Fault(Part.VOICE, True, "no voice for fi"))
    assert post.press("speak").screen.speaking == "Reading aloud"


@pytest.mark.parametrize("language", TEXTS)
def test_every_key_has_a_name_that_can_be_heard(language: str) -> None:
    post = Typist(BOOKED, speech=True, languages=(language,)).press("speak")
    for keys in (["222123"], ["clear"], ["other"], ["help"]):
        post.press(*keys)
    assert all(one.language == language for one in post.read)
