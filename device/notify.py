"""Tell systemd how we are: sd_notify(3), of which this is all that we need."""

import os
import socket


def notify(state: str) -> bool:
    """Send *state* (`READY=1`, `WATCHDOG=1`, `STATUS=...`); false when nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # a name in the abstract namespace, unix(7)
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.connect(address)
            line.sendall(state.encode())
    except OSError:
        return False
    return True


def watchdog_ms() -> int | None:
    """How long systemd lets this process be silent, in milliseconds; None when it does not watch us."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or watched != str(os.getpid()):
        return None
    return int(microseconds) // 1000
