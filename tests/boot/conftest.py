"""Boxes for the tests of a whole machine.  They need root; `make test-system` runs them."""

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.roles import CHECKOUT
from tests.boot.box import Box
from tests.boot.disk import Disk
from tests.boot.hall import Hall, set_up
from tests.boot.image import Images
from tests.boot.net import NAMES, network
from tests.boot.said import measured, step
from tests.boot.tier import missing
from tests.boot.wire import BAD, Cable, cable

KEEP = CHECKOUT / "build" / "boot"
_CLONE_NEWNS = 0x00020000  # unshare(2)
_numbers = itertools.count(1)
# Makes a box on a copy of a disk; the box is off, and goes away with the test or the module that asked.
MakeBox = Callable[[Path], Box]


@pytest.fixture(scope="session")
def a_place_of_our_own() -> Iterator[None]:
    """Mounts of this process alone: whatever ends it, no mount, loop device or network outlives it."""
    why = missing()
    if why:
        pytest.fail(f"no box can be had here: {'; '.join(why)}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    NAMES.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "boxes", NAMES], check=True)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def images(a_place_of_our_own: None) -> Images:
    return Images(Path(os.environ.get("PORTVAKT_BOXES") or KEEP))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for disks and consoles."""
    return tmp_path_factory.mktemp("boxes")


@pytest.fixture(scope="module")
def make_box(a_place_of_our_own: None, bench: Path) -> Iterator[MakeBox]:
    """Boxes that live as long as the module's tests."""
    with ExitStack() as boxes:
        yield lambda image: a_box(boxes, image, bench)


@pytest.fixture(scope="session")
def hall_disk(images: Images, bench: Path) -> Path:
    """The disk of a hall that is set up and enrolled, shut down as a person does."""

    def make(file: Path) -> None:
        with ExitStack() as boxes:
            box = a_box(boxes, images.installed(), bench)
            with step("a hall is set up and enrolled"):
                measured(f"first boot: {box.start():.1f} s")
                set_up(Hall(box))
                assert box.stop(), "the box did not shut down"
            box.disk.copy_to(file)

    return images.kept("enrolled", make)


@pytest.fixture(scope="module")
def hall(make_box: MakeBox, hall_disk: Path) -> Hall:
    """A hall that is on, with everything READY."""
    box = make_box(hall_disk)
    box.start()
    found = Hall(box)
    found.wait_ready()
    return found


@dataclass(frozen=True, slots=True)
class Yard:
    """Bare machines that are joined by a bad cable: 10 % lost and 50 ms late, each way."""

    hall: Box
    sign: Box
    post: Box
    cable: Cable


HALL_ADDRESS, SIGN_ADDRESS, POST_ADDRESS = "10.7.0.1", "10.7.0.2", "10.7.0.3"


@pytest.fixture(scope="module")
def yard(make_box: MakeBox, images: Images) -> Iterator[Yard]:
    """Three bare machines that are on."""
    hall, sign, post = (make_box(images.bare()) for _ in range(3))
    addresses = {hall: HALL_ADDRESS, sign: SIGN_ADDRESS, post: POST_ADDRESS}
    ends = [(box.net, f"{address}/24") for box, address in addresses.items()]
    with cable(*ends, quality=BAD) as joined:
        for box in addresses:
            box.start()
        yield Yard(hall, sign, post, joined)


def a_box(boxes: ExitStack, image: Path, bench: Path, net: str = "") -> Box:
    """A box on a copy of *image*; it and its network end with *boxes*."""
    name = f"portvakt-box-{os.getpid()}-{next(_numbers)}"
    net = net or boxes.enter_context(network(name))
    place = bench / name
    place.mkdir()
    boxes.callback(shutil.rmtree, place)
    disk = Disk(Disk(image, place).copy_to(place / "disk.ext4"), place / "root")
    box = Box(name, disk, net, bench / f"{name}.log")
    boxes.callback(box.end)
    return box
