"""When a panel loses its supply, and when it gets it back."""

from signage.supply import FORGOTTEN_MS, TRIED_MS, Supply

TURN_MS = 50


class Panel:
    """A panel's supply by the turn; the timer of the supply itself is not in it."""

    def __init__(self, *, holds_last_frame: bool = True) -> None:
        self.supply = Supply(holds_last_frame=holds_last_frame)
        self.now_ms = 0
        self.has_written = True
        self.differs_since_ms: int | None = None
        self.is_stuck = False

    def is_on_after(self, ms: int = 0) -> bool:
        for _ in range(ms // TURN_MS):
            self.now_ms += TURN_MS
            self._turn()
        return self._turn()

    def _turn(self) -> bool:
        return self.supply.may_be_on(
            self.now_ms,
            has_written=self.has_written,
            differs_since_ms=self.differs_since_ms,
            is_stuck=self.is_stuck,
        )


def test_a_panel_that_does_as_it_is_told_keeps_its_supply() -> None:
    assert Panel().is_on_after(60_000)


def test_a_write_may_be_a_second_late_and_no_more() -> None:
    panel = Panel()
    panel.differs_since_ms = 0
    assert panel.is_on_after(1_000)
    assert not panel.is_on_after(50)


def test_once_off_it_stays_off_until_nothing_can_stand_there_any_more() -> None:
    panel = Panel()
    panel.differs_since_ms = 0
    panel.is_on_after(1_050)
    panel.differs_since_ms = None
    assert not panel.is_on_after(FORGOTTEN_MS - TURN_MS)
    assert panel.is_on_after(TURN_MS)


def test_then_it_may_be_tried_again_for_as_long_as_it_takes() -> None:
    panel = Panel()
    panel.differs_since_ms = 0
    panel.is_on_after(1_050 + FORGOTTEN_MS)
    assert panel.is_on_after(60_000)


def test_one_that_is_felt_to_be_lit_all_the_same_loses_it_again() -> None:
    panel = Panel()
    panel.differs_since_ms, panel.is_stuck = 0, True
    assert panel.is_on_after(1_050 + FORGOTTEN_MS)
    assert not panel.is_on_after(TRIED_MS)
    assert not panel.is_on_after(FORGOTTEN_MS - TURN_MS)
    assert panel.is_on_after(TURN_MS)


def test_a_process_that_has_got_no_word_through_holds_no_supply() -> None:
    """Or one that dies and starts again and again would hold an old picture for ever."""
    panel = Panel()
    panel.has_written = False
    assert not panel.is_on_after(60_000)
    panel.has_written = True
    assert panel.is_on_after()


def test_a_panel_that_keeps_no_picture_needs_its_supply_to_answer_at_all() -> None:
    panel = Panel(holds_last_frame=False)
    panel.has_written = False
    assert panel.is_on_after(500)
