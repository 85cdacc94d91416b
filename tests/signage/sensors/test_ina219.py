"""The current sensor against a chip that is decoded by its data sheet."""

import pytest

from signage.light_sensor import SensorLost
from signage.light_settings import CurrentSettings
from signage.sensors.i2c import I2cBus
from signage.sensors.ina219 import Ina219, from_settings
from tests.fakes.i2c_bus import Ina219Chip, Wires, wired

WHERE = "/dev/i2c-1, address 0x40"


def sensor_on(wires: Wires, shunt_mohm: float = 100) -> Ina219:
    return Ina219(I2cBus(1, wires.open), 0x40, shunt_mohm, WHERE, wires.sleep_s)


@pytest.mark.parametrize("ma", [0, 1.3, 47, 330, 1_980, 3_199, -250])
def test_the_current_is_measured_to_a_tenth_of_a_milliampere(ma: float) -> None:
    assert sensor_on(wired(at_40=Ina219Chip(ma))).milliamps() == pytest.approx(ma, abs=0.1)


def test_a_smaller_shunt_measures_more() -> None:
    wires = wired(at_40=Ina219Chip(12_000, shunt_mohm=10))
    assert sensor_on(wires, 10).milliamps() == pytest.approx(12_000, abs=1)


def test_what_is_beyond_the_shunt_is_told_as_its_end() -> None:
    assert sensor_on(wired(at_40=Ina219Chip(9_000))).milliamps() == pytest.approx(3_200)


def test_the_chip_is_told_once_to_average_and_then_only_read() -> None:
    chip = Ina219Chip(50)
    wires = wired(at_40=chip)
    sensor = sensor_on(wires)
    sensor.milliamps()
    assert chip.configuration == 0x39FD
    before = len(wires.starts)
    assert sensor.milliamps() == pytest.approx(50, abs=0.1)
    assert wires.starts[before:] == [[0, -1, -1], [1, -1, -1]]


def test_a_chip_that_lost_its_supply_is_told_again() -> None:
    chip = Ina219Chip(50)
    sensor = sensor_on(wired(at_40=chip))
    sensor.milliamps()
    chip.lose_supply()
    assert sensor.milliamps() == pytest.approx(50, abs=0.1)
    assert chip.configuration == 0x39FD


def test_a_sensor_that_is_unplugged_is_lost() -> None:
    wires = wired(at_40=Ina219Chip())
    wires.unplug(0x40)
    with pytest.raises(SensorLost, match=r"current sensor at /dev/i2c-1, address 0x40"):
        sensor_on(wires).milliamps()


def test_the_settings_name_bus_address_and_shunt() -> None:
    sensor = from_settings(CurrentSettings(sensor="ina219", bus=987_654, address=0x41, dot_ma=5))
    with pytest.raises(SensorLost, match=r"/dev/i2c-987654, address 0x41 .*No such file"):
        sensor.milliamps()
    sensor.close()
