"""What the board is told of each sign: what it was told, sent and read back, each for what it is."""

from datetime import timedelta

import msgspec
import pytest

from central.places.setup import StationSetup
from contract.transitions import Verb
from contract.visit import BayState
from contract.wire import LEASE_CAP_MS, Beat, PanelFacts, Role
from contract.words import BayChange
from contract.yard import NamedDoor, SignRow, YardSignRow
from tests.central.yards import DESK_1, FONT, PITEA, Sign, Station


def sign_row(station: Station) -> SignRow:
    row = station.queue().bays[0].sign
    assert row is not None
    return row


def reads_back(sign: Sign) -> Sign:
    sign.panel = msgspec.structs.replace(sign.panel, reads_back=True)
    return sign


def test_a_sign_that_reads_nothing_back_is_known_as_one(station: Station) -> None:
    station.sign_1.wakes()
    assert not sign_row(station).reads_back
    reads_back(station.sign_1).ask()
    assert sign_row(station).reads_back


@pytest.mark.parametrize("confirmed", [True, False, None])
def test_what_a_sign_read_back_is_given_as_it_said_it(
    station: Station, confirmed: bool | None
) -> None:
    sign = reads_back(station.sign_1).wakes()
    station.comes("ABC123")
    call = station.calls("ABC123").call
    sign.lit()
    said = msgspec.structs.replace(sign.words(), confirmed=confirmed)
    station.yard.beat(PITEA, sign.device.id, said)
    row = sign_row(station)
    assert (call, call, True, confirmed) == (row.commanded, row.sent, row.sent_whole, row.confirmed)


def test_a_sign_goes_off_two_minutes_after_its_first_grant_and_not_after_the_call(
    station: Station,
) -> None:
    station.sign_1.wakes()
    station.comes("ABC123")
    station.calls("ABC123")
    assert sign_row(station).off_at is None, "nothing was granted yet"
    station.clock.advance(30_000)
    granted_at = station.clock.now()
    station.sign_1.lit()
    assert granted_at + timedelta(milliseconds=LEASE_CAP_MS) == sign_row(station).off_at


def test_a_panel_that_is_too_slow_for_a_door_is_known_as_one(station: Station) -> None:
    station.sign_1.wakes()
    assert not sign_row(station).too_slow
    station.sign_1.panel = msgspec.structs.replace(station.sign_1.panel, worst_dark_ms=2_001)
    station.sign_1.ask()
    assert sign_row(station).too_slow


def test_the_notice_of_a_bay_that_takes_nobody_is_told_with_its_sign(station: Station) -> None:
    notices = StationSetup(sign_closed="STÄNGD", sign_break="RAST")
    station.yard.places.set_station(PITEA, notices)

    def notice(state: BayState) -> str:
        station.yard.change_bay(PITEA, DESK_1, "1", state, BayChange())
        return sign_row(station).notice

    assert ["RAST", "STÄNGD", ""] == [
        notice(BayState.ON_BREAK),
        notice(BayState.CLOSED),
        notice(BayState.OPEN),
    ]


LINES = PanelFacts(
    width_px=80, fonts=[FONT], holds_last_frame=True, worst_dark_ms=50, height_px=31, lines=4
)


def a_yard_sign(station: Station, panel: PanelFacts = LINES) -> Sign:
    device = station.enrolled(Role.SIGN, "Yard sign")
    station.yard.devices.set_lists(PITEA, DESK_1, device.id, ["2", "1"])
    sign = Sign(station.yard, device)
    sign.panel = panel
    return sign


def yard_row(station: Station) -> YardSignRow:
    (row,) = station.queue().yard_signs
    return row


def test_a_yard_sign_has_a_row_of_its_own_and_hangs_over_no_bay(station: Station) -> None:
    sign = a_yard_sign(station)
    row = yard_row(station)
    assert ("Yard sign", ["2", "1"], False, []) == (row.name, row.doors, row.reachable, row.names)
    assert sign.device.id not in [bay.sign.device for bay in station.queue().bays if bay.sign]
    beats(sign)
    assert yard_row(station).reachable


def test_a_panel_without_lines_cannot_list(station: Station) -> None:
    beats(a_yard_sign(station, msgspec.structs.replace(LINES, lines=0)))
    assert not yard_row(station).can_list


def test_which_doors_a_yard_sign_may_be_naming_is_told(station: Station) -> None:
    yard_sign = a_yard_sign(station)
    station.sign_1.wakes()
    epoch = beats(yard_sign).epoch
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.lit()
    beats(yard_sign, epoch)
    (named,) = yard_row(station).names
    assert ("ABC 123", "1") == (named.plate, named.door)


def naming(station: Station) -> Sign:
    """A yard sign that names door 1 for ABC 123."""
    yard_sign = a_yard_sign(station)
    station.sign_1.wakes()
    yard_sign.epoch = beats(yard_sign).epoch
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.lit()
    beats(yard_sign, yard_sign.epoch)
    return yard_sign


