"""What a technician reads in the journal: the event first, then key=value; plates only masked."""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from contract.plate import Plate

# sd-daemon(3): a line that begins so has that priority in the journal.
_PRIORITY = {
    logging.DEBUG: "<7>",
    logging.INFO: "<6>",
    logging.WARNING: "<4>",
    logging.ERROR: "<3>",
    logging.CRITICAL: "<2>",
}

# How far back a traceback goes; an error may even be its own cause.
_CAUSES = 5


def set_up(level: int = logging.INFO) -> None:
    """Send all logs to standard error, for the journal or for a terminal."""
    to_journal = "JOURNAL_STREAM" in os.environ
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(to_journal))
    handler.addFilter(mask_plates)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # What ends a thread or the process goes the same way, unless somebody else takes care of it.
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda told: _ended(told.exc_type, told.exc_value)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = lambda kind, error, _trace: _ended(kind, error)


def mask_plates(record: logging.LogRecord) -> bool:
    """Replace each `Plate` among the arguments of *record* by its masked form (a logging filter)."""
    if isinstance(record.args, Mapping):
        record.args = {key: _masked(value) for key, value in record.args.items()}
    elif record.args:
        record.args = tuple(_masked(value) for value in record.args)
    return True


def event(what: str, **fields: object) -> str:
    """Write one line of log: *what* happened, then the fields; values with spaces are quoted.

    >>> event("panel lost", port="/dev/ttyUSB0", reason="no answer")
    'panel lost port=/dev/ttyUSB0 reason="no answer"'
    """
    return " ".join([what, *(f"{key}={_value(value)}" for key, value in fields.items())])


class Outage:
    """Something that we need is away: one line when it is lost, one when it is back, a count between."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self._lost_ms: int | None = None
        self._missed = 0

    @property
    def is_on(self) -> bool:
        """Whether it is away now."""
        return self._lost_ms is not None

    def lost(self, now_ms: int, reason: object) -> None:
        """Note one failure at monotonic time *now_ms*; only the first is logged."""
        self._missed += 1
        if self._lost_ms is None:
            self._lost_ms = now_ms
            self._log.warning(event(f"{self._what} lost", reason=reason))

    def back(self, now_ms: int) -> None:
        """Note one success at monotonic time *now_ms*."""
        if self._lost_ms is None:
            return
        gone_s = (now_ms - self._lost_ms) // 1000
        self._log.info(event(f"{self._what} back", after_s=gone_s, missed=self._missed))
        self._lost_ms, self._missed = None, 0


def _ended(kind: type[BaseException], error: BaseException | None) -> None:
    if error is not None and not issubclass(kind, (SystemExit, KeyboardInterrupt)):
        logging.getLogger(__name__).critical("thread ended", exc_info=error)


class _Lines(logging.Formatter):
    def __init__(self, to_journal: bool) -> None:
        # The journal stamps the time itself.
        super().__init__("%(message)s" if to_journal else "%(asctime)s %(levelname)s %(message)s")
        self._to_journal = to_journal

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if not self._to_journal:
            return text
        # One prefix for each line, or a traceback would fall apart into lines of no priority.
        priority = _PRIORITY.get(record.levelno, "<6>")
        return "\n".join(priority + line for line in text.splitlines())

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging's own name and types
        """Say what kind of error it was and where; its own text may hold what somebody typed."""
        return "\n".join(_trace(ei[1], _CAUSES))


def _trace(error: BaseException, causes: int) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and causes:
        yield from _trace(before, causes - 1)
        yield "\nFrom that came:\n"
    yield "Traceback (most recent call last):"
    yield from (part.rstrip("\n") for part in traceback.format_tb(error.__traceback__))
    why = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{why}"


def _masked(value: Any) -> Any:  # noqa: ANN401 - a logging argument may be anything
    return value.masked if isinstance(value, Plate) else value


def _value(value: object) -> str:
    text = str(_masked(value))
    return f'"{text}"' if not text or " " in text else text
