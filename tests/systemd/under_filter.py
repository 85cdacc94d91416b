"""Runs a program as nobody under a filter of system calls: `under_filter.py CALLS PROGRAM ...`.

CALLS is a file with one permitted system call a line; all others fail with EPERM.
"""

import ctypes
import os
import re
import struct
import sys
from pathlib import Path

NUMBERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
NOBODY = 65534
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2  # prctl(2)
LOAD_NUMBER, IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # linux/filter.h
ALLOW, REFUSE = 0x7FFF0000, 0x00050001  # linux/seccomp.h; EPERM is 1


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def main(calls: Path, words: list[str]) -> None:
    permitted = set(calls.read_text().split())
    known = re.findall(r"#define __NR_(\w+) (\d+)", NUMBERS.read_text())
    steps = [(LOAD_NUMBER, 0, 0, 0)]
    for number in [int(number) for name, number in known if name not in permitted]:
        steps += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    steps.append((RETURN, 0, 0, ALLOW))
    content = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(steps), ctypes.addressof(content))
    failed = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    failed |= libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))
    if failed:
        sys.exit("no filter")
    os.execvp(words[0], words)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
