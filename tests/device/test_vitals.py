from collections.abc import Callable
from pathlib import Path

import pytest

from device.vitals import STARTS, Machine, release, temperature_c, under_voltage, uptime_s
from tests.fakes.clock import FakeClock
from tests.fakes.disks import set_read_only, tmpfs

FIRMWARE = "devices/platform/soc/soc:firmware/get_throttled"
Put = Callable[[str, str], None]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write one file of the kernel's below the test's folder."""

    def put(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    return put


def test_a_healthy_machine_says_how_it_is(tmp_path: Path, put: Put) -> None:
    put("proc/uptime", "86412.37 340000.11\n")
    put("sys/class/thermal/thermal_zone0/temp", "47712\n")
    put("sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    put("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    clock = FakeClock()
    machine = Machine(clock, tmp_path, tmp_path / "proc", tmp_path / "sys")
    clock.advance(90_000)

    vitals = machine.look()

    assert (86_412, 90, 0) == (vitals.uptime_s, vitals.process_s, vitals.restarts)
    assert (True, False, 47.712) == (
        vitals.clock_synced,
        vitals.under_voltage,
        vitals.temperature_c,
    )
    assert vitals.disk_free_mb is not None


def test_a_machine_without_sensors_is_no_broken_machine(tmp_path: Path) -> None:
    clock = FakeClock(synced=False)
    vitals = Machine(clock, tmp_path / "gone", tmp_path / "no", tmp_path / "no").look()
    assert (None, None, None) == (vitals.uptime_s, vitals.under_voltage, vitals.temperature_c)
    assert not vitals.clock_synced


@pytest.mark.parametrize("text", ["", "hot\n", "é\n", "nan\n", "inf\n", "-\n"])
def test_what_a_sensor_garbles_is_not_known(tmp_path: Path, put: Put, text: str) -> None:
    put("uptime", text)
    put("class/thermal/thermal_zone0/temp", text)
    put("class/hwmon/hwmon0/name", "rpi_volt\n")
    put("class/hwmon/hwmon0/in0_lcrit_alarm", text)
    put(FIRMWARE, text)
    assert uptime_s(tmp_path) is None
    assert temperature_c(tmp_path) is None
    assert under_voltage(tmp_path) is None


def test_frost_is_a_temperature(tmp_path: Path, put: Put) -> None:
    put("class/thermal/thermal_zone0/temp", "-12500\n")
    assert -12.5 == temperature_c(tmp_path)


def test_a_weak_supply_is_seen_through_the_driver(tmp_path: Path, put: Put) -> None:
    put("class/hwmon/hwmon3/name", "rpi_volt\n")
    put("class/hwmon/hwmon3/in0_lcrit_alarm", "1\n")
    assert under_voltage(tmp_path) is True


@pytest.mark.parametrize(
    ("word", "sags"), [("50005\n", True), ("50000\n", True), ("0\n", False), ("20000\n", False)]
)
def test_an_older_kernel_says_it_in_the_firmwares_word(
    tmp_path: Path, put: Put, word: str, sags: bool
) -> None:
    """Bit 17 alone says that the processor was slowed down, which is not the supply's fault."""
    put(FIRMWARE, word)
    assert under_voltage(tmp_path) is sags


def starts(folder: Path, boot_id: str = "boot-1") -> int:
    """Start a process of ours and ask how many came before it in this boot."""
    return Machine(FakeClock(boot_id=boot_id), folder, folder, folder).look().restarts


def test_starts_are_counted_within_one_boot(tmp_path: Path) -> None:
    assert [0, 1, 2] == [starts(tmp_path) for _ in range(3)]
    assert 0 == starts(tmp_path, "boot-2")
    assert 1 == starts(tmp_path, "boot-2")


def test_looking_twice_is_one_start(tmp_path: Path) -> None:
    machine = Machine(FakeClock(), tmp_path, tmp_path, tmp_path)
    assert [0, 0] == [machine.look().restarts, machine.look().restarts]
    assert 1 == starts(tmp_path)


@pytest.mark.parametrize("left", [b"", b"boot-1", b"boot-1 many", b"\xff\x00", b"boot-1 1 1"])
def test_a_count_that_a_power_cut_garbled_begins_again(tmp_path: Path, left: bytes) -> None:
    (tmp_path / STARTS).write_bytes(left)
    assert [0, 1] == [starts(tmp_path), starts(tmp_path)]


def test_a_disk_that_takes_nothing_does_not_stop_a_heartbeat(tmp_path: Path) -> None:
    with tmpfs(tmp_path, 64) as disk:
        assert 0 == starts(disk)
        set_read_only(disk, True)
        assert [1, 1] == [starts(disk), starts(disk)]


def test_the_release_is_the_installed_packages() -> None:
    assert release()[0].isdigit()
