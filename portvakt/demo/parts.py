"""The parts of the demo's station: their settings files, their command lines, their order."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contract.wire import BEAT_LIT_MS, LEASE_TTL_MAX_MS
from device.setting_kinds import written
from kiosk.texts import TEXTS
from portvakt.demo.options import DemoOptions
from portvakt.demo.staff import STATION
from portvakt.demo.supervisor import Part

MODULES = 6
TIME_ZONE = "Europe/Stockholm"
CENTRAL, POST = "central", "post"
DOORS = {"sign-1": "1", "sign-2": "2"}

Toml = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things lie: *lasting* is what a person may keep with --data, *run* goes when we end."""

    lasting: Path
    run: Path

    def of(self, name: str) -> Path:
        """The lasting folder of one part, made if need be."""
        folder = self.lasting / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def panel(self, sign: str) -> Path:
        """The cable of a sign's panel."""
        return self.run / f"{sign}.sock"

    def code(self, device: str) -> Path:
        """A device's enrolment code."""
        return self.of(device) / "code"

    def token(self, device: str) -> Path:
        """What the device got for its code."""
        return self.of(device) / "token.json"


def central(options: DemoOptions, folders: Folders) -> Part:
    """Central with its board."""
    argv = ["central", "serve", "--data", str(folders.of(CENTRAL))]
    argv += ["--port", str(options.central_port), "--frame-ancestor", options.page_url]
    if options.judging.lease_ttl_ms is not None:
        argv += ["--lease-ttl-ms", str(options.judging.lease_ttl_ms)]
    return Part(CENTRAL, "Central", _portvakt(*argv))


def post(options: DemoOptions, folders: Folders) -> Part:
    """The post, with a keypad whose contacts a click on the page closes."""
    languages = [options.language, *(one for one in TEXTS if one != options.language)]
    home = folders.of(POST)
    settings: Toml = {
        "": {"state_dir": home, "languages": languages, "time_zone": TIME_ZONE, "demo": True},
        "central": {
            "url": options.judging.post_central or options.central_url,
            "station": STATION,
        },
        "identity": {"token_file": folders.token(POST), "code_file": folders.code(POST)},
        "keypad": {"kind": "matrix"},
        "signals": {"hall_lamp": 22, "hall_sense": 23},
        # A laptop without the program is no post with a fault.
        "speech": {"on": shutil.which("espeak-ng") is not None},
        "page": {"port": options.post_port, "frame_ancestors": [options.page_url]},
        "browser": {"expected": False},
    }
    config = _write(folders.run / "post.toml", settings)
    return Part(POST, "The post", _portvakt("kiosk", "run", "--config", str(config)))


def sign(name: str, options: DemoOptions, folders: Folders) -> Part:
    """One sign, and the blanker that runs after every end of it, as ExecStopPost does on a device."""
    settings: Toml = {
        "central": {
            "url": options.judging.sign_central or options.central_url,
            "station": STATION,
        },
        "identity": {"token_file": folders.token(name), "code_file": folders.code(name)},
        "panel": {"kind": "max7219", "modules": MODULES, "bus": f"unix:{folders.panel(name)}"},
        "lease": _lease(options.judging.lease_ttl_ms),
        # Each demo would begin with two seconds of patterns that tell a newcomer nothing.
        "self_test": {"at_start": False},
    }
    config = _write(folders.run / f"{name}.toml", settings)
    return Part(
        name,
        f"The sign above door {DOORS[name]}",
        _portvakt("sign", "run", "--config", str(config)),
        after_death=[sys.executable, "-m", "signage.blank", "--config", str(config)],
        # Both find the last good settings there, as on a device.
        environment={"STATE_DIRECTORY": str(folders.of(name))},
    )


def _lease(ttl_ms: int | None) -> Mapping[str, object]:
    """A shorter lease is renewed as many times oftener, so that it stands as firmly as a whole one."""
    if ttl_ms is None:
        return {}
    return {"ttl_ms": ttl_ms, "beat_lit_ms": BEAT_LIT_MS * ttl_ms // LEASE_TTL_MAX_MS}


def _portvakt(*argv: str) -> list[str]:
    return [sys.executable, "-m", "portvakt", *argv]


def _write(path: Path, settings: Toml) -> Path:
    lines = []
    for section, values in settings.items():
        lines += [f"[{section}]"] if section else []
        lines += [f"{name} = {written(value)}" for name, value in values.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
