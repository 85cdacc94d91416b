"""From the outbox to central and back: nothing confirmed is lost, nothing is delivered twice."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests

from contract import problems
from contract.plate import Plate
from contract.wire import HEADER_AT, HEADER_BOOT, HEADER_MONO_MS
from device.brought_code import BroughtCode
from device.no_answer import refusal
from device.outbox import Outbox, SavedAt
from device.session import CentralRefused
from kiosk.backoff import BackOff
from kiosk.day_list import DayList
from kiosk.deliveries import Deliveries
from kiosk.enrolling import Who
from kiosk.happenings import (
    Answer,
    AskElsewhere,
    AskStatus,
    BookedElsewhere,
    DayOver,
    Expected,
    Happening,
    HelpHeard,
    HelpUnheard,
    Link,
    NoAnswer,
    NotTaken,
    Remembered,
)
from kiosk.help_calls import TRY_FOR_MS, HelpCalls
from kiosk.open_help import OpenHelp
from kiosk.questions import Questions
from kiosk.saving import arrival_of
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.uplink import Uplink
from tests.fakes.clock import FakeClock
from tests.fakes.queue_central import QueueCentral

ABC = Plate.parse("ABC123")


class Line:
    """A post's side of the line, thread by thread, each turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.central = QueueCentral()
        self.news: list[Happening] = []
        self.code = folder / "code"
        self.code.write_text("1234\n")
        self.boot()

    def boot(self) -> None:
        """Start the post's side, as after a power cut."""
        settings = PostSettings(
            state_dir=self.folder,
            central=CentralSettings(url="http://central", station="pitea"),
            identity=IdentitySettings(token_file=self.folder / "token", code_file=self.code),
        )
        self.outbox = Outbox(self.folder / "outbox.sqlite3")
        bring = self.news.append
        self.uplink = Uplink(settings, self.clock, bring, self.central.session)
        self.deliveries = Deliveries(self.uplink, self.outbox, self.clock, bring)
        kept = DayList(self.folder / "expected.json")
        self.questions = Questions(self.uplink, self.clock, bring, 30_000, kept)
        open_help = OpenHelp(self.folder / "help.json")
        self.help = HelpCalls(self.uplink, self.clock, bring, kept=open_help)

    def save(self, plate: str, ticket: int = 1) -> str:
        arrival = arrival_of(Plate.parse(plate), self.clock)
        self.deliveries.expect(arrival.id, ticket)
        saved = SavedAt(arrival.boot_id, arrival.mono_ms, arrival.at)
        self.outbox.save(arrival.id, msgspec.json.encode(arrival), saved)
        return arrival.id

    def heard(self, kind: type[Happening]) -> list[Happening]:
        return [one for one in self.news if isinstance(one, kind)]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.outbox.close()


def test_an_arrival_is_delivered_and_leaves_the_outbox(line: Line) -> None:
    line.save("ABC123", ticket=7)
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]
    assert line.outbox.depth() == 0
    (answer,) = line.heard(Answer)
    assert isinstance(answer, Answer)
    assert (answer.ticket, answer.standing.place) == (7, 1)


def test_it_travels_with_its_own_time_and_the_clocks_of_the_sending(line: Line) -> None:
    at = line.clock.now()
    line.save("ABC123")
    line.clock.advance(90_000)
    line.deliveries.round()
    (arrival,) = line.central.arrivals.values()
    assert arrival["at"] == at.isoformat().replace("+00:00", "Z")
    assert arrival["mono_ms"] == 1_000
    headers = line.central.headers[0]
    assert headers[HEADER_BOOT] == "boot-1"
    assert headers[HEADER_MONO_MS] == "91000"
    assert headers[HEADER_AT] == line.clock.now().isoformat()


def test_a_central_that_asks_for_patience_is_given_it_and_every_arrival_comes(line: Line) -> None:
    """After a day without a line; nobody is told that their plate was not taken."""
    line.central.room = 2
    for number in range(4):
        line.save(f"ABC12{number}", ticket=number)
    assert line.deliveries.round() == 0  # the first answer named the database
    wait_ms = line.deliveries.round()
    assert line.central.plates == ["ABC120", "ABC121"]
    assert wait_ms >= 20_000
    assert line.heard(NotTaken) == []
    assert len(line.heard(NoAnswer)) == 2
    line.central.room = None
    line.clock.advance(wait_ms)
    line.deliveries.round()
    assert line.central.plates == ["ABC120", "ABC121", "ABC122", "ABC123"]
    assert line.outbox.depth() == 0


