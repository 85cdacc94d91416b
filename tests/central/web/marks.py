"""Holds every answer against the mark of its route, in all tests that ask through the hall."""

from typing import Any

import msgspec
from flask import Flask, Response, current_app, request

from central.web.answers import JSON
from central.web.api import calls
from central.web.routes import Gives, Route
from contract.problems import MEDIA_TYPE


def watch(app: Flask) -> None:
    """Fail the test whose answer is not what its route says."""
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.after_request(_compared)


def _compared(response: Response) -> Response:
    marked = _mark()
    if marked is not None and marked.call and request.method == marked.method:
        if response.mimetype == MEDIA_TYPE:
            _check_problem(marked, response)
        else:
            _check_answer(marked, response)
    return response


def _mark() -> Route | None:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "route", None)


def _check_problem(marked: Route, response: Response) -> None:
    told = msgspec.json.decode(response.get_data())
    named = {
        kind.reason: set(kind.members) for call in calls.of_route(marked) for kind in call.refuses()
    }
    assert told["reason"] in named, f"{marked.rule} does not say that it refuses: {told['reason']}"
    members = set(told) - {"type", "title", "status", "detail", "reason"}
    assert members <= named[told["reason"]], f"{told['reason']} has members unsaid: {members}"


def _check_answer(marked: Route, response: Response) -> None:
    given = next((one for one in marked.gives if one.status == response.status_code), None)
    assert given is not None, f"{marked.rule} does not say that it answers {response.status_code}"
    _check_body(marked, given, response)


def _check_body(marked: Route, given: Gives, response: Response) -> None:
    if given.media != JSON or given.type is None:
        return
    body = response.get_data()
    try:
        read = msgspec.json.decode(body, type=given.type)
    except msgspec.ValidationError as error:
        raise AssertionError(f"{marked.rule} gives something else: {error}") from error
    told = msgspec.json.decode(msgspec.json.encode(read))
    assert told == msgspec.json.decode(body), f"{marked.rule} gives more than it says"
