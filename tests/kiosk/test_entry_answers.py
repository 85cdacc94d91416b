"""What the post says after OK, and what it must be sure of to say it."""

from datetime import timedelta

import pytest

from contract.wire import Elsewhere, Longer, Standing, Window
from kiosk.happenings import NotTaken
from tests.kiosk.typist import TEN_THIRTY, TEN_TWENTY, Typist, standing, window

BOOKED = ["ABC123", "DEF456"]


def confirmed() -> Typist:
    return Typist(BOOKED).press("222123", "ok")


def test_nothing_is_claimed_before_the_disk_or_central_has_it() -> None:
    post = confirmed()
    assert post.screen.name == "sent"
    assert post.text.splitlines()[0] == "ABC 123"
    assert "saved" not in post.text
    assert "registered" not in post.text


def test_after_one_second_it_says_that_it_is_searching() -> None:
    post = confirmed().saved().wait(900)
    assert post.screen.name == "sent"
    assert "Searching" in post.wait(100).text


def test_after_three_seconds_it_answers_from_what_it_knows_itself() -> None:
    post = confirmed().saved().wait(2_900)
    assert post.screen.name == "searching"
    post.wait(100)
    assert post.screen.name == "saved_here"
    assert "ABC 123 is saved here at 10.32. We register you when we reach the queue." in post.text


def test_it_answers_at_once_when_central_cannot_be_reached() -> None:
    assert confirmed().saved().unreached().screen.name == "saved_here"


def test_it_never_says_saved_before_the_disk_has_it() -> None:
    post = confirmed().wait(5_000)
    assert post.screen.name == "searching"
    assert "saved" not in post.text


def test_nor_when_central_is_away_before_the_disk_has_answered() -> None:
    assert "saved" not in confirmed().unreached().text


def test_a_clock_that_is_not_set_gives_no_time() -> None:
    post = confirmed().saved(synced=False).unreached()
    assert "ABC 123 is saved here. We register you" in post.text
    assert "10.32" not in post.text


def test_the_place_is_not_promised_while_central_has_not_answered() -> None:
    assert "keep your place" not in confirmed().saved().unreached().text


def test_a_late_answer_replaces_saved_here() -> None:
    post = confirmed().saved().unreached().answered(standing(booked_at=TEN_THIRTY))
    assert "ABC 123 is registered. Your time is 10.30." in post.text


def test_when_the_disk_fails_it_sends_the_customer_in() -> None:
    post = confirmed().not_saved()
    assert post.screen.name == "cannot_save"
    assert "You are not registered." in post.text
    assert "door on the right" in post.text


def test_a_booked_car_hears_its_time_its_place_and_where_to_look() -> None:
    post = Typist(BOOKED).registered(booked_at=TEN_THIRTY, window=window(15, 25))
    assert post.text.splitlines()[:3] == [
        "ABC 123 is registered. Your time is 10.30.",
        "3 cars before you. Your turn: about 10.35–10.45 (in 15–25 minutes).",
        "Watch the sign above the doors. Drive in when ABC 123 is shown. You can wait in the car.",
    ]


def test_a_late_car_is_not_told_that_its_time_is_to_come() -> None:
    post = Typist(BOOKED).registered(booked_at=TEN_THIRTY, as_of=TEN_THIRTY + timedelta(minutes=20))
    assert "Your time was 10.30." in post.text


def test_a_drop_in_hears_its_number() -> None:
    post = Typist(BOOKED).registered()
    assert "ABC 123 is in the queue without a booking. You are number 4." in post.text


@pytest.mark.parametrize(
    ("place", "words"), [(1, "No car before you."), (2, "1 car before you."), (3, "2 cars before")]
)
def test_cars_are_counted_as_people_count(place: int, words: str) -> None:
    assert words in Typist(BOOKED).registered(place=place).text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (15, 25, "Your turn: about 10.35–10.45 (in 15–25 minutes)."),
        (13, 22, "Your turn: about 10.30–10.45 (in 10–25 minutes)."),  # outwards, never inwards
        (2, 9, "Your turn: by about 10.30."),
        (20, 20, "Your turn: about 10.40."),
        (0, 5, "Your turn: by about 10.25."),
    ],
)
def test_the_wait_is_a_window_rounded_outwards(low: int, high: int, words: str) -> None:
    assert words in Typist(BOOKED).registered(window=window(low, high)).text


