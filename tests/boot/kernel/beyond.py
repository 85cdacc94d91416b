"""What else only a real kernel shows: a USB keypad, the memory limit, and the hardware watchdog."""

from tests.boot.kernel.machine import BOOTED_S
from tests.boot.kernel.station import OURS, PRETEND, PYTHON, Station, see

PLATE, FIRST, REST = "DEF456", "3 3 3", "cancel 3 3 3 4 5 6"
TYPE = f"{PYTHON} {PRETEND}/usb_keypad.py"
VENDOR, PRODUCT = "04d9", "1203"
USB = f'[keypad.usb]\nvendor = "{VENDOR}"\nproduct = "{PRODUCT}"\n'
EATER = "python3 -c 'x = b\"x\" * (300 << 20)'"
MIB = 2**20
# RuntimeWatchdogSec=14, and the time that a busy emulator takes to notice.
BITES_S = 120


def takes_usb(at: Station) -> str:
    """the kiosk finds a USB keypad (uinput) and keeps it to itself; pulled out it is a fault in words"""
    settings = "/etc/portvakt/post.toml"
    at.run(
        f'sed -i \'s/^kind = "matrix"/kind = "usb"/\' {settings} && cat >> {settings}', stdin=USB
    )
    at.run("systemctl restart portvakt-kiosk.service").well()
    said = at.run(f"{TYPE} {FIRST}").well().strip()
    at.wait("the fault", lambda: "The USB keypad was unplugged" in at.said("portvakt-kiosk"))
    return said


def takes_usb_again(at: Station) -> str:
    """plugged in anew it is taken again, and a plate that is typed on it comes into the line"""
    at.run(f"systemd-run --quiet --unit=pretend-usb {TYPE} {REST} ok stay").well()
    at.screen("place")
    visit = at.wait("the arrival", lambda: at.visit(PLATE))
    at.run("systemctl stop pretend-usb.service").well()
    see(visit["state"] == "waiting", str(visit))
    return "waiting, by the post"


def limits_memory(at: Station) -> str:
    """MemoryMax= holds: what eats memory in the kiosk's group ends the service, which starts again"""
    used = {unit: int(at.shown(unit, "MemoryCurrent")) / MIB for unit in OURS}
    restarts = int(at.shown("portvakt-kiosk", "NRestarts"))
    group = "/sys/fs/cgroup/system.slice/portvakt-kiosk.service/cgroup.procs"
    at.run(f"echo $$ > {group}; exec {EATER}")
    at.wait("a new start", lambda: int(at.shown("portvakt-kiosk", "NRestarts")) > restarts)
    kernel = at.run("journalctl -b -k -o cat --no-pager").well()
    see("Memory cgroup out of memory" in kernel, "the kernel's OOM killer said nothing")
    at.wait("the kiosk", lambda: at.shown("portvakt-kiosk", "ActiveState") == "active", BOOTED_S)
    return ", ".join(f"{unit.partition('-')[2]} {mib:.0f} MiB" for unit, mib in used.items())


def resets(at: Station) -> str:
    """a kernel that hangs is reset by the hardware watchdog; what was confirmed is in the line again"""
    see(at.run("systemctl show -P RuntimeWatchdogUSec").well().strip() == "14s", "no watchdog")
    before = {one["plate"]: one["state"] for one in at.desk()["line"]}
    see(PLATE in before, f"{before}")
    begun_ns = at.uptime_ns()
    at.run("(sleep 1; echo c > /proc/sysrq-trigger) >/dev/null 2>&1 &")
    see(at.machine.ended(BITES_S), f"the kernel hung for {BITES_S} s and nobody reset it")
    at.machine.agent.close()
    at.machine.start()
    state = at.run("systemctl is-system-running --wait", BOOTED_S).out.strip()
    see(state == "running", f"after the reset the system is {state}")
    after = {one["plate"]: one["state"] for one in at.desk()["line"]}
    see(after == before, f"{before} became {after}")
    see("central refused" not in at.said("portvakt-kiosk"), at.said("portvakt-kiosk"))
    return f"hung at {begun_ns / 1e9:.0f} s of its life; {len(after)} visits as before"


USB_KEYPAD = (takes_usb, takes_usb_again)
LIMITS = (limits_memory,)
WATCHDOG = (resets,)
