"""Ids that their maker can make alone: UUID version 7 (RFC 9562 section 5.7)."""

import secrets
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def uuid7(at_ms: int) -> str:
    """Make an id that sorts by *at_ms*, the time since 1970 in milliseconds; the other 74 bits are random."""
    stamp = (at_ms & (1 << 48) - 1) << 80
    random_a = secrets.randbits(12) << 64
    return str(UUID(int=stamp | _VERSION_7 | random_a | _VARIANT | secrets.randbits(62)))
