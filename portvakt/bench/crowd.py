"""Other devices at the same central: each holds its stream of nudges, and beats when it is due."""

import itertools
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from contract.wire import BEAT_DARK_MS, Beat, Font, PanelFacts
from portvakt.bench.server import Bench, enrolled
from portvakt.bench.wire import Connection, request

SIGNS_A_STATION = 40
_PANEL = PanelFacts(
    width_px=48,
    fonts=[Font(letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", advance_px=6, gap_px=3)],
    holds_last_frame=True,
    worst_dark_ms=200,
)


@contextmanager
def crowd(bench: Bench, stations: list[str], count: int) -> Iterator[None]:
    """Connect *count* signs without a bay, spread over *stations*, until the block ends."""
    leaving = threading.Event()
    paths = [
        _enrol(bench, station, n) for n, station in zip(range(count), itertools.cycle(stations))
    ]
    streams = [_stream(bench.port, path, token) for path, token in paths]
    work = [
        threading.Thread(target=_listen, args=(streams, leaving)),
        threading.Thread(target=_beat, args=(bench.port, paths, leaving)),
    ]
    for thread in work:
        thread.start()
    try:
        yield
    finally:
        leaving.set()
        for thread in work:
            thread.join()
        for stream in streams:
            stream.close()


def _enrol(bench: Bench, station: str, number: int) -> tuple[str, str]:
    """Give the path of one more sign, and its token."""
    sign = enrolled(bench.admin, bench.port, station, role="sign", name=f"crowd {number}")
    return f"/v1/stations/{station}/signs/{sign.device}", sign.token


def _stream(port: int, path: str, token: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(request("GET", f"{path}/nudges", {"Authorization": f"Bearer {token}"}))
    return line


def _listen(streams: list[socket.socket], leaving: threading.Event) -> None:
    """Read whatever comes, so that no stream is slow."""
    with selectors.DefaultSelector() as selector:
        for line in streams:
            line.setblocking(False)
            selector.register(line, selectors.EVENT_READ)
        while not leaving.is_set():
            for key, _ in selector.select(timeout=0.1):
                if not key.fileobj.recv(65_536):  # type: ignore[union-attr] # a socket
                    selector.unregister(key.fileobj)


def _beat(port: int, paths: list[tuple[str, str]], leaving: threading.Event) -> None:
    """Beat for all of them, evenly: each once in ten seconds, as a dark sign does."""
    connection = Connection(port)
    numbers = itertools.count()
    for path, token in itertools.cycle(paths):
        if leaving.wait(BEAT_DARK_MS / 1_000 / len(paths)):
            break
        beat = Beat(nonce=f"n{next(numbers)}", boot="bench", panel=_PANEL)
        headers = {"Authorization": f"Bearer {token}"}
        connection.ask(request("POST", f"{path}/beat", headers, msgspec.json.encode(beat)))
    connection.close()
