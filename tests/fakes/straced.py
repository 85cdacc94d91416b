"""Programs under strace: what they ask of the disk, and disks that refuse.  Without ptrace: skipped."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

# Everything by which a file or a folder is changed, or made to last (the rest leaves no trace on a disk).
CHANGES = (
    "openat,pwrite64,pwritev,pwritev2,write,writev,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,copy_file_range,mmap"
)
LONGEST = "1000000"


def recorded(program: Sequence[str], trace: Path) -> None:
    """Run *program* to its end and write into *trace* what it asked of the disk, strings in hexadecimal."""
    _need_strace()
    command = ["strace", "-f", "-y", "-xx", "--seccomp-bpf", "-s", LONGEST, "-o", str(trace)]
    command += ["-e", f"trace={CHANGES}", "-e", "signal=none", *program]
    subprocess.run(command, check=True, env=_environment(), timeout=120)


def refused(program: Sequence[str], fault: str) -> "subprocess.Popen[str]":
    """Start *program* with *fault* injected, in strace's words (`fdatasync:error=EIO:when=5+7`)."""
    _need_strace()
    name = fault.partition(":")[0]
    command = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={name}"]
    command += ["-e", "signal=none", "-e", f"inject={fault}", *program]
    return subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True)


def _environment() -> dict[str, str]:
    """A child finds the packages where this process has them."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _need_strace() -> None:
    reason = _missing()
    if reason:
        pytest.skip(reason)


@cache
def _missing() -> str:
    if shutil.which("strace") is None:
        return "no strace on this machine: apt-get install strace"
    tried = subprocess.run(["strace", "-f", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not look here: {tried.stderr.strip()}"
