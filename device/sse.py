"""Read server-sent events (HTML standard, section 9.2) at the moment they arrive."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3

from device.session import CentralUnreachable

READ_BYTES = 65_536
LONGEST_EVENT_BYTES = 4_194_304


@dataclass(frozen=True, slots=True)
class ServerSent:
    """One event.  `id` is the last id that the stream has named, so that a reader can resume there."""

    event: str
    data: str
    id: str = ""


class EventSplitter:
    """Bytes in, whole events out; pure.  Lines may end in CR, LF or both, and be cut anywhere."""

    def __init__(self) -> None:
        self.last_id = ""
        self._rest = b""
        self._after_cr = False
        self._at_start = True
        self._size = 0
        self._event = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[ServerSent]:
        """Take in *piece*; give the events that it completed.

        Raises:
            ValueError: an event is longer than 4 MiB, so this is not our server.
        """
        self._size += len(piece)
        found = [sent for line in self._lines(piece) if (sent := self._line(line)) is not None]
        if found:
            self._size = len(self._rest)
        if self._size > LONGEST_EVENT_BYTES:
            raise ValueError("an event without an end")
        return found

    def _lines(self, piece: bytes) -> list[bytes]:
        # A CR ends a line at once; a LF right behind it belongs to it, even in the next piece.
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_cr = False
        if not piece:
            return []
        self._after_cr = piece.endswith(b"\r")
        whole = (self._rest + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._rest = whole.split(b"\n")
        return lines

    def _line(self, line: bytes) -> ServerSent | None:
        if self._at_start:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._at_start = False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        self._field(name.decode("utf-8", "replace"), value.removeprefix(b" "))
        return None

    def _field(self, name: str, raw: bytes) -> None:
        value = raw.decode("utf-8", "replace")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value

    def _dispatch(self) -> ServerSent | None:
        event, data = self._event or "message", self._data
        self._event, self._data = "", []
        return ServerSent(event, "\n".join(data), self.last_id) if data else None


def read_events(response: requests.Response) -> Iterator[ServerSent]:
    """Yield each event of a response opened by `CentralSession.listen` as soon as it is whole.

    Ends when the server closes the stream.  Comments are not events, but they keep the read timeout
    from running out.  To end it from another thread call `response.raw.shutdown()`.

    Raises:
        CentralUnreachable: the line broke, fell silent for longer than the read timeout, or carried
            something that is not an event stream.
    """
    splitter = EventSplitter()
    try:
        # read1 gives what has come; iter_lines would hold an event back until its buffer is full.
        while piece := response.raw.read1(READ_BYTES, decode_content=True):
            yield from splitter.feed(piece)
    except (urllib3.exceptions.HTTPError, requests.RequestException, OSError, ValueError) as error:
        raise CentralUnreachable(response.url, error) from error
    finally:
        response.close()