def test_the_minutes_agree_with_the_clock_when_it_is_not_a_full_five() -> None:
    at = TEN_THIRTY + timedelta(minutes=3)
    told = Window(
        low_min=10,
        median_min=15,
        high_min=20,
        starts_at=TEN_THIRTY + timedelta(minutes=15),
        ends_at=TEN_THIRTY + timedelta(minutes=25),
    )
    post = Typist(BOOKED).registered(as_of=at, window=told)
    # 10.45 is in 12 minutes and 10.55 in 22.
    assert "Your turn: about 10.45–10.55 (in 10–25 minutes)." in post.text


def test_a_near_window_is_told_by_its_end_alone() -> None:
    at = TEN_THIRTY + timedelta(minutes=3)
    end = TEN_THIRTY + timedelta(minutes=10)
    told = Window(low_min=0, median_min=2, high_min=5, starts_at=TEN_THIRTY, ends_at=end)
    post = Typist(BOOKED).registered(as_of=at, window=told)
    assert "Your turn: by about 10.40." in post.text
    assert "inutes" not in post.text
    assert "Din tur: senast ungefär kl. 10.40." in post.press("language").text


def test_without_an_honest_window_the_post_says_that_nobody_knows() -> None:
    """Which window is too wide to help is central's to say, at one place."""
    post = Typist(BOOKED).registered(window=None)
    assert "We do not know how long it takes right now. You keep your place." in post.text


def missed(**changes: object) -> Standing:
    return standing("ABC 123", missed_call_at=TEN_TWENTY - timedelta(minutes=5), **changes)


def test_who_missed_the_call_is_told_so_and_not_sent_in() -> None:
    post = confirmed().saved().answered(missed(place=None, state="called", door="2"))
    assert post.screen.name == "missed"
    assert post.text.splitlines()[:2] == [
        "ABC 123 was called at 10.15. You are not forgotten.",
        "Press ? for a person.",
    ]
    assert "drive in" not in post.text


def test_a_no_show_who_is_in_no_line_hears_no_promise() -> None:
    for words in (standing(state="no_show", place=None), missed(state="no_show", place=None)):
        post = confirmed().saved().answered(words)
        assert post.screen.name == "not_in_line"
        assert "forgotten" not in post.text


def test_who_comes_back_after_a_missed_call_hears_the_place_again() -> None:
    post = confirmed().saved().answered(missed(place=2, reopened=True, window=window(15, 25)))
    assert post.screen.name == "back_in_line"
    assert post.text.splitlines()[:2] == [
        "ABC 123 was called at 10.15. You are not forgotten.",
        "1 car before you. Your turn: about 10.35–10.45 (in 15–25 minutes).",
    ]


@pytest.mark.parametrize(
    ("doors", "words"),
    [(0, "10.45–10.55."), (1, "10.45–10.55. One door is closed."), (2, "2 doors are closed.")],
)
def test_a_wait_that_grew_is_owned_up_to_with_its_reason(doors: int, words: str) -> None:
    longer = Longer(said_ends_at=TEN_THIRTY, doors_closed=doors)
    post = confirmed().saved().answered(standing(window=window(25, 35), longer=longer))
    assert "It takes longer than we said: now about 10.45–10.55." in post.text
    assert words in post.text
    assert "Your turn" not in post.text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (2, 9, "now by about 10.30."),
        (10, 10, "now about 10.30."),
        (8, 13, "now about 10.25–10.35."),
    ],
)
def test_it_is_rounded_as_the_first_one_was(low: int, high: int, words: str) -> None:
    longer = Longer(said_ends_at=TEN_TWENTY)
    post = confirmed().saved().answered(standing(window=window(low, high), longer=longer))
    assert f"It takes longer than we said: {words}" in post.text


