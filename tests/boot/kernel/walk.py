"""From a key on the GPIO chip to light above a door, and to darkness when the sign is killed."""

import json
from functools import partial
from statistics import median

from tests.boot.kernel.machine import BOOTED_S
from tests.boot.kernel.panel import columns, drawn, is_lit
from tests.boot.kernel.station import OURS, PRETEND, PYTHON, UPTIME, Station, see, uptime_ns

PLATE, TYPED = "ABC123", tuple("222123")
CONTROL = "/sys/devices/platform/gpio-sim.0/gpiochip0"
HELP_LINE, HELP_LAMP = 26, 17
# On an emulated processor that others use too; the figure in the table is what counts.
DARK_S = 60
NODES = "/dev/gpiochip0 /dev/spidev0.0 /dev/input/event0 /dev/uinput /dev/vda /dev/mem"
MAY_OPEN = {
    "portvakt-kiosk": {"/dev/gpiochip0": "rw", "/dev/input/event0": "r"},
    "portvakt-sign": {"/dev/gpiochip0": "rw", "/dev/spidev0.0": "rw"},
    "portvakt-central": {},
}


def boots(at: Station) -> str:
    """systemd comes up with every service of ours ready"""
    state = at.run("systemctl is-system-running --wait", BOOTED_S).out.strip()
    failed = at.run("systemctl --failed --plain --no-legend").well()
    see(state == "running", f"the system is {state}: {failed}")
    for unit in OURS:
        see(at.shown(unit, "ActiveState") == "active", f"{unit} is not active: {at.said(unit)}")
    ready_s = {unit: int(at.shown(unit, "ActiveEnterTimestampMonotonic")) / 1e6 for unit in OURS}
    said = ", ".join(f"{unit.partition('-')[2]} {ready:.0f} s" for unit, ready in ready_s.items())
    kernel = at.run("uname -r").well().strip()
    return f"{kernel}; agent {at.machine.seconds:.0f} s; ready: {said}; 0 failed units"


def owned(at: Station) -> str:
    """the udev rules give the buses to their groups"""
    said = at.run("stat -c '%n %G %a' /dev/gpiochip0 /dev/spidev0.0 /dev/input/event0").well()
    wanted = ["/dev/gpiochip0 gpio 660", "/dev/spidev0.0 spi 660", "/dev/input/event0 input 640"]
    see(said.splitlines() == wanted, said)
    return "gpio 660, spi 660, input 640"


def sandboxed(at: Station) -> str:
    """DevicePolicy= lets each service open its own devices and no others"""
    nodes = NODES.split()
    for unit, may in MAY_OPEN.items():
        said = at.run(f"sh {PRETEND}/opens {unit}.service {NODES}").well()
        opened = dict(line.split() for line in said.splitlines())
        see(opened == {node: may.get(node, "-") for node in nodes}, f"{unit}: {opened}")
    return f"{len(MAY_OPEN)} services, {len(nodes)} device files each"


def scans(at: Station) -> str:
    """the kiosk's own service scans the rows through gpiozero and lgpio"""
    see("cannot be read" not in at.said("portvakt-kiosk"), at.said("portvakt-kiosk"))
    before, begun_ns = _scans(at), at.uptime_ns()
    at.wait("fifty scans", lambda: _scans(at) >= before + 50)
    rate = (_scans(at) - before) / (at.uptime_ns() - begun_ns) * 1e9
    return f"{rate:.0f} scans a second of all four rows"


def enrols(at: Station) -> str:
    """post and sign trade their one-time codes for tokens"""
    user = "runuser -u portvakt-central --"
    made = at.run(f"cd / && {user} {PYTHON} {PRETEND}/set_up.py", stdin=at.password).well()
    codes = json.loads(made.splitlines()[0])
    for place, device in (("enrol-code", "post"), ("sign-code", "sign")):
        path = f"/etc/portvakt/{place}"
        keep = f"install -m 640 -g portvakt /dev/null {path} && cat > {path}"
        at.run(keep, stdin=codes[device] + "\n").well()
    for unit in ("portvakt-kiosk", "portvakt-sign"):
        at.wait(f"{unit} enrolled", partial(_is_enrolled, at, unit))
    return "two codes, two tokens"


