"""A box that is a whole hall: central, a post and a sign on one machine, as a person there sees it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from deploy.roles import CHECKOUT
from kiosk.keys import KEY_OF
from tests.boot.box import Box
from tests.boot.net import inside
from tests.fakes.alpha_sign import AlphaSign
from tests.waiting import until

STATION = "hall"
CENTRAL, KIOSK, SIGN = (f"portvakt-{name}.service" for name in ("central", "kiosk", "sign"))
UNITS = (SIGN, KIOSK, CENTRAL)
TOKENS = {"post": "/var/lib/portvakt-kiosk/token.json", "sign": "/var/lib/portvakt-sign/token.json"}
AS_CENTRAL = "sudo -u portvakt-central portvakt central"
SETTLED_S = 40


@dataclass(frozen=True, slots=True)
class Burst:
    """Bytes that a panel was told, at seconds of the monotonic clock."""

    at_s: float
    data: bytes


class Hall:
    """What is asked of the box, and what a person there does."""

    def __init__(self, box: Box) -> None:
        self.box = box

    # -- services ----------------------------------------------------------------------------------

    def fact(self, unit: str, name: str) -> str:
        """A property of a unit, as systemctl(1) shows it."""
        return self.box.run(f"systemctl show {unit} --property={name} --value").strip()

    def restarts(self, unit: str) -> int:
        """How often systemd has started it again by itself."""
        return int(self.fact(unit, "NRestarts"))

    def is_ready(self, unit: str) -> bool:
        """Whether it has said READY=1, for every unit of ours is of Type=notify."""
        return self.fact(unit, "ActiveState") == "active"

    def wait_ready(self, *units: str) -> None:
        """Wait until they are."""
        for unit in units or UNITS:
            until(partial(self.is_ready, unit), SETTLED_S, f"READY of {unit}")

    def pid(self, unit: str) -> int:
        """Its main process, 0 when it has none."""
        return int(self.fact(unit, "MainPID"))

    def kill(self, unit: str, signal: str) -> int:
        """Send its main process a signal; the process that got it."""
        pid = self.pid(unit)
        self.box.run(f"kill -{signal} {pid}")
        return pid

    def journal(self, unit: str) -> str:
        """What it said, and what systemd said of it, since the boot."""
        return self.box.run(f"journalctl --boot --no-pager --output=cat --unit={unit}")

    # -- what is there to be seen and pressed ------------------------------------------------------

    def told(self) -> list[Burst]:
        """All that the sign's panel was told since the boot."""
        lines = self.box.run("cat /run/pretend/sign.log").splitlines()
        pairs = [line.split() for line in lines]
        return [Burst(float(pair[0]), bytes.fromhex(pair[1])) for pair in pairs if len(pair) > 1]

    def shows(self) -> str:
        """What stands on the panel now; nothing is darkness."""
        panel = AlphaSign()
        for burst in self.told():
            panel.take(burst.data)
        assert not panel.refused, "the panel was told something with a wrong checksum"
        return panel.shows

    def types(self, keys: str) -> None:
        """Press keys of the post, one after the other as a hand does; `#` is OK."""
        each = " ".join(f"'{key}'" for key in keys)
        press = "printf %s $key >/run/pretend/keys; sleep 0.5"
        self.box.run(f"for key in {each}; do {press}; done")

    def screen(self) -> dict[str, Any]:
        """What the post's page is told to show, as it stands now."""
        said = self.box.attempt("curl -s -m 2 http://127.0.0.1:8082/stream").stdout
        data = said.partition("event: screen\ndata: ")[2].partition("\n")[0]
        found: dict[str, Any] = json.loads(data or '{"name": ""}')
        return found

    def spells(self, plate: str) -> None:
        """Type *plate* on a telephone's keys, say which sign each key meant, and say yes."""
        self.types("".join(KEY_OF.get(sign, sign) for sign in plate) + "#")
        while (screen := self.screen())["name"] == "spell":
            at = next(number for number, cell in enumerate(screen["cells"]) if cell[2])
            meant = (number for number, said in screen["choices"] if said["text"] == plate[at])
            self.types(next(meant))
        self.types("##")

    # -- the desk ----------------------------------------------------------------------------------

    def central(self, words: str) -> str:
        """Run `portvakt central WORDS` as a technician does."""
        return self.box.run(f"{AS_CENTRAL} {words}")

    def calls(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of `tests.boot` with this machine's Python in the network of the box."""
        python = [sys.executable, "-m", *words]
        return subprocess.run(
            inside(self.box.net, *python),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": os.fspath(CHECKOUT)},
            timeout=120,
        )

    def token(self, role: str = "post") -> str:
        """The token that a device of the box got when it was enrolled."""
        found = msgspec.json.decode(
            self.box.path(TOKENS[role]).read_bytes(), type=dict[str, object]
        )
        return str(found["token"])


def set_up(hall: Hall) -> None:
    """Make the station, its door, its desk, and enrol the post and the sign, as docs/ say."""
    hall.wait_ready()
    hall.central(f"create station {STATION} --name Hall")
    hall.central(f"create bay 1 --station {STATION} --door 1")
    for role, unit, words in (("post", KIOSK, ""), ("sign", SIGN, "--bay 1")):
        said = hall.central(f"device code {role}-1 --station {STATION} --role {role} {words}")
        code = said.split()[0]
        place = f"/etc/portvakt/enrol-code-{role}"
        hall.box.run(f"install -m 0640 -g portvakt /dev/stdin {place}", stdin=f"{code}\n")
        hall.box.run(f"systemctl restart {unit}")
        token = hall.box.path(TOKENS[role])
        until(token.exists, SETTLED_S, f"a token of the {role}")
