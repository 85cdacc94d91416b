"""What central tells systemd: ready, alive, stopping (sd_notify(3))."""

import os
import socket


def notify(state: str) -> None:
    """Send *state*, such as `READY=1`, to the service manager; do nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # A leading @ stands for Linux's abstract namespace.
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.sendto(state.encode(), path)
