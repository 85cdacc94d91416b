"""Promises that no order of keys, answers and pauses may break."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.plate import Plate
from kiosk.happenings import HelpUnheard, Link, NotTaken, Save
from kiosk.keys import Key, Pad
from portvakt.bench.customer import give_plate, spell_plate
from tests.kiosk.typist import Typist, Unhurried, standing

TODAY = ["ABC123", "BAC123", "DEF456", "BIL", "EL12345", "ABC12A"]
STATES = ["waiting", "called", "in_bay", "done", "no_show", "held", "translated"]

phone_keys = st.sampled_from([*"2222223331123456", *Key])
full_keys = st.sampled_from([*"ABC123DEF456", *Key])
pauses = st.sampled_from([100, 1_000, 3_000, 20_000, 61_000, 95_000])
others = st.sampled_from(["saved", "not_saved", "unreached", "refused", "down", "heard", "unheard"])
answers = st.tuples(st.sampled_from(STATES), st.booleans(), st.integers(0, 6_000))


def _happens(post: Typist, what: object) -> None:
    """Let one thing happen that is not a key."""
    asked = any(isinstance(deed, Save) for deed in post.deeds)
    if isinstance(what, int):
        post.wait(what)
    elif isinstance(what, tuple) and asked:
        state, well, age_ms = what
        post.answered(standing(state=state, watch_sign=well, door="2"), after_ms=age_ms)
    elif what == "down":
        post.tell(Link(False))
    elif what in {"heard", "unheard"} and post.help_calls:
        post.help_state() if what == "heard" else post.tell(HelpUnheard(post.help_number))
    elif asked and what in {"saved", "not_saved", "unreached"}:
        getattr(post, str(what))()
    elif asked and what == "refused":
        post.tell(NotTaken(post.ticket))


def _walk(post: Typist, walk: list[object]) -> None:
    """Do *walk*, and hold every promise at every step."""
    for what in walk:
        before, count = post.screen, len(post.deeds)
        if isinstance(what, str) and what not in _NEWS:
            post.press(what)
            if what == Key.HELP:
                assert post.screen.name.startswith("help")
            if what == Key.CANCEL:
                assert post.screen.name == "idle"
        else:
            _happens(post, what)
        for deed in post.deeds[count:]:
            if isinstance(deed, Save):
                assert what == Key.OK
                assert before.plates == {deed.plate}
        if post.screen.name == "idle":
            assert not post.screen.plates
            assert not any(cell.main for cell in post.screen.cells)
        assert len(post.screen.lines) <= 5


_NEWS = {"saved", "not_saved", "unreached", "refused", "down", "heard", "unheard"}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(phone_keys, phone_keys, phone_keys, pauses, others, answers), max_size=60)
)
def test_no_order_of_keys_saves_a_plate_that_was_not_shown_and_confirmed(
    walk: list[object],
) -> None:
    _walk(Typist(TODAY), walk)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(full_keys, full_keys, full_keys, pauses, others, answers), max_size=60))
def test_nor_does_any_order_on_the_full_pad(walk: list[object]) -> None:
    _walk(Typist(TODAY, pad=Pad.FULL), walk)


letters = st.sampled_from("ABCDEFGHJKLMNOPRSTUWXYZ")
figures = st.sampled_from("0123456789")
last = st.one_of(figures, letters.filter(lambda letter: letter != "O"))
ordinary = st.builds("".join, st.tuples(letters, letters, letters, figures, figures, last))
any_signs = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÜČĆĐŠŽ0123456789", min_size=2, max_size=10)


@settings(max_examples=150, deadline=None)
@given(ordinary, st.lists(ordinary, max_size=20))
def test_every_ordinary_plate_can_be_typed_on_ten_keys(plate: str, today: list[str]) -> None:
    post = Unhurried(today)
    give_plate(post, Plate.parse(plate))
    assert post.saves == [Plate.parse(plate).display]


@settings(max_examples=150, deadline=None)
@given(any_signs)
def test_every_plate_can_be_spelled_with_the_other_key(plate: str) -> None:
    post = Unhurried()
    spell_plate(post, Plate.parse(plate))
    assert post.saves == [Plate.parse(plate).display]