def passes(station: Station, yard_sign: Sign, seconds: int) -> None:
    """Time goes by in which the yard sign is heard."""
    for _ in range(seconds):
        station.clock.advance(1_000)
        beats(yard_sign, yard_sign.epoch)


def test_a_yard_sign_is_not_said_to_send_anybody_once_the_two_minutes_are_over(
    station: Station,
) -> None:
    yard_sign = naming(station)
    dark_ms = LINES.worst_dark_ms + LINES.hang_ms
    over_at = station.clock.now() + timedelta(milliseconds=LEASE_CAP_MS + dark_ms)
    assert [over_at] == [one.off_at for one in yard_row(station).names]
    passes(station, yard_sign, (LEASE_CAP_MS + dark_ms) // 1_000)
    assert ["1"] == [one.door for one in yard_row(station).names], "the sign needs time to go dark"
    passes(station, yard_sign, 1)
    assert [] == yard_row(station).names


def test_what_a_broken_yard_sign_holds_is_said_for_as_long_as_it_may_stand(
    station: Station,
) -> None:
    yard_sign = naming(station)
    yard_sign.fault = "no answer"
    passes(station, yard_sign, 200)
    assert [NamedDoor(plate="ABC 123", door="1")] == yard_row(station).names


def test_a_silent_yard_sign_whose_panel_keeps_its_picture_is_known_as_one(station: Station) -> None:
    yard_sign = naming(station)
    assert not yard_row(station).may_hold
    station.clock.advance(200_000)
    assert yard_row(station).may_hold
    assert [NamedDoor(plate="ABC 123", door="1")] == yard_row(station).names
    yard_sign.panel = msgspec.structs.replace(LINES, holds_last_frame=False)
    beats(yard_sign, yard_sign.epoch)
    station.clock.advance(200_000)
    assert not yard_row(station).may_hold


@pytest.mark.parametrize("holds", [True, False])
def test_a_sign_that_falls_silent_with_a_plate_may_hold_it_where_its_panel_keeps_pictures(
    station: Station, *, holds: bool
) -> None:
    sign = station.sign_1
    sign.panel = msgspec.structs.replace(sign.panel, holds_last_frame=holds)
    sign.wakes()
    station.comes("ABC123")
    station.calls("ABC123")
    sign.lit()
    sign.ask()
    assert not sign_row(station).may_hold, "it is heard"
    station.clock.advance(200_000)
    assert sign_row(station).may_hold is holds
    station.does(Verb.PUT_BACK, "ABC123")
    assert sign_row(station).may_hold is holds, "whatever becomes of the call"
    sign.goes_dark()
    sign.wakes()
    station.clock.advance(200_000)
    assert not sign_row(station).may_hold, "it was dark when it was last heard"


def test_a_sign_that_was_granted_a_plate_with_its_last_beat_may_hold_it_too(
    station: Station,
) -> None:
    station.sign_1.wakes()
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.lit()
    station.clock.advance(200_000)
    assert sign_row(station).may_hold


def test_what_a_sign_cannot_draw_is_told_though_its_panel_is_well(station: Station) -> None:
    said = msgspec.structs.replace(station.sign_1.words(), fault="textTooBig: too wide")
    station.yard.beat(PITEA, station.sign_1.device.id, said)
    row = sign_row(station)
    assert ("ok", "textTooBig: too wide") == (row.state, row.fault)


def test_a_broken_yard_sign_that_may_send_somebody_to_the_wrong_door_is_named_at_that_door(
    station: Station,
) -> None:
    yard_sign = a_yard_sign(station)
    station.sign_1.wakes()
    epoch = beats(yard_sign).epoch
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.lit()
    beats(yard_sign, epoch)
    yard_sign.fault = "no answer"
    beats(yard_sign, epoch)
    assert [] == station.queue().bays[0].held_on, "door 1 is the right one"
    station.does(Verb.MOVE, "ABC123", "2")
    assert [["Yard sign"], []] == [bay.held_on for bay in station.queue().bays]
    station.yard.seen_dark(PITEA, DESK_1, "1")
    assert [[], []] == [bay.held_on for bay in station.queue().bays]


def beats(sign: Sign, epoch: str = "") -> Beat:
    """A yard sign beats, and knows the epoch then."""
    said = msgspec.structs.replace(sign.words(), epoch=epoch)
    answer = sign.yard.beat(PITEA, sign.device.id, said)
    return msgspec.structs.replace(said, epoch=answer.epoch)


def test_the_list_of_devices_says_what_each_panel_can_do(station: Station) -> None:
    beats(a_yard_sign(station))
    panels = {row.name: row.panel for row in station.yard.heartbeats.rows(PITEA)}
    assert LINES == panels["Yard sign"]
    assert panels["Sign 1"] is None, "it has never beaten"
    assert panels["Post 1"] is None
