"""The page at `/docs`: the document, laid out by the server for people; it needs nothing from elsewhere."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central.web.api import curl
from central.web.api.shapes import Field, fields_of, one_line, shape, text

FOLDER = Path(__file__).parent / "docs"
FILES = ("docs.css", "docs.js")
_SCHEMA = "#/components/schemas/"
_JINJA = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_JINJA.filters |= {"text": text, "one_line": one_line, "shape": shape}


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back: status, what it means, what is in it, and an example."""

    status: str
    says: str
    schema: dict[str, Any] | None
    media: str
    headers: dict[str, Any]
    shown: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A body that a call takes: its type's name and text, its kind of content, and its fields."""

    name: str
    says: str
    media: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Entry:
    """One call, as the page shows it."""

    name: str
    method: str
    path: str
    title: str
    says: str
    may: list[str]
    words: list[Field]
    body: list[Taken]
    answers: list[Answer]
    refusals: list[tuple[str, list[str]]]
    leads: list[str]
    curl: str


def of(document: dict[str, Any]) -> str:
    """Lay *document* out."""
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            groups[call["tags"][0]].append(_entry(document, method, path, call))
    schemas = document["components"]["schemas"]
    return _JINJA.get_template("docs.html").render(
        info=document["info"],
        security=document["components"]["securitySchemes"],
        groups=groups,
        types={
            name: (schema, fields_of(schema))
            for name, schema in schemas.items()
            if not name.startswith("problem.")
        },
        problems=[schema for name, schema in schemas.items() if name.startswith("problem.")],
    )


def _entry(document: dict[str, Any], method: str, path: str, call: dict[str, Any]) -> Entry:
    answers = [_answer(*item) for item in call["responses"].items() if int(item[0]) < 400]  # noqa: PLR2004 - RFC 9110
    leads = [name for one in call["responses"].values() for name in one.get("links", ())]
    return Entry(
        name=call["operationId"],
        method=method.upper(),
        path=path,
        title=call["summary"],
        says=call.get("description", ""),
        may=call["x-portvakt-may"],
        words=[Field.of_parameter(one) for one in call.get("parameters", ())],
        body=list(_bodies(document, call)),
        answers=answers,
        refusals=[
            (status, _reasons(answer))
            for status, answer in call["responses"].items()
            if int(status) >= 400  # noqa: PLR2004 - the same
        ],
        leads=list(dict.fromkeys(leads)),
        curl=curl.line(method, path, call),
    )


def _bodies(document: dict[str, Any], call: dict[str, Any]) -> Iterator[Taken]:
    for media, content in call.get("requestBody", {}).get("content", {}).items():
        examples = content["examples"]
        for schema in content["schema"].get("anyOf", [content["schema"]]):
            name = schema.get("$ref", "").removeprefix(_SCHEMA)
            found = document["components"]["schemas"].get(name, schema)
            shown = examples.get(name, {}).get("value")
            yield Taken(name, found.get("description", ""), media, fields_of(found, shown))


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    contents: dict[str, Any] = answer.get("content", {})
    media = next(iter(contents), "")
    inside: dict[str, Any] = contents.get(media, {})
    shown = next((one["value"] for one in inside.get("examples", {}).values()), "")
    return Answer(
        status,
        answer["description"],
        inside.get("schema"),
        media,
        answer.get("headers", {}),
        _shown(shown),
    )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _reasons(answer: dict[str, Any]) -> list[str]:
    return list(answer["content"]["application/problem+json"]["examples"])
