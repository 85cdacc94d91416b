"""The light sensor against a chip that is decoded by its data sheet."""

import pytest

from signage.light_sensor import SensorLost
from signage.light_settings import LightSettings
from signage.sensors.bh1750 import Bh1750, from_settings
from signage.sensors.i2c import I2cBus
from tests.fakes.i2c_bus import Bh1750Chip, Wires, wired

WHERE = "/dev/i2c-1, address 0x23"


def sensor_on(wires: Wires) -> Bh1750:
    return Bh1750(I2cBus(1, wires.open), 0x23, WHERE, wires.sleep_s)


@pytest.mark.parametrize("lux", [0, 1, 30, 700, 5_000, 54_000, 60_000, 100_000, 121_000])
def test_the_light_is_measured_from_night_to_full_sun(lux: float) -> None:
    assert sensor_on(wired(at_23=Bh1750Chip(lux))).lux() == pytest.approx(lux, rel=0.001, abs=0.9)


def test_more_light_than_it_can_count_is_the_most_that_it_can() -> None:
    assert sensor_on(wired(at_23=Bh1750Chip(200_000))).lux() == pytest.approx(121_557, abs=1)


def test_it_says_what_the_data_sheet_says_and_waits_as_long() -> None:
    wires = wired(at_23=Bh1750Chip(100))
    sensor_on(wires).lux()
    assert wires.starts == [[0x42], [0x65], [0x20], [-1, -1]]
    assert wires.now_s == pytest.approx(0.180)


def test_full_sun_is_measured_twice_within_half_a_second() -> None:
    wires = wired(at_23=Bh1750Chip(100_000))
    sensor_on(wires).lux()
    assert wires.starts[4:] == [[0x40], [0x7F], [0x20], [-1, -1]]
    assert wires.now_s < 0.5


def test_after_full_sun_a_lost_supply_falsifies_nothing() -> None:
    chip = Bh1750Chip(100_000)
    sensor = sensor_on(wired(at_23=chip))
    sensor.lux()
    chip.lose_supply()
    chip.lux = 40
    assert sensor.lux() == pytest.approx(40, abs=0.9)


def test_a_sensor_that_is_unplugged_is_lost_and_found_again() -> None:
    wires = wired(at_23=Bh1750Chip(40))
    sensor = sensor_on(wires)
    wires.unplug(0x23)
    with pytest.raises(SensorLost) as lost:
        sensor.lux()
    assert str(lost.value) == (
        "The light sensor at /dev/i2c-1, address 0x23 cannot be read (Remote I/O error); "
        "check its four wires and its address."
    )
    sensor.close()
    wires.plug(0x23)
    assert sensor.lux() == pytest.approx(40, abs=0.9)


def test_one_that_is_unplugged_between_command_and_answer_is_lost() -> None:
    wires = wired(at_23=Bh1750Chip(40))
    bus = I2cBus(1, wires.open)
    sensor = Bh1750(bus, 0x23, WHERE, lambda _: wires.unplug(0x23))
    with pytest.raises(SensorLost, match="Remote I/O error"):
        sensor.lux()


def test_the_settings_name_the_bus_and_the_address_and_open_nothing() -> None:
    sensor = from_settings(LightSettings(sensor="bh1750", bus=987_654, address=0x5C))
    with pytest.raises(SensorLost, match=r"/dev/i2c-987654, address 0x5c .*No such file"):
        sensor.lux()
