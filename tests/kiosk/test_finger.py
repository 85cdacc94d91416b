"""Clicks on the demo's keypad: short, fast, and never lost."""

import threading
import time
from collections.abc import Iterator

import pytest

from kiosk.finger import Finger
from kiosk.keys import PHONE_LAYOUT, KeyEvent
from kiosk.matrix_keypad import MatrixKeypad
from tests.kiosk.test_matrix_keypad import COLUMNS, HELP, ROWS, Rig
from tests.waiting import until


@pytest.fixture
def fingered() -> Iterator[tuple[Rig, Finger]]:
    """A rig whose clock, scanner and finger run in real time."""

    def now_ms() -> int:
        return time.monotonic_ns() // 1_000_000

    rig = Rig()
    rig.keypad.close()
    rig.keypad = MatrixKeypad(
        ROWS,
        COLUMNS,
        PHONE_LAYOUT,
        HELP,
        lockout_ms=200,
        monotonic_ms=now_ms,
        put=rig.events.append,
        click=bool,
        factory=rig.board,
    )
    finger = Finger(rig.matrix, 200, now_ms)
    stopping = threading.Event()
    threads = [
        threading.Thread(target=run, args=(stopping,)) for run in (rig.keypad.run, finger.run)
    ]
    for thread in threads:
        thread.start()
    yield rig, finger
    stopping.set()
    for thread in threads:
        thread.join()
    rig.board.close()


def test_clicks_faster_than_any_hand_are_all_read_in_order(fingered: tuple[Rig, Finger]) -> None:
    rig, finger = fingered
    for key in ["2", "2", "2", "1", "2", "3", "ok"]:
        finger.move(key, down=True)
        finger.move(key, down=False)
    until(lambda: len(rig.pressed) >= 7, what="seven presses")
    assert rig.pressed == ["2", "2", "2", "1", "2", "3", "ok"]


def test_a_key_that_is_held_stays_down_until_it_is_let_go(fingered: tuple[Rig, Finger]) -> None:
    rig, finger = fingered
    finger.move("5", down=True)
    until(lambda: rig.pressed == ["5"], what="the press")
    assert not any(isinstance(e, KeyEvent) and not e.down for e in rig.events)
    finger.move("5", down=False)
    until(lambda: any(isinstance(e, KeyEvent) and not e.down for e in rig.events), what="release")


def test_a_second_key_beside_a_held_one_is_ghost_protected(fingered: tuple[Rig, Finger]) -> None:
    rig, finger = fingered
    finger.move("1", down=True)
    until(lambda: rig.pressed == ["1"], what="the press")
    finger.move("2", down=True)
    finger.move("2", down=False)
    finger.move("1", down=False)
    finger.move("3", down=True)
    finger.move("3", down=False)
    until(lambda: "3" in rig.pressed, what="the third key")
    assert rig.pressed == ["1", "3"]
