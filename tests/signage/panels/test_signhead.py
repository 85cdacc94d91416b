"""The driver of a sign head against a head by the book, and against everything that can go wrong."""

import hashlib
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from contract.wire import PanelState
from signage.encoders.cobs import stuffed, unstuffed
from signage.encoders.signhead import picture
from signage.face import Face
from signage.frame import Frame
from signage.layout import layout
from signage.panel import PanelLost
from signage.panel_settings import PanelSettings, SignheadSettings
from signage.panels.signhead import SignHeadPanel, from_settings
from signage.panels.signhead_times import STALL_S, answer_wait_s, worst_dark_ms
from signage.simulated_head import SimulatedHead
from tests.fakes.clock import FakeClock
from tests.fakes.sign_head import Damage, HeadWire, flipped, lost

WIDTH, HEIGHT = 96, 16
ABC = layout("ABC 123", WIDTH, HEIGHT)
WMX = layout("WMX 99Å", WIDTH, HEIGHT)
DARK = list(Frame.dark(WIDTH, HEIGHT).rows)
TYPE_AT = 4  # in a message on the wire


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wire(clock: FakeClock) -> HeadWire:
    return HeadWire(SimulatedHead(WIDTH, HEIGHT, now_ms=clock.monotonic_ms), clock)


@pytest.fixture
def panel(wire: HeadWire) -> SignHeadPanel:
    panel = unstarted(wire)
    panel.init()
    return panel


def unstarted(wire: HeadWire, width_px: int = WIDTH, address: int = 1) -> SignHeadPanel:
    return SignHeadPanel(
        wire,
        width_px,
        HEIGHT,
        address,
        now_s=lambda: wire.clock.monotonic_ms() / 1_000,
        sleep_s=wire.sleep,
        seq=65_530,  # so that counting goes over its end within a test
    )


def lost_because(why: str, deed: Callable[[], object]) -> None:
    with pytest.raises(PanelLost, match=why):
        deed()


def of_size(
    clock: FakeClock, width_px: int, height_px: int, baud: int
) -> tuple[HeadWire, SignHeadPanel]:
    """A head of another size on a line of another speed, started."""
    wire = HeadWire(SimulatedHead(width_px, height_px, now_ms=clock.monotonic_ms), clock, baud)
    panel = SignHeadPanel(
        wire,
        width_px,
        height_px,
        baud=baud,
        now_s=lambda: clock.mono_ms / 1_000,
        sleep_s=wire.sleep,
    )
    panel.init()
    return wire, panel


def spent_ms(clock: FakeClock, deed: Callable[[], object]) -> None:
    """Do it, or lose the panel by it; within a second."""
    begun_ms = clock.mono_ms
    with suppress(PanelLost):
        deed()
    assert clock.mono_ms - begun_ms <= 1_000


def saying_of_itself(at: int, field: int) -> Damage:
    """Let the head say something else in two bytes of what it is."""

    def said(data: bytes) -> bytes:
        body = bytearray(unstuffed(data[1:-1])[:-4])
        if body[2] == 0x81:
            body[34 + at : 36 + at] = struct.pack("<H", field)
        return b"\0" + stuffed(bytes(body) + zlib.crc32(body).to_bytes(4, "little")) + b"\0"

    return said


def turns(face: Face, wire: HeadWire, count: int) -> None:
    for _ in range(count):
        face.put(None, wire.clock.mono_ms)
        wire.clock.advance(1_000)


def claiming(lit: int, picture_crc: int) -> Damage:
    """Let the head say that something else stands than does."""

    def said(data: bytes) -> bytes:
        body = bytearray(unstuffed(data[1:-1])[:-4])
        body[6:11] = struct.pack("<BI", lit, picture_crc)
        return b"\0" + stuffed(bytes(body) + zlib.crc32(body).to_bytes(4, "little")) + b"\0"

    return said


