"""One file of a release comes over a line that may break: what is there already is not fetched twice."""

import os
from pathlib import Path

import requests

from contract.errors import PortvaktError
from device.no_answer import CentralRefused, CentralUnreachable, in_short, refusal
from device.session import CentralSession

CHUNK = 64 * 1024
LARGEST_SIGNATURE = 16 * 1024
_OK, _PARTIAL, _NOT_FOUND, _BEYOND = 200, 206, 404, 416


class Broken(PortvaktError):
    """The line broke; what came is kept, and the next run goes on from there."""


class NoUse(PortvaktError):
    """The file is not what central said that it is.  `costs`: finding that out took a whole download."""

    def __init__(self, why: str, *, costs: bool = True) -> None:
        super().__init__(why)
        self.costs = costs


def signature(session: CentralSession, path: str) -> bytes:
    """Fetch the small file that proves a release.

    Raises:
        Broken: no answer.
        NoUse: central has none, or sends something that is none.
    """
    try:
        found = session.exchange("GET", path, headers={"Accept": "*/*"}).content
    except CentralRefused as error:
        raise _no(path, error) from error
    except (CentralUnreachable, requests.RequestException) as error:
        raise Broken(_why(error)) from error
    if len(found) > LARGEST_SIGNATURE:
        raise NoUse(f"{_name(path)} is no signature: it is too large", costs=False)
    return found


def body(session: CentralSession, path: str, part: Path, size: int) -> None:
    """Bring *part* to *size* bytes, on the disk when this returns; it may hold the beginning already.

    Raises:
        Broken: the line broke.
        NoUse: central does not have it, or it is larger.
        OSError: the disk took no more.
    """
    have = part.stat().st_size if part.exists() else 0
    if have > size:
        part.unlink()
        have = 0
    while have < size:
        have = _more(session, path, part, have, size)


def _more(session: CentralSession, path: str, part: Path, have: int, size: int) -> int:
    """Ask for the rest once; give how many bytes are there then."""
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with session.request("GET", path, headers=headers, stream=True) as answer:
            if answer.status_code == _BEYOND and have:
                part.unlink()  # the file there is shorter than what we have of it: begin anew
                return 0
            if answer.status_code not in {_OK, _PARTIAL}:
                raise _no(path, refusal(answer))
            begins = have if _goes_on(answer, have) else 0
            return _written(answer, part, begins, size)
    except (CentralUnreachable, requests.RequestException) as error:
        raise Broken(_why(error)) from error


def _goes_on(answer: requests.Response, have: int) -> bool:
    """Whether the answer begins where we stopped (RFC 9110 section 14.4); else it is the whole file."""
    if answer.status_code == _OK:
        return False
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise Broken("central sent another part of the file than was asked for")
    return True


def _written(answer: requests.Response, part: Path, begins: int, size: int) -> int:
    """Append what comes; whatever happens, what came is on the disk."""
    with part.open("ab") as file:
        file.truncate(begins)
        try:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                if file.tell() > size:
                    raise NoUse("the file is larger than central said")
        finally:
            file.flush()
            os.fsync(file.fileno())
        have = file.tell()
    if have == begins:
        raise Broken("central sent nothing")
    if have < size:
        raise Broken("the file ended before its end")
    return have


def _no(path: str, error: CentralRefused) -> PortvaktError:
    if error.status == _NOT_FOUND:
        return NoUse(f"central does not have {_name(path)}", costs=False)
    return Broken(str(error))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _why(error: Exception) -> str:
    if isinstance(error, CentralUnreachable):
        return str(error.why)
    return in_short(error) if isinstance(error, requests.RequestException) else str(error)
