"""A post that is nobody yet asks for its code on its own keys, and no customer for a plate."""

import pytest

from device.boot_story import Step, Story
from device.fault_codes import CODES
from kiosk.becoming import CodeTried, StoryTold, TryCode, WeAre
from kiosk.enrolling import CODE_SIGNS, LEFT_AFTER_MS, MAY_YET, Enrolling, Outcome, Who
from kiosk.faults import Fault, Part
from kiosk.happenings import Refuse
from kiosk.keys import LETTERS_ON, Key, Pad
from tests.kiosk.typist import Typist

CUSTOMER = "Are you a customer? Walk in through the door on the right."
WHOLE = "5277723499338161"  # K7QF-93TM: each sign by its key, then the number in front of it


def nobody(**rules: object) -> Typist:
    post = Typist(online=False, **rules)  # type: ignore[arg-type]
    post.tell(WeAre(Who.NOBODY))
    return post


def shown_code(post: Typist) -> str:
    return "".join(cell.main or "_" for cell in post.screen.cells)


def tried(post: Typist) -> list[str]:
    return [deed.code for deed in post.deeds if isinstance(deed, TryCode)]


def keys_for(sign: str) -> str:
    """Find the two presses that give *sign*, as somebody who looks at the screen does."""
    key = next((k for k, on in LETTERS_ON.items() if sign in on), sign)
    post = nobody().press(key)
    return key + next(choice.key for choice in post.screen.choices if choice.text == sign)


def test_a_post_without_token_and_code_asks_for_a_code_and_tells_customers_where_to_go() -> None:
    post = nobody()

    assert post.screen.name == "enrol"
    assert "Type this machine's code" in post.text
    assert CUSTOMER in post.text
    assert shown_code(post) == "________"


@pytest.mark.parametrize("keys", [(), ("5",), ("52",), (WHOLE,), (WHOLE, "ok")])
@pytest.mark.parametrize("outcome", [None, *[one for one in Outcome if one]])
def test_a_customer_reads_on_every_such_screen_first_where_to_go(
    keys: tuple[str, ...], outcome: Outcome | None
) -> None:
    post = nobody().press(*keys)
    if outcome is not None:
        post.tell(CodeTried(outcome, 15))
    assert post.screen.lines[0] == (CUSTOMER,)


def test_a_code_is_typed_on_a_telephones_keys_and_sent_by_ok() -> None:
    post = nobody().press(WHOLE)
    assert shown_code(post) == "K7QF93TM"

    post.press("ok")
    assert tried(post) == ["K7QF-93TM"]
    assert "Registering this machine" in post.text


def test_a_code_is_typed_on_a_full_pad_and_sent_by_ok() -> None:
    post = nobody(pad=Pad.FULL).press("K7QF93TM", "ok")

    assert tried(post) == ["K7QF-93TM"]


@pytest.mark.parametrize("sign", CODE_SIGNS)
def test_every_sign_of_a_code_can_be_typed_on_both_pads(sign: str) -> None:
    assert shown_code(nobody().press(keys_for(sign))) == f"{sign}_______"
    assert shown_code(nobody(pad=Pad.FULL).press(sign)) == f"{sign}_______"


def test_central_makes_codes_of_the_same_signs() -> None:
    from central.devices import enrolment  # noqa: PLC0415 - the other side of the seam

    assert sorted(enrolment.ALPHABET) == sorted(CODE_SIGNS)
    assert len(enrolment.make_code()) == 9


@pytest.mark.parametrize(("pad", "keys"), [(Pad.PHONE, "01"), (Pad.FULL, "01IOÅØ")])
def test_signs_that_no_code_has_are_refused_by_tone_and_in_words(pad: Pad, keys: str) -> None:
    for key in keys:
        post = nobody(pad=pad).press(key)
        assert post.screen.note == "A code has no 0, 1, I or O."
        assert Refuse() in post.deeds
        assert shown_code(post) == "________"


def test_clear_takes_back_first_the_question_then_sign_by_sign() -> None:
    post = nobody().press("527")
    assert "Which character is it?" in post.text

    post.press("clear")
    assert shown_code(post) == "K_______"
    post.press("clear")
    assert shown_code(post) == "________"
    post.press("clear")
    assert post.screen.name == "enrol"


def test_cancel_starts_over() -> None:
    assert shown_code(nobody().press(WHOLE, "cancel")) == "________"


def test_ok_before_the_last_sign_says_how_many_there_are() -> None:
    post = nobody().press("52", "ok")

    assert post.screen.note == "A code has eight characters."
    assert tried(post) == []


def test_a_ninth_sign_is_refused() -> None:
    post = nobody().press(WHOLE, "5")

    assert post.screen.note == "The code is complete. Press OK."
    assert shown_code(post) == "K7QF93TM"