def test_a_wait_that_nobody_knows_any_more_is_not_called_longer() -> None:
    longer = Longer(said_ends_at=TEN_THIRTY, doors_closed=1)
    post = confirmed().saved().answered(standing(window=None, longer=longer))
    assert "We do not know how long it takes right now. You keep your place." in post.text
    assert "longer" not in post.text


def test_a_second_entry_keeps_the_place() -> None:
    post = Typist(BOOKED).registered(again=True, place=3)
    assert post.screen.name == "again"
    assert "ABC 123 is already registered. You still have your place." in post.text
    assert "2 cars before you." in post.text


def test_drive_in_is_said_from_a_fresh_answer() -> None:
    post = Typist(BOOKED).registered(state="called", place=None, door="2")
    assert post.text.splitlines()[0] == "ABC 123: drive in at door 2 now."


def test_drive_in_goes_when_the_answer_is_five_seconds_old() -> None:
    post = Typist(BOOKED).registered(state="called", place=None, door="2").wait(4_900)
    assert post.screen.name == "drive_in"
    post.wait(100)
    assert post.screen.name == "unreached"
    assert "door 2" not in post.text


def test_drive_in_is_never_said_from_an_answer_that_came_late() -> None:
    post = confirmed().saved()
    post.answered(standing(state="called", place=None, door="2"), after_ms=5_000)
    assert post.screen.name == "unreached"


def test_while_an_answer_stands_the_post_asks_again_and_shows_the_door() -> None:
    post = Typist(BOOKED).registered().wait(4_000)
    assert post.asked == ["ABC 123"]
    post.answered(standing(state="called", place=None, door="2"))
    assert "drive in at door 2" in post.text


def test_a_door_is_asked_about_often_enough_to_stay_fresh() -> None:
    post = Typist(BOOKED).registered(state="called", place=None, door="2").wait(2_000)
    assert post.asked == ["ABC 123"]


def test_asking_again_does_not_make_it_a_second_entry() -> None:
    post = Typist(BOOKED).registered().answered(standing(again=True, place=3))
    assert post.screen.name == "place"


def test_an_answer_that_was_overtaken_is_dropped() -> None:
    post = Typist(BOOKED).registered().wait(1_000)
    post.answered(standing(place=2)).answered(standing(place=3), after_ms=500)
    assert "You are number 2." in post.text


def test_watch_the_sign_is_said_only_while_the_sign_is_well() -> None:
    post = Typist(BOOKED).registered(watch_sign=False)
    assert "Watch the sign" not in post.text
    assert "The sign is out of order." in post.text


def test_a_dead_sign_raises_help_once_and_promises_a_person_only_when_the_board_has_it() -> None:
    post = Typist(BOOKED).registered(watch_sign=False)
    assert [str(plate and plate.display) for plate in post.help_calls] == ["ABC 123"]
    assert "come and get you" not in post.text
    post.help_state(has_place=True)
    assert "We will come and get you." in post.text
    post.wait(2_000).answered(standing(watch_sign=False))
    assert len(post.help_calls) == 1


def test_a_car_that_is_inside_already_is_sent_to_a_person() -> None:
    post = Typist(BOOKED).registered(state="in_bay", place=None)
    assert "ABC 123 is already inside with us. Is that wrong? Press ?" in post.text


def test_a_closed_station_says_when_it_opens_and_that_nobody_is_in_the_queue_yet() -> None:
    post = Typist(BOOKED).registered(
        state="held", visit="", place=None, opens_at=TEN_THIRTY + timedelta(days=1)
    )
    assert post.screen.name == "closed"
    assert post.text.splitlines()[:3] == [
        "The station is closed. We open tomorrow at 10.30.",
        "ABC 123 is not in the queue yet.",
        "When we have opened, the staff will see that you have been here.",
    ]
    assert "registered" not in post.text
    assert "Vi öppnar i morgon kl. 10.30." in post.press("language").text


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today at 10.30"), (3, "on Thursday at 10.30"), (6, "on Sunday"), (7, "in 7 days at")],
)
def test_a_day_to_come_is_told_so_that_there_is_only_one_such_day(days: int, words: str) -> None:
    opens_at = TEN_THIRTY + timedelta(days=days)
    assert words in Typist(BOOKED).registered(state="held", place=None, opens_at=opens_at).text


