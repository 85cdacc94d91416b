"""The supervisor with tiny stand-ins for the parts: real processes, real signals."""

import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portvakt.demo.supervisor import Part, PartState, Supervisor
from tests.waiting import until

pytestmark = pytest.mark.processes

STAND_IN = """
import os, signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with open({diary!r}, "a") as diary:
    diary.write("{name} started\\n")
line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
line.sendto(b"STATUS=here\\nREADY=1", os.environ["NOTIFY_SOCKET"])
try:
    signal.pause()
finally:
    with open({diary!r}, "a") as diary:
        diary.write("{name} stopped\\n")
"""


class Yard:
    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.diary_path = folder / "diary"
        self.supervisor = Supervisor(folder, self.said.append)

    def part(self, name: str, code: str = STAND_IN, after: str | None = None) -> Part:
        written = textwrap.dedent(code.format(diary=str(self.diary_path), name=name))
        after_death = None if after is None else [sys.executable, "-c", self._writes(after)]
        return Part(name, f"The {name}", [sys.executable, "-c", written], after_death)

    def _writes(self, words: str) -> str:
        return f"open({str(self.diary_path)!r}, 'a').write({words + chr(10)!r})"

    @property
    def diary(self) -> list[str]:
        return self.diary_path.read_text().splitlines() if self.diary_path.exists() else []


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    yield yard
    yard.supervisor.stop([])


def _gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def _ended(pid: int) -> bool:
    """Whether an orphan has ended; whoever inherited it may be slow to bury it."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            == "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_part_is_ready_when_it_says_so(yard: Yard) -> None:
    keeper = yard.supervisor.start(yard.part("post"))
    assert keeper.wait_ready(10)
    assert keeper.health.state is PartState.READY
    assert keeper.health.pid is not None


def test_a_part_that_never_says_ready_is_not_ready(yard: Yard) -> None:
    keeper = yard.supervisor.start(yard.part("post", "import signal; signal.pause()"))
    assert not keeper.wait_ready(0.2)
    assert keeper.health.state is PartState.STARTING


def test_what_is_killed_comes_back_and_is_spoken_of_once_each_way(yard: Yard) -> None:
    keeper = yard.supervisor.start(yard.part("post"))
    keeper.wait_ready(10)
    first = keeper.health.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: keeper.health.restarts == 1 and keeper.wait_ready(0.1), what="a new process")
    assert keeper.health.pid != first
    assert yard.said == ["The post was ended by signal 9; starting it again.", "The post is back."]


def test_a_part_that_cannot_start_is_spoken_of_once_with_its_last_words(yard: Yard) -> None:
    code = "raise SystemExit('post.toml: 2 problems')"
    keeper = yard.supervisor.start(yard.part("post", code))
    until(lambda: keeper.health.restarts >= 2, what="a second try")
    assert yard.said == [
        "The post ended with 1; starting it again. Its last words: post.toml: 2 problems"
    ]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_blanker_runs_after_any_death_and_before_the_new_start(
    yard: Yard, how: signal.Signals
) -> None:
    keeper = yard.supervisor.start(yard.part("sign", after="blanked"))
    keeper.wait_ready(10)
    assert keeper.health.pid is not None
    os.kill(keeper.health.pid, how)
    until(lambda: yard.diary.count("sign started") == 2, what="the second start")
    assert [line for line in yard.diary if line != "sign stopped"] == [
        "sign started",
        "blanked",
        "sign started",
    ]


def test_stopping_ends_the_signs_first_then_the_rest_from_the_last_to_the_first(
    yard: Yard,
) -> None:
    for name in ("central", "sign", "post"):
        after = "blanked" if name == "sign" else None
        assert yard.supervisor.start(yard.part(name, after=after)).wait_ready(10)
    yard.supervisor.stop(["sign"])
    assert yard.diary[3:] == ["sign stopped", "blanked", "post stopped", "central stopped"]


def test_stopping_leaves_no_process_and_speaks_of_no_loss(yard: Yard) -> None:
    keeper = yard.supervisor.start(yard.part("post"))
    keeper.wait_ready(10)
    pid = keeper.health.pid
    assert pid is not None
    yard.supervisor.stop([])
    assert _gone(pid)
    assert yard.said == []


def test_a_part_that_will_not_end_is_ended_by_force(yard: Yard) -> None:
    deaf = STAND_IN.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    keeper = yard.supervisor.start(yard.part("post", deaf))
    keeper.wait_ready(10)
    pid = keeper.health.pid
    assert pid is not None
    keeper.stop(grace_s=0.1)
    assert _gone(pid)


def test_a_part_is_not_started_again_when_it_is_stopped_while_down(yard: Yard) -> None:
    keeper = yard.supervisor.start(yard.part("post", "raise SystemExit(1)"))
    until(lambda: keeper.health.state is PartState.DOWN, what="its first death")
    keeper.stop()
    assert keeper.health.state is PartState.STOPPED


def _killed_supervisor(folder: Path) -> list[str]:
    code = f"""
        import pathlib, signal, sys
        from portvakt.demo.supervisor import Part, Supervisor
        supervisor = Supervisor(pathlib.Path({str(folder)!r}))
        argv = [sys.executable, "-c", "import signal; signal.pause()"]
        keeper = supervisor.start(Part("post", "The post", argv))
        while keeper.health.pid is None: pass
        print(keeper.health.pid, flush=True)
        signal.pause()
    """
    return [sys.executable, "-c", textwrap.dedent(code)]


def test_when_the_demo_itself_is_killed_its_parts_end(
    tmp_path: Path, started: Callable[[list[str]], tuple[int, str]]
) -> None:
    supervisor, first_line = started(_killed_supervisor(tmp_path))
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: _ended(int(first_line)), what="the end of the orphan")
