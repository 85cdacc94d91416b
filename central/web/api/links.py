"""What may follow an answer: an answer that holds an id leads to every call whose address needs one."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from msgspec import structs

from central.web.api.calls import Call
from central.web.routes import Gives
from contract import wire, yard

# Where in an answer the words of other addresses and bodies stand (RFC 6901 pointers).
_FOUND: dict[Any, Mapping[str, str]] = {
    wire.Standing: {"visit": "/visit"},
    yard.QueueRow: {"visit": "/visit", "version": "/version", "bay": "/bay"},
    yard.Queue: {
        "visit": "/line/0/visit",
        "version": "/line/0/version",
        "bay": "/bays/0/bay",
        "help_id": "/help/0/id",
        "arrival": "/held/0/arrival",
    },
    wire.HelpState: {"help_id": "/id"},
    yard.BookingRow: {"ref": "/ref", "visit": "/visit"},
}


def of(given: Gives, calls: list[Call]) -> dict[str, dict[str, Any]]:
    """Give the links of an answer, by the name of the call that they lead to."""
    kind = given.type
    inside = "/0" if get_origin(kind) is list else ""
    found = _FOUND.get(get_args(kind)[0] if inside else kind, {})
    pointers = {word: f"$response.body#{inside}{where}" for word, where in found.items()}
    return {call.name: _link(call, pointers) for call in calls if _is_reached(call, pointers)}


def _is_reached(call: Call, pointers: Mapping[str, str]) -> bool:
    needed = set(call.words) - {"station"}
    return bool(needed) and needed <= set(pointers)


def _link(call: Call, pointers: Mapping[str, str]) -> dict[str, Any]:
    words = {word: pointers[word] for word in call.words if word != "station"}
    made: dict[str, Any] = {
        "operationId": call.name,
        "parameters": {
            "path.station": "$request.path.station",
            **{f"path.{word}": pointer for word, pointer in words.items()},
        },
    }
    body = {word: pointer for word, pointer in pointers.items() if word in _spoken(call) - {*words}}
    if body:
        made["requestBody"] = body
    return made


def _spoken(call: Call) -> set[str]:
    """The words that must be told in the body."""
    kinds = () if call.takes is None else call.takes.types
    return {
        name.encode_name
        for kind in kinds
        if hasattr(kind, "__struct_fields__")
        for name in structs.fields(kind)
        if name.required
    }
