"""Another day, another station, a closed one: told before somebody stands in the line for nothing."""

from datetime import timedelta

from contract.wire import Elsewhere
from kiosk.happenings import BookedElsewhere, DayOver, Expected, Remembered
from kiosk.matching import ExpectedPlates
from kiosk.typing_rules import LIST_FRESH_MS
from tests.kiosk.typist import TEN_THIRTY, Typist, standing

TOMORROW_9 = TEN_THIRTY + timedelta(days=1, hours=-1, minutes=-30)
TODAY = "2026-11-23"


def asked() -> Typist:
    """ABC 123, which is not on the list of the day, waits for its OK."""
    return Typist().press("222123", "1", "2", "3", "3")


def test_a_plate_without_a_booking_today_is_looked_up_elsewhere_once() -> None:
    post = asked()
    assert post.screen.name == "no_booking"
    assert post.wait(5_000).looked_elsewhere == ["ABC 123"]


def test_a_plate_that_is_expected_is_not() -> None:
    assert Typist(["ABC123"]).press("222123").looked_elsewhere == []


def test_nor_is_anything_asked_before_a_whole_plate_stands_on_the_screen() -> None:
    assert Typist().press("22212").looked_elsewhere == []


def test_nor_while_our_own_list_is_not_to_be_believed() -> None:
    assert Typist(online=False).press("222123", "1", "2", "3", "3").looked_elsewhere == []


def test_who_came_on_the_wrong_day_hears_it_before_joining() -> None:
    post = asked().booked_elsewhere(Elsewhere(slot_at=TOMORROW_9))
    assert post.screen.name == "elsewhere"
    assert post.text.splitlines() == [
        "ABC 123 is booked tomorrow at 9.00.",
        "Green = join today's queue.",
        "Yellow = change the number.",
        "? = talk to us.",
    ]
    assert post.saves == []
    assert post.press("ok").saves == ["ABC 123"]


def test_and_at_which_station() -> None:
    post = asked().booked_elsewhere(Elsewhere(slot_at=TOMORROW_9, station="Luleå"))
    assert "ABC 123 is booked tomorrow at 9.00 at the station Luleå." in post.text


def test_it_is_not_told_again_with_the_answer() -> None:
    post = asked().booked_elsewhere(Elsewhere(slot_at=TOMORROW_9)).press("ok").saved()
    post.answered(standing(elsewhere=Elsewhere(slot_at=TOMORROW_9)))
    assert post.screen.name == "place"
    assert "tomorrow" not in post.text


def test_without_another_booking_the_question_stays() -> None:
    assert asked().booked_elsewhere(None).screen.name == "no_booking"


def test_a_late_word_about_an_earlier_plate_changes_nothing() -> None:
    post = asked().press("cancel")
    post.booked_elsewhere(Elsewhere(slot_at=TOMORROW_9))
    assert post.screen.name == "idle"
    post.press("333456", "1", "1", "1", "6").tell(BookedElsewhere(1, Elsewhere(slot_at=TOMORROW_9)))
    assert "tomorrow" not in post.text


def test_clear_goes_back_to_the_number() -> None:
    post = asked().booked_elsewhere(Elsewhere(slot_at=TOMORROW_9)).press("clear")
    assert post.screen.name == "spell"


def closed(**words: object) -> Typist:
    post = Typist(**words)  # type: ignore[arg-type]
    post.tell(Expected(ExpectedPlates(["ABC123"]), TODAY, opens_at=TOMORROW_9))
    return post


def test_a_closed_station_says_so_before_anybody_types() -> None:
    post = closed()
    assert post.screen.name == "idle_closed"
    assert post.text.splitlines()[0] == "The station is closed. We open tomorrow at 9.00."


def test_and_takes_the_plate_all_the_same() -> None:
    assert closed().press("222123", "ok").saves == ["ABC 123"]


def test_it_is_said_only_while_central_says_it() -> None:
    post = closed()
    post.tell(Expected(ExpectedPlates(), TODAY))
    assert post.screen.name == "idle"
    assert closed().wait(LIST_FRESH_MS + 60_000).screen.name == "idle"


def test_after_a_start_without_contact_the_list_of_the_day_still_helps() -> None:
    post = Typist(online=False)
    post.tell(Remembered(ExpectedPlates(["ABC123"]), TODAY))
    post.press("222123")
    assert post.screen.name == "offer"


def test_but_it_knows_nothing_about_bookings() -> None:
    post = Typist(online=False)
    post.tell(Remembered(ExpectedPlates(["ABC123"]), TODAY))
    assert post.press("333456", "1", "1", "1", "6").screen.name == "confirm"


def test_a_list_that_central_just_sent_is_not_replaced_by_an_older_one() -> None:
    post = Typist(["ABC123"])
    post.tell(Remembered(ExpectedPlates(["DEF456"]), TODAY))
    assert post.press("222123").screen.name == "offer"


def test_when_the_day_is_over_its_plates_are_forgotten() -> None:
    post = Typist(["ABC123"]).registered().press("cancel")
    post.tell(DayOver())
    assert post.entry.expected.texts == ()
    assert post.entry.here == ()
    assert post.press("222123").screen.name == "spell"
