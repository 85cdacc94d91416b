import pytest

from portvakt.bench.arrivals import measure
from portvakt.bench.wire import request


@pytest.mark.processes
def test_arrivals_are_measured_beside_their_floor_in_the_same_run() -> None:
    said: list[str] = []
    figures = list(measure(1, 16, said.append))
    assert ["1 client, p50", "1 client, p99", "8 clients, p50", "8 clients, p99"] == [
        one.name.removeprefix("arrival acknowledged, ") for one in figures
    ]
    assert all(one.value > 0 for one in figures)
    assert "floor" in figures[0].detail
    assert ["arrivals, 1 clients, pass 1 of 1", "arrivals, 8 clients, pass 1 of 1"] == said


def test_a_request_is_spelled_out_with_its_length() -> None:
    assert request("POST", "/x", {"A": "b"}, b"{}").endswith(b"Content-Length: 2\r\n\r\n{}")
