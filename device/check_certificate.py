"""Whether central proves to be central, asked from a device: which CA is pinned, how long it holds."""

import socket
import ssl
from urllib.parse import urlsplit

from device.check import Answer, fault, note, ok, wait
from device.distrust import why
from device.trust import CaUnusable, Trust, ca_names, common_name, moment

TIMEOUT_S = 5.0
HTTPS_PORT = 443
# A proxy renews a certificate long before this.
FEW_DAYS = 14


def certificate_answer(url: str, trust: Trust) -> Answer:
    """Whether central's certificate holds, by whose word, and how many days are left."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return ok("central is on this machine; no certificate is asked for.")
    try:
        context = trust.context()
    except CaUnusable as error:
        return fault(str(error), "Mend that; until then this device talks to nobody.")
    pinned = _pinned(trust, context)
    try:
        certificate = _shown(context, parts.hostname or "", parts.port or HTTPS_PORT)
    except OSError as error:
        distrusted = why(error, url, trust.clock.now(), is_pinned=trust.ca_file is not None)
        if not distrusted:
            return wait(
                f"{pinned}; central's certificate cannot be looked at now ({error}).",
                "Mend Network or Central first.",
            )
        sentence, _, todo = distrusted.partition(": ")
        return fault(f"{pinned}; {sentence}.", f"{_begun(todo)}.")
    return _held(certificate, pinned, trust)


def _held(certificate: dict[str, object], pinned: str, trust: Trust) -> Answer:
    issuer = common_name(certificate["issuer"])
    days = (moment(certificate, "notAfter") - trust.clock.now()).days
    sentence = f'{pinned}; central shows a certificate by "{issuer}" that holds, {days} days left.'
    if faults := trust.faults():
        return note(f"{pinned}; {faults[0].reason}.", "Let this device reach a time server.")
    if days < FEW_DAYS:
        return note(sentence, "See whether the proxy renews its certificate.")
    return ok(sentence)


def _pinned(trust: Trust, context: ssl.SSLContext) -> str:
    if trust.ca_file is None:
        return "no CA is pinned, those of the system count"
    return f"pinned by {trust.ca_file}: {', '.join(ca_names(context))}"


def _begun(todo: str) -> str:
    """Begin as a sentence does; the name of a key stays as the file has it."""
    return todo if todo.startswith("central.") else f"{todo[:1].upper()}{todo[1:]}"


def _shown(context: ssl.SSLContext, host: str, port: int) -> dict[str, object]:
    with (
        socket.create_connection((host, port), TIMEOUT_S) as line,
        context.wrap_socket(line, server_hostname=host) as wrapped,
    ):
        return dict(wrapped.getpeercert() or {})
