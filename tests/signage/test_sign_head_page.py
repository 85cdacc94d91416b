"""docs/sign-head.md says what the code does: every example in it is replayed."""

import re
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import pytest

from signage.encoders.cobs import Splitter, stuffed, unstuffed
from signage.encoders.signhead import (
    ANSWER_BYTES,
    EVERY_HEAD,
    Fault,
    Kind,
    Lease,
    Result,
    answer,
    blank_packet,
    hello_packet,
    keep_packet,
    picture,
    show_packet,
    status_packet,
)
from signage.frame import Frame
from signage.panel_settings import PanelSettings, SignheadSettings
from signage.panels.signhead import from_settings
from signage.panels.signhead_times import DEED_S, answer_wait_s, deed_s, worst_dark_ms
from signage.simulated_board import Board
from signage.simulated_head import HEIGHT_MAX_PX, LONGEST_BYTES, WIDTH_MAX_PX, SimulatedHead

PAGE = (Path(__file__).parents[2] / "docs/sign-head.md").read_text("utf-8")
DOTS = re.search(r"```dots\n(.*?)\n```", PAGE, re.DOTALL)


class Example(NamedTuple):
    """One question and its answer, if there is one."""

    at_ms: int
    words: str
    host: list[bytes]
    head: list[bytes]


def examples() -> Iterator[Example]:
    for block in re.finditer(
        r"^At ([\d,]+) ms: ([^\n]*)\n\n```\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL
    ):
        sides: dict[str, list[bytes]] = {"host": [], "head": []}
        side = ""
        for line in block[3].splitlines():
            side = line[:4].strip() or side
            sides[side].append(bytes.fromhex(line[11:]))
        yield Example(number(block[1]), block[2], sides["host"], sides["head"])


def number(text: str) -> int:
    return int(text.replace(",", ""))


def found(pattern: str, words: str) -> int:
    match = re.search(pattern, words)
    assert match is not None, f"{pattern} is not in: {words}"
    return number(match[1])


def drawn() -> bytes:
    assert DOTS is not None
    rows = DOTS[1].split("\n")
    columns = (sum((row[x] == "#") << y for y, row in enumerate(rows)) for x in range(len(rows[0])))
    return picture(Frame(len(rows[0]), len(rows), tuple(columns)))


def encoded(words: str) -> bytes:
    """What our encoder makes of an example's own words."""
    seq = found(r"number ([\d,]+)", words)
    name = words.split(",", maxsplit=1)[0]
    if name in {"HELLO", "STATUS", "BLANK"}:
        address = EVERY_HEAD if "address 0" in words else 1
        packets = {"HELLO": hello_packet, "STATUS": status_packet, "BLANK": blank_packet}
        return packets[name](seq, address)
    lease = Lease(
        found(r"`as_of` ([\d,]+)", words), found(r"`ttl` ([\d,]+)", words), found(r"(\d+) %", words)
    )
    if name == "SHOW":
        return show_packet(seq, lease, drawn())
    (crc,) = re.findall(r"picture ([0-9A-F]{8})", words)
    return keep_packet(seq, lease, int(crc, 16))


def test_there_is_an_example_of_every_message() -> None:
    assert {kind.name for kind in Kind} <= {one.words.split(",")[0] for one in examples()}
    assert len([*examples()]) == 8


@pytest.mark.parametrize("example", [*examples()], ids=lambda one: f"{one.at_ms} ms")
def test_bodies_and_wires_of_an_example_belong_together(example: Example) -> None:
    for body, wire in filter(None, (example.host, example.head)):
        assert b"\0" + stuffed(body) + b"\0" == wire
        assert body == unstuffed(wire[1:-1])
        assert zlib.crc32(body[:-4]).to_bytes(4, "little") == body[-4:]


@pytest.mark.parametrize("example", [*examples()], ids=lambda one: f"{one.at_ms} ms")
def test_our_encoder_makes_of_its_words_what_an_example_shows(example: Example) -> None:
    assert example.host[1].hex(" ") == encoded(example.words).hex(" ")


def test_a_head_that_hears_the_examples_answers_as_they_say() -> None:
    now_ms = 0
    head = SimulatedHead(16, 8, now_ms=lambda: now_ms)
    head.boots = 3
    head.board = Board(lux=8_200, degrees=21.5, supply_mv=5_020)
    for example in examples():
        now_ms = example.at_ms
        expected = example.head[1] if example.head else b""
        assert expected.hex(" ") == head.hears(example.host[1]).hex(" ")


def test_our_decoder_reads_in_the_answers_what_their_words_say() -> None:
    answers = {one.words: answer(one.head[1][1:-1]) for one in examples() if one.head}
    for words, said in answers.items():
        assert found(r"number ([\d,]+)", words) == said.status.seq
        assert (1, 3, 8_200, 21.5, 5_020) == (
            said.status.address,
            said.status.boots,
            said.status.lux,
            said.status.degrees,
            said.status.supply_mv,
        )
        told = re.search(r"result (\d)", words)
        assert (int(told[1]) if told else 0) == said.status.result
        left = re.search(r"([\d,]+) ms are left", words)
        if left:
            assert number(left[1]) == said.status.ttl_left_ms
            assert 0x2FFE1F40 == said.status.picture_crc
    (info,) = (said.info for said in answers.values() if said.info)
    assert (16, 8, 1, 7_000, 250, "1.0", 0) == (
        info.width_px,
        info.height_px,
        info.colours,
        info.ttl_max_ms,
        info.enable_ms,
        info.firmware,
        info.serial,
    )


