"""The machines that releases are made for: the two Debians of the last years, on a Pi or on a small PC."""

import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Python:
    """The Python that will run there.  `libc` is glibc's version, which decides on wheels."""

    version: tuple[int, int]
    machine: str
    libc: tuple[int, int]

    @property
    def tag(self) -> str:
        """As wheels name it: `cp311`."""
        return f"cp{self.version[0]}{self.version[1]}"

    @property
    def platform(self) -> str:
        """Python and processor, as releases are named for them: `cp311-aarch64`."""
        return f"{self.tag}-{self.machine}"

    def is_ours(self) -> bool:
        """Whether a wheel that is compiled here runs there: a newer glibc here would be asked for there."""
        ours = (sys.version_info[:2], platform.machine())
        return (self.version, self.machine) == ours and _own_libc() <= self.libc


# Raspberry Pi OS has Python and glibc of the Debian that it is made of.
SUITES = {(3, 11): ("bookworm", (2, 36)), (3, 13): ("trixie", (2, 41))}
MACHINES = {"aarch64": "arm64", "x86_64": "amd64"}
PLATFORMS = {
    python.platform: python
    for machine in MACHINES
    for version, (_suite, libc) in SUITES.items()
    for python in (Python(version, machine, libc),)
}


def _own_libc() -> tuple[int, int]:
    found = platform.libc_ver()[1] or "0.0"
    major, minor = found.split(".")[:2]
    return int(major), int(minor)
