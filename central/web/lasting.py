"""A stream lasts no longer than its reader would be let in: the door is asked again as often as it beats.

Whoever ends a session or a token tells its streams at once.  That word may be lost on the way from another
process, and then this finds out.
"""

import asyncio
import http
from collections.abc import Awaitable, Callable

from central.web.stream import Stream
from contract.errors import PortvaktError
from contract.problems import Problem

Admit = Callable[[], Awaitable[object]]

_SHUT = (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN)


async def end_when_shut_out(stream: Stream, admit: Admit) -> None:
    """End *stream* once *admit* refuses; a database that cannot be asked shuts nobody out."""
    while not stream.over:
        await asyncio.sleep(stream.pace.heartbeat_s)
        try:
            await admit()
        except Problem as refused:
            if refused.kind.status in _SHUT:
                stream.end()
        except PortvaktError:
            continue
