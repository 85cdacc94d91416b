"""JSON Schema 2020-12 of the types, as msgspec gives it, made exact."""

import inspect
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from contract import plate
from contract.plate import MAX_SIGNS, MIN_SIGNS

REF = "#/components/schemas/{name}"
_LAST_OF_BMP = 0xFFFF

Schema = dict[str, Any]


def of(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Give the schema of each type, in order, and the components that they refer to."""
    schemas, components = msgspec.json.schema_components(
        list(types), schema_hook=_anything, ref_template=REF
    )
    made = [_exact(schema) for schema in schemas]
    components = {name: _exact(schema) for name, schema in sorted(components.items())}
    return made, {**components, "Plate": _plate()}


def _anything(kind: type) -> Schema:
    """A fact's data may hold any JSON."""
    if kind is object:
        return {"description": "Any JSON."}
    raise NotImplementedError


def _plate() -> Schema:
    return {
        "title": "Plate",
        "description": (
            f"A number plate as somebody writes it: {MIN_SIGNS} to {MAX_SIGNS} letters and digits, and"
            " blanks, dashes or dots wherever they like.  The pattern is the rule and nothing more: no"
            " plate is refused for its shape."
        ),
        "type": "string",
        "maxLength": 64,
        "pattern": plate_pattern(),
        "examples": ["ABC 123"],
    }


def _exact(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Lay out descriptions as one text, and let plates be described once."""
    if isinstance(schema, list):
        return [_exact(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "plate":
        return {"$ref": REF.format(name="Plate")}
    made = {name: _exact(part) for name, part in schema.items()}
    if isinstance(made.get("description"), str):
        made["description"] = inspect.cleandoc(made["description"])
    return made


@cache
def plate_pattern() -> str:
    """A pattern for what `Plate.parse` takes: 2 to 10 signs, and separators wherever somebody put them.

    Which characters part the groups is Unicode's to say (white space, and those that format only), so
    they are looked up in the tables of this Python.  A letter may come as one character or as its base
    and its mark.
    """
    gaps = _class(char for char in map(chr, range(0x110000)) if _is_gap(char))
    marked = {unicodedata.normalize("NFD", sign) for sign in plate.SIGNS}
    pairs = [f"{pair[0]}{_escaped(pair[1])}" for pair in sorted(marked) if len(pair) > 1]
    singles = _class(char for char in map(chr, range(0x110000)) if _is_sign(char))
    sign = f"(?:{'|'.join([*pairs, singles])})"
    return f"^{gaps}*(?:{sign}{gaps}*){{{MIN_SIGNS},{MAX_SIGNS}}}$"


def _is_sign(char: str) -> bool:
    return unicodedata.normalize("NFC", char) in plate.SIGNS


def _is_gap(char: str) -> bool:
    settled = unicodedata.normalize("NFC", char)
    return len(settled) == 1 and plate.is_separator(settled)


def _class(chars: Iterable[str]) -> str:
    """A class of characters, neighbours as ranges."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, chars)):
        if runs and code == runs[-1][-1] + 1:
            runs[-1][1:] = [code]
        else:
            runs.append([code])
    return f"[{''.join('-'.join(map(_escaped, map(chr, run))) for run in runs)}]"


def _escaped(char: str) -> str:
    """Plain letters and digits as they are, others by their number; beyond the first plane as they are."""
    code = ord(char)
    return char if (char.isascii() and char.isalnum()) or code > _LAST_OF_BMP else f"\\u{code:04X}"
