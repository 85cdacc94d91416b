"""One after the other: nothing of the last customer reaches the next, and nobody is taken for another."""

from contract.wire import Elsewhere, HelpState
from kiosk.happenings import (
    AskHelp,
    Expected,
    HelpHeard,
    HelpKept,
    KeepAsking,
    Link,
    Save,
    Show,
    Tick,
)
from kiosk.helping import SHARED_FOR_MS
from kiosk.keys import Pad
from kiosk.matching import ExpectedPlates
from kiosk.screen import Lamp
from tests.kiosk.typist import TEN_TWENTY, Typist, standing, window

BOOKED = ["ABC123", "DEF456"]


def later(post: Typist, ms: int) -> Typist:
    """Hours in which nothing happens."""
    post.now_ms += ms
    post.tell(Tick())
    post.tell(Tick())
    return post


# -- calls for help --------------------------------------------------------------------------------


def test_a_call_that_was_seen_for_another_customer_is_not_this_ones() -> None:
    post = Typist(BOOKED).press("help").help_state(acknowledged_by="Desk 1")
    later(post, 3 * 3_600_000).press("help")
    assert post.screen.name == "help_calling"
    assert len(post.help_calls) == 2
    assert post.screen.hall_lamp


def test_an_old_call_that_nobody_has_seen_is_raised_again_for_the_next() -> None:
    post = Typist(BOOKED).press("help").help_state().press("cancel")
    later(post, SHARED_FOR_MS).press("help")
    assert post.screen.name == "help_calling"
    assert len(post.help_calls) == 2


def test_whoever_presses_right_after_somebody_else_is_found_by_the_same_colleague() -> None:
    post = Typist(BOOKED).press("help").help_state().press("cancel", "help")
    assert post.screen.name == "help_reached"
    assert len(post.help_calls) == 1


def test_pressing_again_keeps_a_call_from_being_given_up() -> None:
    post = Typist(BOOKED, online=False).press("help", "help")
    assert post.deeds[-1] == KeepAsking(post.help_number)


def test_after_a_restart_the_lamp_shines_on_for_whoever_waits() -> None:
    post = Typist(BOOKED)
    post.tell(HelpKept(-1))
    assert post.screen.name == "idle"
    assert post.screen.hall_lamp
    raised_at = TEN_TWENTY
    post.tell(HelpHeard(-1, HelpState(id="x", raised_at=raised_at)))
    assert post.screen.hall_lamp
    assert post.screen.lamp is Lamp.ON
    post.tell(HelpHeard(-1, HelpState(id="x", raised_at=raised_at, closed=True)))
    assert not post.screen.hall_lamp
    assert post.screen.lamp is Lamp.OFF


def fetched() -> Typist:
    """No sign can call ABC 123, so somebody must come for the car."""
    return Typist(BOOKED).registered(watch_sign=False)


def test_who_waits_to_be_fetched_can_call_for_help_as_well() -> None:
    post = fetched().help_state(acknowledged_by="Desk 1").press("help")
    assert post.screen.name == "help_calling"
    assert len(post.help_calls) == 2
    assert post.screen.hall_lamp


def test_a_call_to_fetch_that_staff_have_closed_is_not_raised_again() -> None:
    post = fetched().help_state(closed=True)
    for _ in range(3):
        post.wait(4_000).answered(standing(watch_sign=False))
    assert len([deed for deed in post.deeds if isinstance(deed, AskHelp)]) == 1
    assert "The sign is out of order." in post.text
    assert "come and get you" not in post.text


def test_nor_when_its_customer_looks_again() -> None:
    post = fetched().help_state(closed=True).wait(21_000).press("ok")
    post.answered(standing(watch_sign=False))
    assert len(post.help_calls) == 1


def test_signs_under_a_call_for_help_are_not_thrown_away_unasked() -> None:
    post = Typist(BOOKED).press("333", "help").help_state(acknowledged_by="Desk 1").wait(60_000)
    assert post.screen.name == "still_there"
    assert post.press("cancel").screen.lamp is Lamp.ON
    kept = Typist(BOOKED).press("333", "help").help_state(acknowledged_by="Desk 1").wait(60_000)
    assert kept.press("language").screen.cells[2].main == "DEF"


def test_an_answer_that_stood_behind_a_call_gets_its_time_again() -> None:
    post = Typist(BOOKED).registered().press("help").help_state().wait(25_000).press("ok")
    asked = len(post.asked)
    assert post.screen.name == "place"
    assert len(post.wait(100).asked) > asked, "it is asked afresh"
    post.answered(standing()).wait(10_000)
    assert post.screen.name == "place"


# -- answers ---------------------------------------------------------------------------------------


def test_a_place_from_a_line_that_is_cut_does_not_stay_however_often_ok_is_pressed() -> None:
    post = Typist(BOOKED).registered(window=window(15, 25))
    post.tell(Link(False))
    post.wait(15_000).press("ok").wait(15_000).press("ok")
    assert post.screen.name == "unreached"
    assert "ABC 123 is registered." in post.text
    assert "Your turn" not in post.text


def test_we_find_no_booking_is_not_said_once_the_list_has_the_plate() -> None:
    post = Typist().press("222123", "1", "2", "3", "3")
    assert post.screen.name == "no_booking"
    post.tell(Expected(ExpectedPlates(["ABC123"]), "2026-11-23"))
    assert post.screen.name == "confirm"


