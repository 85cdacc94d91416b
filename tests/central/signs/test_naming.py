"""A yard sign names a door only while that door's own sign may be showing the plate; on the real database."""

import pytest

from central.signs.lit import Lit
from central.signs.lit import Station as Read
from central.signs.naming import gone_seq
from contract.transitions import Verb
from contract.wire import Beat, Dark, Font, Listing, PanelFacts, PanelState, Role, Sent
from tests.central.yards import DESK_1, FONT, PITEA, Sign, Station

PANEL = PanelFacts(
    width_px=96,
    fonts=[FONT],
    holds_last_frame=True,
    worst_dark_ms=80,
    hang_ms=0,
    height_px=16,
    lines=2,
)
LISTS_OVER_MS = 7_000 + 1_000 + 80


class YardSign(Sign):
    """It lists what it is told; `standing` are the calls that somebody may read there."""

    standing: tuple[str, ...] = ()
    panel = PANEL

    def __init__(self, station: Station) -> None:
        device = station.enrolled(Role.SIGN, "Yard sign")
        super().__init__(station.yard, device)
        self.panel = PANEL
        self.whole = True

    def words(self) -> Beat:
        return Beat(
            nonce="n",
            boot=self.boot,
            epoch=self.epoch,
            seq=self.seq,
            sent=Sent(sha256="f" * 64, whole=self.whole and not self.fault),
            state=PanelState.FAULT if self.fault else PanelState.OK,
            fault=self.fault,
            panel=self.panel,
            listed=list(self.standing),
        )

    def says(self, *, answer_lost: bool = False) -> list[tuple[str, str | None]]:
        """Beat, and give the lines; fails when the answer is dark."""
        answer = self.ask(answer_lost=answer_lost)
        assert isinstance(answer, Listing), answer
        if not answer_lost:
            self.standing = tuple(row.call for row in answer.rows if row.call is not None)
        return [(row.text, row.door) for row in answer.rows]

    def why_dark(self) -> str:
        answer = self.ask()
        assert isinstance(answer, Dark), answer
        self.standing = ()
        return answer.reason


@pytest.fixture
def yard_sign(station: Station) -> YardSign:
    """A yard sign for both doors, awake, as are the doors' own signs; ABC 123 and BCD 234 wait."""
    sign = YardSign(station)
    station.yard.devices.set_lists(PITEA, DESK_1, sign.device.id, ["1", "2"])
    for one in (station.sign_1, station.sign_2, sign):
        one.wakes()
    station.comes("ABC123")
    station.comes("BCD234")
    return sign


@pytest.fixture
def naming(station: Station, yard_sign: YardSign) -> YardSign:
    """The same, and ABC 123 is called to door 1, lit there and named here."""
    station.calls("ABC123")
    station.sign_1.lit()
    assert ("ABC 123", "1") in yard_sign.says()
    station.nudges.clear()
    return yard_sign


def called(sign: YardSign) -> list[tuple[str, str | None]]:
    return [line for line in sign.says() if line[1] is not None]


def ticks(station: Station, seconds: int) -> None:
    for _ in range(seconds):
        station.clock.advance(1_000)
        station.yard.tick()


def test_before_anybody_is_called_it_names_who_is_next_without_a_door(yard_sign: YardSign) -> None:
    assert [("ABC 123", None), ("BCD 234", None)] == yard_sign.says()


def test_a_called_plate_is_named_with_its_door_once_that_door_may_show_it(
    station: Station, yard_sign: YardSign
) -> None:
    station.calls("ABC123", "2")
    assert [("BCD 234", None)] == yard_sign.says(), "door 2 has not been granted yet"
    station.sign_2.lit()
    assert [("ABC 123", "2"), ("BCD 234", None)] == yard_sign.says()


def test_it_is_told_to_ask_when_a_door_is_lit(station: Station, yard_sign: YardSign) -> None:
    station.calls("ABC123")
    station.nudges.clear()
    station.sign_1.lit()
    assert yard_sign.device.id in [nudge.device for nudge in station.nudges]


