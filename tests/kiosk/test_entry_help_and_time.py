"""Help on every screen, languages, and a post that waits for slow hands and then forgets."""

import pytest

from kiosk.happenings import HallLamp, HelpUnheard, Link
from kiosk.screen import Lamp
from tests.kiosk.typist import Typist

BOOKED = ["ABC123", "DEF456"]


def test_help_is_not_claimed_before_the_board_has_it() -> None:
    post = Typist(BOOKED).press("help")
    assert post.text == "Calling for help …"
    assert post.screen.lamp is Lamp.TRYING


def test_help_that_the_board_has_is_said_with_its_time() -> None:
    post = Typist(BOOKED).press("help").help_state()
    assert post.text == (
        "Your signal reached us at 10.32.\n"
        "You can wait here or in the car. We know that it is this post."
    )
    assert post.screen.lamp is Lamp.ON


def test_the_place_is_promised_only_with_an_open_visit() -> None:
    assert "You keep your place." not in Typist().press("help").help_state().text
    assert "You keep your place." in Typist().press("help").help_state(has_place=True).text


def test_the_lamp_in_the_hall_is_not_claimed_without_a_sense_input() -> None:
    assert "lamp" not in Typist().press("help").help_state(has_place=True).text


def test_the_lamp_in_the_hall_is_claimed_only_while_its_own_circuit_says_so() -> None:
    post = Typist().press("help").help_state()
    post.tell(HallLamp(True))
    assert "The lamp in the hall is on." in post.text
    post.wait(120_000)
    assert "The lamp in the hall is still on." in post.text
    post.tell(HallLamp(False))
    assert "lamp" not in post.text


def test_the_lamp_shines_at_once_without_any_network_until_somebody_has_seen_it() -> None:
    post = Typist(online=False).press("help")
    assert post.screen.hall_lamp
    post.tell(HallLamp(True))
    assert post.wait(3_000).text == (
        "We cannot get through.\nThe lamp in the hall is on.\nPlease walk in through the door on the right."
    )
    assert not post.help_state(acknowledged_by="Desk 1").screen.hall_lamp


def test_the_lamp_goes_out_when_nobody_tries_any_more() -> None:
    post = Typist(online=False).press("help")
    post.tell(HelpUnheard(post.help_number, gave_up=True))
    assert not post.screen.hall_lamp


def test_help_that_does_not_get_through_sends_the_customer_to_the_door() -> None:
    post = Typist().press("help").wait(3_000)
    assert post.text == "We cannot get through.\nPlease walk in through the door on the right."
    assert post.screen.lamp is Lamp.TRYING
    assert Typist().press("help").screen.name == "help_calling"


def test_help_that_failed_at_once_is_said_at_once_and_may_still_arrive() -> None:
    post = Typist().press("help")
    post.tell(HelpUnheard(post.help_number))
    assert post.screen.name == "help_unreached"
    assert post.help_state().screen.name == "help_reached"


def test_after_two_minutes_without_an_answer_it_says_so() -> None:
    post = Typist().press("help").help_state().wait(119_900)
    assert post.screen.name == "help_reached"
    post.wait(100)
    assert "Nobody has answered yet." in post.text
    assert "door on the right" in post.text


def test_cut_off_it_does_not_claim_that_nobody_has_answered() -> None:
    post = Typist().press("help").help_state()
    post.tell(Link(False))
    post.wait(120_000)
    assert "Nobody has answered" not in post.text
    assert "door on the right" in post.text


def test_a_colleague_has_seen_it_only_after_a_person_pressed() -> None:
    post = Typist().press("help").help_state().wait(100_000)
    assert "colleague" not in post.text
    post.help_state(acknowledged_by="Desk 1")
    assert post.text == "A colleague has seen you and is coming out."


def test_closed_help_leaves_the_screen_and_the_lamp() -> None:
    post = Typist().press("help").help_state(acknowledged_by="Desk 1").help_state(closed=True)
    assert post.screen.name == "idle"
    assert post.screen.lamp is Lamp.OFF


def test_the_plate_on_the_screen_goes_with_the_call() -> None:
    post = Typist(BOOKED).registered().press("help")
    assert [plate and plate.display for plate in post.help_calls] == ["ABC 123"]


def test_a_plate_that_is_only_guessed_at_does_not_go_with_the_call() -> None:
    assert Typist(BOOKED).press("22212", "help").help_calls == [None]


def test_pressing_help_again_shows_the_same_call_until_it_is_closed() -> None:
    post = Typist().press("help", "cancel", "help")
    assert post.screen.name == "help_calling"
    post.help_state().press("cancel").wait(90_000).press("help")
    assert post.screen.name == "help_reached"
    post.help_state(acknowledged_by="Desk 1").press("cancel").wait(90_000).press("help")
    assert post.screen.name == "help_coming"
    assert len(post.help_calls) == 1
    post.help_state(closed=True).press("help")
    assert post.screen.name == "help_calling"
    assert len(post.help_calls) == 2


def test_a_place_is_promised_only_to_the_car_that_the_call_was_raised_with() -> None:
    post = Typist(BOOKED).registered().press("help").help_state(has_place=True)
    assert "You keep your place." in post.text
    post.press("ok", "cancel", "help")
    assert len(post.help_calls) == 1
    assert "You keep your place." not in post.text


def test_another_car_is_another_call() -> None:
    post = Typist(BOOKED).registered().press("help").help_state(acknowledged_by="Desk 1")
    post.press("ok", "cancel").registered("DEF 456").press("help")
    assert [plate and plate.display for plate in post.help_calls] == ["ABC 123", "DEF 456"]


