"""Files too large for memory: sent piece by piece from the event loop, read in threads of their own.

A view gives the file as an iterator and says so by `LARGE`; the thread that ran the view is free then.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from central.web.asgi import Send
from contract import problems
from contract.problems import Problem

LARGE = "portvakt.large"
PIECE = 256 * 1024
# A release is some dozen megabytes, and a night is long.
AT_ONCE = 16
# A machine fetches one thing after the other; what it began before a cut may still be ending.
AT_ONCE_OF_ONE = 2
AGAIN_S = 30


class Files:
    """What is being sent; only the event loop may ask."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="files")
        self._of: Counter[bytes] = Counter()

    async def send(self, pieces: Iterable[bytes], send: Send) -> None:
        """Send the rest of an answer, and close the file whatever becomes of it."""
        loop = asyncio.get_running_loop()
        reading = iter(pieces)
        try:
            while piece := await loop.run_in_executor(self._threads, _next, reading):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            getattr(pieces, "close", lambda: None)()

    @contextmanager
    def place(self, shown: bytes) -> Iterator[None]:
        """Have a place for a file, from the gate on, for whoever has *shown* this token.

        Raises:
            Problem: `too_many` when all are taken, or this one has two.
        """
        if self._of.total() >= AT_ONCE or self._of[shown] >= AT_ONCE_OF_ONE:
            raise too_many()
        self._of[shown] += 1
        try:
            yield
        finally:
            self._of[shown] -= 1
            if not self._of[shown]:
                del self._of[shown]

    def close(self) -> None:
        """Read no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def give(path: Path, media: str, etag: str) -> Response:
    """Answer with a file or the part of it that is asked for (RFC 9110 section 14), named by *etag*.

    Raises:
        Problem: `range_refused` for a part behind its end.
    """
    size = path.stat().st_size
    answer = Response(
        FileWrapper(path.open("rb"), PIECE),
        direct_passthrough=True,
        content_type=media,
    )
    answer.content_length = size
    answer.set_etag(etag)
    request.environ[LARGE] = True
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable as error:
        answer.close()
        request.environ.pop(LARGE)
        raise Problem(
            problems.RANGE_REFUSED, f"The file has {size} bytes; begin again from the first."
        ) from error
    return answer


def too_many() -> Problem:
    """Say that others fetch just now."""
    return Problem(
        problems.TOO_MANY, "Many fetch a release just now; come back.", retry_after_s=AGAIN_S
    )


def _next(pieces: Iterator[bytes]) -> bytes:
    return next(pieces, b"")