@pytest.mark.parametrize("words", ["", "soon", "-1", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_is_no_number_of_seconds_is_none(words: str) -> None:
    response = requests.Response()
    response.status_code, response.url = 429, "http://central/"
    response.headers["Retry-After"] = words
    assert refusal(response).retry_after_s == 0


def test_a_clock_that_is_not_set_sends_no_wall_time(line: Line) -> None:
    line.clock.is_synced = False
    line.save("ABC123")
    line.deliveries.round()
    (arrival,) = line.central.arrivals.values()
    assert arrival["synced"] is False
    assert HEADER_AT not in line.central.headers[0]


def test_with_the_cable_cut_the_customer_hears_so_and_the_arrival_stays(line: Line) -> None:
    line.central.cut = True
    line.save("ABC123", ticket=7)
    line.deliveries.round()
    assert line.heard(NoAnswer) == [NoAnswer(7)]
    assert Link(False) in line.news
    assert line.outbox.depth() == 1


def test_when_the_cable_is_back_it_arrives_once_with_its_own_time(line: Line) -> None:
    line.central.cut = True
    at = line.clock.now()
    line.save("ABC123")
    line.deliveries.round()
    line.clock.advance(3_600_000)
    line.central.cut = False
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]
    (arrival,) = line.central.arrivals.values()
    assert arrival["at"] == at.isoformat().replace("+00:00", "Z")


def test_a_lost_answer_sends_the_same_bytes_again(line: Line) -> None:
    line.central.loses_answers = True
    made = line.save("ABC123")
    line.deliveries.round()
    assert line.outbox.depth() == 1
    line.central.loses_answers = False
    line.deliveries.round()
    assert list(line.central.arrivals) == [made]
    assert line.central.asked.count("POST arrivals") == 2


def test_a_power_cut_between_saving_and_sending_loses_nothing(line: Line) -> None:
    line.save("ABC123")
    line.outbox.close()
    line.boot()
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]
    assert not line.heard(Answer)  # its customer has gone


def test_a_refused_arrival_stays_and_later_ones_pass_it(line: Line) -> None:
    line.central.refusal = ("ABC123", problems.PLATE_REFUSED)
    line.save("ABC123", ticket=1)
    line.save("DEF456", ticket=2)
    line.deliveries.round()
    assert line.heard(NotTaken) == [NotTaken(1)]
    assert line.central.plates == ["DEF456"]
    (row,) = line.outbox.waiting()
    assert (row.tries, "plate_refused" in row.last_answer) == (1, True)


def test_a_refused_arrival_is_offered_again_after_its_pause(line: Line) -> None:
    line.central.refusal = ("ABC123", problems.PLATE_REFUSED)
    line.save("ABC123")
    line.deliveries.round()
    asked = len(line.central.asked)
    line.deliveries.round()
    assert len(line.central.asked) == asked
    line.central.refusal = None
    line.clock.advance(60_000)
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


def test_an_overloaded_central_is_no_answer_and_no_refusal(line: Line) -> None:
    line.central.refusal = ("ABC123", problems.NOT_SAVED)
    line.save("ABC123", ticket=3)
    line.deliveries.round()
    assert line.heard(NoAnswer) == [NoAnswer(3)]
    assert not line.heard(NotTaken)


