import random

import pytest

from contract.plate import Plate
from kiosk.keys import Key, Pad
from portvakt.bench import fleet, presses
from portvakt.bench.customer import Stuck
from portvakt.bench.presses import Tally, TrialPost, measure, one_day, slip_of, totals

ABC_123 = Plate.parse("ABC 123")


def test_a_short_run_keeps_every_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "EXPECTED_A_DAY", 20)
    figures = list(measure(200, lambda _: None))
    judged = {one.name: one.verdict for one in figures if one.target is not None}
    assert set(judged.values()) == {"kept"}
    assert len(judged) == 7
    assert any("foreign" in one.name and one.verdict == "stated" for one in figures)


def test_a_save_without_an_ok_that_showed_the_plate_is_counted() -> None:
    post = TrialPost(one_day(Pad.PHONE, [ABC_123]))
    for key in "222123":
        post.press(key)
    post.press(Key.OK)
    assert (post.saved, post.unconfirmed) == ([ABC_123], 0)

    class Blind(TrialPost):
        """Its screens show another plate than the one that it saves."""

        screen = TrialPost(one_day(Pad.PHONE, [])).screen

    blind = Blind(one_day(Pad.PHONE, [ABC_123]))
    for key in ("2", "2", "2", "1", "2", "3", Key.OK):
        blind.press(key)
    assert (blind.saved, blind.unconfirmed) == ([ABC_123], 1)


def test_nobody_who_is_stuck_or_gets_another_plate_is_forgotten() -> None:
    def another(post: TrialPost, _: Plate) -> int:
        post.saved.append(Plate.parse("DEF 456"))
        return 7

    def stuck(*_: object) -> int:
        raise Stuck("The screens led nowhere.")

    tally = Tally()
    for way in (another, stuck):
        tally.take(TrialPost(one_day(Pad.PHONE, [])), ABC_123, way)
    assert ["kept", "MISSED", "MISSED"] == [one.verdict for one in totals([tally])]
    assert {"kept"} == {one.verdict for one in totals([Tally(presses=[7])])}


@pytest.mark.parametrize("pad", Pad)
def test_a_wrong_key_is_one_beside_the_right_one(pad: Pad) -> None:
    slips = {(slip_of(ABC_123, pad, seen=True).key) for _ in range(3)}
    assert len(slips) == 1
    wrong = slip_of(ABC_123, pad, seen=False)
    assert wrong.key not in {ABC_123.text[wrong.place], Key.OK}
    assert len(wrong.key) == 1


def test_one_car_in_four_has_a_letter_at_the_end_and_none_that_is_not_issued() -> None:
    cars = [plate.text for plate in fleet.day(random.Random(1), 4_000)]
    assert 0.22 < sum(car[-1].isalpha() for car in cars) / len(cars) < 0.28
    assert not any(set(car[:3]) & set("IQV") for car in cars)
    assert not any(car[-1] in "IQVO" for car in cars)
    assert len(set(cars)) == len(cars)


def test_personal_and_foreign_plates_are_not_ordinary_ones_by_habit() -> None:
    chance = random.Random(2)
    personal = [fleet.personal(chance) for _ in range(500)]
    assert any("Ö" in plate.text for plate in personal)
    assert {len(plate.text) for plate in personal} >= set(range(2, 8))
    foreign = [fleet.foreign(chance) for _ in range(500)]
    assert sum(plate.is_ordinary_swedish for plate in foreign) < 250