def test_while_the_code_is_tried_no_key_sends_it_twice() -> None:
    post = nobody().press(WHOLE, "ok", "ok", "5", "clear", "cancel")

    assert len(tried(post)) == 1
    assert "Registering" in post.text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.REFUSED, "wrong, used, or older than two days. Ask the office"),
        (Outcome.TOO_MANY, "Wait 15 minutes. Then press OK again."),
        (Outcome.UNREACHED, "Is the network cable plugged in"),
        (Outcome.UNTRUSTED, "Ask the office to look at the certificate"),
        (Outcome.FAILS, "Wait a minute. Then press OK again."),
        (Outcome.OTHER_KIND, "Ask the office for a code for a post"),
    ],
)
def test_each_failure_is_one_sentence_with_what_to_do(outcome: Outcome, words: str) -> None:
    post = nobody().press(WHOLE, "ok")
    post.tell(CodeTried(outcome, 15))

    assert words in post.text
    assert shown_code(post) == ("K7QF••••" if outcome in MAY_YET else "________")


def test_a_code_that_may_work_yet_is_sent_again_by_ok_alone() -> None:
    post = nobody().press(WHOLE, "ok")
    post.tell(CodeTried(Outcome.UNREACHED))
    post.press("ok")

    assert tried(post) == ["K7QF-93TM"] * 2


def test_a_code_that_was_sent_hides_its_second_half_whatever_is_pressed_next() -> None:
    post = nobody().press(WHOLE, "ok")
    assert shown_code(post) == "K7QF••••"
    post.tell(CodeTried(Outcome.UNREACHED))
    assert shown_code(post) == "K7QF••••"
    post.press("5")
    assert shown_code(post) == "K7QF••••"
    post.press("clear")
    assert shown_code(post) == "K7QF____"


def test_a_hidden_half_is_not_read_aloud_either() -> None:
    post = nobody(speech=True).press("speak", WHOLE, "ok")
    assert "Typed: K, 7, Q, F." in post.heard
    assert "•" not in post.heard


def test_the_next_sign_takes_the_failure_off_the_screen() -> None:
    post = nobody().press(WHOLE, "ok")
    post.tell(CodeTried(Outcome.REFUSED))
    post.press("52")

    assert "does not work" not in post.text


def test_a_code_on_the_card_that_was_refused_is_said_before_another_is_asked_for() -> None:
    post = Typist(online=False)
    post.tell(WeAre(Who.NOBODY, Outcome.REFUSED))

    assert "The code does not work" in post.text


def test_once_it_is_somebody_the_post_goes_on_to_its_usual_screen() -> None:
    post = nobody().press(WHOLE, "ok")
    post.tell(WeAre(Who.KNOWN))

    assert post.screen.name == "idle"
    assert post.entry.enrolling == Enrolling()
    post.press("222")
    assert post.screen.name == "typing"


def test_nothing_that_is_typed_for_a_code_becomes_a_plate() -> None:
    post = nobody().press(WHOLE, "ok")

    assert post.saves == []
    assert post.screen.plates == frozenset()
    assert post.looked_elsewhere == []


def test_the_help_key_calls_nobody_from_a_post_that_nobody_knows() -> None:
    """It would ring later at the board, as if a customer still stood there."""
    post = nobody().press("52")
    assert "help" not in {hint.key for hint in post.screen.hints}
    post.press("help")
    assert post.help_calls == []
    assert not post.screen.hall_lamp
    assert (post.screen.name, shown_code(post)) == ("enrol", "K_______")
    assert CUSTOMER in post.text


def test_the_language_key_changes_the_language_and_not_the_code() -> None:
    post = nobody().press("52", "language")

    assert "Skriv automatens kod" in post.text
    assert shown_code(post) == "K_______"


def test_a_code_that_was_left_half_typed_is_forgotten() -> None:
    post = nobody().press("52").wait(LEFT_AFTER_MS + 1_000)

    assert shown_code(post) == "________"


def test_keys_that_do_nothing_here_say_so() -> None:
    assert nobody().press(Key.OTHER).screen.note == "That key does nothing here."
    assert nobody().press("5", "9").screen.note == "That key does nothing here."


def test_a_customer_who_was_typing_when_the_token_went_is_not_interrupted() -> None:
    post = Typist().press("222")
    post.tell(WeAre(Who.NOBODY))

    assert post.screen.name == "typing"
    post.press("cancel")
    assert post.screen.name == "enrol"


def test_a_post_whose_keys_cannot_be_read_says_that_instead() -> None:
    post = nobody()
    post.tell(Fault(Part.KEYPAD, True, "unplugged"))

    assert post.screen.name == "out_of_order"


def test_a_code_is_in_no_text_that_a_log_could_hold() -> None:
    post = nobody().press(WHOLE, "ok")

    assert "K7QF" not in repr(post.entry.enrolling)
    assert "K7QF" not in repr([deed for deed in post.deeds if isinstance(deed, TryCode)])


def test_read_aloud_the_code_is_spelled() -> None:
    post = nobody(speech=True).press("52", "speak")

    assert "Typed: K." in post.heard


def test_the_story_stands_small_where_nobody_types_a_plate_and_nowhere_else() -> None:
    post = Typist()
    post.tell(StoryTold(Story(Step.NET, CODES["no_link"])))
    assert post.screen.story == "Network: E 21"
    post.press("222")
    assert post.screen.story == ""

    post.press("cancel")
    post.tell(StoryTold(Story(Step.READY)))
    assert post.screen.story == "Ready"
    post.tell(StoryTold(None))
    assert post.screen.story == ""
