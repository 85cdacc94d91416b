"""The demo's one page: the post, the doors with their signs, the desk.  It shows; it decides nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

from contract.errors import PortvaktError
from portvakt.demo.options import HOST, DemoOptions
from portvakt.demo.sample import Booking
from portvakt.demo.scene import Scene
from portvakt.demo.words import WORDS

HEARTBEAT_S = 15.0
FRAME_S = 0.01  # the transfers of one frame take less; a picture half drawn need not be shown


@dataclass(frozen=True, slots=True)
class Backstage:
    """What the page is made of: the scene, today's bookings, and a way to a one-time sign-in code."""

    options: DemoOptions
    scene: Scene
    bookings: Callable[[], list[Booking]]
    desk_code: Callable[[], str]


class Page:
    """The page's views."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._options = backstage.options
        self._words = WORDS[backstage.options.language]

    def app(self) -> Flask:
        """Build the Flask app."""
        app = Flask(__name__)
        app.register_error_handler(PortvaktError, _central_is_away)
        app.before_request(self._only_by_its_own_name)
        app.after_request(self._only_what_we_need)
        app.add_url_rule("/", view_func=self.yard, endpoint="yard")
        app.add_url_rule("/doors", view_func=self.doors, endpoint="doors")
        app.add_url_rule("/state", view_func=self.state, endpoint="state")
        app.add_url_rule("/stream", view_func=self.stream, endpoint="stream")
        app.add_url_rule(
            "/desk-code", view_func=self.desk_code, endpoint="desk_code", methods=["POST"]
        )
        return app

    def yard(self) -> str:
        """Show everything."""
        return self._rendered("yard.html")

    def doors(self) -> str:
        """Show the doors with their signs alone."""
        return self._rendered("doors.html")

    def state(self) -> Response:
        """Give the scene once, as JSON."""
        return _json(self._backstage.scene.picture())

    def stream(self) -> Response:
        """Give the scene now and after every change."""
        return Response(_events(self._backstage.scene), mimetype="text/event-stream")

    def desk_code(self) -> Response:
        """Give our own page, and no other, a code that signs "Desk 1" in once."""
        if request.headers.get("Origin") != self._options.page_url:
            abort(403)
        return _json({"code": self._backstage.desk_code()})

    def _rendered(self, template: str) -> str:
        return render_template(
            template,
            words=self._words,
            told=json.dumps({key: self._words[key] for key in _TOLD}),
            options=self._options,
            scene=self._backstage.scene,
            bookings=self._backstage.bookings(),
        )

    def _only_by_its_own_name(self) -> AnyResponse | None:
        # Cookies and frames count 127.0.0.1 and localhost as two sites, and a foreign name that
        # resolves to us (DNS rebinding) gets nothing.
        if request.host == f"localhost:{self._options.port}":
            return redirect(self._options.page_url + request.full_path.rstrip("?"))
        if request.host != f"{HOST}:{self._options.port}":
            abort(403)
        return None

    def _only_what_we_need(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _policy(self._options)
        # Not `no-referrer`: central wants to see the origin of the form that signs us in.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response


def _central_is_away(error: PortvaktError) -> tuple[str, int]:
    return str(error), 503


def _json(value: dict[str, object]) -> Response:
    return Response(json.dumps(value), mimetype="application/json")


_TOLD = ("sign_dark", "sign_lit", "sign_unknown", "starting", "down", "stopped", "gone")


def _policy(options: DemoOptions) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"frame-src {options.central_url} {options.post_url}; form-action {options.central_url}; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _events(scene: Scene) -> Iterator[str]:
    number, settle = -1, threading.Event()
    while True:
        seen = scene.after(number, HEARTBEAT_S)
        if seen == number:
            yield ": still here\n\n"
            continue
        settle.wait(FRAME_S)
        number = scene.after(-1, 0)
        yield f"data: {json.dumps(scene.picture())}\n\n"


class _Quiet(WSGIRequestHandler):
    """The console is for people; requests are not written there."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


class PageServer:
    """Serves the page on loopback in threads of its own."""

    def __init__(self, backstage: Backstage) -> None:
        self._server: BaseWSGIServer = make_server(
            HOST,
            backstage.options.port,
            Page(backstage).app(),
            threaded=True,
            request_handler=_Quiet,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="page")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering; open streams end with the process."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