def types(at: Station) -> str:
    """a plate is pressed on the simulated GPIO chip, and the post offers it"""
    took_ms = at.press(*TYPED)
    plate = at.screen("offer")["plate"]
    see(plate == "ABC 123", f"it offered {plate}")
    return f"six keys, {median(took_ms):.0f} ms from one to the next"


def arrives(at: Station) -> str:
    """OK puts it into central's line"""
    at.press("ok")
    at.screen("place")
    visit = at.wait("the arrival", lambda: at.visit(PLATE))
    see((visit["state"], visit["source"]) == ("waiting", "post"), str(visit))
    return "waiting, by the post"


def lights(at: Station) -> str:
    """the desk calls it, and the bytes on the SPI bus draw the plate"""
    see(not is_lit(at.panel.look()), f"the sign was lit before the call: {at.panel.now}")
    called_ns = at.uptime_ns()
    visit = next(one for one in at.desk("call", "1")["line"] if one["plate"] == PLATE)
    see(visit["state"] == "called", str(visit))
    at.wait("the plate", lambda: drawn("ABC 123") in _pictures(at, called_ns))
    sent = {message.sent for message in at.panel.messages if message.at_ns > called_ns}
    missing = [one.hex() for one in columns("ABC 123") if one not in sent]
    see(not missing, f"never sent: {missing}")
    speeds = {(message.hertz, message.mode) for message in at.panel.messages}
    see(len(speeds) == 1, f"{speeds}")
    (hertz, mode) = speeds.pop()
    return f"{hertz / 1e6:g} MHz, mode {mode}, {len(at.panel.messages)} messages decoded"


def goes_dark(at: Station) -> str:
    """SIGKILL to the sign: its unit's blanker makes the panel dark; then the plate stands again"""
    pid = at.shown("portvakt-sign", "MainPID")
    killed_ns = uptime_ns(at.run(f"kill -KILL {pid}; {UPTIME}").well())
    dark_s = at.wait("darkness", lambda: _dark_after_s(at, killed_ns))
    see(dark_s < DARK_S, f"it stood for {dark_s:.1f} s")
    restarted_ns = at.uptime_ns()
    at.wait("the plate again", lambda: drawn("ABC 123") in _pictures(at, restarted_ns))
    floor = f"dark after {dark_s:.1f} s where Python alone starts in {_python_s(at):.1f} s"
    return f"{floor}; lit again by a new process"


def drives_in(at: Station) -> str:
    """the car drives in, and the sign is dark"""
    at.desk("enter", PLATE, "1")
    at.wait("darkness", lambda: not is_lit(at.panel.look()))
    return "dark"


def helps(at: Station) -> str:
    """the help key, pulled down by gpio-sim itself, reaches the board; the key's lamp shines"""
    line = f"{CONTROL}/sim_gpio{HELP_LINE}/pull"
    at.run(f"echo pull-down > {line}; sleep 1; echo pull-up > {line}").well()
    at.screen("help_waiting", "help_reached")
    see(at.desk()["help"], "the board shows no call for help")
    lamp = f"cat {CONTROL}/sim_gpio{HELP_LAMP}/value"
    at.wait("the lamp", lambda: at.run(lamp).well().strip() == "1")
    return "on the board; the lamp's line is high"


def _is_enrolled(at: Station, unit: str) -> bool:
    return "enrolled device=" in at.said(unit)


def _python_s(at: Station) -> float:
    """How slow this machine is now: the blanker is a program in Python."""
    said = at.run(f"{UPTIME}; {PYTHON} -I -c pass; {UPTIME}").well().split()
    return float(said[1]) - float(said[0])


def _dark_after_s(at: Station, since_ns: int) -> float | None:
    at.panel.look()
    return at.panel.dark_after_s(since_ns, at.uptime_ns())


def _scans(at: Station) -> int:
    """How often the last row was driven."""
    counts = dict(line.split() for line in at.run("cat /dev/pretend-keys").well().splitlines())
    return int(counts.get("19", 0))


def _pictures(at: Station, since_ns: int) -> list[tuple[str, ...]]:
    at.panel.look()
    return [rows for when_ns, rows in at.panel.pictures if when_ns > since_ns]


WALK = (
    *(boots, owned, sandboxed, scans, enrols, types),
    *(arrives, lights, goes_dark, drives_in, helps),
)
