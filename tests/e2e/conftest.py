from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import RunningDemo, free_ports


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    """A station of its own for one test."""
    arguments = ("--data", str(tmp_path / "data"))
    with RunningDemo(free_ports(), arguments, {"PORTVAKT_DEMO_RECORD": str(tmp_path)}) as demo:
        yield demo
