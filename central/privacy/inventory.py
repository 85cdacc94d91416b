"""Every column of every table: whether it says something about a person, and what becomes of it.

A column that stands in neither list breaks a test, so that nobody adds one without deciding this.
`docs/privacy.md` shows the same lists.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from central.line.line import UNDONE_FIELDS


class Goes(StrEnum):
    """When a column is emptied, or its row deleted."""

    WITH_VISIT = "with its visit"  # `keep_days` after the visit ended
    WITH_ROW = "with its row"  # the row is deleted
    SOON = "by itself"  # within seconds or hours, as the module that writes it says
    WITH_NAMES = "with names of staff"  # `keep_names_days` after it happened
    NEVER = "not by itself"  # an account is disabled, not deleted: it has made what stands there


def _all(columns: str, goes: Goes) -> dict[str, Goes]:
    return dict.fromkeys(columns.split(), goes)


# What says something about a customer or one of the staff, and when it goes.
PERSONAL: Mapping[str, Mapping[str, Goes]] = {
    "visit": _all("plate match_key plate2 match_key2 reason note booking", Goes.WITH_VISIT),
    "claim": _all("match_key", Goes.SOON),
    "call": _all("plate match_key", Goes.WITH_VISIT),
    "arrival": _all("plate match_key body_sha256 device settled_by", Goes.WITH_VISIT),
    "booking": _all(
        "ref plate match_key plate2 match_key2 make model colour remark", Goes.WITH_ROW
    ),
    "inspection": _all("match_key match_key2 by outcome", Goes.WITH_VISIT),
    "help_call": _all(
        "plate match_key word acknowledged_by acknowledged_id closed_by", Goes.WITH_VISIT
    ),
    "event": {**_all("data", Goes.WITH_VISIT), **_all("actor actor_id", Goes.WITH_NAMES)},
    "lit": _all("match_key", Goes.SOON),
    "named": _all("match_key", Goes.SOON),
    "device": _all("picture", Goes.SOON),
    "look": _all("person name about", Goes.WITH_ROW),
    "person": _all("name password_hash issuer subject", Goes.NEVER),
    "known_browser": _all("token_sha256 person", Goes.WITH_ROW),
    "tried_name": _all("name_sha256", Goes.WITH_ROW),
    "session": _all("token_sha256 person csrf", Goes.WITH_ROW),
    "sign_in_code": _all("code_sha256 person", Goes.WITH_ROW),
    "api_token": _all("name created_by", Goes.WITH_ROW),
    # A hall's events come without anybody in them, and stay so; what leads to a customer is these.
    "hall": _all("said", Goes.WITH_ROW),
    "hall_log": _all("ref", Goes.WITH_ROW),
    "hall_erasure": _all("plate", Goes.SOON),
    "office_word": _all("id word", Goes.WITH_ROW),
    "office_forgets": _all("ref", Goes.SOON),
}

# Columns that may hold text, and say nothing about anybody: ids, states, doors, names of devices.
IMPERSONAL: Mapping[str, frozenset[str]] = {
    table: frozenset(columns.split())
    for table, columns in {
        "meta": "name value",
        "station": "id name time_zone hours holidays special_days sign_closed sign_break",
        "bay": "station id door kinds state",
        "visit": "id station kind source state rule bay call",
        "claim": "station visit",
        "call": "id station bay visit",
        "arrival": "id station visit source outcome why",
        "booking": "station kind visit",
        "inspection": "visit station kind",
        "help_call": "id station device post visit",
        "event": "station kind actor_kind visit bay call",
        "deed": "id station kind cause state claimed_by data",
        "heartbeat": "station device body",
        "lit": "device station boot bay call",
        "named": "device bay station boot call",
        "device": "id station role name token_sha256 serial bay boot panel_state fault commanded"
        " sent_call panel lists next_token_sha256 boots",
        "device_code": "handle code_hash station role name bay replaces claim_sha256 device",
        "hall": "station epoch",
        "hall_event": "station epoch kind actor_kind actor_id visit bay call data",
        "hall_log": "station",
        "hall_erasure": "id station",
        "hall_revocation": "station device",
        "office_link": "station office",
        "office_word": "station kind",
        "office_forgets": "station",
        "look": "id station what",
        "person": "id role stations",
        "api_token": "id token_sha256 stations scopes",
        "machine": "station device name role body told begun",
        "release": "name why",
        "release_file": "file release platform sha256",
        "ring_release": "ring release before",
        "station_ring": "station ring",
        "machine_pin": "station device release",
    }.items()
}

# What an event's data may hold for ever: states, times, doors, devices, and ids that lead to nobody.
EVENT_KEEPS = frozenset(
    {
        "after", "arrival", "bay", "bookings", "came_at", "cause", "changed", "cloned", "created", "days",
        "deed", "device", "did", "door", "fault", "from", "from_bay", "from_door", "from_epoch", "help",
        "kind", "lists", "name", "new", "old", "part", "parts", "post", "refused", "release", "replaces",
        "ring", "role", "said",
        "scopes", "serial", "settles", "sign", "since", "slot_at", "source", "taken_at", "to", "token",
        "total",
        "undoes", "unheard", "until", "version", "visits", "was", "was_at", "what", "why",
    }
)  # fmt: skip
# What a person typed about somebody, or what leads to somebody in another system; of an outcome the
# result stays.
EVENT_LOSES = frozenset(
    {"outcome", "reason", "word", "ref", "plate", "plate2", "match_key", "match_key2"}
)
# Of one of the staff, whose account was changed.
EVENT_NAMES = frozenset({"person", "by"})
# Of what undo needs, everything but a person's words.
_WAS_KEEPS = frozenset(UNDONE_FIELDS) - {"reason", "note"}
# What our own program writes there, which says nothing about anybody.
OWN_NOTES = frozenset({"closing", "undo"})


def without_customer(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of an event's *data* when the customer is forgotten."""
    kept = {name: value for name, value in data.items() if name in EVENT_KEEPS | EVENT_NAMES}
    if isinstance(kept.get("was"), dict):
        kept["was"] = {name: value for name, value in kept["was"].items() if name in _WAS_KEEPS}
    if isinstance(data.get("outcome"), dict):
        kept["outcome"] = bare_outcome(data["outcome"])
    return kept


def without_names(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of it when the staff who did it are forgotten too."""
    return {name: value for name, value in data.items() if name not in EVENT_NAMES}


def own_note(note: str | None) -> str | None:
    """The note of a visit, if it is one of our own words."""
    return note if note in OWN_NOTES else None


def bare_outcome(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """How an inspection ended, without what was remarked."""
    return {"result": outcome.get("result")}
