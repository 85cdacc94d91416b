import subprocess
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def started() -> Iterator[Callable[[list[str]], tuple[int, str]]]:
    """Start a program; give its process id and the first line that it prints."""
    running = []

    def start(argv: list[str]) -> tuple[int, str]:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return process.pid, process.stdout.readline()

    yield start
    for process in running:
        process.kill()
        process.communicate()
