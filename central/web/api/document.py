"""The document at `/v1/openapi.json`: OpenAPI 3.1.1, made of the marks and the types, and of nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec

from central.web.answers import JSON
from central.web.api import examples, links, parameters, schemas
from central.web.api.calls import Call
from central.web.api.problem_schemas import problem_examples, problem_schemas, refusals
from central.web.cookies import SESSION
from central.web.door import CSRF_HEADER
from central.web.routes import Body, Gives
from central.web.telling import Told

Document = dict[str, Any]
Schemas = Mapping[Any, Document]

# In the order in which a reader meets them.
GROUPS = {
    "devices": "Posts and signs",
    "heartbeats": "Posts and signs",
    "device_admin": "Posts and signs",
    "fleet": "The fleet",
    "board": "The board",
    "station": "The station",
    "bays": "Bays",
    "bookings": "Bookings and vehicles",
    "tokens": "Tokens and looks",
    "looks": "Tokens and looks",
    "privacy": "Personal data",
    "people": "People",
    "halls": "Halls and their office",
    "pages": "Signing in",
    "first": "Signing in",
    "health": "Operations",
    "api": "This document",
}
_ABOUT = """The queue of a vehicle-inspection station: arrivals, the line, doors, signs and help.

All times are UTC.  Bodies are JSON in UTF-8 and are read strictly: a number is no text.  What people
send may hold no unknown field; what devices send may, because they may be newer than this server.  No
text may hold the character U+0000.  Every refusal is a problem document (RFC 9457) with a `reason` that
never changes.

A post or a sign sends its token, and so does a booking system; a person signs in at `/login` and sends
the cookie, and with everything that changes also the value of `csrf` from `/v1/session`.  Who may take a
call stands in its `x-portvakt-may`.
"""
_SECURITY = {
    "post": {
        "type": "http",
        "scheme": "bearer",
        "description": "A post's token, bound to its station.",
    },
    "sign": {
        "type": "http",
        "scheme": "bearer",
        "description": "A sign's token, bound to its station and its bay.",
    },
    "booking": {
        "type": "http",
        "scheme": "bearer",
        "description": "Another system's token, with the scopes `bookings:read` and `bookings:write`, or that"
        " of a hall box with the scope `hall:link`.",
    },
    "scraper": {
        "type": "http",
        "scheme": "bearer",
        "description": "What stands in the data folder's `metrics.token`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION,
        "description": "A person's session, which `POST /login` begins; behind TLS its name begins with"
        " `__Host-`.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "The session's own value, as `GET /v1/session` gives it.",
    },
}


def of(calls: list[Call]) -> Document:
    """Write the document of *calls*."""
    calls = sorted(calls, key=_order)
    types = list(dict.fromkeys(_types(calls)))
    made, components = schemas.of(types)
    schema_of = dict(zip(types, made, strict=True))
    paths: defaultdict[str, Document] = defaultdict(dict)
    for call in calls:
        paths[call.path][call.method.lower()] = _operation(call, calls, schema_of)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Portvakt",
            "version": version("portvakt"),
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_group, calls))],
        "paths": dict(paths),
        "components": {
            "schemas": {**components, **problem_schemas()},
            "examples": problem_examples(),
            "securitySchemes": _SECURITY,
        },
    }


def _order(call: Call) -> int:
    names = list(GROUPS)
    return names.index(call.group) if call.group in GROUPS else len(names)


def _group(call: Call) -> str:
    return GROUPS.get(call.group, call.group.capitalize())


def _types(calls: Iterable[Call]) -> Iterator[Any]:
    """Every type that the document must describe."""
    for call in calls:
        yield from () if call.takes is None else call.takes.types
        for given in call.route.gives:
            yield from given.type.events.values() if isinstance(given.type, Told) else [given.type]


def _operation(call: Call, calls: list[Call], schema_of: Schemas) -> Document:
    made: Document = {
        "operationId": call.name,
        "tags": [_group(call)],
        "summary": call.title,
        "description": call.says,
        "x-portvakt-may": sorted(call.may),
        "x-portvakt-looks": call.route.looks or "",
        "security": call.security(),
        "parameters": parameters.of(call),
    }
    if call.takes is not None:
        made["requestBody"] = _body(call.takes, schema_of)
    answers = {str(given.status): _answer(given, calls, schema_of) for given in call.route.gives}
    made["responses"] = _together(answers, refusals(call.refuses()))
    return {
        name: value for name, value in made.items() if value not in ("", []) or name == "security"
    }


def _together(answers: Document, refused: Document) -> Document:
    """A refusal that may also come as a page has both kinds of content."""
    for status, answer in answers.items():
        if status in refused:
            answer["content"] |= refused[status]["content"]
            answer |= {name: part for name, part in refused[status].items() if name == "headers"}
    return refused | answers


def _body(body: Body, schema_of: Schemas) -> Document:
    one_of = [schema_of[kind] for kind in body.types]
    shown = _shown(body.media, *body.types)
    return {
        "required": body.media != JSON or not any(map(_may_be_empty, body.types)),
        "content": {
            body.media: {
                "schema": one_of[0] if len(one_of) == 1 else {"anyOf": one_of},
                "examples": shown,
            }
        },
    }


def _may_be_empty(kind: Any) -> bool:  # noqa: ANN401 - any wire type
    return not any(field.required for field in msgspec.structs.fields(kind))


def _answer(given: Gives, calls: list[Call], schema_of: Schemas) -> Document:
    made: Document = {"description": given.says or HTTPStatus(given.status).phrase}
    if given.headers:
        made["headers"] = {
            name: {"description": says, "schema": {"type": "string"}}
            for name, says in given.headers.items()
        }
    if given.type is not None:
        made["content"] = {given.media: _content(given, schema_of)}
    found = links.of(given, calls)
    if found:
        made["links"] = found
    return made


def _content(given: Gives, schema_of: Schemas) -> Document:
    if isinstance(given.type, Told):
        events = [_event(name, kind, schema_of) for name, kind in given.type.events.items()]
        return {"schema": {"title": "One event of the stream", "oneOf": events}}
    shown = _shown(given.media, given.type)
    return {"schema": schema_of[given.type], "examples": shown}


def _event(name: str, kind: Any, schema_of: Schemas) -> Document:  # noqa: ANN401 - any wire type
    """One kind of event as its fields stand in the stream; the data of most is JSON."""
    data = schema_of[kind]
    if data.get("type") != "string":
        data = {"type": "string", "contentMediaType": JSON, "contentSchema": data}
    fields = {"event": {"const": name}, "id": {"type": "string"}, "data": data}
    return {"type": "object", "properties": fields, "required": ["event", "data"]}


def _shown(media: str, *kinds: Any) -> Document:  # noqa: ANN401 - any wire type
    if kinds == (str,):
        return {"text": {"value": examples.TEXTS[media]}}
    return {name: {"value": value} for kind in kinds for name, value in examples.of(kind).items()}
