"""JSON Schema in words that a reader takes in at a glance."""

import json
import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")
_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}
_FORMATS = {"date-time": "time (RFC 3339)", "date": "day"}
_ID = "^[0-9a-f]{8}(-"


@dataclass(frozen=True, slots=True)
class Field:
    """One word of an address, a query, a header or a body."""

    name: str
    schema: dict[str, Any]
    required: bool
    says: str = ""
    place: str = ""
    shown: str = ""

    @classmethod
    def of_parameter(cls, one: dict[str, Any]) -> "Field":
        """Take it from an OpenAPI parameter."""
        says = one.get("description", "")
        shown = str(one.get("example", ""))
        return cls(one["name"], one["schema"], one["required"], says, one["in"], shown)


def fields_of(schema: dict[str, Any], example: object = None) -> list[Field]:
    """Give the fields of an object, each with its value in *example*."""
    required = schema.get("required", ())
    shown = example if isinstance(example, dict) else {}
    return [
        Field(
            name,
            inner,
            name in required,
            inner.get("description", ""),
            shown="" if shown.get(name) is None else json.dumps(shown[name], ensure_ascii=False),
        )
        for name, inner in schema.get("properties", {}).items()
    ]


def text(said: str) -> Markup:
    """Lay out paragraphs, lists and `code`, which is all that our sentences use."""
    return Markup("").join(_block(block) for block in said.split("\n\n") if block.strip())


def one_line(said: str) -> Markup:
    """Lay out one sentence."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(" ".join(said.split())))))  # noqa: S704 - escaped


def _block(block: str) -> Markup:
    if not block.startswith("- "):
        return Markup("<p>{}</p>").format(one_line(block))
    items = [Markup("<li>{}</li>").format(one_line(item)) for item in block[2:].split("\n- ")]
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def shape(schema: dict[str, Any]) -> Markup:
    """Say what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#type-{0}">{0}</a>').format(name)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return Markup(" or ").join(map(shape, choices))
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values:
        return Markup(" or ").join(Markup("<code>{}</code>").format(value) for value in values)
    if "event" in schema.get("properties", {}):
        return _event(schema["properties"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(shape(schema.get("items", {})))
    return escape(_plain(schema))


def _event(fields: dict[str, Any]) -> Markup:
    """One kind of event of a stream."""
    data = fields["data"].get("contentSchema", fields["data"])
    return Markup("<code>{}</code> with {}").format(fields["event"]["const"], shape(data))


def _plain(schema: dict[str, Any]) -> str:
    if "type" not in schema:
        return "any JSON"
    if schema.get("pattern", "").startswith(_ID):
        return "id (UUID)"
    name = _FORMATS.get(schema.get("format", ""), _PLAIN[schema["type"]])
    return f"{name}{_limits(schema)}"


def _limits(schema: dict[str, Any]) -> str:
    low = schema.get("minLength", schema.get("minimum"))
    high = schema.get("maxLength", schema.get("maximum"))
    if high is None or high >= 2**53:
        return "" if low is None else f", {low} or more"
    between = f", up to {high}" if low is None else f", {low} to {high}"
    return between + (" characters" if "maxLength" in schema else "")
