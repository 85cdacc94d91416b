"""Who asks, as far as an address tells: what the limits on strangers count by."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app, request

BEHIND_PROXY = "BEHIND_PROXY"
UNKNOWN = "unknown"
# Where the dispatcher leaves it: it alone sees the headers by their true names.
ASKER = "portvakt.asker"
# Some proxies write the port too (RFC 7239 section 6).
_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]+)?")
# Whoever has one IPv6 address has a whole /64 of them (RFC 6177 section 2).
ONE_ASKER = 64


def asker_address() -> str:
    """Say from which address the present question came; for limits only, never for who may."""
    told: str | None = request.environ.get(ASKER)
    return told or address_of(
        request.remote_addr or "",
        request.headers.get("X-Forwarded-For", ""),
        behind_proxy=bool(current_app.config.get(BEHIND_PROXY)),
    )


def address_of(peer: str, forwarded: str, *, behind_proxy: bool) -> str:
    """Give the asker's address, an IPv6 one as its /64.

    Behind a proxy it is the last of *forwarded*, which the proxy itself has added: what stands before it
    anybody may have written (RFC 7239 section 8.1).
    """
    if behind_proxy:
        return _grouped(forwarded.rpartition(",")[2].strip()) or _grouped(peer) or UNKNOWN
    return _grouped(peer) or UNKNOWN


def _grouped(text: str) -> str:
    """Give nothing for what is no address."""
    with_port = _WITH_PORT.fullmatch(text)
    bare = text if with_port is None else with_port["six"] or with_port["four"]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, ONE_ASKER), strict=False))
