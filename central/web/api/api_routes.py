"""What a developer asks: the document, and the page that shows it."""

from collections.abc import Callable
from functools import cached_property

import msgspec
from flask import Blueprint, Response, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from central.web.answers import HTML, JSON
from central.web.api import document, page
from central.web.api.calls import Call
from central.web.routes import SIGNED_IN, Gives, blueprint, route
from contract import problems
from contract.problems import Problem
from contract.reading import from_json

OPENAPI = "/v1/openapi.json"


class ApiRoutes:
    """The document and its page.  Both hold nothing about a station, and are made when first asked for.

    *calls* gives the calls of the application, once all of its routes are there.
    """

    def __init__(self, calls: Callable[[], list[Call]]) -> None:
        self._calls = calls

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "api")

    @route("GET", OPENAPI, SIGNED_IN, gives=Gives(200, dict[str, object], says="The document."))
    def openapi(self) -> Response:
        """Give this document: OpenAPI 3.1, made from the types that the server reads and writes."""
        return Response(self._document, content_type=JSON)

    @route("GET", "/docs", SIGNED_IN, page=True, call=False)
    def docs(self) -> Response:
        """Show the document to people."""
        return Response(self._page, content_type=HTML)

    @route("GET", "/docs/<name>", SIGNED_IN, call=False)
    def docs_file(self, name: str) -> AnyResponse:
        """Give the page's style or its script."""
        if name not in page.FILES:
            raise Problem(problems.NOT_FOUND, "There is no such file.")
        return send_from_directory(page.FOLDER, name)

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(document.of(self._calls()))

    @cached_property
    def _page(self) -> str:
        return page.of(from_json(self._document))