def test_nor_when_central_is_away() -> None:
    post = Typist().press("222123", "1", "2", "3", "3")
    post.tell(Link(False))
    assert post.screen.name == "confirm"


def test_cancel_after_ok_loses_no_answer() -> None:
    post = Typist(BOOKED).press("222123", "ok", "cancel").saved()
    assert post.screen.name == "idle"
    assert post.press("ok").asked == ["ABC 123"]
    assert post.answered(standing()).screen.name == "place"


def test_the_picture_comes_before_the_disk() -> None:
    post = Typist(BOOKED).press("222123")
    post.deeds.clear()
    post.press("ok")
    kinds = [type(deed) for deed in post.deeds]
    assert kinds.index(Show) < kinds.index(Save)


def test_a_key_that_does_nothing_while_we_search_says_so() -> None:
    post = Typist(BOOKED).press("222123", "ok", "7")
    assert post.screen.note == "That key does nothing here."
    assert post.screen.name == "sent"


def test_any_key_of_somebody_new_forgets_the_answer_before() -> None:
    for key in ("language", "speak", "clear", "help"):
        post = Typist(BOOKED, speech=True).registered().wait(20_100).press(key, "cancel", "ok")
        assert post.asked[-1:] != ["ABC 123"] or len(post.asked) < 6, key
        assert "ABC" not in post.text, key


def test_an_answer_comes_back_in_its_customers_language_and_voice() -> None:
    post = Typist(BOOKED, speech=True).press("language", "speak").registered()
    for _ in range(15):
        post.wait(4_000).answered(standing())
    assert post.screen.name == "idle"
    assert post.screen.language == "en"
    post.press("ok").answered(standing())
    assert post.screen.language == "sv"
    assert "A, B, C, 1, 2, 3" in post.heard


def test_another_language_or_the_voice_gives_the_whole_time_again() -> None:
    for key in ("language", "speak"):
        post = Typist(BOOKED, speech=True).registered().wait(19_000).press(key).wait(5_000)
        assert post.screen.name == "place", key
        helped = Typist(BOOKED, speech=True).press("help").help_state(acknowledged_by="Desk 1")
        assert helped.wait(59_000).press(key).wait(5_000).screen.name == "help_coming", key


def test_a_booking_that_came_under_the_finger_is_told_with_the_answer() -> None:
    tomorrow = Elsewhere(slot_at=TEN_TWENTY.replace(day=24))
    post = Typist().press("222123", "1", "2", "3", "3").booked_elsewhere(tomorrow)
    post.now_ms -= 1  # LOOK_MS passes before each press
    post.press("ok").saved().answered(standing(elsewhere=tomorrow))
    assert "ABC 123 is booked tomorrow" in post.text


# -- plates that are nearly others -----------------------------------------------------------------


def test_a_plate_that_begins_an_expected_one_can_be_registered() -> None:
    for pad, keys in ((Pad.FULL, "ABC12"), (Pad.PHONE, "22212")):
        post = Typist(["ABC123"], pad=pad).press(keys)
        assert post.screen.name == "offer"
        post.press("clear", "ok")
        while post.screen.name == "spell":
            settled = [cell.asked for cell in post.screen.cells].index(True)
            wanted = "ABC12"[settled]
            post.press(next(c.key for c in post.screen.choices if str(c.text) == wanted))
        assert {plate.text for plate in post.screen.plates} == {"ABC12"}, pad
        assert post.press("ok").saves == ["ABC12"]


def test_an_ordinary_plate_is_never_taken_for_a_longer_one_that_it_begins() -> None:
    full = Typist(["ABC1234"], pad=Pad.FULL).press("ABC123", "ok")
    assert {plate.text for plate in full.screen.plates} == {"ABC123"}
    phone = Typist(["ABC1234"]).press("222123", "ok")
    assert phone.saves == []
    assert phone.screen.name == "spell"


def test_a_seventh_sign_typed_straight_on_is_no_answer_to_a_question() -> None:
    post = Typist().press("3512345", "ok")
    assert post.screen.name == "spell"
    assert len(post.screen.cells) == 7
    quick = Typist().press("2223456")
    assert quick.screen.name == "typing"
    assert len([cell for cell in quick.screen.cells if cell.main]) == 7


def test_a_slow_seventh_sign_is_one_where_the_question_has_no_such_answer() -> None:
    post = Typist().press("222345")
    assert post.screen.name == "spell"
    assert post.press("7").screen.name == "typing"


def test_the_taxi_mark_is_no_part_of_the_number() -> None:
    for pad, keys in ((Pad.FULL, "ABC123T"), (Pad.PHONE, "2221238")):
        post = Typist(["ABC123"], pad=pad).press(keys)
        assert post.screen.plates == {next(iter(post.screen.plates))}
        assert {plate.text for plate in post.screen.plates} == {"ABC123"}, pad
        assert post.press("ok").saves == ["ABC 123"]


def test_a_question_between_two_cars_can_be_left_by_yellow_or_for_other_letters() -> None:
    post = Typist(["ABC123", "BAC123"]).press("222123")
    assert "clear" in [hint.key for hint in post.screen.hints]
    assert post.press("other").screen.name == "spell"
