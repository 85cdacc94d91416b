"""What a question may say beside its body: words of the query, and headers."""

from typing import Annotated

from msgspec import Meta, Struct

from contract.wire import HEADER_AGE_MS, HEADER_AT, HEADER_BOOT, HEADER_MONO_MS, Plated


def _says(description: str) -> Meta:
    return Meta(description=description)


class StatusAsked(Struct, frozen=True):
    """Which plate a post asks about."""

    plate: Annotated[str, _says("The plate, as it was typed at this post.")]


class ElsewhereAsked(Struct, frozen=True):
    """Which plate a post asks about."""

    plate: Annotated[Plated, _says("The plate, as it is being typed at this post.")]


class EventsAsked(Struct, frozen=True):
    """Where a board's stream goes on."""

    after: Annotated[
        str, _says("The id of the last event that the board has; the header wins over it.")
    ] = ""


class LastSeen(Struct, frozen=True, rename={"last_event_id": "Last-Event-ID"}):
    """The same, as browsers say it when they come back (WHATWG HTML, "Server-sent events")."""

    last_event_id: Annotated[str, _says("The id of the last event that the board has.")] = ""


class SendersClocks(
    Struct,
    frozen=True,
    rename={
        "boot": HEADER_BOOT,
        "mono_ms": HEADER_MONO_MS,
        "at": HEADER_AT,
        "age_ms": HEADER_AGE_MS,
    },
):
    """The post's clocks at the moment of sending.

    With them the age of an arrival is known though the post's clock was never set.  What makes no sense
    is passed over: an arrival has happened, so it is never refused for a header.
    """

    boot: Annotated[str, _says("The post's boot: `boot_id` counts only within the same one.")] = ""
    mono_ms: Annotated[str, _says("Its monotonic clock in milliseconds.")] = ""
    at: Annotated[str, _says("Its wall clock (RFC 3339).")] = ""
    age_ms: Annotated[
        str, _says("How old it is at the least, where it is from before this boot.")
    ] = ""


class Known(Struct, frozen=True, rename={"if_none_match": "If-None-Match"}):
    """What the asker has already (RFC 9110 section 13.1.2)."""

    if_none_match: Annotated[str, _says("The `ETag` of the answer that the post has.")] = ""
