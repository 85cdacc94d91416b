"""One at a time: the updater of the night, a person at the console, and an installation."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.errors import InstallError
from deploy.switch.place import STATE, Place


@contextmanager
def held(place: Place, *, patient: bool = True) -> Iterator[None]:
    """Hold the machine's releases; who is not *patient* is told that somebody else does.

    It is let go between the looks of a watch, so that a person can end a trial.

    Raises:
        InstallError: somebody else holds them.
    """
    path = place.path(STATE) / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if patient else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise InstallError(
                "another update is at work here; try again in some minutes"
            ) from error
        yield