def test_a_post_that_central_does_not_know_keeps_its_token_and_its_arrivals(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.central.tokens.clear()
    line.save("DEF456", ticket=4)
    line.deliveries.round()
    assert line.heard(NoAnswer) == [NoAnswer(4)]
    assert line.outbox.depth() == 1
    assert (line.folder / "token").exists()
    line.central.tokens.add("pv_post-1_secret")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_while_the_code_on_its_card_becomes_a_token_nobody_is_asked_for_another(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card takes its time to keep that the code is used: a customer may press a key meanwhile."""
    seen: list[Who] = []
    used = BroughtCode.used

    def slowly(code: BroughtCode, text: str) -> None:
        used(code, text)
        seen.append(line.uplink.who)

    monkeypatch.setattr(BroughtCode, "used", slowly)
    assert line.uplink.who is Who.CARD
    line.uplink.session()
    assert seen == [Who.KNOWN]


def test_whoever_looks_while_the_code_becomes_a_token_sees_no_post_without_one(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = BroughtCode.is_new

    def while_another_enrols(code: BroughtCode) -> bool:
        monkeypatch.setattr(BroughtCode, "is_new", looked)
        line.uplink.session()
        return code.is_new

    monkeypatch.setattr(BroughtCode, "is_new", property(while_another_enrols))
    assert line.uplink.who is Who.KNOWN


def test_a_damaged_file_with_a_code_does_not_stop_the_post(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    line.code.write_bytes(b"K7QF-\xc3TM")
    line.boot()
    line.save("DEF456")
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_a_new_code_makes_it_enrol_again(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.central.tokens = {"pv_post-1_new"}
    line.central.codes["5678"] = "pv_post-1_new"
    line.code.write_text("5678")
    line.save("DEF456")
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_a_new_code_goes_before_a_token_that_is_still_good(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    line.central.codes["5678"] = "pv_post-1_new"
    line.central.tokens.add("pv_post-1_new")
    line.code.write_text("5678")
    line.boot()
    assert line.uplink.who is Who.KNOWN
    line.save("DEF456")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]
    assert "pv_post-1_new" in (line.folder / "token").read_text()


def test_a_wrong_code_leaves_a_post_that_works_as_it_was(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    for _ in range(2):
        line.outbox.close()
        line.code.write_text("M3TG-K7QF")
        line.boot()
        line.save("DEF456")
        line.deliveries.round()
        line.clock.advance(60_000)
        line.deliveries.round()
    assert set(line.central.plates) == {"ABC123", "DEF456"}
    assert line.central.asked.count("POST devices/enrol") == 2, "each code once"


def test_the_code_beside_a_token_of_an_older_release_is_the_tokens(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    (line.folder / "enrol-code.used").unlink()
    line.boot()
    line.save("DEF456")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]
    assert line.central.asked.count("POST devices/enrol") == 1


@pytest.mark.parametrize("busy", [problems.TOO_MANY, problems.NOT_SAVED])
def test_a_central_that_was_busy_is_shown_the_new_code_again(
    line: Line, busy: problems.ProblemType
) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.central.tokens = {"pv_post-1_new"}
    line.central.codes["5678"] = "pv_post-1_new"
    line.central.refuses_enrolments = busy
    line.code.write_text("5678")
    line.save("DEF456")
    for _ in range(4):
        line.clock.advance(60_000)
        line.deliveries.round()
    line.central.refuses_enrolments = None
    for _ in range(3):
        line.clock.advance(60_000)
        line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_every_thread_goes_over_to_a_new_token_at_once(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.questions.turn(0)
    line.central.tokens.add("pv_post-1_next")
    line.uplink.own.renew("pv_post-1_next")
    line.central.tokens.discard("pv_post-1_secret")
    line.save("DEF456")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]
    line.outbox.close()
    line.boot()
    line.save("GHI789")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456", "GHI789"]


def test_a_request_that_the_new_token_overtook_makes_nobody_a_stranger(line: Line) -> None:
    """Its answer is "unknown", and the code of long ago still stands on the card."""
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    line.boot()
    line.uplink.session()
    line.central.tokens = {"pv_post-1_next"}
    line.uplink.own.renew("pv_post-1_next")
    unknown = CentralRefused(401, "unknown_device", "Enrol it again.")
    assert line.uplink.failed(unknown)
    line.save("DEF456")
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]
    assert "POST devices/enrol" not in line.central.asked[1:]


def test_a_restored_central_that_knows_the_token_before_is_shown_that(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.uplink.own.renew("pv_post-1_next")
    line.save("DEF456")
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_a_used_code_on_the_card_costs_the_post_nothing_when_central_forgets_it_for_a_while(
    line: Line,
) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.outbox.close()
    line.boot()
    line.central.tokens.clear()
    line.save("DEF456")
    for _ in range(3):
        line.deliveries.round()
    line.central.tokens.add("pv_post-1_secret")
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123", "DEF456"]


def test_a_lost_answer_to_its_enrolment_is_asked_for_again_with_the_same_claim(
    line: Line,
) -> None:
    line.central.loses_enrolments = 1
    line.save("ABC123")
    line.deliveries.round()
    assert line.central.plates == []
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]
    (claim,) = line.central.claims.values()
    assert 32 == len(claim)


def test_a_post_without_a_code_takes_plates_all_the_same(line: Line) -> None:
    line.code.unlink()
    line.save("ABC123", ticket=9)
    line.deliveries.round()
    assert line.heard(NoAnswer) == [NoAnswer(9)]
    line.code.write_text("1234")
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


def test_a_code_that_is_not_taken_is_no_refusal_of_the_plate(line: Line) -> None:
    line.code.write_text("used-up")
    line.save("ABC123", ticket=9)
    line.deliveries.round()
    assert line.heard(NotTaken) == []
    assert line.heard(NoAnswer) == [NoAnswer(9)]
    assert line.heard(Link)[-1] == Link(False)
    line.code.write_text("1234")
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


def test_a_refused_code_is_shown_once_also_after_a_restart_and_the_next_one_is(
    line: Line,
) -> None:
    line.code.write_text("M3TG-K7QF")
    line.save("ABC123")
    for _ in range(3):
        line.deliveries.round()
    line.outbox.close()
    line.boot()
    for _ in range(3):
        line.deliveries.round()
    assert line.central.asked == ["POST devices/enrol"]
    line.code.write_text("1234")
    line.deliveries.round()
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


@pytest.mark.parametrize("no", [problems.TOO_MANY, problems.NOT_FOUND])
def test_a_central_that_takes_no_code_now_is_not_back(
    line: Line, caplog: pytest.LogCaptureFixture, no: problems.ProblemType
) -> None:
    line.central.refuses_enrolments = no
    caplog.set_level("INFO")
    line.save("ABC123", ticket=9)
    line.central.cut = True
    line.deliveries.round()
    line.central.cut = False
    for _ in range(3):
        line.clock.advance(60_000)
        line.deliveries.round()
    assert "central back" not in caplog.text
    assert line.heard(NotTaken) == []
    assert line.heard(Link)[-1] == Link(False)
    line.central.refuses_enrolments = None
    line.clock.advance(60_000)
    line.deliveries.round()
    line.deliveries.round()
    assert "central back" in caplog.text
    assert line.central.plates == ["ABC123"]


@pytest.mark.parametrize("spoiled", [b"{", b'{"device": "post-\xc3"}'])
def test_a_damaged_token_file_does_not_stop_the_post(line: Line, spoiled: bytes) -> None:
    (line.folder / "token").write_bytes(spoiled)
    line.boot()
    line.save("ABC123")
    line.deliveries.round()
    assert line.central.plates == ["ABC123"]


def test_the_first_success_of_any_thread_wakes_the_deliveries(line: Line) -> None:
    line.central.cut = True
    line.save("ABC123")
    line.deliveries.round()
    line.central.cut = False
    line.questions.turn(0)
    assert line.deliveries._wake.is_set()


def test_todays_list_is_fetched_and_then_only_asked_about(line: Line) -> None:
    line.questions.turn(0)
    line.clock.advance(30_000)
    line.questions.turn(0)
    first, second = line.heard(Expected)
    assert isinstance(first, Expected)
    assert first.plates.texts == ("ABC123",)
    assert first == second  # a 304 says that it is still so
    line.central.expected.append("DEF456")
    line.clock.advance(30_000)
    line.questions.turn(0)
    newest = line.heard(Expected)[-1]
    assert isinstance(newest, Expected)
    assert newest.plates.texts == ("ABC123", "DEF456")


def test_without_central_there_is_no_list_that_could_look_fresh(line: Line) -> None:
    line.central.cut = True
    line.questions.turn(0)
    assert not line.heard(Expected)
    assert line.heard(Link) == [Link(False)]


def test_after_a_power_cut_the_list_of_the_day_is_still_there_without_central(line: Line) -> None:
    line.questions.turn(0)
    line.central.cut = True
    line.boot()
    line.news.clear()
    line.questions.remember()
    (remembered,) = line.heard(Remembered)
    assert isinstance(remembered, Remembered)
    assert (remembered.plates.texts, remembered.day) == (("ABC123",), "2026-11-23")


def test_when_the_day_is_over_its_list_is_erased_and_the_next_one_fetched_whole(line: Line) -> None:
    line.questions.turn(0)
    line.central.cut = True
    line.clock.advance(24 * 3_600_000)
    line.questions.turn(0)
    line.questions.turn(0)
    assert line.heard(DayOver) == [DayOver()]
    assert not (line.folder / "expected.json").exists()
    line.central.cut = False
    line.clock.advance(60_000)
    line.news.clear()
    line.questions.turn(0)
    assert line.heard(Expected), "not answered by a 304 for a list that we have forgotten"


def test_yesterdays_list_is_not_believed_after_a_night_without_power(line: Line) -> None:
    line.questions.turn(0)
    line.central.cut = True
    line.clock.advance(24 * 3_600_000)
    line.boot()
    line.questions.remember()
    line.questions.turn(0)
    assert line.heard(DayOver) == [DayOver()]
    assert not (line.folder / "expected.json").exists()


def test_without_a_clock_nobody_knows_that_the_day_is_over(line: Line) -> None:
    line.questions.turn(0)
    line.clock.set_wall(line.clock.wall.replace(year=1970), synced=False)
    line.questions.turn(0)
    assert line.heard(DayOver) == []


def test_a_booking_elsewhere_is_asked_for_with_its_ticket(line: Line) -> None:
    line.central.elsewhere = {"ABC123": {"slot_at": "2026-11-24T08:00:00Z"}}
    line.questions.ask(AskElsewhere(5, ABC))
    line.questions.turn(0)
    (news,) = line.heard(BookedElsewhere)
    assert isinstance(news, BookedElsewhere)
    assert news.ticket == 5
    assert news.elsewhere is not None
    assert "ABC123" in line.central.asked


def test_an_older_central_or_none_gives_no_advice_and_costs_nothing(line: Line) -> None:
    line.central.elsewhere = None
    line.questions.ask(AskElsewhere(5, ABC))
    line.questions.turn(0)
    assert line.heard(BookedElsewhere) == []
    assert line.heard(Link)[-1] == Link(True)
    line.central.cut = True
    line.questions.ask(AskElsewhere(6, ABC))
    line.questions.turn(0)
    assert line.heard(BookedElsewhere) == []
    assert line.heard(NoAnswer) == []


def test_a_look_up_is_answered_with_the_time_of_asking(line: Line) -> None:
    line.save("ABC123")
    line.deliveries.round()
    line.news.clear()
    line.clock.advance(4_000)
    line.questions.ask(AskStatus(5, ABC))
    line.questions.turn(0)
    (answer,) = line.heard(Answer)
    assert isinstance(answer, Answer)
    assert (answer.ticket, answer.asked_ms) == (5, line.clock.monotonic_ms())


def test_a_look_up_without_an_answer_says_so(line: Line) -> None:
    line.questions.ask(AskStatus(5, ABC))
    line.central.cut = True
    line.questions.turn(0)
    assert line.heard(NoAnswer) == [NoAnswer(5)]


def test_being_told_not_to_ask_so_often_is_no_news_about_the_plate(line: Line) -> None:
    line.central.refusal = ("status", problems.TOO_MANY)
    line.questions.ask(AskStatus(5, ABC))
    line.questions.turn(0)
    assert not line.heard(NoAnswer)
    assert line.news[-1] == Link(True)


def test_help_reaches_the_board_and_is_watched_until_it_is_closed(line: Line) -> None:
    line.help.raise_help(3, ABC)
    line.help.turn()
    (raised,) = line.central.help.values()
    (heard,) = line.heard(HelpHeard)
    assert isinstance(heard, HelpHeard)
    assert heard.state.acknowledged_by is None
    raised["acknowledged_by"] = "Desk 1"
    line.clock.advance(2_000)
    line.help.turn()
    newest = line.heard(HelpHeard)[-1]
    assert isinstance(newest, HelpHeard)
    assert newest.state.acknowledged_by == "Desk 1"
    raised["closed"] = True
    line.clock.advance(5_000)
    line.help.turn()
    asked = len(line.central.asked)
    line.clock.advance(60_000)
    line.help.turn()
    assert len(line.central.asked) == asked


def test_help_is_tried_again_under_the_same_id(line: Line) -> None:
    line.central.loses_answers = True
    line.help.raise_help(3, None)
    line.help.turn()
    assert line.heard(HelpUnheard) == [HelpUnheard(3)]
    line.central.loses_answers = False
    line.clock.advance(5_000)
    line.help.turn()
    assert len(line.central.help) == 1
    assert line.heard(HelpHeard)


def test_help_that_was_wanted_of_a_post_that_was_nobody_does_not_ring_later(line: Line) -> None:
    line.code.unlink()
    line.help.raise_help(1, None)
    line.help.turn()
    assert line.heard(HelpUnheard) == [HelpUnheard(1)]
    line.code.write_text("1234")
    line.uplink.session()
    line.clock.advance(60_000)
    line.help.turn()
    assert line.heard(HelpUnheard)[-1] == HelpUnheard(1, gave_up=True)
    assert line.central.help == {}


def test_help_that_never_gets_through_is_given_up_when_nobody_can_be_there(line: Line) -> None:
    line.central.cut = True
    line.help.raise_help(3, None)
    line.help.turn()
    line.clock.advance(TRY_FOR_MS)
    line.help.turn()
    assert line.news[-1] == HelpUnheard(3, gave_up=True)


def test_waits_double_up_to_the_last_and_are_spread_by_chance() -> None:
    longest = BackOff(1, 60, spread=lambda _, high: high)
    assert [longest.next_ms() for _ in range(8)] == [
        1_000,
        2_000,
        4_000,
        8_000,
        16_000,
        32_000,
        60_000,
        60_000,
    ]
    longest.reset()
    assert longest.next_ms() == 1_000
    assert 500 <= BackOff(1, 60).next_ms() <= 1_000
