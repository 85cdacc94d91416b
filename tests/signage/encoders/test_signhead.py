"""The sign head's bytes: ours as recorded and read by a head that shares no code with us, its own as ours."""

import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.encoders.cobs import MESSAGE_MAX_BYTES, NotStuffed, Splitter, stuffed, unstuffed
from signage.encoders.signhead import (
    Fault,
    Lease,
    NoAnswer,
    Status,
    answer,
    blank_packet,
    hello_packet,
    packet,
    picture,
    show_packet,
    status_packet,
)
from signage.frame import Frame
from signage.simulated_head import SimulatedHead
from signage.simulated_head import _stuffed as firmware_stuffed
from signage.simulated_head import _unstuffed as firmware_unstuffed

GOLDEN = Path(__file__).with_name("signhead_golden.txt")
OF_VERSION_2 = struct.pack("<BBBH", 2, 1, 0x85, 7) + bytes(29)
LEASE = Lease(as_of_ms=1_000_000, ttl_ms=6_500, brightness=80)
# Bytes with runs of every length that matters to COBS, and many zeros.
BODIES = st.one_of(
    st.binary(max_size=64),
    st.lists(
        st.tuples(st.sampled_from([0, 1, 253, 254, 255, 508, 509]), st.integers(0, 255)), max_size=4
    ).map(lambda runs: b"".join(bytes((value,)) * size for size, value in runs)),
)


def golden() -> Iterator[tuple[str, Frame, str]]:
    blocks = GOLDEN.read_text("utf-8").strip().split("\n\n")[1:]
    for block in blocks:
        name, *rows, message = block.split("\n")
        columns = (
            sum((row[x] == "#") << y for y, row in enumerate(rows)) for x in range(len(rows[0]))
        )
        yield name, Frame(len(rows[0]), len(rows), tuple(columns)), message


def head(width_px: int = 16, height_px: int = 8) -> SimulatedHead:
    head = SimulatedHead(width_px, height_px, now_ms=lambda: 0, clock_ms=1_000_000)
    head.hears(hello_packet(1))
    return head


def only(data: bytes) -> Status:
    (whole,) = Splitter().feed(data)
    return answer(whole).status


@pytest.mark.parametrize(
    ("name", "frame", "message"), [*golden()], ids=[one[0] for one in golden()]
)
def test_a_picture_leaves_as_recorded_and_is_lit_by_a_head(
    name: str, frame: Frame, message: str
) -> None:
    sent = show_packet(258, LEASE, picture(frame))
    assert message == sent.hex()
    firmware = head(frame.width_px, frame.height_px)
    said = only(firmware.hears(sent))
    assert (0, True, zlib.crc32(picture(frame))) == (said.result, said.lit, said.picture_crc)
    assert list(frame.rows) == firmware.rows()


def test_at_least_ten_texts_are_recorded_with_the_letters_of_plates() -> None:
    names = [name for name, *_ in golden()]
    assert len(names) >= 10
    assert {"Å", "Ä", "Ö"} <= set("".join(names))


def test_only_the_two_ends_of_a_message_are_zero() -> None:
    for _, frame, _ in golden():
        sent = show_packet(0, Lease(0, 0, 1), picture(frame))
        assert (0, 0, 2) == (sent[0], sent[-1], sent.count(0))


def test_darkness_without_an_address_is_for_every_head_of_the_line() -> None:
    assert "0002010204010571764bfc00" == blank_packet().hex()


def test_the_check_value_is_that_of_ethernet() -> None:
    assert 0xCBF43926 == zlib.crc32(b"123456789")
    assert zlib.crc32(b"123456789").to_bytes(4, "little").hex() == "2639f4cb"


@pytest.mark.parametrize(
    ("body", "stuff"),
    [
        # The examples of the encyclopaedias, and the three ways in which a full run can end.
        ("00", "01 01"),
        ("00 00", "01 01 01"),
        ("00 11 00", "01 02 11 01"),
        ("11 22 00 33", "03 11 22 02 33"),
        ("11 22 33 44", "05 11 22 33 44"),
        ("11 00 00 00", "02 11 01 01 01"),
        (bytes(range(1, 255)).hex(), "ff" + bytes(range(1, 255)).hex()),
        ("00" + bytes(range(1, 255)).hex(), "01 ff" + bytes(range(1, 255)).hex()),
        (bytes(range(1, 256)).hex(), "ff" + bytes(range(1, 255)).hex() + "02 ff"),
        (bytes(range(2, 256)).hex() + "00", "ff" + bytes(range(2, 256)).hex() + "01 01"),
        (bytes(range(3, 256)).hex() + "00 01", "fe" + bytes(range(3, 256)).hex() + "02 01"),
    ],
)
def test_stuffing_gives_the_known_answers(body: str, stuff: str) -> None:
    assert bytes.fromhex(stuff) == stuffed(bytes.fromhex(body))
    assert bytes.fromhex(body) == unstuffed(bytes.fromhex(stuff))


