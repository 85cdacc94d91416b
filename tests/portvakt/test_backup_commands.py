"""`portvakt central backup` and `restore`, as somebody does them who keeps a station running."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central.serving.admin import AdminClient, CentralNotRunning
from portvakt.bench.server import running
from portvakt.cli import main
from tests.waiting import until

pytestmark = pytest.mark.processes
READY_S = 30


def central(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["central", *words, "--data", str(data)])


@contextmanager
def served(data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A central on *data*, which has answered."""
    argv = [
        sys.executable,
        "-m",
        "portvakt",
        "central",
        "serve",
        "--data",
        str(data),
        "--port",
        "0",
    ]
    with (data / "log").open("ab") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            until(lambda: central(data, "list").exit_code == 0, READY_S, "a central that answers")
            yield process
        finally:
            process.kill()
            process.wait(READY_S)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with running(1) as bench:
        yield bench.folder


def test_without_a_place_it_goes_to_the_data_folder_and_says_what_was_done(data: Path) -> None:
    answer = central(data, "backup")
    assert 0 == answer.exit_code, answer.output
    assert answer.stdout.endswith("written and restored once.\n")
    for step in ("written", "read back", "restored once"):
        assert f"rows {step}" in answer.stderr, "long work shows how far it is"
    (file,) = (data / "backups").iterdir()
    assert str(file) in answer.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_keeps_the_newest(data: Path, tmp_path: Path) -> None:
    for day in ("20", "21"):
        (tmp_path / f"portvakt-2026-11-{day}T030000Z.jsonl.gz").touch()
    answer = central(data, "backup", "--to", str(tmp_path), "--keep", "2", "--no-check")
    assert "written and read back" in answer.stdout
    assert "Removed portvakt-2026-11-20T030000Z.jsonl.gz." in answer.stdout
    assert 2 == len(list(tmp_path.iterdir()))


def test_a_file_is_named_from_where_one_stands_and_a_script_reads_json(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = json.loads(central(data, "backup", "mine.jsonl.gz", "--json").stdout)
    assert made["file"] == str(tmp_path / "mine.jsonl.gz")
    assert made["checked"] == "written and restored once"

    again = central(data, "backup", "mine.jsonl.gz")
    assert 2 == again.exit_code
    assert "is there already; name another file" in again.stderr
    assert "not both" in central(data, "backup", "other", "--keep", "3").output


def test_a_backup_of_nobody_and_a_restore_under_a_running_central_are_refused(
    data: Path, tmp_path: Path
) -> None:
    nobody = central(tmp_path, "backup")
    assert 2 == nobody.exit_code
    assert "Central is not running here" in nobody.stderr

    central(data, "backup", str(tmp_path / "b.jsonl.gz"))
    under = central(data, "restore", str(tmp_path / "b.jsonl.gz"), "--replace")
    assert 2 == under.exit_code
    assert "in use by another Portvakt" in under.stderr


def test_a_station_moves_to_another_machine(data: Path, tmp_path: Path) -> None:
    central(data, "backup", str(tmp_path / "b.jsonl.gz"))
    other = tmp_path / "other"

    answer = central(other, "restore", str(tmp_path / "b.jsonl.gz"))
    assert 0 == answer.exit_code, answer.output
    assert "Start central now.  Signs stay dark for its first 10 seconds." in answer.stdout
    assert "rows read and compared" in answer.stderr
    refused = central(other, "restore", str(tmp_path / "b.jsonl.gz"))
    assert "give --replace" in refused.stderr
    said = json.loads(
        central(other, "restore", str(tmp_path / "b.jsonl.gz"), "--replace", "--json").stdout
    )
    assert Path(said["aside"]).exists()

    with served(other):
        there, here = (central(one, "list").stdout for one in (other, data))
    assert "bench-0" in there
    assert there == here


def test_a_central_that_dies_in_the_middle_leaves_no_half_backup_and_the_next_cleans_up(
    data: Path, tmp_path: Path
) -> None:
    """It is killed while it restores its own backup once, to see whether that works."""
    central(data, "backup", str(tmp_path / "b.jsonl.gz"))
    other, backups = tmp_path / "other", tmp_path / "backups"
    central(other, "restore", str(tmp_path / "b.jsonl.gz"))

    with served(other) as process:

        def kill(_done: int, _of: int) -> None:
            os.kill(process.pid, signal.SIGKILL)

        with pytest.raises(CentralNotRunning, match=r"ended before it answered|in time"):
            AdminClient(other / "central.sock").ask("backup", folder=str(backups), progress=kill)
        process.wait(READY_S)
    assert [path.name for path in backups.iterdir()] == [".portvakt-backup"]

    with served(other):
        assert 0 == central(other, "backup", "--to", str(backups)).exit_code
    (file,) = backups.iterdir()
    assert file.name.startswith("portvakt-2")
