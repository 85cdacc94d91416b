"""Flask's form of our answers."""

from typing import Any

import msgspec
from flask import Response

from central.web.answers import JSON, Answer

# UTC as browsers and devices read it, in milliseconds.
_ENCODER = msgspec.json.Encoder()


def as_json(words: Any, status: int = 200) -> Response:  # noqa: ANN401 - any wire type
    """Answer with *words*."""
    return Response(_ENCODER.encode(words), status, content_type=JSON)


def whole(answer: Answer) -> Response:
    """Answer with a ready answer."""
    return Response(answer.body, answer.status, answer.headers)


def empty(status: int = 204, mimetype: str | None = None) -> Response:
    """Answer without a body."""
    return Response(b"", status, mimetype=mimetype)
