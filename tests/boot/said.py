"""What a person reads while the boxes run: what is being done, how long it took, what was measured.

It goes to standard error, which the processes of a parallel run share with whoever started them.  What was
measured also goes to the file that PORTVAKT_BOXES_SAID names, for the report at the end.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BEGUN = time.monotonic()


def say(words: str) -> None:
    """One line of progress, with the seconds since the beginning."""
    # One write a line: two processes speak at the same time.
    sys.stderr.write(f"[{time.monotonic() - _BEGUN:5.0f} s] {words}\n")
    sys.stderr.flush()


def measured(words: str) -> None:
    """One line of progress that also stands in the report at the end."""
    say(words)
    report = os.environ.get("PORTVAKT_BOXES_SAID")
    if report:
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(f"  {words}\n")


@contextmanager
def step(words: str) -> Iterator[None]:
    """Something that takes a while."""
    say(f"{words} ...")
    begun = time.monotonic()
    yield
    say(f"{words}: {time.monotonic() - begun:.1f} s")
