"""The wire itself, through smbus2's own messages."""

from pathlib import Path

import pytest
from smbus2 import SMBus

from signage.sensors.i2c import I2cBus
from tests.fakes.i2c_bus import Ina219Chip, wired

ADDRESS = 0x40


def test_the_bus_is_opened_by_the_first_deed_and_once() -> None:
    wires = wired(at_40=Ina219Chip())
    bus = I2cBus(1, wires.open)
    assert wires.opened == []
    bus.write(ADDRESS, b"\0")
    bus.read(ADDRESS, 2)
    assert wires.opened == ["/dev/i2c-1"]


def test_a_register_is_asked_for_and_read_in_one_transfer() -> None:
    """Nobody else on the bus may move the chip's pointer between the two."""
    wires = wired(at_40=Ina219Chip())
    assert I2cBus(1, wires.open).ask(ADDRESS, b"\0", 2) == b"\x39\x9f"
    assert wires.starts == [[0, -1, -1]]


def test_after_close_the_next_deed_opens_it_anew() -> None:
    wires = wired(at_40=Ina219Chip())
    bus = I2cBus(3, wires.open)
    bus.close()
    bus.write(ADDRESS, b"\0")
    bus.close()
    bus.close()
    assert wires.closed == 1
    bus.write(ADDRESS, b"\0")
    assert wires.opened == ["/dev/i2c-3"] * 2


def test_a_chip_that_does_not_answer_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="Remote I/O error"):
        I2cBus(1, wired().open).read(ADDRESS, 2)


def test_a_bus_that_the_kernel_does_not_have_is_one_too() -> None:
    with pytest.raises(OSError, match="No such file"):
        I2cBus(987_654).read(ADDRESS, 2)


def test_a_device_that_is_no_bus_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "i2c").write_bytes(b"")
    with pytest.raises(OSError, match="ioctl"):
        I2cBus(1, lambda _: SMBus(str(tmp_path / "i2c"))).read(ADDRESS, 2)
