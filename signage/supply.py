"""When a panel may have its supply, where a timer holds it for as long as the sign kicks."""

from signage.timer_line import HANG_MS, wants_kick

# After the last edge: the timer's own time, and so long without supply that no panel remembers anything.
FORGOTTEN_MS = HANG_MS + 5_000
# With its supply back, a panel that is felt to be lit all the same loses it again after this.
TRIED_MS = 5_000


class Supply:
    """Decides at each turn whether to kick; *holds_last_frame* says that the panel keeps its picture.

    A panel that cannot be made dark loses its supply.  Once that has been away long enough nothing stands
    there any more, so it can be tried again.
    """

    def __init__(self, *, holds_last_frame: bool) -> None:
        self._holds_last_frame = holds_last_frame
        self._off_since_ms: int | None = None

    def may_be_on(
        self, now_ms: int, *, has_written: bool, differs_since_ms: int | None, is_stuck: bool
    ) -> bool:
        """Whether to kick now.

        Args:
            now_ms: this moment.
            has_written: whether a write of this process has ever been taken; before, nobody knows what
                stands there, and a process that dies again and again must not hold the supply.
            differs_since_ms: since when the panel may show something else than it should; None: it does not.
            is_stuck: whether a sensor says that it is lit though it should be dark.
        """
        if self._holds_last_frame and not has_written:
            return False
        if self._off_since_ms is None:
            if wants_kick(differs_since_ms, now_ms):
                return True
            self._off_since_ms = now_ms
        off_ms = now_ms - self._off_since_ms
        if off_ms < FORGOTTEN_MS:
            return False
        if differs_since_ms is None:
            self._off_since_ms = None
        elif is_stuck and off_ms >= FORGOTTEN_MS + TRIED_MS:
            self._off_since_ms = now_ms
            return False
        return True
