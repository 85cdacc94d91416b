"""Why a connection to central is not trusted, as one clause that says what to do."""

import http.client
import ssl
from datetime import datetime
from urllib.parse import urlsplit

# openssl/x509_vfy.h, X509_V_ERR_...
_UNKNOWN_CA = {2, 18, 19, 20, 21}
_NOT_YET, _EXPIRED = 9, 10
_WRONG_NAME = {62, 64}
_TOO_OLD = {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE"}
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
# A TLS alert record (RFC 8446 section 5.1) where a status line was expected; the error has its repr.
_ALERT = "\\x15\\x03"

SPEAKS_TLS = "TLS is spoken there; write https:// into central.url"


def why(error: BaseException, url: str, now: datetime, *, is_pinned: bool = False) -> str:
    """Say what is wrong with the far end of *url*; empty when *error* is about something else.

    *now* is what the clock of this device says, *is_pinned* whether it trusts one CA alone.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, url, now, is_pinned=is_pinned)
        if isinstance(cause, ssl.SSLError):
            return _handshake(cause)
        if isinstance(cause, http.client.BadStatusLine) and _ALERT in str(cause):
            return SPEAKS_TLS
    return ""


def _certificate(
    error: ssl.SSLCertVerificationError, url: str, now: datetime, *, is_pinned: bool
) -> str:
    code = error.verify_code
    if code in _UNKNOWN_CA and is_pinned:
        return (
            "its certificate is signed by another CA than the pinned one: "
            "put the CA of your proxy into central.ca_file"
        )
    if code in _UNKNOWN_CA:
        return (
            "its certificate is signed by a CA that this device does not trust: "
            "put the CA of your proxy into central.ca_file"
        )
    if code in _WRONG_NAME:
        return (
            f"its certificate is not for {urlsplit(url).hostname}: write a name of the certificate "
            "into central.url, or get one for this name"
        )
    if code == _EXPIRED:
        return (
            f"its certificate has expired, and the clock of this device says {now:%Y-%m-%d}: "
            "renew it at the proxy"
        )
    if code == _NOT_YET:
        return (
            "its certificate is not valid yet: "
            f"the clock of this device says {now:%Y-%m-%d}: set it"
        )
    return f"its certificate does not hold: {error.verify_message}"


def _handshake(error: ssl.SSLError) -> str:
    if error.reason in _TOO_OLD:
        return "it speaks no TLS 1.2 or newer: allow that at the proxy"
    if error.reason in _NO_TLS:
        return "no TLS is spoken there: central.url names the wrong port, or the proxy has no TLS"
    return f"the TLS handshake failed: {error.reason or error}"


def _causes(error: BaseException) -> list[BaseException]:
    found = [error]
    while (inner := found[-1].__cause__ or found[-1].__context__) is not None:
        found.append(inner)
    return found
