"""How an answer leaves: JSON, problem documents, and the headers that every answer carries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from contract.errors import PortvaktError
from contract.problems import MEDIA_TYPE, NOT_SAVED, TOKEN_REFUSED, UNKNOWN_DEVICE, Problem

JSON = "application/json"
HTML = "text/html; charset=utf-8"
NOT_SAVED_AGAIN_S = 5
TLS_ONLY_S = 365 * 86_400
# Nothing but our own files: no script or style in a page, and no text that becomes one (Trusted Types).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# What a browser could do for a page, and this one never asks for.
_NEVER = (
    *("autoplay", "camera", "display-capture", "geolocation", "hid", "microphone", "midi"),
    *("payment", "serial", "usb"),
)
_FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: a form of ours would be sent with `Origin: null` (Fetch, "append a request Origin").
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _NEVER),
}
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
    if problem.kind in (UNKNOWN_DEVICE, TOKEN_REFUSED):
        headers["WWW-Authenticate"] = "Bearer"
    return Answer(problem.kind.status, headers, msgspec.json.encode(document))


def protection(frame_ancestors: tuple[str, ...], *, tls: bool = False) -> Mapping[str, str]:
    """Give the headers of every answer (OWASP Secure Headers Project).

    *frame_ancestors* are the origins that may frame the board; *tls* says that browsers reach us so, and
    must not come in any other way from then on.

    Raises:
        OriginRefused: one of them is not an origin such as `http://127.0.0.1:8080`.
    """
    for origin in frame_ancestors:
        if not _ORIGIN.fullmatch(origin):
            raise OriginRefused(
                f"{origin!r} cannot frame the board; name an origin such as http://127.0.0.1:8080."
            )
    ancestors = " ".join(frame_ancestors) or "'none'"
    headers = {**_FOR_ALL, "Content-Security-Policy": f"{_POLICY}; frame-ancestors {ancestors}"}
    if not frame_ancestors:  # this one cannot name anybody; it is for browsers without the policy
        headers["X-Frame-Options"] = "DENY"
    if tls:
        headers["Strict-Transport-Security"] = f"max-age={TLS_ONLY_S}"
    return headers
