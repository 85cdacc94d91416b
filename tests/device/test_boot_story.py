"""How far a device has come is judged by what it has met, and every answer has a code on the printed page."""

import socket
from pathlib import Path

import pytest
import requests

from contract import problems
from device.boot_story import Contact, Step, beside_work, network_word, story
from device.fault_codes import CODES, OF_PART, rows
from device.net_state import NetState, is_own_machine, look
from device.session import (
    CentralRefused,
    CentralSession,
    CentralUnreachable,
    CentralUnreadable,
    CentralUntrusted,
)

URL = "https://central.example"
NET_UP = NetState(link=True, address=True)


def number(contact: Contact) -> int | None:
    fault = story(contact).fault
    return None if fault is None else fault.number


def test_a_device_that_central_answers_is_ready() -> None:
    assert story(Contact(enrolled=True, answered=True)).step is Step.READY
    assert story(Contact(enrolled=True)).step is Step.NET


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (CentralUnreachable(URL, "no answer in time"), 24),
        (CentralUntrusted(URL, "its certificate is of another name"), 25),
        (CentralUnreadable(URL, "something else answered"), 26),
        (CentralRefused(404, "", "<html>"), 26),
        (CentralRefused(503, problems.NOT_SAVED.reason, "full"), 27),
        (CentralRefused(422, problems.VALUE_REFUSED.reason, "no"), 27),
        (CentralRefused(403, problems.CODE_REFUSED.reason, "no"), 32),
        (CentralRefused(401, problems.UNKNOWN_DEVICE.reason, "no"), 33),
        (CentralRefused(429, problems.TOO_MANY.reason, "no"), 34),
        (CentralRefused(403, problems.NOT_ALLOWED.reason, "no"), 36),
        (CentralRefused(403, problems.CODE_FOR_ANOTHER.reason, "no"), 36),
    ],
)
def test_each_way_in_which_central_is_not_reached_has_its_code(
    trouble: Exception, code: int
) -> None:
    assert number(Contact(enrolled=True, answered=True, trouble=trouble, net=NET_UP)) == code


def test_what_is_wrong_though_a_device_works_is_named_the_gravest_first(tmp_path: Path) -> None:
    last, mounts = tmp_path / "last.json", tmp_path / "self/mountinfo"
    mounts.parent.mkdir()

    def named(*, settings_fault: bool) -> str:
        found = beside_work(last, settings_fault=settings_fault, proc=tmp_path)
        return "" if found is None else found.word

    assert named(settings_fault=False) == ""
    last.write_text('{"phase": "rolled_back"}')
    assert named(settings_fault=False) == "rolled_back"
    assert named(settings_fault=True) == "settings"
    mounts.write_text("22 1 8:1 / / rw - ext4 /dev/mmcblk0p2 ro\n")
    assert named(settings_fault=True) == "read_only"


def test_a_cable_is_named_before_what_follows_from_it() -> None:
    silent = CentralUnreachable(URL, "no route")
    for net, code in ((NetState(link=False), 21), (NetState(link=True, address=False), 22)):
        assert number(Contact(enrolled=True, trouble=silent, net=net)) == code


def test_a_device_without_a_code_says_so_whatever_its_cable_is_like() -> None:
    bare = Contact(enrolled=False, has_code=False, net=NetState(link=False))
    assert number(bare) == 31


def test_a_name_that_nobody_knows_is_found_in_a_real_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(CentralUnreachable) as caught:
        CentralSession("http://nowhere.invalid").call("GET", "/")
    assert isinstance(caught.value.__cause__, requests.RequestException)
    assert network_word(caught.value) == "no_name"


def test_a_port_that_nobody_listens_at_is_no_answer() -> None:
    with pytest.raises(CentralUnreachable) as caught:
        CentralSession("http://127.0.0.1:9").call("GET", "/")
    assert network_word(caught.value) == "no_answer"


def test_codes_have_two_digits_and_stand_once_each_in_order() -> None:
    numbers = [code.number for code in CODES.values()]
    assert numbers == sorted(set(numbers))
    assert all(10 < one < 100 for one in numbers)
    assert all(code.sentence.endswith(".") and code.todo for code in CODES.values())


def test_every_part_that_can_fail_has_a_code() -> None:
    from kiosk.faults import Part  # noqa: PLC0415 - what a post names

    assert set(Part) <= OF_PART.keys()
    assert {"panel", "timer", "self_test"} <= OF_PART.keys(), "what a sign names"
    assert set(OF_PART.values()) <= CODES.keys()


def test_every_page_of_a_sign_that_names_a_code_is_short_enough_for_the_smallest_panel() -> None:
    assert {len(str(code)) for code in CODES.values()} == {4}


def test_the_printed_page_has_the_same_table() -> None:
    page = (Path(__file__).parents[2] / "docs/technician.md").read_text("utf-8")
    missing = [row for row in rows() if row not in page]
    assert missing == []


# -- the network from within -----------------------------------------------------------------------


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    for name, carrier in (("lo", "1"), ("eth0", "0")):
        (tmp_path / "sys/class/net" / name).mkdir(parents=True)
        (tmp_path / "sys/class/net" / name / "carrier").write_text(f"{carrier}\n")
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/if_inet6").write_text("")
    return tmp_path


def seen(kernel: Path, v4: bool = False) -> NetState:
    return look(kernel / "sys", kernel / "proc", lambda _: v4)


def test_a_cable_that_is_not_in_gives_no_link(kernel: Path) -> None:
    assert seen(kernel) == NetState(link=False, address=False)


def test_a_cable_without_anybody_who_gives_addresses(kernel: Path) -> None:
    (kernel / "sys/class/net/eth0/carrier").write_text("1\n")
    own = "fe800000000000000000000000000001 02 40 20 80     eth0\n"
    (kernel / "proc/net/if_inet6").write_text(own)
    assert seen(kernel) == NetState(link=True, address=False)


def test_an_address_of_either_kind_will_do(kernel: Path) -> None:
    (kernel / "sys/class/net/eth0/carrier").write_text("1\n")
    assert seen(kernel, v4=True) == NetState(link=True, address=True)
    far = "20010db8000000000000000000000001 02 40 00 80     eth0\n"
    (kernel / "proc/net/if_inet6").write_text(far)
    assert seen(kernel) == NetState(link=True, address=True)


def test_a_machine_that_cannot_say_is_not_blamed(tmp_path: Path) -> None:
    assert look(tmp_path, tmp_path) == NetState()


def test_this_machine_can_be_looked_at() -> None:
    assert look().link in {True, False, None}


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8081", True),
        ("http://[::1]:8081", True),
        ("http://localhost", True),
        ("https://central.example", False),
        ("https://192.0.2.7", False),
    ],
)
def test_only_a_central_elsewhere_needs_a_network(url: str, own: bool) -> None:
    assert is_own_machine(url) is own
