"""In a hall: the office is asked over HTTP, by this hall's own outgoing connection alone."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import requests

from central.halls.link import OfficeAway
from central.outside import Outside, OutsideBusy, OutsideLate
from contract.errors import PortvaktError
from contract.halls import HallNews, HallReport, HallTaken
from contract.reading import from_json

T = TypeVar("T")

ANSWER_S = 30.0
CONNECT_S = 10.0
# 500 bookings and every account of a station are a tenth of it.
ANSWER_MAX = 4 * 1024 * 1024
AT_ONCE = 2
_CHUNK = 64 * 1024
_OK, _PART, _SAME = 200, 206, 304
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OfficeUnfit(PortvaktError):
    """What was told of the office cannot be used; the text says what to change."""


@dataclass(frozen=True, slots=True)
class OfficeWords:
    """Where the office is, the file with this hall's token there, and the authority it is checked by."""

    url: str = ""
    token_file: Path | None = None
    ca: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            OfficeUnfit: the text says what to change.
        """
        parts = urlsplit(self.url)
        is_near = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (is_near or parts.scheme == "https"):
            raise OfficeUnfit(
                "The office's address must begin with https://, or http:// on this machine."
            )
        if parts.query or parts.fragment or parts.username or parts.password:
            raise OfficeUnfit("Name the office's address without a query or a password.")
        if self.token_file is None:
            raise OfficeUnfit(
                "Name the file with this hall's token at the office: --office-token-file FILE."
            )
        if self.ca is not None and not self.ca.is_file():
            raise OfficeUnfit(f"There is no certificate {self.ca}; name one with --office-ca.")


class HttpOffice:
    """The office behind an address.  The token is read anew for each question: a new one needs no restart.

    A question takes `answer_s` at most, whatever the other side does.  `key_ends_at` is what the office has
    said last of the key's end; an older office says none.
    """

    def __init__(self, words: OfficeWords, *, answer_s: float = ANSWER_S) -> None:
        words.check()
        self._words = words
        self._answer_s = answer_s
        # One is asked at a time; the thread of the one before may not have ended when its answer is here.
        self._outside = Outside("office-line", AT_ONCE, answer_s)
        self.key_ends_at: datetime | None = None
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    def report(self, station: str, report: HallReport) -> HallTaken:
        """Send events and how the hall is."""
        body = msgspec.json.encode(report)
        headers = {"Content-Type": "application/json"}
        answer, _ = self._ask("POST", _path(station, "report"), headers, data=body)
        taken = _read(answer, HallTaken)
        self.key_ends_at = taken.key_ends_at
        return taken

    def news(self, station: str, cursor: tuple[str, int], etag: str) -> tuple[HallNews | None, str]:
        """Fetch what is new since *cursor*."""
        headers = {"If-None-Match": etag} if etag else {}
        asked = {"office": cursor[0], "after": str(cursor[1])}
        answer, mark = self._ask("GET", _path(station, "news"), headers, params=asked)
        return (None if answer is None else _read(answer, HallNews)), mark

    def piece(self, station: str, file: str, start: int, size: int) -> bytes:
        """Fetch a part of a release's file."""
        path = f"/v1/stations/{quote(station, safe='')}/releases/{quote(file, safe='')}"
        headers = {"Range": f"bytes={start}-{start + size - 1}", "Accept": "*/*"}
        answer, _ = self._ask("GET", path, headers)
        return (answer or b"")[:size]

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        data: bytes | None = None,
        params: dict[str, str] | None = None,
    ) -> tuple[bytes | None, str]:
        headers = {**self._headers(), **headers}

        def question(session: requests.Session) -> tuple[bytes | None, str]:
            session.verify = True if self._words.ca is None else str(self._words.ca)
            with session.request(
                method,
                self._words.url.rstrip("/") + path,
                headers=headers,
                data=data,
                params=params,
                timeout=(CONNECT_S, self._answer_s),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _taken(answer)

        try:
            return self._outside.ask(requests.Session(), question)
        except OfficeAway:
            raise
        except requests.exceptions.SSLError as error:
            raise OfficeAway(
                "The office's certificate is not one that this hall trusts; give it with --office-ca."
            ) from error
        except (OutsideBusy, OutsideLate):
            raise OfficeAway("The office did not answer in time; it is asked again.") from None
        except (requests.RequestException, OSError) as error:
            raise OfficeAway(
                f"The office is not reached ({type(error).__name__}); it is asked again."
            ) from None

    def _headers(self) -> dict[str, str]:
        try:
            token = (self._words.token_file or Path()).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise OfficeAway(
                f"The file {self._words.token_file} with this hall's token cannot be read."
            ) from error
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }


def _path(station: str, what: str) -> str:
    return f"/v1/stations/{quote(station, safe='')}/hall/{what}"


def _taken(answer: requests.Response) -> tuple[bytes | None, str]:
    mark = answer.headers.get("ETag", "")
    if answer.status_code == _SAME:
        return None, mark
    body = b""
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > ANSWER_MAX:
            raise OfficeAway("The office's answer is too large; is its address the right one?")
    if answer.status_code not in (_OK, _PART):
        raise OfficeAway(_refusal(answer.status_code, body))
    return body, mark


def _refusal(status: int, body: bytes) -> str:
    """The office's own sentence, if it has one."""
    try:
        detail = str(from_json(body, dict[str, Any])["detail"])[:200]
    except (msgspec.DecodeError, KeyError):
        return f"The office answered with status {status}; is its address the right one?"
    return f"The office says: {detail}"


def _read(body: bytes | None, kind: type[T]) -> T:
    try:
        return from_json(body or b"", kind)
    except msgspec.DecodeError as error:
        raise OfficeAway("The office's answer cannot be read; is it an older release?") from error