def test_the_picture_of_the_examples_has_the_bytes_and_check_value_that_are_named() -> None:
    (named,) = re.findall(r"`([0-9a-f ]+)` from `width` on; their CRC-32 is", PAGE)
    assert named == drawn().hex(" ")
    assert f"their CRC-32 is {zlib.crc32(drawn()):08X}" in PAGE


def test_the_fields_of_an_example_add_up_to_it() -> None:
    table = PAGE.split("Field by field", 1)[1].split("\n\n", 2)[1]
    fields = "".join(
        cell
        for row in table.splitlines()[2:]
        for cell in re.findall(r"`([^`]+)`", row.split("|")[1])
    )
    (show,) = (one for one in examples() if one.words.startswith("SHOW, number 258"))
    assert (show.host[0] + show.head[0]).hex() == fields.replace(" ", "")


def test_the_known_answers_of_cobs_are_right() -> None:
    table = PAGE.split("| bytes | encoded |", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| `([0-9A-F ]+)` \| `([0-9A-F ]+)` \|$", table, re.MULTILINE)
    assert len(rows) == 5
    for body, stuff in rows:
        assert bytes.fromhex(stuff) == stuffed(bytes.fromhex(body))


def test_the_check_value_of_the_page_is_that_of_zlib() -> None:
    assert f"`123456789`: {zlib.crc32(b'123456789'):08X}" in PAGE


def test_types_results_and_faults_have_the_numbers_of_the_page() -> None:
    types = dict(re.findall(r"^\| (0\d) \| ([A-Z]+) \|", PAGE, re.MULTILINE))
    assert {f"{kind:02X}": kind.name for kind in Kind} == types
    results = re.findall(
        r"^\| (\d) \| (done|old|size|greet|no such|too late|fault|not under|version)",
        PAGE,
        re.MULTILINE,
    )
    assert [str(int(result)) for result in Result] == [row[0] for row in results]
    bits = re.findall(r"^\| (\d+) \| (\w[\w ]+) \| (yes|no) \|", PAGE, re.MULTILINE)
    assert [fault.value.bit_length() - 1 for fault in Fault] == [int(bit) for bit, *_ in bits]
    assert [int(bit) < 8 for bit, *_ in bits] == [dark == "yes" for *_, dark in bits]


def test_the_times_and_lengths_of_the_page_are_those_of_the_driver() -> None:
    waits = (round(answer_wait_s(baud) * 1_000) for baud in (115_200, 9_600))
    assert "{} ms at 115,200, {} ms at 9,600".format(*waits) in PAGE
    show = show_packet(0, Lease(0, 0, 1), picture(Frame.dark(96, 16)))
    assert f"SHOW is {round(len(show) * 10 / 115.2)} ms on the wire" in PAGE
    for one in examples():
        if one.head:
            assert ANSWER_BYTES[Kind(one.head[0][2] & 0x7F)] == len(one.head[1])


def test_the_limits_of_the_page_are_those_of_the_head_in_software_and_of_the_settings() -> None:
    assert f"ends at {WIDTH_MAX_PX} x {HEIGHT_MAX_PX} dots" in PAGE
    assert f"More than {LONGEST_BYTES:,} bytes between two zero bytes are damaged" in PAGE
    rules = {one.name: one.metadata["rule"] for one in fields(PanelSettings) if one.metadata}
    width_px, height_px = rules["width_px"].high, rules["height_px"].high
    assert f"sends at most {width_px} x {height_px}:" in PAGE
    assert f"{width_px} x {height_px}, has {width_px // 8 * height_px:,}" in PAGE
    with pytest.raises(ValueError, match="256 x 64 are the most"):
        SimulatedHead(WIDTH_MAX_PX, HEIGHT_MAX_PX + 1, now_ms=lambda: 0)


def test_the_least_speeds_of_the_page_are_those_at_which_a_panel_is_quick_enough() -> None:
    table = PAGE.split("| dots, up to | least speed |", 1)[1].split("\n\n", 1)[0]
    rows = [[*map(number, re.findall(r"[\d,]+", row))] for row in table.splitlines()[2:]]
    assert len(rows) == 4
    speeds = [0, 9_600, 19_200, 38_400, 57_600]
    for width_px, height_px, baud in rows:
        assert is_quick(width_px, height_px, baud)
        slower = speeds[speeds.index(baud) - 1]
        assert not slower or not is_quick(width_px, height_px, slower)


def is_quick(width_px: int, height_px: int, baud: int) -> bool:
    """Whether a whole deed with a lost message fits, and darkness is in time for a door."""
    in_time = deed_s(width_px, height_px, baud) <= DEED_S
    return in_time and worst_dark_ms(width_px, height_px, baud) <= 2_000


def test_values_on_the_page_travel_as_it_says() -> None:
    (sentence,) = re.findall(r"is a\n\*value\*: ([^.]+)\.", PAGE)
    told = re.findall(r"([0-9A-F]{4,8})[a-z ]+`([0-9a-f ]+)`", sentence)
    assert ["FFFE", "8000", "CBF43926"] == [value for value, _ in told]
    for value, wire in told:
        assert int(value, 16).to_bytes(len(value) // 2, "little").hex(" ") == wire


def test_every_example_is_one_message_to_whoever_splits_the_line() -> None:
    wires = [wire for one in examples() for wire in (one.host[1:], one.head[1:]) if wire]
    assert len(wires) == len([*Splitter().feed(b"".join(wire[0] for wire in wires))])


def test_the_settings_on_the_page_are_a_panel_that_can_be_made() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    table = tomllib.loads(block)["panel"]
    head = SignheadSettings(**table.pop("signhead"))
    panel = from_settings(PanelSettings(**table, signhead=head))
    assert (96, 16) == (panel.facts.width_px, panel.facts.height_px)
