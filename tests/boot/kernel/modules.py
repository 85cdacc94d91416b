"""Kernel modules for the machine: Debian's own gpio-sim, which its kernels leave out, and two of ours."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.boot.kernel.kept import KEPT, digest, kept

OURS = Path(__file__).with_name("modules")
NAMES = ("gpio-sim", "pretend-spi", "pretend-keys")
TAKEN = {
    "drivers/gpio/gpio-sim.c": "gpio-sim-core.c",
    "drivers/gpio/gpiolib.h": "gpiolib.h",
    "kernel/irq/irq_sim.c": "irq_sim.c",
}
# Not exported to modules; the same thing by a way that is.
HIDDEN = ("irq_to_desc(irqnum)", "irq_data_to_desc(irq_get_irq_data(irqnum))")


class NotBuilt(Exception):
    """A module could not be compiled; the text is the compiler's."""


def modules(workshop: Path, kernel: str) -> Path:
    """The folder of the .ko files for *kernel*, compiled in *workshop*."""
    key = digest(OURS, Path(__file__), kernel, str(workshop))
    return kept("modules", key, lambda folder: _build(workshop, kernel, folder))


def _build(workshop: Path, kernel: str, folder: Path) -> None:
    place = workshop / "src"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(OURS, place)
    _take_sources(workshop, place)
    headers = f"/usr/src/linux-headers-{kernel}"
    if not (workshop / headers.lstrip("/")).exists():
        raise NotBuilt(f"The workshop has no headers of {kernel}; remove {KEPT} and try again.")
    command = ["chroot", str(workshop), "make", "-s", "-C", headers, "M=/src", "modules"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotBuilt(done.stdout + done.stderr)
    for name in NAMES:
        shutil.copyfile(place / f"{name}.ko", folder / f"{name}.ko")


def _take_sources(workshop: Path, place: Path) -> None:
    packed = next((workshop / "usr/src").glob("linux-source-*.tar.xz"))
    left = dict(TAKEN)
    with tarfile.open(packed, mode="r|xz") as sources:
        for member in sources:
            name = left.pop(member.name.partition("/")[2], None)
            if name is None:
                continue
            content = sources.extractfile(member)
            if content is not None:
                text = content.read().decode()
                (place / name).write_text(text.replace(*HIDDEN), "utf-8")
            if not left:
                return
    raise NotBuilt(f"{packed.name} has no {', '.join(left)}.")