def test_the_end_of_a_call_darkens_it_here_too(station: Station, naming: YardSign) -> None:
    (call,) = naming.standing
    station.does(Verb.ENTER, "ABC123", "1")
    assert (naming.device.id, call) in [(one.device, one.call) for one in station.nudges]
    assert [] == called(naming)


def test_a_moved_plate_is_lit_at_its_new_door_only_when_no_yard_sign_names_the_old_one(
    station: Station, naming: YardSign
) -> None:
    station.does(Verb.MOVE, "ABC123", "2")
    station.sign_1.dark()
    station.sign_1.dark()
    assert "waits_for_dark" == station.sign_2.dark()
    assert "1" == next(bay.waits_for for bay in station.queue().bays if bay.bay == "2")

    assert [] == called(naming)
    naming.says()
    assert station.sign_1.device.id in [one.device for one in station.nudges]
    station.sign_1.dark()
    assert "ABC 123" == station.sign_2.lit()
    assert [("ABC 123", "2")] == called(naming)


def test_a_yard_sign_that_is_silent_is_waited_out(station: Station, naming: YardSign) -> None:
    station.does(Verb.MOVE, "ABC123", "2")
    for _ in range(LISTS_OVER_MS // 1_000):
        ticks(station, 1)
        station.sign_1.dark()
        assert "waits_for_dark" == station.sign_2.dark()
    ticks(station, 2)
    assert "ABC 123" == station.sign_2.lit()


def test_an_answer_that_may_still_be_on_its_way_counts(station: Station, naming: YardSign) -> None:
    """It says that it lists nothing, but has not seen that the call is over: an old answer may come."""
    naming.standing = ()
    station.does(Verb.MOVE, "ABC123", "2")
    naming.ask(answer_lost=True)
    station.sign_1.dark()
    station.sign_1.dark()
    assert "waits_for_dark" == station.sign_2.dark()


@pytest.mark.parametrize("what", ["half written", "in fault", "another call"])
def test_a_report_that_is_not_sure_frees_nothing(
    station: Station, naming: YardSign, what: str
) -> None:
    station.does(Verb.MOVE, "ABC123", "2")
    naming.says()
    if what == "half written":
        naming.whole = False
    elif what == "in fault":
        naming.fault = "no answer"
    naming.standing = ("some-older-call",) if what == "another call" else ()
    naming.ask()
    station.sign_1.dark()
    station.sign_1.dark()
    assert "waits_for_dark" == station.sign_2.dark()


def test_a_faulty_yard_sign_that_keeps_its_picture_is_waited_for_until_a_person_has_looked(
    station: Station, naming: YardSign
) -> None:
    naming.fault = "no answer"
    assert "fault" == naming.why_dark()
    station.does(Verb.MOVE, "ABC123", "2")
    for _ in range(20):
        ticks(station, 1)
        station.sign_1.dark()
    assert "waits_for_dark" == station.sign_2.dark()
    station.yard.seen_dark(PITEA, DESK_1, "1")
    station.sign_1.dark()
    assert "ABC 123" == station.sign_2.lit()


def test_an_older_life_is_over_once_the_new_one_has_reported_an_empty_sign(
    station: Station, naming: YardSign
) -> None:
    naming.boot, naming.standing, naming.epoch, naming.seq = "boot-2", (), "", 0
    station.does(Verb.MOVE, "ABC123", "2")
    station.sign_1.dark()
    station.sign_1.dark()
    naming.ask()
    naming.says()
    station.sign_1.dark()
    assert "ABC 123" == station.sign_2.lit()


def test_a_life_after_a_fault_frees_what_it_has_written_over_also_while_it_lists_others(
    station: Station, naming: YardSign
) -> None:
    """It never reports an empty list, for somebody is always called."""
    station.calls("BCD234", "2")
    station.sign_2.lit()
    assert 2 == len(called(naming))
    naming.fault = "no answer"
    assert "fault" == naming.why_dark()
    station.does(Verb.PUT_BACK, "ABC123")
    naming.fault, naming.boot, naming.epoch, naming.seq, naming.standing = "", "boot-2", "", 0, ()
    naming.whole = False
    assert "other_epoch" == naming.why_dark()
    naming.says()
    naming.whole = True
    naming.says()
    station.sign_1.dark()
    station.comes("CDE345")
    station.calls("CDE345")
    assert "CDE 345" == station.sign_1.lit()


def test_a_line_does_not_outlive_its_calls_two_minutes(station: Station, naming: YardSign) -> None:
    station.clock.advance(119_000)
    answer = naming.ask()
    assert isinstance(answer, Listing)
    assert [(1_000, "1"), (None, None)] == [(row.ttl_ms, row.door) for row in answer.rows]
    assert 7_000 == answer.ttl_ms


def test_a_door_whose_sign_hangs_elsewhere_now_is_named_no_longer(
    station: Station, naming: YardSign
) -> None:
    station.yard.devices.assign_sign(PITEA, DESK_1, station.sign_1.device.id, None)
    assert [] == called(naming)


def test_a_recall_goes_on_being_named(station: Station, naming: YardSign) -> None:
    station.does(Verb.RECALL, "ABC123")
    station.sign_1.lit()
    assert [("ABC 123", "1")] == called(naming)
    station.does(Verb.PUT_BACK, "ABC123")
    station.sign_1.dark()
    assert [] == called(naming)
    naming.says()
    station.sign_1.dark()
    station.calls("BCD234")
    assert "BCD 234" == station.sign_1.lit()


def test_after_the_cap_it_names_the_door_no_longer(station: Station, naming: YardSign) -> None:
    station.clock.advance(121_000)
    assert [] == called(naming)


def test_a_bay_that_is_taken_off_its_list_is_named_no_longer(
    station: Station, naming: YardSign
) -> None:
    station.yard.devices.set_lists(PITEA, DESK_1, naming.device.id, ["2"])
    assert naming.device.id in [one.device for one in station.nudges]
    assert [] == called(naming)


def test_a_panel_that_cannot_list_is_dark(station: Station, yard_sign: YardSign) -> None:
    yard_sign.panel = PanelFacts(
        width_px=80,
        fonts=[Font(letters="A", advance_px=6, gap_px=3)],
        holds_last_frame=True,
        worst_dark_ms=80,
        hang_ms=0,
    )
    assert "cannot_list" == yard_sign.why_dark()


def test_how_many_who_wait_are_named_is_the_stations_choice(
    station: Station, yard_sign: YardSign
) -> None:
    station.comes("CDE345")
    assert 2 == len(yard_sign.says())


def test_a_row_without_its_sign_or_its_call_ends_with_any_word(station: Station) -> None:
    row = Lit("gone", "boot", "1", "ABC123", "no-such-call")
    assert 0 == gone_seq(Read("e", 9, (), (), (), named=(row,)), row)


def test_a_yard_sign_that_may_be_two_names_no_door(station: Station) -> None:
    """What the other one lists stands until its listing must be over."""
    station.sign_1.wakes()
    yard_sign = YardSign(station)
    station.yard.devices.set_lists(PITEA, DESK_1, yard_sign.device.id, ["1", "2"])
    yard_sign.ask()
    station.comes("ABC 123")
    station.calls("ABC123")
    station.sign_1.lit()
    assert ("ABC 123", "1") in yard_sign.says()
    for boot, seconds in (("copy", 1), ("boot-1", 1), ("copy", 61)):
        station.clock.advance(seconds * 1000)
        yard_sign.boot = boot
        yard_sign.ask()
    yard_sign.boot = "boot-1"
    assert "cloned" == yard_sign.why_dark()
    assert "cloned" == yard_sign.why_dark()
