"""Callbacks that hear of something after it is on disk."""

import logging
from collections.abc import Callable
from typing import Generic, ParamSpec

_log = logging.getLogger(__name__)
_Words = ParamSpec("_Words")


class Listeners(Generic[_Words]):
    """Those who asked to hear.  They are called from the thread that tells, and must not block."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[_Words, None]] = []

    def add(self, callback: Callable[_Words, None]) -> None:
        """Call *callback* from now on."""
        self._callbacks.append(callback)

    def tell(self, *words: _Words.args, **named: _Words.kwargs) -> None:
        """Tell all.  One that fails is logged: what it hears of has happened and cannot be taken back."""
        for callback in self._callbacks:
            try:
                callback(*words, **named)
            except Exception:  # noqa: BLE001 - whatever it is, the others must hear too
                _log.exception("listener failed callback=%r", callback)
