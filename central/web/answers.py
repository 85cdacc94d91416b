"""How an answer leaves: JSON, problem documents, and the headers that every answer carries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from contract.errors import PortvaktError
from contract.problems import MEDIA_TYPE, NOT_SAVED, UNKNOWN_DEVICE, Problem

JSON = "application/json"
HTML = "text/html; charset=utf-8"
NOT_SAVED_AGAIN_S = 5
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")


class OriginRefused(PortvaktError):
    """A setting does not name a place on the web."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body, before any server library has seen them."""

    status: int
    headers: dict[str, str]
    body: bytes


def refusal(problem: Problem) -> Answer:
    """Give the answer that carries *problem*; `retry_after_s` among its members becomes the header."""
    document = problem.document()
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    wait_s = document.get("retry_after_s", NOT_SAVED_AGAIN_S if problem.kind is NOT_SAVED else None)
    if wait_s is not None:
        headers["Retry-After"] = str(wait_s)
    if problem.kind is UNKNOWN_DEVICE:
        headers["WWW-Authenticate"] = "Bearer"
    return Answer(problem.kind.status, headers, msgspec.json.encode(document))


def protection(frame_ancestors: tuple[str, ...]) -> Mapping[str, str]:
    """Give the headers of every answer; *frame_ancestors* are the origins that may frame the board.

    Raises:
        OriginRefused: one of them is not an origin such as `http://127.0.0.1:8080`.
    """
    for origin in frame_ancestors:
        if not _ORIGIN.fullmatch(origin):
            raise OriginRefused(
                f"{origin!r} cannot frame the board; name an origin such as http://127.0.0.1:8080."
            )
    policy = (
        "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
        f"frame-ancestors {' '.join(frame_ancestors) or chr(39) + 'none' + chr(39)}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
