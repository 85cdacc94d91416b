"""Typing on ten keys: one press for each sign, matched against today's list, always confirmed."""

import pytest

from tests.kiosk.typist import Typist

TODAY = ["ABC123", "DEF456", "MLB84O", "ÅKE777", "BIL", "EL12345"]


def test_an_expected_plate_is_offered_when_its_last_key_is_pressed() -> None:
    post = Typist(["ABC123"]).press("222123")
    assert post.screen.name == "offer"
    assert "ABC 123" in post.text
    assert "Is this your car?" in post.text
    assert post.saves == []


def test_ok_on_the_offer_saves_it() -> None:
    assert Typist(["ABC123"]).press("222123", "ok").saves == ["ABC 123"]


def test_seven_presses_are_enough_for_a_booked_car() -> None:
    post = Typist(TODAY)
    post.press("222123", "ok")
    assert post.saves == ["ABC 123"]


def test_a_long_beginning_of_one_expected_plate_is_offered_but_needs_ok() -> None:
    post = Typist(["ABC123", "DEF456"]).press("22212")
    assert post.screen.name == "offer"
    assert {plate.display for plate in post.screen.plates} == {"ABC 123"}
    assert post.saves == []
    assert post.press("ok").saves == ["ABC 123"]


def test_a_beginning_is_not_offered_while_it_fits_two() -> None:
    post = Typist(["ABC123", "ABC124"]).press("22212")
    assert post.screen.name == "typing"
    assert not post.screen.plates


def test_a_drop_in_who_shares_a_beginning_types_on_through_the_offer() -> None:
    post = Typist(["ABC123"]).press("22212")
    assert post.screen.name == "offer"
    post.press("9")
    assert post.screen.name == "spell"
    assert not post.screen.plates


def test_no_to_the_offer_asks_letter_by_letter() -> None:
    post = Typist(["ABC123"]).press("222123", "clear")
    assert post.screen.name == "spell"
    assert [str(choice.text) for choice in post.screen.choices] == ["A", "B", "C"]
    post.press("2", "1", "3", "3")  # B A C, and the figure 3
    assert {plate.display for plate in post.screen.plates} == {"BAC 123"}
    assert post.press("ok").saves == ["BAC 123"]


def test_two_cars_with_the_same_keys_are_told_apart_by_a_question_and_ok() -> None:
    post = Typist(["ABC123", "BAC123"]).press("222123")
    assert post.screen.name == "which"
    assert [str(choice.text) for choice in post.screen.choices] == [
        "ABC 123",
        "BAC 123",
        "None of them",
    ]
    post.press("2")
    assert post.saves == []
    assert post.screen.plate is not None
    assert post.press("ok").saves == ["BAC 123"]


def test_none_of_the_two_leads_to_the_letters() -> None:
    post = Typist(["ABC123", "BAC123"]).press("222123", "3")
    assert post.screen.name == "spell"


@pytest.mark.parametrize(
    ("keys", "plate"),
    [
        ("253777", "ÅKE 777"),  # Å stands behind A
        ("652840", "MLB840"),  # somebody takes the letter O for a figure
    ],
)
def test_letters_that_look_alike_are_matched_against_the_list(keys: str, plate: str) -> None:
    post = Typist(["ÅKE777", "MLB840"]).press(keys, "ok")
    assert [saved.replace(" ", "") for saved in post.saves] == [plate.replace(" ", "")]


def test_a_figure_zero_fits_a_personal_plate_with_the_letter() -> None:
    post = Typist(["BOSSE"]).press("20773")
    assert post.screen.plate is not None
    assert post.screen.plate.text == "BOSSE"


def test_zero_and_six_stay_apart_on_ordinary_plates() -> None:
    post = Typist(["ABC120", "ABC126"]).press("222126")
    assert post.screen.plate is not None
    assert post.screen.plate.text == "ABC126"


