"""A real post as a process: keys through gpiozero, disk, line, and what survives a power cut."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.disks import tmpfs
from tests.fakes.queue_central import QueueCentral
from tests.fakes.queue_server import QueueServer
from tests.kiosk.post_process import PostProcess
from tests.waiting import patiently

pytestmark = pytest.mark.processes


@pytest.fixture
def server() -> Iterator[QueueServer]:
    server = QueueServer(QueueCentral())
    yield server
    server.stop()


@pytest.fixture
def post(tmp_path: Path, server: QueueServer) -> Iterator[PostProcess]:
    post = PostProcess(tmp_path, server.url)
    yield post
    post.kill()


def test_a_plate_typed_on_the_keys_gets_its_place(
    post: PostProcess, server: QueueServer, tmp_path: Path
) -> None:
    server.start()
    post.start()
    knows_the_list(server)
    post.press(*"222123")
    post.shows("offer")
    post.press("ok")
    post.shows("place")
    assert server.central.plates == ["ABC123"]
    assert post.stop() == 0
    assert "producer dead" not in (tmp_path / "log").read_text(), "a stop is no death"


def test_an_update_reads_of_a_customer_from_the_first_key_until_the_answer_is_gone(
    post: PostProcess, server: QueueServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    server.start()
    post.start()
    patiently((tmp_path / "state.json").exists, what="the state file")
    assert not is_busy(tmp_path)
    knows_the_list(server)

    post.press("2")
    patiently(lambda: is_busy(tmp_path), what="a half-typed plate in the state file")
    post.press("cancel")
    patiently(lambda: not is_busy(tmp_path), what="nobody there")
    post.press(*"222123")
    post.shows("offer")
    post.press("ok")
    post.shows("place")
    assert is_busy(tmp_path), "the answer is still to be read"


def is_busy(folder: Path) -> bool:
    """What an update would read."""
    return json.loads((folder / "state.json").read_bytes()).get("busy") is True


def test_killed_after_it_said_saved_it_delivers_once_when_the_line_is_back(
    post: PostProcess, server: QueueServer, tmp_path: Path
) -> None:
    post.start()
    post.press(*"22212", "ok", "1", "3", "4", "2")
    post.shows("confirm")
    post.press("ok")
    post.shows("saved_here")
    post.kill()
    server.start()
    post.start()
    patiently(lambda: server.central.plates, what="the arrival")
    assert post.stop() == 0
    assert server.central.plates == ["ABC12"]
    assert waiting(tmp_path) == 0


def test_help_reaches_the_board_and_comes_back_with_a_person(
    post: PostProcess, server: QueueServer
) -> None:
    server.start()
    post.start()
    post.press("help")
    post.shows("help_reached")
    (call,) = server.central.help.values()
    call["acknowledged_by"] = "Desk 1"
    post.shows("help_coming")


def test_help_lights_the_lamp_in_the_hall_and_says_so_without_any_central(
    post: PostProcess,
) -> None:
    post.start()
    post.press("help")
    post.shows("help_unreached")
    patiently(lambda: "The lamp in the hall is on." in post.words(), what="the lamp's own circuit")


def test_a_full_disk_is_told_to_whoever_comes_and_to_central_and_is_over_when_there_is_room(
    tmp_path: Path, server: QueueServer
) -> None:
    server.central.heartbeat_every_s = 5
    server.start()
    (tmp_path / "disk").mkdir()
    with tmpfs(tmp_path / "disk", 512) as disk:
        post = PostProcess(tmp_path, server.url, state=disk)
        post.start()
        try:
            knows_the_list(server)
            post.press(*"222123")
            post.shows("offer")
            _fill(disk / "filler")
            post.press("ok")
            post.shows("cannot_save")
            assert "not registered" in post.words()
            post.press("cancel")
            post.shows("out_of_order")
            patiently(lambda: "outbox" in told_faults(server), "the fault at central")
            (disk / "filler").unlink()
            post.shows("idle")
            patiently(lambda: "outbox" not in told_faults(server), "the end of the fault")
            assert server.central.plates == []
        finally:
            post.kill()


def knows_the_list(server: QueueServer) -> None:
    """Wait until the post has its list: it asks again only when the answer before was taken in."""
    looks = server.central.asked
    patiently(lambda: looks.count("GET expected") > 1, what="a look at the list")


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def told_faults(server: QueueServer) -> set[str]:
    """The faults of the last heartbeat."""
    beats = server.central.heartbeats
    return {fault.part for fault in beats[-1].faults} if beats else set()


def waiting(folder: Path) -> int:
    """What the outbox of a post that has stopped still holds."""
    db = sqlite3.connect(f"file:{folder}/outbox.sqlite3?mode=ro", uri=True)
    try:
        return int(
            db.execute(
                "select count(*) from arrival where id not in (select id from taken)"
            ).fetchone()[0]
        )
    finally:
        db.close()