def test_a_car_that_will_be_fetched_does_not_keep_the_next_customer_from_calling() -> None:
    post = Typist(BOOKED).registered(watch_sign=False).help_state().press("cancel", "help")
    assert [plate and plate.display for plate in post.help_calls] == ["ABC 123", None]


def test_after_help_the_typed_signs_are_still_there() -> None:
    post = Typist().press("2221", "help", "clear")
    assert [cell.main for cell in post.screen.cells[:4]] == ["ABC", "ABC", "ABC", "1"]


def test_ok_on_the_help_screen_confirms_nothing() -> None:
    post = Typist(BOOKED).press("222123", "help", "ok")
    assert post.saves == []
    assert post.press("ok").saves == ["ABC 123"]


def test_a_figure_types_straight_through_the_help_screen() -> None:
    post = Typist().press("help", "2")
    assert post.screen.name == "typing"


def test_somebody_seen_by_a_colleague_is_left_alone_after_a_minute() -> None:
    post = Typist().press("help").help_state(acknowledged_by="Desk 1").wait(60_000)
    assert post.screen.name == "idle"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["22"],
        ["22212"],
        ["222123"],
        ["777777"],
        ["777777", "1", "1", "1", "1"],
        ["other"],
        ["222123", "ok"],
        ["help"],
    ],
)
def test_help_is_one_key_away(keys: list[str]) -> None:
    assert Typist(BOOKED).press(*keys, "help").screen.name.startswith("help")


def test_help_is_one_key_away_from_still_there() -> None:
    assert Typist().press("22").wait(60_000).press("help").screen.name == "help_calling"


def test_after_a_minute_without_a_key_it_asks_whether_somebody_is_there() -> None:
    post = Typist().press("22").wait(59_900)
    assert post.screen.name == "typing"
    post.wait(100)
    assert post.text == "Still there? Press any key.\nOtherwise we start over in 30 seconds."
    post.wait(10_000)
    assert "in 20 seconds" in post.text
    post.wait(19_000)
    assert "Otherwise we start over in 1 second." in post.text
    assert (
        "Annars börjar vi om om 1 sekund."
        in Typist(languages=("sv",)).press("22").wait(89_000).text
    )


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        (["22"], "ABC ABC"),
        (["222123"], "ABC ABC ABC 1 2 3"),
        (["333456", "clear", "1"], "D DEF DEF 4 5 6"),
        (["333456", "clear", "1", "2", "3", "6"], "D E F 4 5 6"),
    ],
)
def test_what_was_typed_stays_on_the_screen_while_it_asks(keys: list[str], typed: str) -> None:
    post = Typist(BOOKED).press(*keys).wait(60_000)
    assert post.screen.name == "still_there"
    assert " ".join(cell.main for cell in post.screen.cells).strip() == typed


def test_any_key_keeps_what_was_typed_and_does_nothing_else() -> None:
    post = Typist().press("22").wait(60_000).press("3")
    assert [cell.main for cell in post.screen.cells if cell.main] == ["ABC", "ABC"]


def test_thirty_seconds_later_it_starts_over() -> None:
    post = Typist().press("22").wait(90_000)
    assert post.screen.name == "idle"


def test_an_idle_post_asks_nobody() -> None:
    assert Typist().wait(200_000).screen.name == "idle"


def test_the_language_key_changes_every_screen_and_goes_back_for_the_next_customer() -> None:
    post = Typist(BOOKED).press("language")
    assert "Skriv registreringsnumret. Tryck på OK." in post.text
    post.registered()
    assert "ABC 123 står i kön utan bokning. Du har plats 4." in post.text
    post.press("cancel")
    assert "Type the number plate. Press OK." in post.text


def test_the_language_key_works_on_an_answer_and_on_help() -> None:
    post = Typist(BOOKED).registered().press("language")
    assert "Du har plats 4." in post.text
    assert "Vi ropar på hjälp" in post.press("help").text
    assert "Calling for help" in post.press("language").text


def test_starting_over_while_typing_keeps_the_language() -> None:
    assert "Skriv" in Typist().press("language", "22", "cancel").text


def test_a_language_chosen_and_left_goes_back_after_a_minute() -> None:
    assert "Type the number plate" in Typist().press("language").wait(60_000).text


def test_cancel_starts_over_and_leaves_nothing() -> None:
    post = Typist(BOOKED).press("222123", "cancel")
    assert post.screen.name == "idle"
    assert not post.screen.plates


def test_after_two_failed_tries_help_is_offered_first() -> None:
    post = Typist(BOOKED).press("222123", "clear")
    assert "Do you need help?" not in post.text
    assert failed_twice().text.splitlines()[0] == "Do you need help? Press ?"


def failed_twice() -> Typist:
    """Say no to the offer, spell, and change what was spelled."""
    return Typist(BOOKED).press("222123", "clear", "1", "1", "1", "3", "clear")


def test_the_next_customer_on_a_blank_plate_has_not_failed_yet() -> None:
    asked = "Do you need help?"
    assert asked not in failed_twice().press("cancel").text
    assert asked not in failed_twice().press("cancel", "2").text
    assert asked not in failed_twice().wait(90_000).press("2").text
    emptied = failed_twice().press(*["clear"] * 9)
    assert emptied.screen.name == "idle"
    assert asked not in emptied.text
    assert asked not in emptied.press("2").text


def test_a_success_forgets_the_failed_tries() -> None:
    post = failed_twice().press("3", "ok").saved()
    assert "Do you need help?" not in post.press("cancel").text
    assert "Do you need help?" not in post.press("2").text