def test_an_arrival_that_is_held_is_left_to_the_staff() -> None:
    post = Typist(BOOKED).registered(state="held", visit="", place=None)
    assert post.screen.name == "held"
    assert "ABC 123 is not in the queue yet." in post.text
    assert "The staff must look at it first." in post.text
    assert post.help_calls == []


def test_what_was_held_is_never_called_registered_afterwards() -> None:
    post = Typist(BOOKED).registered(state="held", visit="", place=None).wait(20_000)
    post.press("ok").unreached()
    assert post.screen.name == "unreached"
    assert "registered" not in post.text


@pytest.mark.parametrize("state", ["dismissed", "done", "left"])
def test_who_is_in_no_line_is_told_so(state: str) -> None:
    post = Typist(BOOKED).registered(state=state, visit="", place=None)
    assert "ABC 123 is not in the queue now. Is that wrong? Press ?" in post.text


def test_a_word_of_a_newer_central_claims_nothing() -> None:
    post = Typist(BOOKED).registered(state="translated", place=None)
    assert post.screen.name == "cannot_tell"
    assert "ABC 123: we cannot show here how things stand. Press ?" in post.text
    assert "registered" not in post.text


def test_a_booking_for_another_day_is_told_beside_the_place() -> None:
    elsewhere = Elsewhere(slot_at=TEN_THIRTY + timedelta(days=1), station="Luleå")
    post = Typist(BOOKED).registered(elsewhere=elsewhere, window=window(15, 25))
    assert "ABC 123 is booked tomorrow at 10.30 at the station Luleå." in post.text
    assert "You are number 4." in post.text
    assert len(post.screen.lines) <= 5


def test_a_booking_that_was_missed_is_not_held_against_anybody() -> None:
    missed = Elsewhere(slot_at=TEN_THIRTY - timedelta(days=1))
    assert "booked" not in Typist(BOOKED).registered(elsewhere=missed).text


def test_an_arrival_that_central_will_not_take_is_not_called_registered() -> None:
    post = confirmed().saved()
    post.tell(NotTaken(post.ticket))
    assert "the queue did not take it. You are not registered." in post.text


def test_the_answer_stays_twenty_seconds() -> None:
    post = Typist(BOOKED).registered().wait(19_900)
    assert post.screen.name == "place"
    assert post.wait(100).screen.name == "idle"


def test_ok_brings_the_answer_back_asked_afresh() -> None:
    post = Typist(BOOKED).registered().wait(20_000)
    assert not post.screen.plates
    before = len(post.asked)
    post.press("ok")
    assert post.screen.name == "sent"
    assert len(post.asked) == before + 1
    assert "You are number 2." in post.answered(standing(place=2)).text


def test_an_answer_that_comes_back_without_central_says_only_what_is_sure() -> None:
    post = Typist(BOOKED).registered().wait(20_000).press("ok").unreached()
    assert "We cannot reach the queue right now. ABC 123 is registered." in post.text


def test_after_a_minute_the_answer_does_not_come_back() -> None:
    post = Typist(BOOKED).registered().wait(20_000 + 60_000).press("ok")
    assert post.screen.name == "idle"
    assert not post.screen.plates


@pytest.mark.parametrize("first", ["cancel", "3"])
def test_the_next_customer_cannot_bring_it_back(first: str) -> None:
    post = Typist(BOOKED).registered().wait(20_000).press(first)
    post.press("cancel", "ok")
    assert post.screen.name == "idle"
    assert not post.screen.plates


def test_a_second_ok_does_not_lose_the_answer() -> None:
    post = confirmed().press("ok").saved().answered(standing())
    assert post.screen.name == "place"
    assert post.saves == ["ABC 123"]


def test_typing_over_an_answer_starts_a_new_customer() -> None:
    post = Typist(BOOKED).registered().press("3")
    assert post.screen.name == "typing"
    assert not post.screen.plates


def test_news_about_an_earlier_customer_changes_nothing() -> None:
    post = Typist(BOOKED).registered().press("cancel").press("333")
    before = post.screen
    post.answered(standing(place=1))
    assert post.screen == before
