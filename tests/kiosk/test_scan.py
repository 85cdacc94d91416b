"""From contacts to keys: one hand, one key, one press."""

from kiosk.keys import KeyEvent, KeyStuck
from kiosk.scan import Scanner

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


def test_the_lockout_can_be_set_to_nothing() -> None:
    assert Contacts(0).hold("5", 50).hold("", 40).hold("5", 50).pressed == "55"


def test_two_keys_at_once_are_none_until_all_are_up() -> None:
    contacts = Contacts().hold("12", 100).hold("1", 100).hold("13", 50).hold("", 50)
    assert contacts.pressed == ""
    assert contacts.hold("1", 50).pressed == "1"


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
    contacts = Contacts().hold("5", 31_000).hold("", 100)
    assert isinstance(contacts.events[-1], KeyStuck)
    assert not contacts.events[-1].stuck
    assert contacts.hold("5", 50).pressed == "55"


def test_holding_a_key_repeats_nothing() -> None:
    assert Contacts().hold("5", 29_000).pressed == "5"
