"""When central gives no answer that can be used: what is raised, and in which words."""

import msgspec
import requests

from contract.errors import PortvaktError
from contract.problems import MEDIA_TYPE
from contract.reading import from_json
from device.distrust import SPEAKS_TLS

BAD_REQUEST = 400
DAY_S = 24 * 3600


class CentralUnreachable(PortvaktError):
    """Central gave no answer that can be used.  What was sent may still have reached it."""

    def __init__(self, url: str, why: object) -> None:
        super().__init__(
            f"Central does not answer at {url} ({why}); check the cable, the switch and central.url."
        )
        self.url = url
        self.why = str(why)


class CentralUntrusted(CentralUnreachable):
    """Something answers at central's address, and it is not proven to be central."""

    def __init__(self, url: str, why: object) -> None:
        super().__init__(url, why)
        self.args = (f"Central at {url} is not trusted: {why}.",)


class CentralUnreadable(CentralUnreachable):
    """Something answered 2xx, but not in the words that were asked for."""


class CentralRefused(PortvaktError):
    """Central answered no: HTTP `status`, the stable `reason` (RFC 9457; "" if it gave none) and `detail`.

    `retry_after_s` is what it asked us to wait; 0 when it did not.
    """

    def __init__(self, status: int, reason: str, detail: str, retry_after_s: int = 0) -> None:
        super().__init__(f"Central refused with {status} {reason}: {detail}")
        self.retry_after_s = retry_after_s
        self.status = status
        self.reason = reason
        self.detail = detail


class _Said(msgspec.Struct):
    reason: str = ""
    detail: str = ""
    title: str = ""


def refusal(response: requests.Response) -> CentralRefused:
    """Read the no that *response* is; one that central did not write has no reason."""
    said = _Said()
    if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        try:
            said = from_json(response.content, _Said)
        except (msgspec.MsgspecError, requests.RequestException):
            said = _Said()
    detail = said.detail or said.title or response.reason or "no reason given"
    if _asks_for_tls(response):
        detail = f"{SPEAKS_TLS}."
    return CentralRefused(response.status_code, said.reason, detail, _retry_after_s(response))


def _retry_after_s(response: requests.Response) -> int:
    """Read the header as seconds (RFC 9110 section 10.2.3); central never names a date."""
    text = response.headers.get("Retry-After", "")
    is_count = text.isascii() and text.isdigit() and len(text) <= len(str(DAY_S))
    return min(int(text), DAY_S) if is_count else 0


def _asks_for_tls(response: requests.Response) -> bool:
    """Whether this is what nginx and Caddy say to plain HTTP on their TLS port."""
    return (
        response.status_code == BAD_REQUEST
        and response.url.startswith("http:")
        and any(sign in response.content for sign in (b"HTTPS server", b"HTTPS port"))
    )


def in_short(error: requests.RequestException) -> str:
    """The innermost cause in a few words; requests wraps it three times."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    text = str(getattr(cause, "strerror", "") or cause)
    return text or type(cause).__name__
