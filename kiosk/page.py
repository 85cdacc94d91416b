"""The post's own page: pushed by server-sent events, it draws and reports what it has drawn.

It never makes a key event.  In the demo one more page presses keys, by closing contacts of the fake
matrix, and that page exists in the demo only.
"""

import logging
from threading import Event
from typing import Annotated, Any

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.serving import make_server

from contract.errors import PortvaktError
from contract.reading import from_json
from kiosk.finger import Finger
from kiosk.keycaps import KEYPAD_WORDS, rows_of_caps
from kiosk.legibility import capital_share
from kiosk.settings import PostSettings
from kiosk.showing import Showing
from kiosk.texts import TEXTS

LOOPBACK = "127.0.0.1"
LOOK_S = 0.25
LONGEST_REPORT = 200


class PortTaken(PortvaktError):
    """The page cannot be served."""


class Drawn(msgspec.Struct):
    """A page's report: the id of the screen that stands on it, and its heap where the browser tells."""

    screen: int
    heap: Annotated[int, msgspec.Meta(ge=0)] | None = None


def create_app(settings: PostSettings, showing: Showing, finger: Finger | None = None) -> Flask:
    """Make the page; with a *finger* the demo's keypad too."""
    app = Flask(__name__, static_folder="web", static_url_path="/web", template_folder="web")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_REPORT
    _add_screen(app, settings, showing)
    if finger is not None and settings.demo:
        _add_keypad(app, settings, finger)
    headers = _protection(settings.page.frame_ancestors)

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers.update(headers)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


def _protection(frame_ancestors: tuple[str, ...]) -> dict[str, str]:
    """Nothing but our own files, and no text that becomes a script (OWASP Secure Headers Project)."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
            f"trusted-types 'none'; frame-ancestors {ancestors}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _add_screen(app: Flask, settings: PostSettings, showing: Showing) -> None:
    @app.get("/")
    def screen() -> str:
        return render_template(
            "screen.html",
            language=settings.languages[0],
            lost=_lost(settings),
            capital=round(capital_share(settings.page.reading_m, settings.page.screen_inches), 6),
        )

    @app.get("/stream")
    def stream() -> Response:
        return Response(showing.stream(), mimetype="text/event-stream")

    @app.post("/drawn")
    def drawn() -> tuple[str, int]:
        try:
            report = from_json(request.get_data(), Drawn)
        except msgspec.MsgspecError:
            return "", 400
        showing.drawn(report.screen, report.heap)
        return "", 204

    @app.get("/shown")
    def shown() -> dict[str, object]:
        return showing.shown()


def _add_keypad(app: Flask, settings: PostSettings, finger: Finger) -> None:
    @app.get("/keypad")
    def keypad() -> str:
        caps = rows_of_caps(settings.keypad.layout, settings.languages[0])
        words = KEYPAD_WORDS[settings.languages[0]]
        return render_template(
            "keypad.html", language=settings.languages[0], caps=caps, words=words
        )

    @app.post("/keys/<key>/<move>")
    def press(key: str, move: str) -> tuple[str, int]:
        # Another site's page can send a POST here; a browser says where it came from.
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return "", 403
        if key not in finger or move not in {"down", "up"}:
            return "", 404
        finger.move(key, down=move == "down")
        return "", 204


def _lost(settings: PostSettings) -> list[tuple[str, str, str]]:
    """Say in every language that nobody decides any more; the page has this before it needs it."""
    found = []
    for language in settings.languages:
        texts = TEXTS[language]
        way = texts["use_door"].format(door=texts[f"door.{settings.door}"])
        found.append((language, texts["lost"], way))
    return found


class PageServer:
    """Serves the page on the loopback interface from a thread of its own."""

    def __init__(self, app: Flask, port: int) -> None:
        self._app = app
        self._port = port
        self._server: Any = None

    def open(self) -> int:
        """Take the port; give its number.

        Raises:
            PortTaken: somebody else has it.
        """
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        try:
            self._server = make_server(LOOPBACK, self._port, self._app, threaded=True)
        except (OSError, SystemExit) as error:
            raise PortTaken(
                f"Port {self._port} on {LOOPBACK} is taken; choose another page.port."
            ) from error
        self._server.timeout = LOOK_S
        return int(self._server.server_port)

    def run(self, stopping: Event) -> None:
        """Answer requests until *stopping* is set."""
        try:
            while not stopping.is_set():
                self._server.handle_request()
        finally:
            self._server.server_close()
