"""A vehicle with an ordinary and a personal plate is one vehicle; two vehicles with one number are two."""

import pytest

from contract.transitions import Verb
from contract.wire import Standing
from tests.central.desk import another, booked, books, does, inspected
from tests.central.yards import PITEA, Station, local


@pytest.fixture
def two_plates(station: Station) -> Station:
    books(station, "R1", "ABC123", "2026-11-23 09:00", plate2="VOLVO")
    return station


def test_whichever_plate_is_typed_it_is_one_visit_with_its_booking(two_plates: Station) -> None:
    first = two_plates.comes("ABC 123")
    again = two_plates.comes("VOLVO", two_plates.other_post)
    told = two_plates.told_at_the_desk("ABC123")
    assert {first.visit} == {again.visit, told.visit}
    assert local("2026-11-23 09:00") == again.booked_at
    assert 1 == len(two_plates.waiting())


def test_the_other_plate_finds_the_booking_too(two_plates: Station) -> None:
    answer = two_plates.comes("VOLVO")
    row = two_plates.row("VOLVO")
    assert ("VOLVO", "VOLVO", "ABC123") == (answer.plate, row.plate, row.plate2)
    assert answer.visit == booked(two_plates)["R1"].visit
    assert 0 == two_plates.queue().expected_left


def test_the_keypad_expects_both_plates(two_plates: Station) -> None:
    assert {"ABC123", "VOLVO"} == set(two_plates.yard.expected(PITEA).plates)
    assert 1 == two_plates.queue().expected_left
    two_plates.comes("VOLVO")
    assert {"ABC123", "VOLVO"} == set(two_plates.yard.expected(PITEA).plates)


def test_a_post_is_not_told_the_plate_that_was_not_typed_there(two_plates: Station) -> None:
    two_plates.comes("ABC123")
    two_plates.calls("ABC123")
    answer = two_plates.comes("VOLVO", two_plates.other_post)
    assert ("called", "1", "VOLVO") == (answer.state, answer.door, answer.plate)
    assert "ABC123" not in str(answer)
    assert two_plates.yard.status(PITEA, two_plates.other_post, "ABC123") is None
    looked = two_plates.yard.status(PITEA, two_plates.other_post, "VOLVO")
    assert isinstance(looked, Standing)
    assert "VOLVO" == looked.plate


def test_the_sign_will_show_what_was_typed_last(two_plates: Station) -> None:
    """The post says: drive in when VOLVO shows."""
    two_plates.sign_1.wakes()
    two_plates.comes("ABC123")
    two_plates.comes("VOLVO")
    row = two_plates.row("VOLVO")
    assert ("ABC123", 2) == (row.plate2, row.version)
    two_plates.calls("VOLVO")
    assert "VOLVO" == two_plates.sign_1.lit()


def test_the_desk_does_not_change_what_the_sign_will_show(two_plates: Station) -> None:
    two_plates.comes("ABC123")
    two_plates.told_at_the_desk("VOLVO")
    assert "VOLVO" == two_plates.row("ABC123").plate2


def test_plates_that_a_later_booking_joins_are_one_visit_from_then_on(station: Station) -> None:
    first = station.comes("ABC123")
    books(station, "R1", "ABC123", "2026-11-23 11:00", plate2="VOLVO")
    assert first.visit == station.comes("VOLVO").visit


def test_a_booking_of_next_week_says_which_plates_belong_together(station: Station) -> None:
    books(station, "R1", "VOLVO", "2026-11-30 11:00", plate2="ABC123")
    assert station.comes("ABC123").visit == station.comes("VOLVO").visit


def test_the_earlier_time_counts_by_either_plate(two_plates: Station) -> None:
    early = two_plates.typed("VOLVO")
    two_plates.minutes(12)
    two_plates.comes("ABC123", two_plates.other_post)
    two_plates.deliver(early)
    assert [early.at] == [row.arrived_at for row in two_plates.queue().line]


def test_an_arrival_by_the_other_plate_from_before_the_end_is_only_noted(
    two_plates: Station,
) -> None:
    late = two_plates.typed("VOLVO")
    visit = inspected(two_plates, "ABC123")
    answer = two_plates.deliver(late)
    assert (visit, "done") == (answer.visit, answer.state)
    assert [] == two_plates.waiting()


def test_an_ended_visit_lets_both_plates_go(two_plates: Station) -> None:
    first = inspected(two_plates, "ABC123")
    two_plates.minutes(5)
    assert first != two_plates.comes("VOLVO").visit


def test_a_second_vehicle_with_the_same_number_stands_beside_the_first(station: Station) -> None:
    first = station.comes("ABC123")
    second, third = another(station, "ABC123"), another(station, "ABC123")
    assert 3 == len({first.visit, second.visit, third.visit})
    assert not second.again
    assert [0, 1, 2] == [row.twin for row in station.queue().line]
    assert "typed_again" not in station.happened()