def test_the_first_message_of_a_start_is_darkness(wire: HeadWire) -> None:
    panel = unstarted(wire)
    assert panel.health() is None
    panel.init()
    assert [4, 1] == [message[TYPE_AT] for message in wire.written]
    assert DARK == wire.rows()
    assert panel.health() is True


def test_a_frame_stands_as_it_was_drawn_and_the_head_confirms_it(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    digest = panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()
    assert hashlib.sha256(picture(ABC)).hexdigest() == digest
    assert panel.health() is True


def test_without_a_heal_the_head_is_dark_when_the_lease_is_over(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    begun_ms = wire.clock.mono_ms
    panel.show(ABC, 5_000)
    wire.lit_for_ms()
    assert 4_900 < wire.clock.mono_ms - begun_ms <= 5_000
    assert panel.health() is False


def test_a_lease_longer_than_seven_seconds_is_cut_by_the_head(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 60_000)
    assert wire.lit_for_ms() <= 7_000


def test_healing_renews_without_the_picture(wire: HeadWire, panel: SignHeadPanel) -> None:
    panel.show(ABC, 7_000)
    for _ in range(10):
        wire.clock.advance(1_000)
        panel.heal(7_000)
        assert list(ABC.rows) == wire.rows()
    assert {len(message) for message in wire.written[3:]} == {23}
    assert 6_900 < wire.lit_for_ms() <= 7_000


def test_a_heal_with_less_time_left_shortens(wire: HeadWire, panel: SignHeadPanel) -> None:
    panel.show(ABC, 7_000)
    panel.heal(300)
    assert wire.lit_for_ms() <= 300


def test_blanking_is_confirmed(wire: HeadWire, panel: SignHeadPanel) -> None:
    panel.show(ABC, 7_000)
    digest = panel.blank()
    assert DARK == wire.rows()
    assert hashlib.sha256(picture(Frame.dark(WIDTH, HEIGHT))).hexdigest() == digest
    assert panel.health() is True


def test_one_plate_replaces_another_whole(wire: HeadWire, panel: SignHeadPanel) -> None:
    panel.show(ABC, 7_000)
    wire.out = [flipped(60), lost]
    lost_because("does not answer", lambda: panel.show(WMX, 7_000))
    assert list(ABC.rows) == wire.rows()
    assert panel.health() is False
    panel.show(WMX, 7_000)
    assert list(WMX.rows) == wire.rows()


def test_brightness_goes_out_with_the_next_heal_and_never_reaches_darkness(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    assert 100 == wire.head.brightness
    assert 35 == panel.dim(35)
    panel.heal(7_000)
    assert 35 == wire.head.brightness
    panel.dim(0)
    panel.heal(7_000)
    assert 1 == wire.head.brightness


def test_its_light_sensor_is_read_with_every_answer_and_forgotten_when_it_is_old(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    assert panel.lux is None
    wire.head.board.lux = 12_500
    panel.heal(0)
    assert 12_500 == panel.lux
    wire.clock.advance(2_500)
    assert panel.lux is None


def test_a_head_that_was_not_heard_for_a_while_confirms_nothing(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.clock.advance(2_400)
    assert panel.health() is True
    wire.clock.advance(100)
    assert panel.health() is False


# What can go wrong.


def test_a_line_that_is_not_there_is_a_lost_panel(wire: HeadWire) -> None:
    wire.plugged = False
    lost_because("unplugged", unstarted(wire).init)


def test_an_unplugged_line_is_a_lost_panel_and_the_next_start_begins_dark(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.plugged = False
    lost_because("unplugged", lambda: panel.heal(7_000))
    lost_because("unplugged", panel.init)
    assert wire.lit_for_ms() <= 7_000
    assert panel.health() is False
    wire.plugged, told = True, len(wire.written)
    panel.init()
    assert 4 == wire.written[told][TYPE_AT]


def test_an_adapter_that_hangs_is_opened_anew_by_the_next_start(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.is_wedged = True
    lost_because("does not answer", lambda: panel.heal(7_000))
    lost_because("does not answer", lambda: panel.heal(7_000))
    panel.init()
    assert DARK == wire.rows()
    panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()


def test_a_head_that_says_nothing_is_asked_twice_and_lost_within_a_quarter_of_a_second(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.always_back, told, begun_ms = lost, len(wire.written), wire.clock.mono_ms
    lost_because("does not answer", lambda: panel.show(ABC, 7_000))
    assert 2 == len(wire.written) - told
    assert wire.clock.mono_ms - begun_ms < 250


def test_one_lost_answer_is_got_over(wire: HeadWire, panel: SignHeadPanel) -> None:
    wire.back = [lost]
    panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()
    assert panel.health() is True


@pytest.mark.parametrize("at", range(1, 41, 3))
def test_one_flipped_bit_in_an_answer_is_got_over(
    wire: HeadWire, panel: SignHeadPanel, at: int
) -> None:
    wire.back = [flipped(at, bit=at % 8)]
    panel.show(ABC, 7_000)
    assert panel.health() is True


@pytest.mark.parametrize("at", range(0, 212, 13))
def test_one_flipped_bit_in_a_picture_is_never_shown(
    wire: HeadWire, panel: SignHeadPanel, at: int
) -> None:
    wire.out = [flipped(at, bit=at % 8)]
    panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()


def test_half_a_picture_is_not_shown_and_does_not_spoil_what_follows(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.always_out = lambda data: data[: len(data) // 2]
    lost_because("does not answer", lambda: panel.show(ABC, 7_000))
    assert DARK == wire.rows()
    wire.always_out = bytes
    panel.show(WMX, 7_000)
    assert list(WMX.rows) == wire.rows()


def test_garbage_before_an_answer_is_passed_over(wire: HeadWire, panel: SignHeadPanel) -> None:
    wire.back = [lambda data: bytes(range(256)) * 2 + data]
    told, begun_ms = len(wire.written), wire.clock.mono_ms
    panel.show(ABC, 7_000)
    assert 1 == len(wire.written) - told
    assert wire.clock.mono_ms - begun_ms < 80  # the picture, the garbage and the answer: no waiting


def test_garbage_instead_of_answers_is_named(wire: HeadWire, panel: SignHeadPanel) -> None:
    wire.always_back = lambda data: bytes(range(256))
    lost_because("garbled", lambda: panel.show(ABC, 7_000))


def test_an_adapter_that_hears_itself_does_no_harm(wire: HeadWire, panel: SignHeadPanel) -> None:
    wire.echoes = True
    panel.show(ABC, 7_000)
    assert panel.health() is True
    wire.always_back = lost
    lost_because("does not answer", lambda: panel.heal(7_000))


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.answers_after_ms = 300
    lost_because("does not answer", lambda: panel.show(ABC, 7_000))
    wire.answers_after_ms = 2
    wire.back = [lost]  # so that the old answer, "lit", is the first that comes
    panel.blank()
    assert DARK == wire.rows()
    assert panel.health() is True


def test_noise_from_before_is_thrown_away(wire: HeadWire, panel: SignHeadPanel) -> None:
    wire.noise(bytes(range(200)))
    wire.always_back = lost
    lost_because("does not answer", lambda: panel.show(ABC, 7_000))


def test_a_head_that_says_it_is_lit_when_it_should_be_dark_is_a_fault(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.always_back = claiming(lit=1, picture_crc=1)
    lost_because("does not go dark; pull its power", panel.blank)
    assert panel.health() is False


@pytest.mark.parametrize(("lit", "picture_crc"), [(1, 0x12345678), (0, 0)])
def test_a_head_that_says_it_shows_something_else_is_a_fault(
    wire: HeadWire, panel: SignHeadPanel, lit: int, picture_crc: int
) -> None:
    wire.always_back = claiming(lit, picture_crc)
    lost_because("another picture", lambda: panel.show(ABC, 7_000))
    assert panel.health() is False


def test_a_picture_whose_time_is_up_is_confirmed_no_longer(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 1_000)
    assert panel.health() is True
    wire.clock.advance(1_000)
    assert panel.health() is False


def test_a_picture_that_is_held_up_on_its_way_is_born_short(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    """A USB adapter that hangs may let go of a message seconds later."""
    begun_ms = wire.clock.mono_ms
    wire.held_ms = 3_000
    lost_because("does not answer", lambda: panel.show(ABC, 5_000))
    wire.clock.advance(3_000)
    assert list(ABC.rows) == wire.rows()
    wire.lit_for_ms()
    assert wire.clock.mono_ms - begun_ms <= 5_000


def test_a_picture_that_is_held_up_past_its_lease_is_never_lit(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.held_ms = 3_000
    lost_because("does not answer", lambda: panel.show(ABC, 2_000))
    wire.clock.advance(3_000)
    assert DARK == wire.rows()
    assert 2 == wire.head.refused


def test_after_a_reset_of_the_head_a_heal_brings_the_picture_back(
    wire: HeadWire, panel: SignHeadPanel, caplog: pytest.LogCaptureFixture
) -> None:
    panel.show(ABC, 7_000)
    wire.clock.advance(1_000)
    wire.head.power_up()
    assert DARK == wire.rows()
    panel.heal(6_000)
    assert list(ABC.rows) == wire.rows()
    assert "started anew" in caplog.text


def test_a_head_that_has_lost_only_the_picture_gets_it_again(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 500)
    wire.clock.advance(600)
    assert DARK == wire.rows()
    panel.heal(5_000)
    assert list(ABC.rows) == wire.rows()


def test_a_head_with_a_clock_that_runs_away_is_told_again_by_its_own_clock(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.head._up_ms += 10_000
    panel.show(ABC, 5_000)
    assert 4_900 < wire.lit_for_ms() <= 5_000


def test_another_head_put_in_its_place_is_noticed_by_its_size(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.head = SimulatedHead(64, 16, now_ms=wire.clock.monotonic_ms)
    lost_because("64 x 16 dots, and the settings say 96 x 16", lambda: panel.heal(7_000))
    assert "#" not in "".join(wire.rows())


def test_a_head_of_another_size_than_the_settings_say_stays_dark(wire: HeadWire) -> None:
    lost_because("96 x 16 dots, and the settings say 64 x 16", unstarted(wire, width_px=64).init)
    assert DARK == wire.rows()


def test_a_head_with_another_address_does_not_answer(wire: HeadWire) -> None:
    lost_because("does not answer", unstarted(wire, address=2).init)


def test_a_head_whose_main_loop_hangs_is_dark_at_once_and_lost(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.head.hang()
    assert wire.lit_for_ms() <= 250
    lost_because("does not answer", lambda: panel.heal(7_000))


def test_a_head_whose_power_was_away_comes_back_dark_and_is_lit_by_the_next_heal(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.always_out = lost
    lost_because("does not answer", lambda: panel.heal(7_000))
    wire.head.power_up()
    wire.always_out = bytes
    assert DARK == wire.rows()
    panel.init()
    assert DARK == wire.rows()
    panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()


def test_a_head_that_is_too_hot_goes_dark_and_says_why_until_it_is_cool(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.head.board.degrees = 71.0
    assert DARK == wire.rows()
    lost_because("too hot, 71 °C, 5.0 V", lambda: panel.heal(7_000))
    lost_because("too hot", panel.init)
    wire.head.board.degrees = 62.0
    lost_because("too hot", panel.init)
    panel.blank()  # darkness is confirmed all the same
    assert panel.health() is True
    wire.head.board.degrees = 59.0
    panel.init()
    panel.show(ABC, 7_000)
    assert list(ABC.rows) == wire.rows()


def test_a_dark_head_with_a_weak_supply_says_so_before_anybody_is_called(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.head.board.supply_mv = 4_310
    lost_because(r"supply is too low, 22 °C, 4.3 V", lambda: panel.heal(0))


def test_the_board_is_told_why_a_head_stays_dark_and_when_it_is_well_again(wire: HeadWire) -> None:
    face = Face(unstarted(wire))
    wire.head.board.degrees = 71.0
    turns(face, wire, 5)
    assert (PanelState.FAULT, "it is too hot, 71 °C, 5.0 V") == (face.state, face.fault)
    wire.head.board.degrees = 40.0
    turns(face, wire, 5)
    report = face.report(wire.clock.mono_ms)
    assert (PanelState.OK, "", True) == (report.state, report.fault, report.confirmed)


def test_a_fault_from_a_later_firmware_is_named_by_its_number(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.head.board.faults = 0x40
    lost_because("fault 0x40", lambda: panel.show(ABC, 7_000))


def test_a_fault_that_keeps_nothing_dark_is_logged_once(
    wire: HeadWire, panel: SignHeadPanel, caplog: pytest.LogCaptureFixture
) -> None:
    wire.head.board.faults = 0x0300
    panel.show(ABC, 7_000)
    panel.heal(7_000)
    assert list(ABC.rows) == wire.rows()
    assert panel.health() is True
    assert 1 == caplog.text.count("light sensor does not answer, it was hung")
    wire.head.board.faults = 0
    panel.heal(7_000)
    assert "none any more" in caplog.text


def test_dots_whose_current_does_not_fit_are_not_confirmed(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    wire.head.board.faults = 0x0400
    panel.show(ABC, 7_000)
    assert panel.health() is False
    wire.head.board.faults = 0
    panel.heal(7_000)
    assert panel.health() is True


def test_somebody_else_on_the_line_is_named(wire: HeadWire, panel: SignHeadPanel) -> None:
    other = SignHeadPanel(wire, WIDTH, HEIGHT, now_s=lambda: wire.clock.mono_ms / 1_000, seq=20_000)
    other.init()
    lost_because("somebody else talks to it", lambda: panel.show(ABC, 7_000))


@pytest.mark.parametrize(("width_px", "baud"), [(96, 115_200), (96, 9_600), (192, 115_200)])
def test_the_worst_time_to_dark_is_small_and_covers_a_deed_with_a_lost_message(
    width_px: int, baud: int
) -> None:
    assert worst_dark_ms(width_px, 16, baud) < 2_000


def test_what_the_driver_declares_holds_when_a_message_of_each_deed_gets_lost(
    wire: HeadWire, panel: SignHeadPanel
) -> None:
    panel.show(ABC, 7_000)
    wire.head.power_up()
    decided_ms = wire.clock.mono_ms
    wire.back = [bytes, bytes, lost]
    panel.heal(7_000)
    wire.out = [lost]
    panel.blank()
    assert DARK == wire.rows()
    assert wire.clock.mono_ms - decided_ms <= panel.facts.worst_dark_ms
    assert 800 <= panel.facts.worst_dark_ms <= 900


SIZES = [
    (96, 16, 9_600),
    (128, 16, 9_600),
    (128, 32, 9_600),
    (192, 32, 19_200),
    (256, 48, 57_600),
    (256, 48, 115_200),
]


@pytest.mark.parametrize(("width_px", "height_px", "baud"), SIZES)
@pytest.mark.parametrize("is_started_anew", [False, True])
def test_what_is_under_way_holds_nobody_up_and_darkness_is_as_quick_as_declared(
    clock: FakeClock, width_px: int, height_px: int, baud: int, *, is_started_anew: bool
) -> None:
    """The first saying of every message gets lost, in a heal or in a start and a picture."""
    wire, panel = of_size(clock, width_px, height_px, baud)
    frame = layout("ABC 123", width_px, height_px)
    panel.show(frame, 7_000)
    decided_ms, wire.out = clock.mono_ms, [lost, bytes] * 10
    if is_started_anew:
        wire.head.power_up()
        spent_ms(clock, lambda: panel.heal(7_000))
    else:
        spent_ms(clock, panel.init)
        spent_ms(clock, lambda: panel.show(frame, 7_000))
    clock.advance(200)  # the loop's own turn, and the pause after a loss
    wire.out = [lost]
    panel.blank()
    assert "#" not in "".join(wire.rows())
    assert clock.mono_ms - decided_ms <= panel.facts.worst_dark_ms


def test_a_picture_that_cannot_pass_within_a_second_is_refused_before_it_leaves(
    clock: FakeClock,
) -> None:
    wire, panel = of_size(clock, 256, 48, 9_600)
    told = len(wire.written)
    lost_because(
        "too slow for so many dots; set panel.baud higher",
        lambda: panel.show(layout("ABC 123", 256, 48), 7_000),
    )
    assert told == len(wire.written)
    assert panel.facts.worst_dark_ms > 2_000


def test_a_head_that_answers_only_just_in_time_each_time_is_given_up_in_time(
    clock: FakeClock,
) -> None:
    wire, panel = of_size(clock, 96, 16, 9_600)
    panel.show(ABC, 7_000)
    wire.head.power_up()
    wire.answers_after_ms = 80
    wire.back = [lost, bytes] * 10
    begun_ms = clock.mono_ms
    lost_because("answers too slowly|does not answer", lambda: panel.heal(7_000))
    assert clock.mono_ms - begun_ms <= 1_000


def test_a_line_that_takes_nothing_costs_no_more_than_an_answer_that_does_not_come() -> None:
    assert answer_wait_s(115_200) >= STALL_S


def test_the_host_keeps_quiet_for_a_moment_after_an_answer(clock: FakeClock) -> None:
    head = SimulatedHead(WIDTH, HEIGHT, now_ms=clock.monotonic_ms)
    wire = HeadWire(head, clock)
    slept: list[float] = []
    panel = SignHeadPanel(
        wire, WIDTH, HEIGHT, now_s=lambda: clock.mono_ms / 1_000, sleep_s=slept.append
    )
    panel.init()
    assert [0.0, 0.002] == [round(one, 6) for one in slept]


@pytest.mark.parametrize(
    ("at", "field", "why"),
    [
        (4, 5_000, "it counts to 5000 ms, and must to 7000; mend its firmware"),
        (4, 10_000, "it counts to 10000 ms, and must to 7000"),
        (6, 501, "its enable timer takes 501 ms, and must take 1 to 500; look at its board"),
        (6, 0, "its enable timer takes 0 ms"),
    ],
)
def test_a_head_that_does_not_go_dark_as_it_must_is_refused(
    wire: HeadWire, at: int, field: int, why: str
) -> None:
    wire.always_back = saying_of_itself(at, field)
    lost_because(why, unstarted(wire).init)


def test_a_head_with_the_slowest_timer_that_is_allowed_is_taken(wire: HeadWire) -> None:
    wire.always_back = saying_of_itself(6, 500)
    unstarted(wire).init()


def test_the_settings_name_line_speed_size_and_address(tmp_path: Path) -> None:
    settings = PanelSettings(
        kind="signhead",
        bus=f"serial:{tmp_path}/sign",
        width_px=96,
        height_px=16,
        signhead=SignheadSettings(address=7),
        dark_ms=300,
    )
    panel = from_settings(settings)
    assert (96, 16, 300) == (panel.facts.width_px, panel.facts.height_px, panel.facts.worst_dark_ms)
    assert panel.facts.reads_back
    assert not panel.facts.holds_last_frame
    lost_because(f"{tmp_path}/sign.*not there", panel.init)


def test_a_line_that_is_too_slow_for_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 9600"):
        from_settings(PanelSettings(kind="signhead", bus="serial:/dev/x", baud=4_800))
