"""A whole machine in QEMU without virtualisation (TCG): Debian's kernel, two processors, no network."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.boot.kernel.agent import Agent, AgentError, Done

PROGRAM = "qemu-system-x86_64"
MEMORY_MIB = 1536
# The agent, then everything that the machine starts by itself; Python starts thirty times slower in TCG.
ANSWERS_S = 400
BOOTED_S = 600
# A Monday morning, so that the bookings of the test are always of today.
CLOCK = "2026-11-23T09:00:00"
CONSOLE = "console=ttyS0 quiet systemd.show_status=1 mitigations=off random.trust_cpu=on"


@dataclass
class Machine:
    """Boots the disk of *image* in the folder *state*; `with` ends it, and what it wrote is lost.

    `seconds` is how long the last start took until the agent answered.
    """

    image: Path
    state: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)
    agent: Agent = field(init=False)
    seconds: float = field(init=False, default=0.0)

    def __enter__(self) -> Self:
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)
        base = ["-F", "raw", "-b", str(self.image / "root.ext4")]
        disk = str(self._disk)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *base, disk], check=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.agent.close()
        self.cut()

    def start(self) -> None:
        """Switch it on, with the disk as it was left."""
        begun_s = time.monotonic()
        (self.state / "agent").unlink(missing_ok=True)
        with (self.state / "qemu.log").open("wb") as log:
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log)
        try:
            self.agent = self._agent()
        except BaseException:
            self.cut()
            raise
        self.seconds = time.monotonic() - begun_s

    def cut(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait()

    def ended(self, seconds: float) -> bool:
        """Whether the machine ends by itself in *seconds*."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def run(self, command: str, seconds: float = 120, stdin: bytes = b"") -> Done:
        """Run *command* in it."""
        return self.agent.run(command, seconds, stdin)

    def console(self) -> str:
        """What stood on its console."""
        return (self.state / "console.log").read_text("utf-8", "replace")

    @property
    def _disk(self) -> Path:
        return self.state / "disk.qcow2"

    def _agent(self) -> Agent:
        path = self.state / "agent"
        end_s = time.monotonic() + ANSWERS_S
        while not path.exists():
            if self.process.poll() is not None or time.monotonic() > end_s:
                raise AgentError(f"QEMU did not start: {(self.state / 'qemu.log').read_text()}")
            time.sleep(0.1)
        agent = Agent(path)
        agent.wait(ANSWERS_S)
        return agent

    def _command(self) -> list[str]:
        port = f"socket,path={self.state / 'agent'},server=on,wait=off,id=agent"
        return [
            *(PROGRAM, "-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi"),
            *("-smp", "2", "-m", str(MEMORY_MIB), "-nodefaults", "-display", "none", "-no-reboot"),
            *("-kernel", str(self.image / "vmlinuz"), "-initrd", str(self.image / "initramfs")),
            *("-append", CONSOLE, "-serial", f"file:{self.state / 'console.log'}"),
            *("-drive", f"file={self._disk},format=qcow2,if=virtio,cache=unsafe"),
            *("-rtc", f"base={CLOCK}", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
            *("-chardev", port),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
            *self.options,
        ]
