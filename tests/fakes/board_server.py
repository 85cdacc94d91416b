"""A central that has no yard: it serves the board's own files and whatever queue a test puts into it."""

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue as Waiting
from typing import Any

import msgspec

import central
from central.web.answers import protection
from contract import problems
from contract.problems import MEDIA_TYPE, Problem
from contract.yard import EventRow, Queue
from tests.waiting import until

STATIC = Path(central.__file__).parent / "board"
POLICY = protection(())["Content-Security-Policy"]
SESSION = {"name": "Desk 1", "csrf": "not-a-secret", "role": "staff", "stations": ["demo"]}


@dataclass
class Asked:
    """One unsafe call, as it came in."""

    path: str
    body: dict[str, Any]
    csrf: str | None


@dataclass
class BoardServer:
    """What the fake answers.  `asked` are the unsafe calls, `reads` the paths of all others."""

    queue: Queue
    session: dict[str, Any] | None = field(default_factory=lambda: dict(SESSION))
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    timeline: list[EventRow] = field(default_factory=list)
    gives: dict[str, object] = field(default_factory=dict)
    pushes: bool = True
    reachable: bool = True
    streams: list["Waiting[bytes | None]"] = field(default_factory=list)

    def show(self, new: Queue) -> None:
        """The yard changed: keep *new* under the next event's number and tell every open board."""
        epoch, _, seq = self.queue.cursor.rpartition("-")
        self.queue = msgspec.structs.replace(new, cursor=f"{epoch}-{int(seq) + 1}")
        self.push(f"id: {self.queue.cursor}\nevent: event\ndata: {{}}\n\n")

    def beat(self, now: datetime) -> None:
        """Say that nothing happened, by the station's clock at *now*."""
        self.queue = msgspec.structs.replace(self.queue, as_of=now)
        stamp = msgspec.json.encode(self.queue.as_of).decode()
        self.push(f'event: heartbeat\ndata: {{"now": {stamp}}}\n\n')

    def push(self, text: str) -> None:
        """Send *text* on every open stream."""
        for stream in list(self.streams):
            stream.put(text.encode())

    def hang_up(self) -> None:
        """End every open stream."""
        for stream in list(self.streams):
            stream.put(None)

    def answer(self, path_end: str, given: object) -> None:
        """Answer calls whose path ends so by *given*: a Problem, or what goes out as JSON."""
        self.gives[path_end] = given

    def heard(self, number: int = 1) -> Asked:
        """Wait for the unsafe call with this *number*, counted from 1, and give it."""
        until(lambda: len(self.asked) >= number, what=f"unsafe call number {number}")
        return self.asked[number - 1]

    def gift(self, path: str) -> object:
        """What a test prepared for *path*."""
        return next((given for end, given in self.gives.items() if path.endswith(end)), {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: BoardServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be quiet; a test looks at what was asked."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.fake.reads.append(path)
        if path.startswith("/board/static/"):
            self._file(path.removeprefix("/board/static/"))
        elif path in ("/board", "/login"):
            self._file(f"{path[1:]}.html")
        elif not self.fake.reachable:
            self.close_connection = True
        elif self.fake.session is None:
            self._reply(401, b'{"reason": "not_signed_in"}', MEDIA_TYPE)
        else:
            self._read(path)

    def _read(self, path: str) -> None:
        if path.endswith("/events"):
            self._stream()
        elif path.endswith("/session"):
            self._reply(200, json.dumps(self.fake.session).encode())
        elif path.endswith("/queue"):
            self._reply(200, msgspec.json.encode(self.fake.queue))
        elif path.endswith("/timeline"):
            self._reply(200, msgspec.json.encode(self.fake.timeline))
        else:
            given = self.fake.gift(path)
            self._give(Problem(problems.NOT_FOUND, "Not here.") if given == {} else given)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.fake.reachable:
            self.close_connection = True
            return
        is_json = self.headers.get_content_type() == "application/json"
        body = json.loads(raw) if is_json else {"form": raw.decode()}
        self.fake.asked.append(Asked(self.path, body, self.headers["X-Portvakt-Csrf"]))
        self._give(self.fake.gift(self.path))

    def _give(self, given: object) -> None:
        if isinstance(given, Problem):
            self._reply(given.kind.status, msgspec.json.encode(given.document()), MEDIA_TYPE)
        else:
            self._reply(200, msgspec.json.encode(given))

    def _file(self, name: str) -> None:
        path = STATIC / name
        if not path.is_file():
            return self._reply(404, b"", "text/plain")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._reply(200, path.read_bytes(), kind)

    def _reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.flush()
        if not self.fake.pushes:
            return
        mine: Waiting[bytes | None] = Waiting()
        snapshot = msgspec.json.encode(self.fake.queue)
        mine.put(
            f"id: {self.fake.queue.cursor}\nevent: snapshot\ndata: ".encode() + snapshot + b"\n\n"
        )
        self.fake.streams.append(mine)
        self._pass_on(mine)
        self.fake.streams.remove(mine)

    def _pass_on(self, mine: "Waiting[bytes | None]") -> None:
        try:
            while (data := mine.get()) is not None:
                self.wfile.write(data)
                self.wfile.flush()
        except OSError:
            return


@contextmanager
def board_server(first: Queue) -> Iterator[BoardServer]:
    """Serve a board on a free port of loopback that shows *first*."""
    fake = BoardServer(first)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        fake.hang_up()
        server.shutdown()
        thread.join()
        server.server_close()
