"""Everything that would make the demo fail later, found before it starts; one sentence each."""

import errno
import importlib.util
import os
import socket
import tempfile
from pathlib import Path

from portvakt.demo.errors import DemoRefused
from portvakt.demo.options import HOST, LANGUAGES, MAX_PORT, DemoOptions

NEEDED = (
    "a2wsgi",
    "alembic",
    "argon2",
    "flask",
    "gpiozero",
    "luma.core",
    "luma.led_matrix",
    "requests",
    "sqlalchemy",
    "uvicorn",
)
LONGEST_SOCKET_PATH = 107  # sun_path of unix(7), less its closing zero
LONGEST_SOCKET_NAME = 35  # /portvakt-xxxxxxxx/sign-1.notify


def check(options: DemoOptions) -> None:
    """Look at the system, the packages, the options, the folders and the ports, in that order.

    Raises:
        DemoRefused: the first of them that is not as the demo needs it.
    """
    check_system()
    check_packages(NEEDED)
    check_values(options)
    check_temporary(Path(tempfile.gettempdir()))
    if options.data is not None:
        check_folder(options.data)
    for port in (options.port, options.central_port, options.post_port):
        check_port(port, options.port)


def check_system() -> None:
    """The fake panels need packets on Unix sockets, the supervisor needs process descriptors: Linux."""
    if not hasattr(socket, "SOCK_SEQPACKET") or not hasattr(os, "pidfd_open"):
        raise DemoRefused("This system cannot run the demo: it needs Linux 5.3 or later.")
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).close()
    except OSError as error:
        raise DemoRefused(
            "This system has no packet sockets (SOCK_SEQPACKET), which the fake panels need; "
            "run the demo on Linux."
        ) from error


def check_packages(names: tuple[str, ...]) -> None:
    """Every part's libraries, named together when they are missing."""
    missing = [name for name in names if not _installed(name)]
    if missing:
        raise DemoRefused(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed here; "
            "start the demo with `make demo`, which installs everything."
        )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False


def check_values(options: DemoOptions) -> None:
    """Options that no port or clock could follow."""
    if not 1 <= options.port <= MAX_PORT:
        raise DemoRefused(f"--port must be 1 to {MAX_PORT}, not {options.port}.")
    if options.traffic is not None and not options.traffic > 0:
        raise DemoRefused(f"--traffic needs a speed above 0, not {options.traffic:g}.")
    if options.language not in LANGUAGES:
        raise DemoRefused(f"--lang must be {' or '.join(LANGUAGES)}, not {options.language}.")


def check_folder(folder: Path) -> None:
    """Whether we may make *folder* and write in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DemoRefused(
            f"Cannot write in {folder} ({error.strerror}); choose another folder with --data."
        ) from error


def check_temporary(folder: Path) -> None:
    """Whether the fake panels' sockets can lie in a folder below *folder*."""
    if len(os.fsencode(folder)) + LONGEST_SOCKET_NAME > LONGEST_SOCKET_PATH:
        raise DemoRefused(
            f"The path {folder} is too long for a local socket; set TMPDIR to a shorter one."
        )


def check_port(port: int, first: int) -> None:
    """Whether somebody listens on *port* already; the servers take it a moment later."""
    with socket.socket() as probe:
        # As the servers do it: a port that only waits for old packets to die is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = "in use" if error.errno == errno.EADDRINUSE else f"not free ({error.strerror})"
            raise DemoRefused(
                f"Port {port} is {reason}; stop what uses it or choose another start with --port "
                f"(the demo takes {first}, {first + 1} and {first + 2})."
            ) from error
