"""The words in a call's address, its query and its headers, as OpenAPI parameters."""

from typing import Any

import msgspec

from central.web.api import schemas
from central.web.api.calls import Call
from central.web.api.words import WORDS

_KEYWORDS = ("description", "examples")


def of(call: Call) -> list[dict[str, Any]]:
    """Give the parameters of *call*."""
    in_path = [_parameter("path", word, _of_word(word), required=True) for word in call.words]
    return [*in_path, *_fields("query", call.route.asked), *_fields("header", call.route.headers)]


def _of_word(word: str) -> dict[str, Any]:
    if word not in WORDS:
        raise LookupError(f"<{word}> stands in an address; explain it in central/web/api/words.py.")
    return msgspec.json.schema(WORDS[word])


def _fields(place: str, kind: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a Struct, or nothing
    """One parameter for each field of a Struct."""
    if kind is None:
        return []
    _, components = schemas.of([kind])
    struct = components[kind.__name__]
    return [
        _parameter(place, name, schema, required=name in struct["required"])
        for name, schema in struct["properties"].items()
    ]


def _parameter(place: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "in": place, "required": required}
    if "description" in schema:
        made["description"] = schema["description"]
    if "examples" in schema:
        made["example"] = schema["examples"][0]
    made["schema"] = {key: value for key, value in schema.items() if key not in _KEYWORDS}
    return made
