"""The running service: how it starts, what it refuses, how it ends."""

import signal
import socket
from pathlib import Path

import pytest
import requests

from central.serving.serve import ServeSettings, serve
from tests.central.web.served import Events, Served, running

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "0.0.0.0"}, "listens on 127.0.0.1 only, not on 0.0.0.0"),
        ({"host": "::1"}, "listens on 127.0.0.1 only"),
        ({"host": "localhost"}, "listens on 127.0.0.1 only"),
        ({"port": 70_000}, "Port 70000 cannot be used"),
        ({"lease_ttl_ms": 7_001}, "A lease of 7001 ms cannot be given; choose 500 to 7000"),
        ({"lease_ttl_ms": 0}, "A lease of 0 ms cannot be given"),
        ({"frame_ancestors": ("*; script-src *",)}, "cannot frame the board; name an origin"),
        ({"frame_ancestors": ("http://a/b",)}, "cannot frame the board"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, object], words: str
) -> None:
    assert serve(ServeSettings(data=tmp_path / "data", **{"port": 0, **settings})) == 2  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert serve(ServeSettings(data=tmp_path / "data", port=port)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Port {port} cannot be used")
    assert "--port" in said


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert serve(ServeSettings(data=tmp_path / "file" / "data", port=0)) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_second_central_on_the_same_folder_is_refused(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(ServeSettings(data=served.data, port=0)) == 2
    said = capsys.readouterr().err
    assert f"in use by another Portvakt (process {served.process.pid})" in said
    assert served.admin.ask("about")["address"] == served.address


def test_it_listens_on_this_machine_only(served: Served) -> None:
    port = int(served.address.rpartition(":")[2])
    tables = [Path(f"/proc/{served.process.pid}/net/{name}") for name in ("tcp", "tcp6")]
    listening = [
        line.split()[1]
        for table in tables
        if table.exists()
        for line in table.read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    ]
    assert listening == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_with_streams_open_and_starts_again_with_what_it_knew(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path) as served:
        served.set_up()
        desk = served.person()
        _, sign = served.device("sign", "bay-1")
        events = [Events(desk, served.url("events")) for _ in range(3)]
        assert all(stream.next()["event"] == "snapshot" for stream in events)
        assert served.stop(number) == 0
        events[0].until_the_end()
        assert "Traceback" not in served.log()
        assert not (served.data / "central.sock").exists()
    with running(tmp_path) as again:
        assert desk.get(again.url("queue"), timeout=10).status_code == 200
        assert sign.get(again.url("queue"), timeout=10).status_code == 403


def test_after_a_kill_it_starts_again(tmp_path: Path) -> None:
    with running(tmp_path) as served:
        served.set_up()
        assert served.stop(signal.SIGKILL) == -signal.SIGKILL
        assert (served.data / "central.sock").exists()
    with running(tmp_path) as again:
        assert again.person().get(again.url("queue"), timeout=10).status_code == 200


def test_the_service_manager_hears_ready_then_life_then_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with running(tmp_path) as served:
            assert manager.recv(64) == b"READY=1"
            assert [manager.recv(64) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            assert served.stop() == 0
        said = [b""]
        while said[-1] != b"STOPPING=1":
            said.append(manager.recv(64))


def test_a_slow_sender_holds_no_thread(served: Served) -> None:
    """More half-sent questions than there are threads, and a whole one is answered at once."""
    port = int(served.address.rpartition(":")[2])
    half = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlogin="
    senders = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    try:
        for sender in senders:
            sender.sendall(half)
        assert requests.get(served.url("/readyz"), timeout=5).json() == {"ready": True}
    finally:
        for sender in senders:
            sender.close()


def test_a_body_without_a_length_is_read_and_one_that_is_too_large_is_refused(
    served: Served,
) -> None:
    parts = iter([b'{"code": ', b'"AAAA-AAAA"}'])
    headers = {"Content-Type": "application/json"}
    guessed = requests.post(served.url("devices/enrol"), parts, headers=headers, timeout=10)
    assert guessed.json()["reason"] == "code_refused"
    huge = iter([b" " * 1_000_000] * 5)
    refused = requests.post(served.url("devices/enrol"), huge, headers=headers, timeout=10)
    assert (refused.status_code, refused.json()["reason"]) == (413, "too_large")


def test_what_browsers_and_scanners_send_breaks_nothing(served: Served) -> None:
    port = int(served.address.rpartition(":")[2])
    for line in (
        b"GET /login?q=\xff\xfe HTTP/1.1",
        b"GET /%ff%fe HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /v1/stations/%F0%9F%9A%97/events HTTP/1.1",
        b"GET http://evil.example/ HTTP/1.1",
        b"BREW /pot HTTP/1.1",
    ):
        with socket.create_connection(("127.0.0.1", port), 10) as caller:
            caller.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
            status = caller.makefile("rb").readline()
        assert status.split()[1][:1] in (b"2", b"4"), (line, status)
    assert "Traceback" not in served.log()


def test_no_plate_reaches_the_log(served: Served) -> None:
    _, post = served.device("post")
    post.get(served.url("status?plate=LOG123"), timeout=10)
    served.person().get(served.url("queue?plate=LOG123"), timeout=10)
    assert "LOG123" not in served.log()


def test_the_folder_and_the_socket_are_the_owners_alone(served: Served) -> None:
    assert served.data.stat().st_mode & 0o777 == 0o700
    assert (served.data / "central.sock").stat().st_mode & 0o777 == 0o600
