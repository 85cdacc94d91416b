"""Releases over a real connection: whole, in parts, and to many at once who take their time."""

import hashlib
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from central.web.files import AT_ONCE, AT_ONCE_OF_ONE
from tests.central.fleet.bundles import PLATFORM, RELEASE, Signer
from tests.central.web.served import PATIENCE_S, Served, running
from tests.waiting import until

pytestmark = pytest.mark.processes

FILE = f"portvakt-{RELEASE}-{PLATFORM}.tar"
MIB = 1024 * 1024
SIZE = 12 * MIB


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A central with one release of some megabytes."""
    folder = tmp_path_factory.mktemp("central")
    signer = Signer(folder / "signer")
    data = folder / "data"
    data.mkdir()
    (data / "allowed_signers").write_text(signer.trust, "ascii")
    content = random.Random(7).randbytes(SIZE)
    file = signer.release(data / "releases", content=content)
    with running(folder, limits_times=100) as served:
        served.set_up()
        served.admin.ask("add_release", file=file.name)
        yield served


@pytest.fixture(scope="module")
def post(central: Served) -> requests.Session:
    return central.device("post")[1]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def kept(central: Served) -> Path:
    return central.data / "releases" / FILE


def test_it_comes_as_it_is_kept(central: Served, post: requests.Session) -> None:
    answer = post.get(central.url(f"releases/{FILE}"), timeout=PATIENCE_S)
    assert digest(answer.content) == digest(kept(central).read_bytes())
    assert answer.headers["ETag"] == f'"{digest(answer.content)}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_comes_in_parts_that_fit_together(central: Served, post: requests.Session) -> None:
    whole, found = kept(central).read_bytes(), b""
    while len(found) < len(whole):
        words = {"Range": f"bytes={len(found)}-{len(found) + 5 * MIB - 1}"}
        answer = post.get(central.url(f"releases/{FILE}"), headers=words, timeout=PATIENCE_S)
        assert answer.status_code == 206
        found += answer.content
    assert digest(found) == digest(whole)


def test_to_ask_about_it_gives_nothing_of_it(central: Served, post: requests.Session) -> None:
    answer = post.head(central.url(f"releases/{FILE}"), timeout=PATIENCE_S)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) == kept(central).stat().st_size


def memory(central: Served) -> int:
    """What the process holds, in bytes (proc(5))."""
    lines = Path(f"/proc/{central.process.pid}/status").read_text("ascii").splitlines()
    line = next(line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def begins(central: Served, token: str) -> socket.socket:
    """Somebody who asks for the file and then reads no more than its head."""
    host, port = central.address.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE_S)
    connection.connect((host, int(port)))
    head = f"GET /v1/stations/hall/releases/{FILE} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    connection.sendall(head.encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def test_one_machine_does_not_take_the_places_of_the_others(
    central: Served, post: requests.Session
) -> None:
    other, url = central.device("post")[1], central.url(f"releases/{FILE}")
    with ExitStack() as open_ones:
        for _ in range(AT_ONCE_OF_ONE):
            open_ones.enter_context(begins(central, str(other.headers["Authorization"])))
        assert other.get(url, timeout=PATIENCE_S).status_code == 429
        assert post.head(url, timeout=PATIENCE_S).ok


def test_many_who_take_their_time_cost_neither_threads_nor_memory(
    central: Served, post: requests.Session
) -> None:
    others = [central.device("post")[1] for _ in range(AT_ONCE // AT_ONCE_OF_ONE)]
    before = memory(central)
    url = central.url(f"releases/{FILE}")
    with ExitStack() as open_ones:
        for one in others * AT_ONCE_OF_ONE:
            open_ones.enter_context(begins(central, str(one.headers["Authorization"])))
        assert memory(central) - before < 2 * SIZE
        assert requests.get(f"{central.address}/healthz", timeout=PATIENCE_S).ok
        one_more = post.get(url, timeout=PATIENCE_S)
        assert (one_more.status_code, one_more.headers["Retry-After"]) == (429, "30")

    def has_room() -> bool:
        return bool(post.head(url, timeout=PATIENCE_S).ok)

    until(has_room, PATIENCE_S, "a place that is free again")
