"""What runs here and how its last update went, in one sentence each."""

import json
from pathlib import Path

import pytest

from device.check import Verdict
from device.check_release import ReleasePlace, card_answer, release_answer, roles_here

RUNS = "26.11.5-1a2b3c4d"
NEXT = "26.11.6-5e6f7a8b"


@pytest.fixture
def place(tmp_path: Path) -> ReleasePlace:
    place = ReleasePlace(
        tmp_path / "current", tmp_path / "state", tmp_path / "run/portvakt-card/refused"
    )
    place.card.parent.mkdir(parents=True)
    place.current.mkdir()
    place.state.mkdir()
    (place.current / "release.json").write_text(json.dumps({"release": RUNS, "roles": ["sign"]}))
    return place


def note(place: ReleasePlace, name: str, **words: object) -> None:
    (place.state / name).write_text(json.dumps(words))


def test_a_release_that_stays_is_well(place: ReleasePlace) -> None:
    note(place, "last.json", phase="settled", about=RUNS, why="", at="2026-11-23T03:00:00Z")
    assert (Verdict.PASS, f"{RUNS} runs.") == (
        release_answer(place).verdict,
        release_answer(place).sentence,
    )
    assert ["sign"] == roles_here(place)


def test_a_release_on_trial_is_waited_for(place: ReleasePlace) -> None:
    note(place, "trial.json", release=RUNS, to=f"{RUNS}.sign", back_to="26.11.4.sign", boots=1)
    answer = release_answer(place)
    assert Verdict.WAIT is answer.verdict
    assert "26.11.4.sign is back" in answer.sentence
    assert "do not pull the plug" in answer.todo


@pytest.mark.parametrize("phase", ["rolled_back", "refused"])
def test_an_update_that_did_not_stay_says_why(place: ReleasePlace, phase: str) -> None:
    note(place, "last.json", phase=phase, about=NEXT, why="panel: it worked before", at="")
    answer = release_answer(place)
    assert Verdict.LOOK is answer.verdict
    assert NEXT in answer.sentence
    assert "panel: it worked before" in answer.sentence


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_machine_without_a_release_is_told(place: ReleasePlace, text: str | None) -> None:
    mark = place.current / "release.json"
    if text is None:
        mark.unlink()
    else:
        mark.write_text(text)
    assert Verdict.LOOK is release_answer(place).verdict
    assert [] == roles_here(place)


def test_a_card_that_was_refused_fails_with_its_own_sentence(place: ReleasePlace) -> None:
    assert Verdict.PASS is card_answer(place).verdict
    place.card.write_text("code.txt on the card is no one-time code.\n")
    lies = place.card.parents[2] / "boot/firmware/portvakt"
    lies.mkdir(parents=True)
    answer = card_answer(place)
    assert Verdict.FAIL is answer.verdict
    assert "code.txt on the card is no one-time code." in answer.sentence
    lies.rmdir()
    assert Verdict.PASS is card_answer(place).verdict, "somebody emptied it since"
