"""Cars that arrive one after the other until nobody answers any more.

    python -m tests.boot.rush STATION FIRST [COUNT] <TOKEN

Runs in the network of a box.  Each line of the output is the id of an arrival that central has
acknowledged, written when the answer was there; FIRST numbers the cars, so that no two runs send the same.
"""

import sys
from datetime import UTC, datetime

from contract.ids import uuid7
from contract.wire import Arrival
from tests.central.crashes import Post

PORT = 8081
# More than this at once a post may not deliver.
MOST = 590
_ACKNOWLEDGED = {200, 201}
# Central's last words when its disk is gone under it.
_CANNOT_NOW = {503}


def main() -> None:
    """Send until the first arrival that is not acknowledged."""
    station, first = sys.argv[1], int(sys.argv[2])
    count = int(sys.argv[3]) if sys.argv[3:] else MOST
    post = Post(PORT, station, sys.stdin.read().strip())
    for number in range(first, first + count):
        arrival = _arrival(number)
        if post.sends(arrival) not in _ACKNOWLEDGED:
            break
        sys.stdout.write(f"{arrival.id}\n")
        sys.stdout.flush()
    others = [refusal for refusal in post.refusals if refusal[0] not in _CANNOT_NOW]
    assert not others, others


def _arrival(number: int) -> Arrival:
    now = datetime.now(UTC)
    letters = "ABCDEFGHJKLMNPRSTUWXYZ"
    hundreds, rest = divmod(number, 1_000)
    front = "".join(letters[hundreds // step % len(letters)] for step in (484, 22, 1))
    return Arrival(
        id=uuid7(int(now.timestamp() * 1_000)),
        plate=f"{front}{rest:03}",
        at=now,
        synced=True,
        boot_id="rush",
        mono_ms=number + 1,
    )


if __name__ == "__main__":
    main()
