"""Whether there is a way to central: each break of it is provoked, and each says where it is."""

import socket
from pathlib import Path

import pytest

from device import net_state
from device.check import Verdict
from device.check_machine import watchdog_answer
from device.check_network import address_of, network_answer, own_address
from device.net_state import NetState
from device.vitals import SYS

URL = "https://hall.example"


def interface(sys: Path, name: str, carrier: str | None) -> None:
    folder = sys / "class/net" / name
    (folder / "device").mkdir(parents=True)
    if carrier is not None:
        (folder / "carrier").write_text(f"{carrier}\n")


def lost(_: str) -> str:
    raise OSError(101, "Network is unreachable")


def leased(_: Path) -> NetState:
    return NetState(link=True, address=True)


def unleased(_: Path) -> NetState:
    return NetState(link=True, address=False)


def test_a_way_to_central_is_told_with_both_addresses(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", "1")
    interface(tmp_path, "wlan0", None)  # switched off: the kernel gives an error
    answer = network_answer(URL, tmp_path, lambda _: "192.0.2.20", lambda _: "192.0.2.30", leased)
    assert (Verdict.PASS, "eth0 is up, 192.0.2.30 is ours; hall.example is 192.0.2.20.") == (
        answer.verdict,
        answer.sentence,
    )


def test_a_cable_that_is_out_is_named(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", "0")
    answer = network_answer(URL, tmp_path, lost, lost)
    assert (Verdict.FAIL, "no line: eth0 is down.") == (answer.verdict, answer.sentence)
    assert "a lamp beside the plug" in answer.todo


def test_a_wifi_that_is_not_joined_sends_nobody_to_a_plug(tmp_path: Path) -> None:
    interface(tmp_path, "wlan0", "0")
    (tmp_path / "class/net/wlan0/wireless").mkdir()
    answer = network_answer(URL, tmp_path, lost, lost)
    assert ("no Wi-Fi: wlan0 is not in any.", "no_link") == (answer.sentence, answer.code)
    assert answer.todo.startswith("Let it into the Wi-Fi")


def test_a_network_without_addresses_is_the_same_fault_as_on_the_device_itself(
    tmp_path: Path,
) -> None:
    interface(tmp_path, "eth0", "1")
    answer = network_answer(URL, tmp_path, lost, lost, unleased)
    assert (Verdict.FAIL, "no_address") == (answer.verdict, answer.code)
    assert "eth0 is up, and the network gives it no address." == answer.sentence


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", "1")
    answer = network_answer(URL, tmp_path, lost, lost, leased)
    assert Verdict.FAIL is answer.verdict
    assert "nobody here knows the name hall.example" in answer.sentence


def test_a_network_without_a_way_out_is_told(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", "1")
    answer = network_answer(URL, tmp_path, lambda _: "192.0.2.20", lost, leased)
    assert (Verdict.FAIL, "no way from here to hall.example (192.0.2.20).") == (
        answer.verdict,
        answer.sentence,
    )
    assert "ip -brief address" in answer.todo


def test_a_central_on_this_machine_needs_none(tmp_path: Path) -> None:
    assert Verdict.PASS is network_answer("http://127.0.0.1:8081", tmp_path, lost, lost).verdict


def test_the_kernels_own_routes_are_asked() -> None:
    assert "127.0.0.1" == own_address("127.0.0.1")
    assert address_of("127.0.0.1") == "127.0.0.1"
    with pytest.raises(OSError, match=r"\w"):
        address_of("no-such-name.invalid")


# -- the hardware watchdog ---------------------------------------------------------------------


def watchdog(sys: Path, state: str) -> Path:
    folder = sys / "class/watchdog/watchdog0"
    folder.mkdir(parents=True)
    for name, text in {"state": state, "timeout": "60", "identity": "Broadcom BCM2835"}.items():
        (folder / name).write_text(f"{text}\n")
    return sys


def test_a_watchdog_that_somebody_winds_up_is_well(tmp_path: Path) -> None:
    answer = watchdog_answer(watchdog(tmp_path, "active"))
    assert (
        Verdict.PASS,
        "Broadcom BCM2835 starts a computer that hangs again, after 60 s.",
    ) == (answer.verdict, answer.sentence)


def test_a_watchdog_that_nobody_winds_up_says_how(tmp_path: Path) -> None:
    answer = watchdog_answer(watchdog(tmp_path, "inactive"))
    assert Verdict.LOOK is answer.verdict
    assert "RuntimeWatchdogSec" in answer.todo


def test_a_machine_without_one_is_told(tmp_path: Path) -> None:
    assert Verdict.LOOK is watchdog_answer(tmp_path).verdict


def test_a_container_does_not_count_its_host_s_cables() -> None:
    """The kernel's folder names them all; this process could use only its own."""
    ours = {name for _index, name in socket.if_nameindex()}

    assert set(net_state.in_force(SYS / "class/net")) <= ours


def test_it_is_told_under_a_unit_that_forbids_netlink(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> list[tuple[int, str]]:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "if_nameindex", forbidden)

    assert net_state.in_force(SYS / "class/net") is not None
    assert net_state.look() is not None


def test_a_folder_of_somebody_else_s_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "eth7").mkdir()

    assert net_state.in_force(tmp_path) == ["eth7"]
    assert net_state.in_force(tmp_path / "nowhere") == []