def test_a_longer_expected_plate_is_waited_for() -> None:
    post = Typist(TODAY).press("351234")
    assert post.screen.name == "offer"  # six of the seven keys of EL12345
    post.press("5")
    assert post.screen.plate is not None
    assert post.screen.plate.text == "EL12345"


def test_a_short_expected_plate_is_offered_and_can_be_typed_past() -> None:
    post = Typist(["BIL", "AGJ123"]).press("245")
    assert post.screen.plate is not None
    assert post.screen.plate.text == "BIL"
    post.press("123")
    assert post.screen.plate is not None
    assert post.screen.plate.text == "AGJ123"


def test_a_car_that_is_not_expected_is_asked_for_letter_by_letter_after_the_sixth_key() -> None:
    post = Typist([]).press("932456")
    assert post.screen.name == "spell"
    assert "Which is the first letter?" in post.text
    post.press("1")  # W
    assert "Which is the second letter?" in post.text
    post.press("2")  # E
    assert "Which is the third letter?" in post.text
    post.press("1")  # A
    assert "figure or a letter" in post.text
    post.press("6")  # the figure
    assert post.screen.name == "no_booking"
    assert "We find no booking for WEA 456 today." in post.text
    assert post.saves == []
    assert post.press("ok").saves == ["WEA 456"]


def test_letters_that_are_never_issued_are_not_offered() -> None:
    post = Typist([]).press("478123")
    assert [str(choice.text) for choice in post.screen.choices] == ["G", "H"]
    post.press("1")
    assert [str(choice.text) for choice in post.screen.choices] == ["P", "R", "S"]
    post.press("1")
    assert [str(choice.text) for choice in post.screen.choices] == ["T", "U"]


def test_the_last_place_may_be_a_letter_but_never_o() -> None:
    post = Typist([]).press("222126", "1", "1", "1")
    assert shown_choices(post) == "1 M, 2 N, 6 6"
    assert post.press("2", "ok").saves == ["AAA 12N"]


def shown_choices(post: Typist) -> str:
    return ", ".join(f"{choice.key} {choice.text}" for choice in post.screen.choices)


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("2", "1 A, 2 2, 3 B, 4 C"),
        ("3", "1 D, 2 E, 3 3, 4 F"),
        ("4", "1 G, 2 H, 4 4"),
        ("6", "1 M, 2 N, 6 6"),
        ("9", "1 W, 2 X, 3 Y, 4 Z, 9 9"),
    ],
)
def test_a_figure_is_always_chosen_by_its_own_key(key: str, choices: str) -> None:
    post = Typist([]).press(f"22212{key}", "1", "1", "1")
    assert shown_choices(post) == choices
    assert post.press(key, "ok").saves == [f"AAA 12{key}"]


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("2", "1 A, 2 2, 3 B, 4 C, 5 Å, 6 Ä, 7 Æ, 8 Č, 9 Ć"),
        ("3", "1 D, 2 E, 3 3, 4 F, 5 Đ"),
        ("6", "1 M, 2 N, 3 O, 4 Ö, 5 Ø, 6 6"),
        ("7", "1 P, 2 Q, 3 R, 4 S, 5 Š, 7 7"),
    ],
)
def test_so_it_is_where_letters_with_marks_are_among_the_choices(key: str, choices: str) -> None:
    assert shown_choices(Typist([]).press("other", key)) == choices


def test_a_plate_of_another_shape_is_asked_for_by_its_characters() -> None:
    assert "Which is character 1?" in Typist([]).press("other", "2").text


def test_figures_that_no_letter_shares_need_no_question() -> None:
    post = Typist([]).press("222121", "1", "1", "1")
    assert post.screen.name == "no_booking"


def test_the_other_key_gives_every_letter_for_the_same_presses() -> None:
    post = Typist([]).press("846123", "other")
    assert [str(choice.text) for choice in post.screen.choices] == list("TUVÜ8")
    post.press("3", "3", "2")  # V, I, N; the figure 1 has a key of its own
    post.press("2", "3", "ok")  # the figures 2 and 3 on keys that have letters too
    assert post.screen.name == "no_booking"
    assert {plate.text for plate in post.screen.plates} == {"VIN123"}


