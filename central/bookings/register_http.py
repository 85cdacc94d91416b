"""A vehicle register that is asked by one HTTP call, which docs/register.md describes."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import requests

from central.bookings.register import Facts, RegisterUnfit, RegisterUnreachable
from central.outside import Outside, OutsideBusy, OutsideLate
from contract.plate import Plate, PlateRefused
from contract.reading import from_json

ANSWER_S = 2.0
ANSWER_MAX = 16 * 1024
AT_ONCE = 2
_CHUNK = 4096
_OK, _UNKNOWN = 200, 404
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class HttpRegister:
    """One call, `GET {url}?plate=ABC123`, with the token of a file; it is read anew for each call.

    A call takes `answer_s` at most, whatever the other side does; no more than `AT_ONCE` are under way.
    """

    def __init__(self, url: str, token_file: Path | None, *, answer_s: float = ANSWER_S) -> None:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (local or parts.scheme == "https"):
            raise RegisterUnfit(
                "The register's address must begin with https://, or http:// on this machine."
            )
        if parts.query or parts.fragment or parts.username:
            raise RegisterUnfit("Name the register's address without a query or a password.")
        self._url = url
        self._token_file = token_file
        self._answer_s = answer_s
        self._outside = Outside("register", AT_ONCE, answer_s)
        # The library's warnings name the whole address, and in that the plate.
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    def look_up(self, plate: Plate) -> Facts | None:
        """Ask, in a thread of its own: a peer that sends a byte now and then must not hold a request."""
        try:
            return self._outside.ask(
                requests.Session(), lambda session: self._asked(session, plate)
            )
        except RegisterUnreachable:
            raise
        except OutsideBusy:
            raise RegisterUnreachable("The register is slow; ask again in a moment.") from None
        except OutsideLate:
            raise RegisterUnreachable("The register did not answer in time.") from None
        except Exception as error:  # noqa: BLE001 - a library may raise whatever it likes
            # The text of a failed request may hold its address, and that the plate.
            raise RegisterUnreachable(
                f"The register cannot be asked: {type(error).__name__}."
            ) from None

    def _asked(self, session: requests.Session, plate: Plate) -> Facts | None:
        with session.get(
            self._url,
            params={"plate": plate.text},
            headers=self._headers(),
            timeout=self._answer_s,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return _facts(answer, plate)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._token_file is not None:
            try:
                token = self._token_file.read_text("ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise RegisterUnreachable("The register's token file cannot be read.") from error
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _facts(answer: requests.Response, plate: Plate) -> Facts | None:
    """Read an answer strictly; RegisterUnreachable when it is none."""
    if answer.status_code == _UNKNOWN:
        return None
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status_code != _OK or kind != "application/json":
        raise RegisterUnreachable(
            f"The register answered with status {answer.status_code} and no vehicle."
        )
    body = b""
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > ANSWER_MAX:
            raise RegisterUnreachable("The register's answer is too large.")
    try:
        facts = from_json(body, Facts)
        same = Plate.parse(facts.plate).match_key == plate.match_key
    except (msgspec.DecodeError, PlateRefused) as error:
        raise RegisterUnreachable("The register's answer cannot be read.") from error
    if not same:
        raise RegisterUnreachable("The register answered about another vehicle.")
    return facts