def test_typing_the_number_again_finds_the_first_of_the_two(station: Station) -> None:
    first = station.comes("ABC123")
    another(station, "ABC123")
    assert first.visit == station.comes("ABC123").visit


def test_a_number_that_has_become_free_is_given_again(station: Station) -> None:
    first = station.comes("ABC123")
    second = another(station, "ABC123")
    does(station, Verb.LEAVE, first.visit)
    third = another(station, "ABC123")
    twins = {row.visit: row.twin for row in station.queue().line}
    assert {second.visit: 1, third.visit: 0} == twins


def test_another_vehicle_where_none_is_waiting_is_simply_a_visit(station: Station) -> None:
    answer = another(station, "ABC123")
    assert (0, False) == (station.row("ABC123").twin, answer.again)


def test_each_of_two_bookings_a_day_is_taken_by_the_nearest_visit(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 08:40")
    books(station, "R2", "ABC123", "2026-11-23 14:00", kind="recheck")
    inspected(station, "ABC123")
    station.minutes(5 * 60)
    assert local("2026-11-23 14:00") == station.comes("ABC123").booked_at
    rows = booked(station)
    assert rows["R1"].visit != rows["R2"].visit
    assert "recheck" == station.row("ABC123").kind


def test_removing_the_wrong_vehicle_leaves_the_slot_to_the_right_one(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00")
    wrong = station.comes("ABC123")
    does(station, Verb.REMOVE, wrong.visit, reason="a slip of the finger")
    assert ["ABC123"] == station.yard.expected(PITEA).plates
    station.minutes(1)
    right = station.comes("ABC123")
    assert (local("2026-11-23 09:00"), False) == (right.booked_at, right.again)
    assert right.visit == booked(station)["R1"].visit


def test_who_comes_back_by_the_other_plate_has_the_old_place(two_plates: Station) -> None:
    first = two_plates.comes("ABC123")
    two_plates.calls("ABC123")
    two_plates.does(Verb.NO_SHOW, "ABC123")
    two_plates.minutes(20)
    answer = two_plates.comes("VOLVO")
    assert (first.visit, True) == (answer.visit, answer.reopened)
    assert first.as_of == two_plates.row("VOLVO").arrived_at


@pytest.fixture
def dealer(station: Station) -> Station:
    """Two cars of one dealer, whose own plate stands in both bookings."""
    books(station, "R1", "ABC111", "2026-11-23 09:00", plate2="DEALER")
    books(station, "R2", "ABC222", "2026-11-23 09:10", plate2="DEALER")
    return station


def test_two_cars_whose_bookings_share_a_plate_are_two_visits(dealer: Station) -> None:
    first, second = dealer.comes("ABC111"), dealer.comes("ABC222")
    assert (False, 2) == (second.again, second.place)
    rows = {row.plate: row for row in dealer.queue().line}
    assert ("DEALER", None) == (rows["ABC111"].plate2, rows["ABC222"].plate2)
    assert [first.visit, second.visit] == [booked(dealer)[ref].visit for ref in ("R1", "R2")]
    assert first.visit == dealer.comes("DEALER").visit
    assert second.visit == dealer.comes("ABC222").visit


def test_the_end_of_a_visit_is_not_that_of_another_car_with_the_shared_plate(
    dealer: Station,
) -> None:
    late = dealer.typed("ABC222")
    first = inspected(dealer, "ABC111")
    answer = dealer.deliver(late)
    assert (False, 1) == (first == answer.visit, answer.place)
    assert "DEALER" == dealer.row("ABC222").plate2


@pytest.mark.parametrize("typed", ["ABC111", "DEALER"])
def test_who_comes_back_when_another_car_has_the_shared_plate_keeps_its_own(
    dealer: Station, typed: str
) -> None:
    first = dealer.comes("ABC111")
    does(dealer, Verb.LEAVE, first.visit)
    dealer.minutes(1)
    second = dealer.comes("ABC222")
    assert "DEALER" == dealer.row("ABC222").plate2
    back = dealer.comes(typed)
    assert back.visit == (first.visit if typed == "ABC111" else second.visit)
    assert (typed == "ABC111") == back.reopened


@pytest.mark.parametrize("at_the_desk", [True, False])
def test_who_was_known_by_the_shared_plate_comes_back_by_its_own(
    dealer: Station, at_the_desk: bool
) -> None:
    first = dealer.comes("DEALER")
    does(dealer, Verb.LEAVE, first.visit)
    dealer.minutes(1)
    dealer.comes("ABC222")
    back = dealer.told_at_the_desk("ABC111") if at_the_desk else dealer.comes("ABC111")
    assert (first.visit, True) == (back.visit, back.reopened)
    rows = {row.plate: row.plate2 for row in dealer.queue().line}
    assert {"ABC111": None, "ABC222": "DEALER"} == rows


def test_a_longer_plate_is_another_vehicle(two_plates: Station) -> None:
    two_plates.comes("ABC123")
    assert not two_plates.comes("VOLVO1").again
