"""As much of central as a sign can see: enrolment, beats and the stream of nudges, over real HTTP."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from contract.accounts import NewToken
from contract.wire import (
    Beat,
    Dark,
    Enrol,
    Enrolled,
    Grant,
    Heartbeat,
    HeartbeatHeard,
    Lease,
    Listed,
    Listing,
    Role,
)

CODE = "one-time-code"
TOKEN = "pv_sign-1_secret"
STATION = "pitea"
DEVICE = "sign-1"


class SignCentral:
    """Listens on loopback.  `call` is the call that stands at the door: its id and its text."""

    def __init__(self, ttl_ms: int = 7_000) -> None:
        self.call: tuple[str, str] | None = None
        self.notice = ""
        # The lines of a yard sign, each a call, its text and its door; None for a door's sign.
        self.lines: list[tuple[str, str, str]] | None = None
        self.epoch, self.seq, self.ttl_ms = "e1", 1, ttl_ms
        self.beats: list[Beat] = []
        self.heartbeats: list[Heartbeat] = []
        self.enrolled: list[Enrol] = []
        self.knows_the_sign = True
        self.takes_codes = True
        # What its codes are for; it looks at nobody's role, as an older release.
        self.makes = Role.SIGN
        self.bay = "1"
        self.strangers = 0
        self.token, self.next_token, self.wants_new_token = TOKEN, "", False
        self.answers = True
        self.listeners: list[queue.SimpleQueue[bytes | None]] = []
        central = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                central._post(self, self.path, body)

            def do_GET(self) -> None:
                central._stream(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def light(self, call: str, text: str) -> None:
        """Call a plate and tell the sign to ask."""
        self.seq += 1
        self.call = (call, text)
        self.nudge("beat")

    def list(self, *lines: tuple[str, str, str]) -> None:
        """Make it a yard sign with these lines, and tell it to ask."""
        self.seq += 1
        self.lines = list(lines)
        self.nudge("beat")

    def end(self) -> None:
        """End the call and tell the sign."""
        self.seq += 1
        ended, self.call = self.call, None
        self.nudge("dark", ended[0] if ended else "")

    def nudge(self, event: str, data: str = "") -> None:
        for listener in self.listeners:
            listener.put(f"event: {event}\ndata: {data}\n\n".encode())

    def close(self) -> None:
        for listener in self.listeners:
            listener.put(None)
        self._server.shutdown()
        self._server.server_close()

    def _post(self, handler: BaseHTTPRequestHandler, path: str, body: bytes) -> None:
        if path == f"/v1/stations/{STATION}/devices/enrol":
            self.enrolled.append(msgspec.json.decode(body, type=Enrol))
            if not self.takes_codes:
                self._problem(handler, 403, "code_refused")
                return
            self.knows_the_sign = True
            self._say(
                handler,
                Enrolled(
                    device=DEVICE,
                    token=TOKEN,
                    station=STATION,
                    role=self.makes,
                    name="Door 1",
                    bay=self.bay,
                ),
            )
        elif not self._knows(handler.headers["Authorization"].removeprefix("Bearer ")):
            self.strangers += 1
            self._problem(handler, 401, "unknown_device")
        elif not self.answers:
            self._problem(handler, 503, "not_saved")
        elif path == f"/v1/stations/{STATION}/devices/{DEVICE}/heartbeat":
            self.heartbeats.append(msgspec.json.decode(body, type=Heartbeat))
            self._say(handler, HeartbeatHeard(new_token=self.wants_new_token))
        elif path == f"/v1/stations/{STATION}/devices/{DEVICE}/token":
            self.next_token = "pv_sign-1_next"
            self._say(handler, NewToken(token=self.next_token))
        else:
            beat = msgspec.json.decode(body, type=Beat)
            self.beats.append(beat)
            self._say(handler, self._lease(beat))

    def _knows(self, token: str) -> bool:
        """The next token takes over by its first use."""
        if self.next_token and token == self.next_token:
            self.token, self.next_token, self.wants_new_token = token, "", False
        return self.knows_the_sign and token == self.token

    def _lease(self, beat: Beat) -> Lease:
        told = {"nonce": beat.nonce, "epoch": self.epoch, "seq": self.seq}
        if self.lines is not None and beat.epoch == self.epoch:
            rows = [Listed(call=call, text=text, door=door) for call, text, door in self.lines]
            return Listing(**told, rows=rows, ttl_ms=self.ttl_ms)  # type: ignore[arg-type]
        if self.call is None or beat.epoch != self.epoch:
            return Dark(**told, reason="no_call", notice=self.notice)  # type: ignore[arg-type]
        call, text = self.call
        return Grant(
            **told,  # type: ignore[arg-type]
            bay="1",
            call=call,
            plate=text.replace(" ", ""),
            text=text,
            ttl_ms=self.ttl_ms,
        )

    def _say(
        self, handler: BaseHTTPRequestHandler, answer: msgspec.Struct, status: int = 200
    ) -> None:
        self._send(handler, status, "application/json", msgspec.json.encode(answer))

    def _problem(self, handler: BaseHTTPRequestHandler, status: int, reason: str) -> None:
        document = msgspec.json.encode({"reason": reason, "detail": "no", "status": status})
        self._send(handler, status, "application/problem+json", document)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _stream(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.flush()
        mine: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.listeners.append(mine)
        while (words := mine.get()) is not None:
            handler.wfile.write(words)
            handler.wfile.flush()