def test_a_foreign_plate_is_typed_with_two_keys_for_a_letter() -> None:
    post = Typist([]).press("other")
    assert post.screen.name == "free"
    post.press("2")
    assert [str(choice.text) for choice in post.screen.choices] == list("A2BCÅÄÆČĆ")
    post.press("5", "6", "1", "3", "3", "0", "1", "ok")  # Å, M, and the figure 3 by its own key
    assert {plate.text for plate in post.screen.plates} == {"ÅM301"}


def test_a_short_plate_is_finished_with_ok() -> None:
    post = Typist([]).press("22", "ok")
    assert post.screen.name == "spell"
    post.press("1", "3")
    assert {plate.text for plate in post.screen.plates} == {"AB"}


def test_one_sign_is_too_short_and_is_said_in_words() -> None:
    post = Typist([]).press("2", "ok")
    assert post.screen.note == "A plate has at least two characters."
    assert post.saves == []


def test_an_eleventh_sign_is_refused_in_words() -> None:
    post = Typist([]).press("other", *["1"] * 11)
    assert post.screen.note == "A plate has at most ten characters."


def test_the_other_key_pressed_twice_says_nothing_about_length() -> None:
    post = Typist([]).press("other", "other")
    assert post.screen.note == "That key does nothing here."


def test_ok_on_the_idle_screen_says_what_to_do_instead() -> None:
    post = Typist([]).press("ok")
    assert post.screen.note == "Type the number plate first."
    assert post.press("language", "ok").screen.note == "Skriv numret först."


def test_letters_that_are_not_among_the_choices_have_a_key() -> None:
    post = Typist([]).press("222123")
    assert "None of these: press ÅÄÖ." in post.text
    assert "Ingen av dem: tryck ÅÄÖ." in post.press("language").text


def test_clear_takes_the_last_sign_away_down_to_the_idle_screen() -> None:
    post = Typist([]).press("22", "clear")
    assert [cell.main for cell in post.screen.cells if cell.main] == ["ABC"]
    assert post.press("clear").screen.name == "idle"


def test_clear_while_spelling_asks_the_last_letter_again() -> None:
    post = Typist([]).press("222123", "1", "2", "clear")
    assert "second letter" in post.text
    post.press("clear")
    assert "first letter" in post.text
    assert post.press("clear").screen.name == "typing"


def test_change_on_the_last_question_goes_back_to_the_letters() -> None:
    post = Typist([]).press("222123", "1", "2", "3", "1", "clear")
    assert "figure or a letter" in post.text
    assert post.saves == []


def test_a_plate_is_confirmed_in_plain_words_when_the_list_is_old_or_central_away() -> None:
    post = Typist([], online=False).press("222123", "1", "2", "3", "1")
    assert post.screen.name == "confirm"
    assert "Is the number right?" in post.text
    old = Typist([]).wait(120_000).press("222123", "1", "2", "3", "1")
    assert old.screen.name == "confirm"


def test_a_plate_registered_here_is_known_when_it_is_typed_again() -> None:
    post = Typist([]).press("222123", "1", "2", "3", "3", "ok").saved()
    post.wait(30_000)
    assert post.screen.name == "idle"
    post.press("222123")
    assert post.screen.name == "offer"
    assert "ABC 123" in post.text


def test_a_key_that_does_nothing_says_so() -> None:
    post = Typist([]).press("clear")
    assert post.screen.note == "That key does nothing here."
    assert post.press("2").screen.note == ""


def test_what_stands_on_the_keys_is_shown_while_the_letter_is_not_settled() -> None:
    post = Typist([]).press("23")
    assert [(cell.main, cell.small) for cell in post.screen.cells[:2]] == [
        ("ABC", "2"),
        ("DEF", "3"),
    ]
    post.press("712")
    assert (post.screen.cells[3].main, post.screen.cells[4].main) == ("1", "2")
