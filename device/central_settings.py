"""Where central is, as the settings of every device say it."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from device.settings import SettingsError, setting
from device.trust import CaUnusable, Trust


def address_fault(url: str) -> str:
    """Say what the address of central must be, if *url* is none that a device may use; else nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        return "must be an address such as https://central.example.com"
    if "@" in parts.netloc:
        return "must not hold a name or a password; a device has its token for that"
    if parts.scheme == "http" and not is_this_machine(host):
        return (
            f"must begin with https:// (https://{_shown(host)}, the proxy's own port): plates and the "
            "token would cross the network for everybody to read; http:// is for 127.0.0.1 alone"
        )
    return ""


def _shown(host: str) -> str:
    """The host as an address has it; central's port behind the proxy is not the proxy's."""
    return f"[{host}]" if ":" in host else host


def is_this_machine(host: str) -> bool:
    """Whether *host* never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class CentralPlace:
    """Where central is, and by which CA it proves that."""

    url: str = setting(
        low=1,
        refuse=address_fault,
        doc="Address of central, https://name; http://127.0.0.1:port on its own machine.",
    )
    station: str = setting(low=1, doc="This station's name at central.")
    ca_file: Path | None = setting(
        None,
        low=1,
        doc="The only CAs that count for central's certificate, a PEM file; those of the system if it "
        "is not set.",
    )


class WithCentral(Protocol):
    """The settings of any device."""

    @property
    def central(self) -> CentralPlace:
        """Where its central is."""


def check_ca(settings: WithCentral) -> None:
    """Refuse *settings* whose CA cannot be used.

    Raises:
        SettingsError: names the key and what to do.
    """
    try:
        Trust(settings.central.ca_file).context()
    except CaUnusable as error:
        raise SettingsError(str(error)) from error