@pytest.mark.parametrize("stuff", ["00", "03 11", "03 00 11", "02 11 00", "ff 11"])
def test_what_cannot_have_been_stuffed_is_refused(stuff: str) -> None:
    with pytest.raises(NotStuffed):
        unstuffed(bytes.fromhex(stuff))


@given(BODIES)
def test_stuffing_has_no_zero_little_overhead_and_is_undone_by_firmware(body: bytes) -> None:
    stuff = stuffed(body)
    assert 0 not in stuff
    assert len(stuff) <= len(body) + len(body) // 254 + 1
    assert (
        body == firmware_unstuffed(stuff) == unstuffed(stuff) == unstuffed(firmware_stuffed(body))
    )


@given(st.binary(max_size=80))
def test_bytes_that_are_no_answer_are_nothing_but_refused(data: bytes) -> None:
    for whole in (data, *Splitter().feed(data), *Splitter().feed(packet(0x81, 0, 1, data)[1:])):
        try:
            said = answer(whole)
        except NoAnswer:
            continue
        # Only our own sealing of random fields may pass for an answer.
        assert said.status.kind == 1


@given(st.binary(max_size=300))
def test_bytes_that_were_never_stuffed_are_refused_or_undone(data: bytes) -> None:
    try:
        assert unstuffed(data) == firmware_unstuffed(data)
    except NotStuffed:
        assert 0 in data or firmware_unstuffed(data) is None


@given(st.binary(max_size=200))
def test_behind_any_garbage_the_next_message_is_taken_on_both_ends(garbage: bytes) -> None:
    firmware = head()
    said = firmware.hears(garbage + status_packet(7))
    *_, last = Splitter().feed(garbage + said)
    assert 7 == answer(last).status.seq


def test_a_flood_without_an_end_is_dropped_and_the_next_message_taken() -> None:
    splitter = Splitter()
    assert [] == list(splitter.feed(b"\x55" * (MESSAGE_MAX_BYTES * 3)))
    assert len(splitter._waiting) <= MESSAGE_MAX_BYTES
    assert [b"\x02\x11"] == list(splitter.feed(b"\0\x02\x11\0"))


def test_a_message_may_come_in_any_pieces() -> None:
    said = head().hears(status_packet(7)) * 3
    chance = random.Random(5)
    splitter, got = Splitter(), []
    while said:
        size = chance.randint(1, 9)
        got += list(splitter.feed(said[:size]))
        said = said[size:]
    assert [7, 7, 7] == [answer(whole).status.seq for whole in got]


def test_no_flipped_bit_passes_for_an_answer() -> None:
    said = head().hears(status_packet(7))
    for at in range(1, len(said) - 1):
        for bit in range(8):
            spoiled = bytearray(said)
            spoiled[at] ^= 1 << bit
            for whole in Splitter().feed(bytes(spoiled)):
                with pytest.raises(NoAnswer):
                    answer(whole)


def test_every_field_of_an_answer_is_where_the_page_says() -> None:
    fields = (6, 1, 0xA1B2C3D4, 6_498, 80, 70_000, 3, 8_200, -315, 4_310, 0x0701, 12, 34)
    payload = struct.pack("<BBIHBIIHhHHHH", *fields)
    said = only(packet(0x82, 258, 9, payload))
    assert said == Status(
        address=9,
        kind=2,
        seq=258,
        result=6,
        lit=True,
        picture_crc=0xA1B2C3D4,
        ttl_left_ms=6_498,
        brightness=80,
        clock_ms=70_000,
        boots=3,
        lux=8_200,
        degrees=-31.5,
        supply_mv=4_310,
        faults=Fault.SUPPLY | Fault.SENSOR | Fault.HUNG | Fault.PANEL,
        bad_frames=12,
        refused=34,
    )


@pytest.mark.parametrize(
    "message",
    [
        status_packet(7),  # an echo
        packet(0x85, 7, 1, bytes(28)),  # one byte too short
        packet(0x81, 7, 1, bytes(29 + 13)),  # a greeting's answer that breaks off
        b"\0" + stuffed(OF_VERSION_2 + zlib.crc32(OF_VERSION_2).to_bytes(4, "little")) + b"\0",
    ],
    ids=["an echo", "too short", "a greeting that breaks off", "another version"],
)
def test_what_is_no_whole_answer_is_refused(message: bytes) -> None:
    (whole,) = Splitter().feed(message)
    with pytest.raises(NoAnswer):
        answer(whole)


def test_a_later_firmware_may_say_more() -> None:
    (whole,) = Splitter().feed(head().hears(hello_packet(7)))
    body = unstuffed(whole)[:-4] + b"\1\2\3"
    longer = stuffed(body + zlib.crc32(body).to_bytes(4, "little"))
    assert (16, 8) == ((info := answer(longer).info) and (info.width_px, info.height_px))


@pytest.mark.parametrize(
    ("given_ms", "percent", "fields"), [(60_000, 0, (7_000, 1)), (-5, 250, (0, 100))]
)
def test_a_lease_stays_within_what_a_head_takes(
    given_ms: int, percent: int, fields: tuple[int, int]
) -> None:
    assert (2, *fields) == struct.unpack("<IHB", bytes(Lease(2**32 + 2, given_ms, percent)))
