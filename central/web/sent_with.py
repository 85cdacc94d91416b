"""What a post's own clocks said when it sent an arrival: headers, which may make no sense."""

from datetime import UTC, datetime

import msgspec
from flask import request

from central.words import SendClocks
from contract.wire import HEADER_AGE_MS, HEADER_AT, HEADER_BOOT, HEADER_MONO_MS

LONGEST_BOOT_MS = 10 * 366 * 24 * 3_600_000
OLDEST_MS = 7 * 24 * 3_600_000  # longer than any outbox waits


def send_clocks() -> SendClocks | None:
    """Read the sender's clocks from the headers; None when they make no sense.

    An arrival has happened, so it is never refused for a header.
    """
    boot_id = request.headers.get(HEADER_BOOT, "")
    try:
        mono_ms = msgspec.convert(request.headers.get(HEADER_MONO_MS), int, strict=False)
    except (ValueError, OverflowError):
        return None
    if not boot_id or not 0 <= mono_ms <= LONGEST_BOOT_MS:
        return None
    sent_at = _sent_at(request.headers.get(HEADER_AT, ""))
    # A post names its wall clock only while it believes it.
    age_ms = _age_ms(request.headers.get(HEADER_AGE_MS, ""))
    return SendClocks(boot_id, mono_ms, sent_at, synced=sent_at is not None, age_ms=age_ms)


def _age_ms(text: str) -> int:
    is_count = text.isascii() and text.isdigit() and len(text) <= len(str(OLDEST_MS))
    return min(int(text), OLDEST_MS) if is_count else 0


def _sent_at(text: str) -> datetime | None:
    """Read a wall clock's time; one without a zone is nobody's."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
