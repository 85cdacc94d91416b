"""The local socket: how the command line speaks to the central that runs on this machine.

One line of JSON asks, `{"do": name, ...}`; lines answer: `{"progress": [done, of]}` any number of times,
then `{"result": ...}` or `{"error": sentence}`.  Whoever may open the socket may do everything, so only
the owner of the data folder may.
"""

import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from central.serving.asked import Command
from central.serving.commands import Commands
from contract.errors import PortvaktError
from contract.problems import Problem
from contract.reading import from_json

log = logging.getLogger(__name__)

LINE_MAX = 16 * 1024 * 1024
ANSWER_S = 120
_ENCODER = msgspec.json.Encoder()

Progress = Callable[[int, int], None]


class CentralNotRunning(PortvaktError):
    """Nobody listens at the socket."""


class CommandRefused(PortvaktError):
    """Central said no; `document` holds the whole problem where there is one."""

    def __init__(self, sentence: str, document: dict[str, Any]) -> None:
        super().__init__(sentence)
        self.document = document


class AdminClient:
    """Asks the central whose socket is at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, name: str, /, *, progress: Progress | None = None, **words: object) -> Any:  # noqa: ANN401 - JSON
        """Do *name* with *words* and give its result; *progress* hears `(done, of)` meanwhile.

        Raises:
            CentralNotRunning: nobody listens there, or not to this user.
            CommandRefused: central said why not.
        """
        with self._connected() as connection, connection.makefile("rwb") as lines:
            lines.write(_ENCODER.encode({"do": name, **words}) + b"\n")
            lines.flush()
            for line in lines:
                said = from_json(line, dict[str, Any])
                if "progress" in said:
                    if progress is not None:
                        progress(*said["progress"])
                    continue
                return _result(said)
        raise CentralNotRunning("Central ended before it answered; look at its log and ask again.")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_S)
            try:
                with _short(self._path) as path:
                    connection.connect(path)
                yield connection
            except (FileNotFoundError, ConnectionRefusedError) as error:
                raise CentralNotRunning(
                    "Central is not running here: start it with "
                    f"portvakt central serve --data {self._path.parent}"
                ) from error
            except PermissionError as error:
                raise CentralNotRunning(
                    f"You may not command this central; do it as the owner of {self._path.parent}."
                ) from error
            except OSError as error:
                raise CentralNotRunning(
                    f"Central did not answer in time ({error}); look at its log."
                ) from error


class AdminServer:
    """Answers the command line at *path* while it is entered, one thread for each connection."""

    def __init__(self, path: Path, commands: Commands) -> None:
        self._path = path
        self._commands = commands

    def __enter__(self) -> Self:
        # Whoever holds the data folder holds the name; what stands there is of a process that died.
        self._path.unlink(missing_ok=True)
        self._server = _Listener(self._path, self._commands)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="admin",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)

    @property
    def alive(self) -> bool:
        """Whether it still listens."""
        return self._thread.is_alive()


class _Listener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path, commands: Commands) -> None:
        self.commands = commands
        self._path = path
        super().__init__(str(path), _Connection)

    def server_bind(self) -> None:
        with _short(self._path) as path:
            self.socket.bind(path)
        # Nobody can connect before listen(), so there is no moment at which others could.
        self._path.chmod(0o600)


class _Connection(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        line = self.rfile.readline(LINE_MAX)
        if not line:
            return
        try:
            self._say(result=self.server.commands.do(_read(line), self._progress))
        except Problem as problem:
            self._say(error=problem.detail, problem=problem.document())
        except PortvaktError as error:
            self._say(error=str(error))
        except OSError:
            log.info("admin asker left")
        except Exception:
            log.exception("admin command broken")
            self._say(error="Something broke; it stands in central's log.")

    def _progress(self, done: int, of: int) -> None:
        self._say(progress=[done, of])

    def _say(self, **words: object) -> None:
        self.wfile.write(_ENCODER.encode(words) + b"\n")


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for *path* that fits: a socket's has at most 107 bytes (unix(7))."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _read(line: bytes) -> Command:
    try:
        command: Command = from_json(line, Command)
    except msgspec.DecodeError as error:
        raise CommandRefused(f"Central does not understand this command: {error}.", {}) from error
    return command


def _result(said: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if "error" in said:
        raise CommandRefused(said["error"], said.get("problem", {}))
    return said.get("result")
