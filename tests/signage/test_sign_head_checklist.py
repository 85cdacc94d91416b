"""The checklist of docs/sign-head.md, point by point, against the head in software."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from signage.encoders.cobs import Splitter, stuffed, unstuffed
from signage.encoders.signhead import (
    Fault,
    Info,
    Kind,
    Lease,
    Result,
    Status,
    answer,
    blank_packet,
    hello_packet,
    keep_packet,
    packet,
    picture,
    show_packet,
    status_packet,
)
from signage.frame import Frame
from signage.layout import layout
from signage.simulated_head import LONGEST_BYTES, SimulatedHead
from tests.fakes.clock import FakeClock

PAGE = Path(__file__).parents[2] / "docs/sign-head.md"
ABC = layout("ABC 123", 48, 7)
WMX = layout("WMX 99Å", 48, 7)
SHOWN, OTHER = picture(ABC), picture(WMX)
DARK = list(Frame.dark(48, 7).rows)
LATER = 100  # a number that is higher than those of the start


class Bench:
    """A head on the table and a hand on its line."""

    def __init__(self, *, clock_ms: int = 0) -> None:
        self.clock = FakeClock(mono_ms=500)
        self.head = SimulatedHead(48, 7, now_ms=self.clock.monotonic_ms, clock_ms=clock_ms)

    def said(self, message: bytes) -> list[Status]:
        """What it answers."""
        return [answer(whole).status for whole in Splitter().feed(self.head.hears(message))]

    def say(self, message: bytes) -> Status:
        """Say it; there must be one answer."""
        (only,) = self.said(message)
        return only

    def lease(self, ttl_ms: int = 5_000, *, ago_ms: int = 0, brightness: int = 80) -> Lease:
        return Lease(self.head.clock_ms - ago_ms, ttl_ms, brightness)

    def greeted(self) -> "Bench":
        assert Result.DONE == self.say(hello_packet(1)).result
        return self

    def lit(self, ttl_ms: int = 5_000) -> "Bench":
        assert Result.DONE == self.greeted().say(show_packet(2, self.lease(ttl_ms), SHOWN)).result
        assert list(ABC.rows) == self.head.rows()
        return self

    def goes_dark_after_ms(self) -> int:
        gone_ms = 0
        while self.head.is_lit:
            self.clock.advance(1)
            gone_ms += 1
            assert gone_ms < 20_000, "it stays lit"
        assert DARK == self.head.rows()
        return gone_ms

    def raw_show(self, seq: int, brightness: int, shown: bytes) -> bytes:
        """A SHOW that our encoder would not make."""
        lease = struct.pack("<IHB", self.head.clock_ms, 5_000, brightness)
        return packet(Kind.SHOW, seq, 1, lease + shown)


def of_version_2(kind: Kind) -> bytes:
    """A message of a later protocol to head 1, with the number 2,000."""
    body = struct.pack("<BBBH", 2, 1, kind, 2_000)
    return b"\0" + stuffed(body + zlib.crc32(body).to_bytes(4, "little")) + b"\0"


def test_c01_at_power_up_it_is_dark_and_says_so() -> None:
    bench = Bench()
    assert DARK == bench.head.rows()
    said = bench.say(status_packet(1))
    assert (False, 0, 0, 0) == (said.lit, said.picture_crc, said.ttl_left_ms, said.brightness)
    assert (1, 0, 0) == (said.boots, said.bad_frames, said.refused)
    assert said.clock_ms < 100


@pytest.mark.parametrize("kind", [Kind.SHOW, Kind.KEEP])
def test_c02_nothing_lights_before_the_first_greeting(kind: Kind) -> None:
    bench = Bench()
    lease = bench.lease()
    ways = {Kind.SHOW: show_packet(9, lease, SHOWN), Kind.KEEP: keep_packet(9, lease, 1)}
    said = bench.say(ways[kind])
    assert (Result.GREET, False) == (said.result, said.lit)
    assert DARK == bench.head.rows()


def test_c03_a_greeting_is_answered_by_what_it_is_and_makes_it_dark() -> None:
    bench = Bench().lit()
    (whole,) = Splitter().feed(bench.head.hears(hello_packet(LATER)))
    assert Info(48, 7, 1, 7_000, 250, "1.0", 0) == answer(whole).info
    assert not answer(whole).status.lit
    assert DARK == bench.head.rows()


def test_c04_dots_are_lit_as_they_were_sent() -> None:
    bench = Bench().greeted()
    first = bytes((0x80, 0, 0, 0, 0, 0x01, *[0] * 36))
    bench.say(show_packet(2, bench.lease(), struct.pack("<HB", 48, 7) + first))
    assert ["#" + "." * 46 + "#", *DARK[1:]] == bench.head.rows()
    bench.say(show_packet(3, bench.lease(), SHOWN))
    assert list(ABC.rows) == bench.head.rows()
    odd = SimulatedHead(20, 8, now_ms=bench.clock.monotonic_ms)
    odd.hears(hello_packet(1))
    odd.hears(show_packet(2, Lease(0, 5_000, 80), struct.pack("<HB", 20, 8) + b"\xff" * 24))
    assert ["#" * 20] * 8 == odd.rows()


def test_c05_the_answer_tells_what_stands_after_the_message() -> None:
    bench = Bench().greeted()
    said = bench.say(show_packet(2, bench.lease(4_321), SHOWN))
    assert (True, zlib.crc32(SHOWN), 4_321, 80) == (
        said.lit,
        said.picture_crc,
        said.ttl_left_ms,
        said.brightness,
    )
    said = bench.say(blank_packet(3, 1))
    assert (False, 0, 0, 0) == (said.lit, said.picture_crc, said.ttl_left_ms, said.brightness)


def test_c06_it_goes_dark_when_the_time_is_up() -> None:
    bench = Bench().lit(5_000)
    bench.clock.advance(4_999)
    assert list(ABC.rows) == bench.head.rows()
    bench.clock.advance(1)
    assert DARK == bench.head.rows()


def test_c07_no_time_is_longer_than_seven_seconds() -> None:
    bench = Bench().greeted()
    longest = struct.pack("<IHB", bench.head.clock_ms, 65_535, 80) + SHOWN
    bench.say(packet(Kind.SHOW, 2, 1, longest))
    assert 7_000 == bench.goes_dark_after_ms()


def test_c08_what_was_held_up_has_less_time_or_none() -> None:
    bench = Bench().greeted()
    bench.clock.advance(10_000)
    said = bench.say(show_packet(2, bench.lease(5_000, ago_ms=3_000), SHOWN))
    assert (Result.DONE, 2_000) == (said.result, said.ttl_left_ms)
    said = bench.say(show_packet(3, bench.lease(5_000, ago_ms=5_000), SHOWN))
    assert (Result.LATE, False) == (said.result, said.lit)
    assert DARK == bench.head.rows()


def test_c09_a_clock_that_is_ahead_of_its_own_is_refused() -> None:
    bench = Bench().greeted()
    assert Result.DONE == bench.say(show_packet(2, bench.lease(ago_ms=-100), SHOWN)).result
    said = bench.say(show_packet(3, bench.lease(ago_ms=-101), SHOWN))
    assert (Result.LATE, False) == (said.result, said.lit)


def test_c10_a_keep_renews_and_sets_the_brightness() -> None:
    bench = Bench().lit(1_000)
    bench.clock.advance(900)
    said = bench.say(keep_packet(3, bench.lease(6_000, brightness=20), zlib.crc32(SHOWN)))
    assert (Result.DONE, 6_000, 20) == (said.result, said.ttl_left_ms, bench.head.brightness)
    assert list(ABC.rows) == bench.head.rows()
    assert 6_000 == bench.goes_dark_after_ms()


def test_c11_a_keep_with_less_time_shortens() -> None:
    bench = Bench().lit(6_000)
    bench.say(keep_packet(3, bench.lease(200), zlib.crc32(SHOWN)))
    assert 200 == bench.goes_dark_after_ms()


def test_c12_a_keep_of_another_picture_makes_it_dark() -> None:
    bench = Bench().lit()
    said = bench.say(keep_packet(3, bench.lease(), zlib.crc32(OTHER)))
    assert (Result.NO_PICTURE, False) == (said.result, said.lit)
    assert DARK == bench.head.rows()


def test_c13_a_keep_while_dark_lights_nothing() -> None:
    bench = Bench().lit(1_000)
    bench.clock.advance(1_000)
    assert Result.NO_PICTURE == bench.say(keep_packet(3, bench.lease(), zlib.crc32(SHOWN))).result
    assert DARK == bench.head.rows()


def test_c14_what_is_old_changes_nothing() -> None:
    bench = Bench().lit(3_000)
    bench.clock.advance(1_000)
    said = bench.say(show_packet(1, bench.lease(7_000), OTHER))
    assert (Result.OLD, zlib.crc32(SHOWN)) == (said.result, said.picture_crc)
    said = bench.say(keep_packet(0, bench.lease(7_000), zlib.crc32(OTHER)))
    assert (Result.OLD, 2) == (said.result, said.refused)
    assert list(ABC.rows) == bench.head.rows()
    assert 2_000 == bench.goes_dark_after_ms()


def test_c15_a_message_said_twice_does_not_lengthen_the_time() -> None:
    bench = Bench().greeted()
    message = show_packet(2, bench.lease(3_000), SHOWN)
    bench.say(message)
    bench.clock.advance(1_000)
    assert (Result.DONE, 2_000) == ((said := bench.say(message)).result, said.ttl_left_ms)
    assert 2_000 == bench.goes_dark_after_ms()


@pytest.mark.parametrize(
    ("last", "number", "result"),
    [
        (65_535, 0, Result.DONE),
        (0, 65_535, Result.OLD),
        (1_000, 1_000 + 32_767, Result.DONE),
        (1_000, 1_000 + 32_768, Result.OLD),
        (40_000, (40_000 + 32_767) % 65_536, Result.DONE),
    ],
)
def test_c16_numbers_go_round(last: int, number: int, result: Result) -> None:
    bench = Bench()
    bench.say(hello_packet(last))
    assert result == bench.say(show_packet(number, bench.lease(), SHOWN)).result


def test_c17_a_greeting_begins_the_numbers_anew() -> None:
    bench = Bench().lit()
    assert Result.DONE == bench.say(show_packet(20_000, bench.lease(), SHOWN)).result
    bench.say(hello_packet(5))
    assert Result.DONE == bench.say(show_packet(6, bench.lease(), SHOWN)).result


def test_c18_darkness_is_always_obeyed() -> None:
    bench = Bench()
    assert Result.DONE == bench.say(blank_packet(7, 1)).result  # before any greeting
    bench.lit()
    bench.say(show_packet(1_000, bench.lease(), SHOWN))
    said = bench.say(blank_packet(3, 1))
    assert (Result.DONE, False) == (said.result, said.lit)
    assert Result.OLD == bench.say(show_packet(999, bench.lease(), SHOWN)).result
    bench.say(show_packet(1_001, bench.lease(), SHOWN))
    assert Result.DONE == bench.say(of_version_2(Kind.BLANK)).result
    assert DARK == bench.head.rows()
    assert Result.OLD == bench.say(show_packet(1_999, bench.lease(), SHOWN)).result
    assert DARK == bench.head.rows()


def test_c19_every_head_obeys_darkness_without_an_address_and_none_answers() -> None:
    bench = Bench().lit()
    assert [] == bench.said(hello_packet(3, 0))
    assert [] == bench.said(show_packet(4, bench.lease(), OTHER, 0))
    assert list(ABC.rows) == bench.head.rows()
    assert [] == bench.said(blank_packet())
    assert DARK == bench.head.rows()


def test_c20_what_is_for_others_is_passed_over() -> None:
    bench = Bench().lit()
    for message in (
        blank_packet(9, 2),
        show_packet(9, bench.lease(), OTHER, 2),
        packet(Kind.BLANK | 0x80, 9, 1, bytes(29)),
        packet(Kind.BLANK | 0x80, 9, 2, bytes(29)),
        show_packet(9, bench.lease(), struct.pack("<HB", 256, 64) + b"\xaa" * 2_048, 2),
    ):
        assert [] == bench.said(message)
    assert list(ABC.rows) == bench.head.rows()
    said = bench.say(status_packet(9))
    assert (0, 0) == (said.bad_frames, said.refused)


@pytest.mark.parametrize("size", [(40, 7), (48, 8), (56, 7), (49, 7), (7, 48)])
def test_c21_a_picture_of_another_size_is_refused(size: tuple[int, int]) -> None:
    bench = Bench().lit()
    said = bench.say(show_packet(3, bench.lease(), picture(Frame(*size, (1,) * size[0]))))
    assert (Result.SIZE, False) == (said.result, said.lit)
    assert DARK == bench.head.rows()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda bench: bench.raw_show(3, 80, SHOWN[:-1]),
        lambda bench: bench.raw_show(3, 80, SHOWN + b"\0"),
        lambda bench: bench.raw_show(3, 80, b""),
        lambda bench: bench.raw_show(3, 0, SHOWN),
        lambda bench: bench.raw_show(3, 101, SHOWN),
        lambda bench: packet(Kind.KEEP, 3, 1, bytes(bench.lease()) + b"\1" * 5),
    ],
)
def test_c22_what_does_not_fit_is_refused(wrong: Callable[[Bench], bytes]) -> None:
    bench = Bench().lit()
    said = bench.say(wrong(bench))
    assert (Result.VALUE, False) == (said.result, said.lit)
    assert DARK == bench.head.rows()


def test_c23_unknown_types_and_versions_are_refused() -> None:
    bench = Bench().lit()
    said = bench.say(packet(0x2A, 3, 1))
    assert (Result.VALUE, False) == (said.result, said.lit)
    bench = Bench().lit()
    said = bench.say(of_version_2(Kind.STATUS))
    assert (Result.VERSION, False) == (said.result, said.lit)
    bench = Bench()
    bench.head.board.faults = Fault.MEMORY
    for message, result in (
        (of_version_2(Kind.SHOW), Result.VERSION),
        (packet(0x2A, 3, 1), Result.VALUE),
    ):
        assert result == bench.say(message).result


def test_c24_damage_is_not_answered_and_counted_once_a_message() -> None:
    bench = Bench().lit()
    message = show_packet(3, bench.lease(), OTHER)
    damaged = 0
    for at in range(1, len(message) - 1):
        for bit in range(8):
            spoiled = bytearray(message)
            spoiled[at] ^= 1 << bit
            if spoiled[at] == 0:
                continue  # this would cut the message in two
            assert b"" == bench.head.hears(bytes(spoiled))
            damaged += 1
    assert list(ABC.rows) == bench.head.rows()
    assert damaged == bench.say(status_packet(4)).bad_frames


@pytest.mark.parametrize(
    "garbage",
    [b"\x01", b"\xff" * 300, bytes(range(256)), show_packet(3, Lease(0, 1, 1), OTHER)[:40]],
)
def test_c25_the_message_behind_garbage_is_taken(garbage: bytes) -> None:
    bench = Bench().lit()
    assert Result.DONE == bench.said(garbage + status_packet(9))[-1].result


def test_c26_endless_garbage_takes_no_memory() -> None:
    bench = Bench().lit()
    for _ in range(20):
        assert b"" == bench.head.hears(b"\x55" * 1_000)
        assert len(bench.head._heard) <= LONGEST_BYTES
    assert 1 == bench.say(status_packet(3)).bad_frames
    longest = packet(Kind.STATUS, 4, 1, b"\x55" * (LONGEST_BYTES - 9 - 9))
    assert LONGEST_BYTES == len(longest) - 2
    assert 1 == bench.say(longest).bad_frames
    assert [] == bench.said(longest[:-1] + b"\x55\0")
    assert 2 == bench.say(status_packet(5)).bad_frames


def test_c27_a_main_loop_that_stands_still_leaves_it_dark() -> None:
    bench = Bench().lit(7_000)
    bench.head.hang()
    assert 250 == bench.goes_dark_after_ms()
    assert [] == bench.said(status_packet(3))


def test_c28_a_reset_forgets_everything() -> None:
    bench = Bench().lit(7_000)
    bench.head.power_up(by_watchdog=True)
    assert DARK == bench.head.rows()
    said = bench.say(keep_packet(3, bench.lease(), zlib.crc32(SHOWN)))
    assert (Result.GREET, 2) == (said.result, said.boots)
    assert Fault.HUNG in said.faults
    bench.head.power_up()
    assert Fault(0) == bench.say(status_packet(4)).faults


def test_c29_heat_makes_it_dark_until_it_is_cool() -> None:
    bench = Bench().lit(7_000)
    bench.head.board.degrees = 69.9
    assert bench.head.is_lit
    for degrees, result in ((70.0, Result.FAULT), (60.0, Result.FAULT), (59.9, Result.DONE)):
        bench.head.board.degrees = degrees
        assert DARK == bench.head.rows()
        assert Result.DONE == bench.say(blank_packet(3, 1)).result
        assert Result.DONE == bench.say(hello_packet(4)).result
        assert Result.DONE == bench.say(status_packet(4)).result
        assert result == bench.say(show_packet(5, bench.lease(), SHOWN)).result


def test_c30_a_weak_supply_makes_it_dark_until_it_is_well() -> None:
    bench = Bench().lit(7_000)
    bench.head.board.supply_mv = 4_500
    assert bench.head.is_lit
    results = ((4_499, Result.FAULT), (4_700, Result.FAULT), (4_701, Result.DONE))
    for at, (supply_mv, result) in enumerate(results, start=3):
        bench.head.board.supply_mv = supply_mv
        assert DARK == bench.head.rows()
        assert result == bench.say(show_packet(at, bench.lease(), SHOWN)).result


def test_c31_its_clock_may_go_round_while_it_is_lit() -> None:
    bench = Bench(clock_ms=2**32 - 1_000).lit(5_000)
    bench.clock.advance(2_000)
    assert 1_000 == bench.say(status_packet(3)).clock_ms
    said = bench.say(keep_packet(4, bench.lease(5_000, ago_ms=1_500), zlib.crc32(SHOWN)))
    assert (Result.DONE, 3_500) == (said.result, said.ttl_left_ms)
    assert 3_500 == bench.goes_dark_after_ms()


def test_c32_asking_changes_nothing() -> None:
    bench = Bench().lit(3_000)
    said = bench.say(status_packet(30_000))
    assert (True, 3_000) == (said.lit, said.ttl_left_ms)
    assert Result.DONE == bench.say(keep_packet(3, bench.lease(3_000), zlib.crc32(SHOWN))).result
    assert Result.DONE == bench.say(status_packet(1)).result
    assert Result.DONE == Bench().say(status_packet(60_000)).result


def test_c33_what_is_not_measured_is_said_to_be_missing() -> None:
    bench = Bench()
    bench.head.board.lux = bench.head.board.degrees = bench.head.board.supply_mv = None
    said = bench.say(status_packet(1))
    assert (None, None, None) == (said.lux, said.degrees, said.supply_mv)
    whole = unstuffed(bench.head.hears(status_packet(1))[1:-1])
    assert "ff ff 00 80 ff ff" == whole[22:28].hex(" ")
    bench.head.board.lux, bench.head.board.degrees = 90_000, -31.5
    said = bench.say(status_packet(2))
    assert (65_534, -31.5) == (said.lux, said.degrees)


def test_c34_a_fault_whose_sensor_dies_stands() -> None:
    bench = Bench().lit(7_000)
    board = bench.head.board
    board.degrees, board.supply_mv = 71.0, 4_000
    assert DARK == bench.head.rows()
    board.degrees = board.supply_mv = None
    said = bench.say(show_packet(3, bench.lease(), SHOWN))
    assert (Result.FAULT, Fault.HOT | Fault.SUPPLY) == (said.result, said.faults)
    board.degrees = 20.0
    assert Fault.SUPPLY == bench.say(status_packet(4)).faults
    board.degrees, board.supply_mv = 71.0, None
    assert Fault.HOT in bench.say(status_packet(4)).faults
    board.degrees = None
    bench.head.power_up()
    assert Fault(0) == bench.say(status_packet(5)).faults


def test_c35_a_broken_byte_spoils_its_own_message_alone() -> None:
    bench = Bench().lit()
    message = show_packet(3, bench.lease(), OTHER)
    bench.head.hears(message[:9])
    bench.head.hears_broken()
    assert b"" == bench.head.hears(message[9:])
    assert list(ABC.rows) == bench.head.rows()
    assert (Result.DONE, 1) == ((said := bench.say(message)).result, said.bad_frames)
    bench.head.hears_broken()  # between two messages
    assert (Result.DONE, 2) == ((said := bench.say(status_packet(4))).result, said.bad_frames)


def test_c36_the_mark_of_a_watchdog_goes_with_another_start() -> None:
    bench = Bench()
    for by_watchdog in (True, True, False, True):
        bench.head.power_up(by_watchdog=by_watchdog)
        assert by_watchdog == (Fault.HUNG in bench.say(status_packet(1)).faults)


def test_c37_it_says_times_within_which_it_goes_dark() -> None:
    (whole,) = Splitter().feed(Bench().head.hears(hello_packet(1)))
    info = answer(whole).info
    assert info is not None
    assert info.ttl_max_ms == 7_000
    assert 1 <= info.enable_ms <= 500


def test_every_point_of_the_checklist_is_a_test_of_its_number() -> None:
    points = re.findall(
        r"^(\d+)\. ", PAGE.read_text("utf-8").split("## 11. Checklist")[1], re.MULTILINE
    )
    tests = [name[6:8] for name in globals() if re.match(r"test_c\d\d_", name)]
    assert [f"{int(point):02}" for point in points] == tests
