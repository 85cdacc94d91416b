"""Whom this device takes for central: whoever shows a certificate of the CA in `central.ca_file`.

The CA is pinned and not the certificate of the proxy, so a renewed certificate needs no visit.  Without
a file the CAs of the system count (OWASP Pinning Cheat Sheet: pin only what you control).

A device boots without a clock, and one that reads 1970 would refuse every certificate before a time
server is reached.  Under a pinned CA an unset clock is therefore read as "not earlier than": nobody asks
when a certificate begins, and it has expired if it ended before the latest moment that surely is over.
Under the CAs of the system the dates count as they stand.
"""

import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract.errors import PortvaktError
from contract.wire import DeviceFault
from device.clock import Clock, SystemClock
from device.log import event

CLOCK = "clock"
# openssl/x509_vfy.h; Python has a name for the neighbours only.
NO_CHECK_TIME = 0x200000
EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED

log = logging.getLogger(__name__)


class CaUnusable(PortvaktError):
    """`central.ca_file` cannot be used; the text names the key and what to do."""


def put_up_at() -> datetime:
    """When this release was put on this card: no clock is right that reads less."""
    return datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


class Trust:
    """What every connection of one process to central is judged by.

    Args:
        ca_file: the only CAs that count, PEM; None for those of the system.
        clock: the device's.
        release_at: a moment that surely is over.
    """

    def __init__(
        self,
        ca_file: Path | None = None,
        clock: Clock | None = None,
        release_at: Callable[[], datetime] = put_up_at,
    ) -> None:
        self.ca_file = ca_file
        self.clock = clock or SystemClock()
        self._release_at = release_at
        self._undated_ms: int | None = None

    def context(self) -> ssl.SSLContext:
        """Make the rules of one session: TLS 1.2 or newer, the right name, and a chain to our CA.

        Raises:
            CaUnusable: the file is not there, or is no file of CAs.
        """
        # Not ssl.create_default_context, which obeys SSLKEYLOGFILE.
        made = _Judged(ssl.PROTOCOL_TLS_CLIENT)
        made.trust = self
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file is None:
            made.load_default_certs()
        else:
            _load(made, self.ca_file)
            # The CA in the file is the end of the chain, also where a root stands above it.
            made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return made

    def reads_no_start(self) -> bool:
        """Whether a certificate may begin later than our clock says."""
        return self.ca_file is not None and not self.clock.synced()

    def faults(self) -> list[DeviceFault]:
        """Say that a certificate was taken whose start our clock has not reached, until it is set."""
        if self._undated_ms is None or self.clock.synced():
            self._undated_ms = None
            return []
        since_s = (self.clock.monotonic_ms() - self._undated_ms) // 1000
        return [DeviceFault(part=CLOCK, since_s=since_s, reason=_said(self.clock))]

    def judge(self, certificate: dict[str, Any], cas: list[dict[str, Any]]) -> None:
        """Look at the dates of *certificate* with a clock that nobody has set.

        Raises:
            SSLCertVerificationError: it had expired before a moment that is surely over.
        """
        now = self.clock.now()
        over = max(now, self._release_at(), *(moment(ca, "notBefore") for ca in cas))
        if moment(certificate, "notAfter") < over:
            error = ssl.SSLCertVerificationError(1, "certificate has expired")
            error.verify_code = EXPIRED
            raise error
        if moment(certificate, "notBefore") > now and self._undated_ms is None:
            self._undated_ms = self.clock.monotonic_ms()
            log.error(event("certificate taken without its dates", reason=_said(self.clock)))


class _Judged(ssl.SSLContext):
    """A context that asks `trust` about the clock before each handshake."""

    trust: Trust

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # noqa: ANN401 - as ssl has it
        undated = self.trust.reads_no_start()
        flags = self.verify_flags & ~NO_CHECK_TIME
        self.verify_flags = ssl.VerifyFlags(flags | NO_CHECK_TIME if undated else flags)
        wrapped = super().wrap_socket(*args, **kwargs)
        if undated:
            try:
                self.trust.judge(wrapped.getpeercert() or {}, self.get_ca_certs())
            except ssl.SSLError:
                wrapped.close()
                raise
        return wrapped


def moment(certificate: dict[str, Any], which: str) -> datetime:
    """When *certificate* begins ("notBefore") or ends ("notAfter")."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate[which]), UTC)


def ca_names(context: ssl.SSLContext) -> list[str]:
    """Name the CAs that *context* trusts, as their certificates name themselves."""
    return [common_name(ca["subject"]) for ca in context.get_ca_certs()]


def common_name(name: Any) -> str:  # noqa: ANN401 - the tuples of ssl.getpeercert
    """The last and most particular part of a certificate's name: its common name, if it has one."""
    parts = {key: value for ((key, value),) in name}
    return str(parts.get("commonName") or next(reversed(parts.values()), "no name"))


def _load(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        content = ca_file.read_bytes()
    except FileNotFoundError as error:
        raise _unusable(ca_file, "is not there; copy the CA of your proxy there") from error
    except OSError as error:
        raise _unusable(ca_file, f"cannot be read: {error.strerror}") from error
    if b"PRIVATE KEY" in content:
        raise _unusable(
            ca_file, "holds a private key; only the CA's certificate belongs on a device"
        )
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise _unusable(ca_file, "is no PEM file with the certificate of a CA") from error
    count = context.cert_store_stats()
    if count["x509_ca"] < count["x509"]:
        raise _unusable(ca_file, "holds the certificate of a server; put that of its CA there")


def _unusable(ca_file: Path, why: str) -> CaUnusable:
    return CaUnusable(f"central.ca_file = {ca_file} {why}.")


def _said(clock: Clock) -> str:
    return (
        f"the clock of this device says {clock.now():%Y-%m-%d} and nobody has set it; central's "
        "certificate is taken from a later day on the word of central.ca_file"
    )
