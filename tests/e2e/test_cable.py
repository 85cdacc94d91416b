import socket
from collections.abc import Iterator

import pytest

from tests.fakes.proxy import Cable
from tests.waiting import until


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


@pytest.fixture
def heard() -> list[bytes]:
    return []


@pytest.fixture
def cable(server: socket.socket, heard: list[bytes]) -> Iterator[Cable]:
    cable = Cable(server.getsockname()[1], tap=lambda: lambda _, data: heard.append(data))
    yield cable
    cable.close()


def _through(cable: Cable) -> socket.socket:
    return socket.create_connection(("127.0.0.1", cable.port), timeout=5)


def test_what_is_said_comes_through_both_ways_and_the_answer_is_heard(
    cable: Cable, server: socket.socket, heard: list[bytes]
) -> None:
    with _through(cable) as near:
        far, _ = server.accept()
        with far:
            near.sendall(b"beat")
            assert far.recv(10) == b"beat"
            far.sendall(b"grant")
            assert near.recv(10) == b"grant"
    assert heard == [b"grant"]


def test_a_cut_breaks_what_is_open_and_refuses_what_is_new_until_it_is_mended(
    cable: Cable, server: socket.socket
) -> None:
    with _through(cable) as near:
        far, _ = server.accept()
        with far:
            cable.cut()
            until(lambda: _broken(near), what="the end of the line")
    with pytest.raises(ConnectionRefusedError):
        _through(cable)
    cable.mend()
    with _through(cable) as near:
        far, _ = server.accept()
        with far:
            near.sendall(b"again")
            assert far.recv(10) == b"again"


def _broken(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
