"""How a question is read: size, kind of content, and strict JSON."""

import re
from typing import Any, TypeVar

import msgspec
from flask import Request

from contract import problems
from contract.problems import Problem

T = TypeVar("T")

FORM = "application/x-www-form-urlencoded"
BODY_MAX = 64 * 1024
FILE_MAX = 2 * 1024 * 1024
# How a hall is, with all that it may say of a hundred devices and thirty-two machines.
REPORT_MAX = 1024 * 1024
# PostgreSQL keeps no U+0000 in a text; nobody means one, so nobody may send one.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NO_NUL = "A text holds the character U+0000; send it without."
_REPORT = re.compile(r"/v1/stations/[^/]+/hall/report")
_NAMED_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a question that says everything in its address."""


def words(request: Request, into: type[T]) -> T:
    """Read the JSON body as *into*; no body at all is an empty object.

    Raises:
        Problem: `not_json`, `too_large`, or `bad_request` with the path of the field that is wrong.
    """
    return parsed(raw_json(request) or b"{}", into)


def asked(request: Request, into: type[T]) -> T:
    """Read the query's words as *into*; of a word that comes twice the last one counts.

    Raises:
        Problem: `bad_request` with the name of the word that is wrong.
    """
    words = {name: found[-1] for name, found in request.args.lists()}
    try:
        return msgspec.convert(words, into, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error)) from error


def raw_json(request: Request) -> bytes:
    """Give the body as it came, once it is said to be JSON and small enough.

    Raises:
        Problem: `not_json` or `too_large`.
    """
    raw = sized(request, most_json(request.path))
    if raw and request.mimetype != "application/json":
        raise Problem(problems.NOT_JSON, "Say Content-Type: application/json and send JSON.")
    return raw


def most_json(path: str) -> int:
    """Say how many bytes of JSON may be sent to *path*: a hall's report may be longer than all else."""
    return REPORT_MAX if _REPORT.fullmatch(path) else BODY_MAX


def sized(request: Request, most: int) -> bytes:
    """Give the body as it came.

    Raises:
        Problem: `too_large` when it is longer than *most* bytes.
    """
    # One byte more than allowed is enough to know; a lying Content-Length is never trusted.
    raw = b"" if (request.content_length or 0) > most else request.stream.read(most + 1)
    if (request.content_length or 0) > most or len(raw) > most:
        raise too_large(most)
    return raw


def sized_form(request: Request) -> None:
    """Let a form through that is small enough and says what it is.

    Raises:
        Problem: `bad_request` or `too_large`.
    """
    if request.mimetype != FORM:
        raise Problem(problems.BAD_REQUEST, f"Send a form: {FORM}.")
    if (request.content_length or 0) > BODY_MAX:
        raise too_large(BODY_MAX)
    check_text("".join(request.form.values()))


def check_text(text: str) -> None:
    """Refuse a text that holds U+0000 with `bad_request`."""
    if "\0" in text:
        raise Problem(problems.BAD_REQUEST, NO_NUL)


def too_large(most: int) -> Problem:
    """Say how large a body may be."""
    return Problem(problems.TOO_LARGE, f"Send at most {most // 1024} KiB.", most_bytes=most)


def parsed(raw: bytes, into: type[T]) -> T:
    """Read *raw* strictly as *into*.

    Raises:
        Problem: `bad_request`, with the path of the field that is wrong where there is one.
    """
    if _NUL.search(raw):
        raise Problem(problems.BAD_REQUEST, NO_NUL)
    try:
        return _decoded(raw, into)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error)) from error
    except UnicodeDecodeError as error:
        raise Problem(problems.BAD_REQUEST, "The body is not UTF-8; send JSON in UTF-8.") from error
    except RecursionError as error:
        raise Problem(problems.BAD_REQUEST, "The JSON is nested too deeply.") from error
    except msgspec.DecodeError as error:
        raise Problem(problems.BAD_REQUEST, f"{error}.") from error


def _decoded(raw: bytes, into: type[T]) -> T:
    """In JSON 1.0 is the number 1 (JSON Schema 2020-12, Validation section 6.1.1); msgspec sees a float."""
    try:
        return msgspec.json.decode(raw, type=into)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
    return msgspec.convert(_whole(msgspec.json.decode(raw)), into)


def _whole(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Make integers of all numbers that have no fraction."""
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _wrong_field(said: str) -> Problem:
    """Turn msgspec's sentence into ours; a field that is unknown or missing ends the path."""
    sentence, _, path = said.partition(" - at `")
    named = _NAMED_FIELD.search(sentence)
    path = (path.rstrip("`") or "$") + (f".{named[1]}" if named else "")
    return Problem(problems.BAD_REQUEST, f"{sentence}, at {path}.", path=path)
