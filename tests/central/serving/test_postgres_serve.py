"""Two running centrals on one PostgreSQL, as an office starts them."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from click.testing import CliRunner, Result

from central.database.presence import alone
from central.migrations import migrate
from central.serving.serve import ServeSettings, serve
from portvakt.cli import main
from tests.central.web.served import PATIENCE_S, START, Events, Served, running
from tests.central.web.served import address as address_of
from tests.postgres import Databases, Server, a_server
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def database(postgres: Databases) -> Iterator[str]:
    url = postgres.new()
    yield url
    postgres.drop(url)


@contextmanager
def two(folder: Path, database: str, **settings: Any) -> Iterator[tuple[Served, Served]]:
    """The first makes the tables, the second joins."""
    for name in ("a", "b"):
        (folder / name).mkdir()
    words = {"database": database, "heartbeat_s": 0.3, **settings}
    with running(folder / "a", **words) as one, running(folder / "b", **words) as other:
        yield one, other


def arrive(at: Served, post: requests.Session, number: int) -> requests.Response:
    arrival = {
        "id": f"01a2074f-d0a8-7157-9e1d-{number:012d}",
        "plate": f"CAR{number:03d}",
        "at": "2026-11-23T07:30:00Z",
        "synced": False,
        "boot_id": "boot",
        "mono_ms": 1,
    }
    return post.post(at.url("arrivals"), json=arrival, timeout=PATIENCE_S)


def _has_said(central: Served, words: str) -> bool:
    return words in central.log()


def command(*words: str) -> Result:
    return CliRunner().invoke(main, ["central", *words])


def test_what_happens_at_one_is_told_by_the_streams_of_the_other(
    tmp_path: Path, database: str
) -> None:
    with two(tmp_path, database) as (one, other):
        one.set_up()
        _, post = one.device("post")
        board = Events(other.person(), other.url("events"))
        board.wait_for("snapshot")
        assert 201 == arrive(one, post, 1).status_code
        assert '"arrived"' in board.wait_for("event")["data"]
        again = arrive(other, post, 1)
        assert 200 == again.status_code, "the same arrival, at the other process"
        board.close()
        assert 0 == one.stop()
        assert 201 == arrive(other, post, 2).status_code, "one can go, the other goes on"
        assert 0 == other.stop()


def test_a_revoked_sign_s_stream_at_the_other_process_ends(tmp_path: Path, database: str) -> None:
    with two(tmp_path, database) as (one, other):
        one.set_up()
        device, sign = one.device("sign", "bay-1")
        stream = Events(sign, other.url(f"signs/{device}/nudges"))
        stream.wait_for("beat")
        one.admin.ask("revoke_device", station="hall", device=device)
        stream.until_the_end()
        refused = sign.get(other.url(f"signs/{device}/nudges"), timeout=PATIENCE_S)
        assert "unknown_device" == refused.json()["reason"]


def test_who_signs_out_at_one_sees_nothing_more_at_the_other(tmp_path: Path, database: str) -> None:
    with two(tmp_path, database) as (one, other):
        one.set_up()
        leaves, stays = one.person(), one.person()
        ended = Events(leaves, other.url("events"))
        goes_on = Events(stays, other.url("events"))
        assert ended.next()["event"] == goes_on.next()["event"] == "snapshot"
        assert leaves.post(one.url("/logout"), timeout=PATIENCE_S).status_code == 204
        ended.until_the_end()
        assert goes_on.wait_for("heartbeat")
        goes_on.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    with a_server(durable=True) as server:
        yield server


def test_while_the_server_is_away_they_say_so_and_then_go_on(
    tmp_path: Path, own_server: Server
) -> None:
    database = own_server.url.render_as_string(hide_password=False)
    with two(tmp_path, database) as (one, other):
        one.set_up()
        _, post = one.device("post")
        own_server.stop(signal.SIGQUIT)
        for central in (one, other):
            ready = requests.get(central.url("/readyz"), timeout=PATIENCE_S)
            assert (503, "not_saved") == (ready.status_code, ready.json()["reason"])
            assert requests.get(central.url("/healthz"), timeout=PATIENCE_S).ok
        refused = arrive(one, post, 1)
        assert 503 == refused.status_code
        own_server.start()
        assert 201 == arrive(one, post, 1).status_code
        for central in (one, other):
            assert requests.get(central.url("/readyz"), timeout=PATIENCE_S).ok
            until(partial(_has_said, central, "bus back"), PATIENCE_S, "the bus")
            assert central.process.poll() is None, "nobody had to start it again"


def test_nobody_changes_the_tables_of_a_database_that_is_served(
    tmp_path: Path, database: str
) -> None:
    words = ("migrate", "--data", str(tmp_path / "other"), "--database", database)
    done = command(*words)
    assert 0 == done.exit_code, done.output
    with running(tmp_path, database=database) as one:
        refused = command(*words)
        assert 2 == refused.exit_code
        assert "Portvakt serves this database (portvakt " in refused.output
        assert f" {one.process.pid})" in refused.output
    assert 0 == command(*words).exit_code


def test_a_file_is_migrated_by_the_same_command(tmp_path: Path) -> None:
    done = command("migrate", "--data", str(tmp_path / "data"))
    assert 0 == done.exit_code, done.output
    assert "The database is at 0" in done.output


@pytest.mark.parametrize(
    ("revision", "held", "words"),
    [
        ("9999", False, "written by a newer Portvakt"),
        ("9999", True, "written by a newer Portvakt"),
        ("0001", True, "An older Portvakt serves this database"),
    ],
)
def test_a_database_of_another_release_is_refused_in_a_sentence(
    tmp_path: Path,
    database: str,
    revision: str,
    held: bool,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    migrate(database)
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("UPDATE alembic_version SET version_num = %s", (revision,))
        other.execute("DELETE FROM meta WHERE name = 'reads_from'")
        if held:
            other.execute("SELECT pg_advisory_lock_shared(%s)", (0x706F7274,))
        assert 2 == serve(ServeSettings(data=tmp_path, database=database, port=0))
    assert words in capsys.readouterr().err


def test_who_starts_while_somebody_migrates_waits_for_them(tmp_path: Path, database: str) -> None:
    migrate(database)
    words = {"data": str(tmp_path / "data"), "port": 0, "database": database}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps(words)], stdout=log, stderr=log, text=True
        )
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    served = Served(process, tmp_path / "data")
    try:
        with alone(database), psycopg.connect(database, autocommit=True) as look:
            until(lambda: look.execute(waits).fetchone() == (1,), PATIENCE_S, "one that waits")
            assert not (tmp_path / "data" / "central.sock").exists()
        until(lambda: address_of(served), PATIENCE_S, "a central that answers")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://a/b", "no address of a PostgreSQL"),
        ("nonsense", "no address of a PostgreSQL"),
        ("postgresql://portvakt:geheim@/x?host=/nowhere", "The database does not answer"),
        ("postgresql://portvakt:geheim@127.0.0.1:1/x", "The database does not answer"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_a_sentence_without_its_password(
    tmp_path: Path, address: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == serve(ServeSettings(data=tmp_path, database=address, port=0))
    said = capsys.readouterr().err
    assert words in said
    assert 1 == said.count("\n")
    assert "geheim" not in said


def test_the_address_may_come_by_the_environment(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTVAKT_DATABASE", database)
    assert 0 == command("migrate", "--data", str(tmp_path)).exit_code
    assert not (tmp_path / "central.db").exists()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM station").fetchone() == (0,)
