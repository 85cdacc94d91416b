"""From contacts to keys: one hand, one key, one press."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.keypad_settings import KeypadSettings
from kiosk.keys import KeyEvent, KeyStuck
from kiosk.scan import LOOSE_QUIET_MS, SCAN_MS, STUCK_AFTER_MS, Scanner

LOCKOUT_MS = 200


class Contacts:
    """Feeds a scanner every 5 ms."""

    def __init__(self, lockout_ms: int = LOCKOUT_MS) -> None:
        self.scanner = Scanner(lockout_ms)
        self.now_ms = 0
        self.events: list[KeyEvent | KeyStuck] = []

    def hold(self, keys: str, ms: int) -> "Contacts":
        for _ in range(0, ms, 5):
            self.now_ms += 5
            self.events += self.scanner.see(keys, self.now_ms)
        return self

    def stall(self, ms: int) -> "Contacts":
        """Nobody looks for a while: the machine is busy."""
        self.now_ms += ms
        return self

    @property
    def pressed(self) -> str:
        return "".join(e.key for e in self.events if isinstance(e, KeyEvent) and e.down)


def test_the_first_edge_counts() -> None:
    contacts = Contacts().hold("", 50).hold("5", 5)
    assert contacts.events == [KeyEvent("5", True, 55)]


def test_a_contact_that_chatters_is_one_press() -> None:
    contacts = Contacts()
    for _ in range(3):
        contacts.hold("5", 5).hold("", 5)
    contacts.hold("5", 80)
    for _ in range(3):
        contacts.hold("", 10).hold("5", 5)
    contacts.hold("", 100)
    assert contacts.pressed == "5"
    assert [e.down for e in contacts.events if isinstance(e, KeyEvent)] == [True, False]


def test_a_release_needs_twenty_quiet_milliseconds() -> None:
    contacts = Contacts().hold("5", 50).hold("", 20)
    assert [e.down for e in contacts.events if isinstance(e, KeyEvent)] == [True, False]
    assert len(Contacts().hold("5", 50).hold("", 15).events) == 1


def test_a_trembling_hand_presses_once() -> None:
    assert Contacts().hold("5", 100).hold("", 150).hold("5", 100).hold("", 50).pressed == "5"


def test_a_calm_second_press_counts() -> None:
    assert Contacts().hold("5", 100).hold("", 200).hold("5", 100).pressed == "55"


def test_another_key_is_never_locked_out() -> None:
    assert Contacts().hold("5", 100).hold("", 30).hold("6", 100).pressed == "56"


def test_a_key_with_another_between_is_no_double_strike() -> None:
    contacts = Contacts().hold("5", 60).hold("", 30).hold("6", 60).hold("", 30).hold("5", 60)
    assert contacts.pressed == "565"


def test_the_lockout_can_be_set_to_nothing() -> None:
    assert Contacts(0).hold("5", 50).hold("", 40).hold("5", 50).pressed == "55"


def test_two_keys_at_once_are_none_until_all_are_up() -> None:
    contacts = Contacts().hold("12", 100).hold("1", 100).hold("13", 50).hold("", 50)
    assert contacts.pressed == ""
    assert contacts.hold("1", 50).pressed == "1"


def test_a_third_key_that_closes_as_the_two_open_is_not_taken_either() -> None:
    contacts = Contacts().hold("12", 50).hold("3", 100)
    assert contacts.pressed == ""
    contacts.hold("", 30).scanner.begin({"1", "2"}, contacts.now_ms)
    assert contacts.hold("3", 100).pressed == ""
    assert contacts.hold("", 30).hold("3", 50).pressed == "3"


def test_a_ghost_is_never_taken() -> None:
    # 1, 2 and 4 are held; without diodes the matrix shows 5 as well.
    assert Contacts().hold("1", 50).hold("12", 50).hold("1245", 50).hold("", 50).pressed == "1"


def test_the_first_of_two_keys_stands_and_the_second_is_not_taken_when_the_first_goes() -> None:
    assert Contacts().hold("1", 50).hold("12", 50).hold("2", 200).hold("", 50).pressed == "1"


def test_a_key_held_for_half_a_minute_is_reported_stuck_and_others_work_again() -> None:
    contacts = Contacts().hold("5", 30_100)
    assert KeyStuck("5", True, 30_005) in contacts.events
    contacts.hold("56", 100).hold("5", 100)
    assert contacts.pressed == "56"


def test_a_key_that_comes_loose_is_reported_and_works_again() -> None:
    contacts = Contacts().hold("5", 31_000).hold("", 1_000)
    assert isinstance(contacts.events[-1], KeyStuck)
    assert not contacts.events[-1].stuck
    assert contacts.hold("5", 50).pressed == "55"


def test_holding_a_key_repeats_nothing() -> None:
    assert Contacts().hold("5", 29_000).pressed == "5"


def test_ice_that_lets_go_in_fits_is_stuck_once_and_types_nothing() -> None:
    contacts = Contacts().hold("5", 30_100)
    for _ in range(50):
        contacts.hold("", 100).hold("5", 50)
    assert contacts.pressed == "5"
    assert sum(isinstance(event, KeyStuck) for event in contacts.events) == 1


def test_water_that_flickers_on_a_key_becomes_stuck_and_the_others_work() -> None:
    contacts = Contacts()
    for _ in range(310):
        contacts.hold("5", 50).hold("", 50)
    assert contacts.pressed == "5"
    contacts.hold("5", 20).hold("56", 60).hold("6", 20)
    assert contacts.pressed == "56"


def test_a_tremor_that_goes_on_is_one_press() -> None:
    contacts = Contacts()
    for _ in range(5):
        contacts.hold("5", 60).hold("", 120)
    assert contacts.pressed == "5"


@pytest.mark.parametrize("hold_ms", [60, 90, 120])
@pytest.mark.parametrize(("every_ms", "least"), [(250, 5), (300, 5), (350, 10)])
def test_one_key_pressed_again_and_again_is_never_lost_for_ever(
    hold_ms: int, every_ms: int, least: int
) -> None:
    contacts = Contacts(KeypadSettings().lockout_ms)
    for _ in range(10):
        contacts.hold("2", hold_ms).hold("", every_ms - hold_ms)
    assert least <= len(contacts.pressed) <= 10


def test_after_a_press_that_came_too_soon_the_next_calm_one_counts() -> None:
    contacts = Contacts().hold("2", 90).hold("", 160).hold("2", 90)
    assert contacts.pressed == "2"
    assert contacts.hold("", 160).hold("2", 90).pressed == "22"


def test_a_press_that_came_too_soon_and_trembles_is_still_none() -> None:
    contacts = Contacts().hold("2", 90).hold("", 160).hold("2", 40)
    for _ in range(4):
        contacts.hold("", 50).hold("2", 40)
    assert contacts.pressed == "2"


def test_the_lockout_at_its_half_second_holds_a_double_strike_off() -> None:
    """EN 301 549, 5.8."""
    contacts = Contacts(500).hold("2", 90).hold("", 160).hold("2", 90).hold("", 130).hold("2", 20)
    assert contacts.pressed == "2"
    assert contacts.hold("", 160).hold("2", 90).pressed == "22"


def test_two_chattering_contacts_never_become_two_presses() -> None:
    # 1 is open for one look, just when 2 closes under the same glove.
    assert Contacts().hold("1", 20).hold("2", 5).hold("12", 100).hold("", 50).pressed == "1"


def test_the_next_key_counts_although_the_one_before_opened_only_now() -> None:
    assert Contacts().hold("1", 60).hold("2", 60).pressed == "12"


def test_one_look_at_an_open_contact_after_a_pause_is_no_release() -> None:
    contacts = Contacts(0).hold("5", 20).stall(300).hold("", 5).hold("5", 50)
    assert contacts.pressed == "5"


def test_a_key_that_is_down_when_looking_begins_was_not_pressed_for_us() -> None:
    contacts = Contacts()
    contacts.scanner.begin({"5"}, 0)
    contacts.hold("5", 100).hold("", 100)
    assert contacts.pressed == ""
    assert contacts.hold("5", 50).pressed == "5"


def test_a_key_that_is_frozen_when_looking_begins_is_reported_and_the_others_work() -> None:
    contacts = Contacts()
    contacts.scanner.begin({"5"}, 0)
    contacts.hold("5", 30_000).hold("56", 50)
    assert contacts.events[0] == KeyStuck("5", True, 30_000)
    assert contacts.pressed == "6"


def test_what_was_held_is_let_go_when_the_contacts_cannot_be_seen() -> None:
    contacts = Contacts().hold("5", 50)
    assert contacts.scanner.let_go(60) == [KeyEvent("5", False, 60)]
    assert contacts.scanner.let_go(70) == []
    stuck = Contacts().hold("5", 30_100)
    assert stuck.scanner.let_go(31_000) == [KeyStuck("5", False, 31_000)]


def test_time_matters_only_while_a_key_is_down_that_is_not_stuck() -> None:
    contacts = Contacts()
    assert not contacts.scanner.busy
    assert contacts.hold("5", 50).scanner.busy
    assert not contacts.hold("5", 30_000).scanner.busy


# Whatever contacts do: any three keys, looked at as irregularly as a busy machine does.
LOOKS = st.lists(st.tuples(st.sets(st.sampled_from("123")), st.integers(1, 120)), max_size=60)
LOCKOUTS = st.sampled_from([0, 200, 500, 1000])


def after(looks: list[tuple[set[str], int]], lockout_ms: int) -> Contacts:
    """Contacts that did *looks*."""
    contacts = Contacts(lockout_ms)
    for closed, ms in looks:
        contacts.now_ms += ms
        contacts.events += contacts.scanner.see(closed, contacts.now_ms)
    return contacts


@given(LOOKS, LOCKOUTS)
def test_never_two_keys_at_once(looks: list[tuple[set[str], int]], lockout_ms: int) -> None:
    down = ""
    for event in after(looks, lockout_ms).events:
        if isinstance(event, KeyEvent):
            assert down == ("" if event.down else event.key)
            down = event.key if event.down else ""


@given(LOOKS, LOCKOUTS)
def test_never_one_key_twice_within_its_lockout(
    looks: list[tuple[set[str], int]], lockout_ms: int
) -> None:
    now_ms, contacts = 0, Contacts(lockout_ms)
    last_key, last_closed_ms, held = "", 0, False
    for closed, ms in looks:
        now_ms += ms
        for event in contacts.scanner.see(closed, now_ms):
            if isinstance(event, KeyEvent) and event.down:
                assert event.key != last_key or now_ms - last_closed_ms >= max(lockout_ms, SCAN_MS)
                last_key = event.key
            if isinstance(event, KeyEvent):
                held = event.down
        if held and last_key in closed:
            last_closed_ms = now_ms


@given(
    LOOKS, LOCKOUTS, st.lists(st.tuples(st.sampled_from("123"), st.integers(25, 400)), max_size=6)
)
@settings(deadline=None)
def test_every_calm_press_counts(
    looks: list[tuple[set[str], int]], lockout_ms: int, presses: list[tuple[str, int]]
) -> None:
    contacts = after(looks, lockout_ms).hold("", LOOSE_QUIET_MS + 50)
    contacts.events.clear()
    for key, ms in presses:
        contacts.hold(key, ms).hold("", lockout_ms + 25)
    assert contacts.pressed == "".join(key for key, _ in presses)


@given(LOOKS, LOCKOUTS, st.sampled_from([(50, 0), (50, 25), (20, 100)]))
@settings(deadline=None, max_examples=20)
def test_a_stuck_key_never_blocks_the_others_for_ever(
    looks: list[tuple[set[str], int]], lockout_ms: int, flicker: tuple[int, int]
) -> None:
    contacts = after(looks, lockout_ms)
    closed_ms, open_ms = flicker
    if open_ms >= max(lockout_ms, SCAN_MS):
        open_ms = 0  # so slow that it is a finger that presses on and on
    for _ in range(0, STUCK_AFTER_MS + 2_000, closed_ms + open_ms):
        contacts.hold("5", closed_ms).hold("", open_ms)
    contacts.events.clear()
    contacts.hold("56", 60)
    assert contacts.pressed == "6"
