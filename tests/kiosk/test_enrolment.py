"""A typed code becomes a token while the post runs; what is refused is said, and no code is written down."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import problems
from device.boot_story import Step, Story
from device.fault_codes import CODES
from device.identity import load_identity
from device.net_state import NetState
from device.no_answer import CentralRefused, CentralUnreachable, CentralUntrusted
from device.session import CentralSession
from kiosk.becoming import CodeTried, WeAre
from kiosk.enrolling import Outcome, Who
from kiosk.enrolment import Enrolment, outcome_of
from kiosk.faults import Part
from kiosk.happenings import Happening
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.story import CLOCK_MS, FIRST_MS, READY_MS, PostStory
from kiosk.uplink import Uplink
from tests.fakes.clock import FakeClock
from tests.fakes.queue_central import QueueCentral
from tests.fakes.queue_server import QueueServer
from tests.kiosk.post_process import PostProcess
from tests.waiting import until

CODE = "K7QF-93TM"
KEYS = "5277723499338161"


class Bench:
    """A post's enrolment, with turns taken by hand, and what it tells the loop."""

    def __init__(self, folder: Path) -> None:
        self.token, self.card = folder / "token", folder / "code"
        self.clock = FakeClock()
        self.central = QueueCentral()
        self.central.codes[CODE] = "pv_post-1_secret"
        self.news: list[Happening] = []
        self.start()

    def start(self) -> None:
        settings = PostSettings(
            central=CentralSettings(url="http://central", station="pitea"),
            identity=IdentitySettings(token_file=self.token, code_file=self.card),
        )
        self.uplink = Uplink(settings, self.clock, self.news.append, self.session)
        self.enrolment = Enrolment(self.uplink, self.news.append)
        self.enrolment.look()

    def last(self) -> object:
        """What the loop was told last."""
        return self.news[-1]

    def session(self, url: str, token: str | None) -> CentralSession:
        return self.central.session(url, token)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_post_without_token_and_without_code_on_its_card_is_nobody(bench: Bench) -> None:
    assert bench.news == [WeAre(Who.NOBODY)]


def test_a_typed_code_becomes_a_token_that_outlives_a_restart(bench: Bench) -> None:
    bench.enrolment.tried(CODE)
    assert bench.last() == WeAre(Who.KNOWN)
    assert load_identity(bench.token) is not None

    bench.start()
    assert bench.last() == WeAre(Who.KNOWN)


def test_other_threads_use_the_token_at_once(bench: Bench) -> None:
    bench.enrolment.tried(CODE)

    assert bench.uplink.session() is not None
    assert bench.uplink.device == "post-1"


def test_a_code_that_central_refuses_is_said_and_the_next_one_may_work(bench: Bench) -> None:
    bench.enrolment.tried("AAAA-BBBB")
    assert bench.last() == CodeTried(Outcome.REFUSED)

    bench.enrolment.tried(CODE)
    assert bench.last() == WeAre(Who.KNOWN)


def test_a_central_that_is_away_leaves_the_code_good(bench: Bench) -> None:
    bench.central.cut = True
    bench.enrolment.tried(CODE)
    assert bench.last() == CodeTried(Outcome.UNREACHED)

    bench.central.cut = False
    bench.enrolment.tried(CODE)
    assert bench.last() == WeAre(Who.KNOWN)


def test_an_answer_that_was_lost_is_given_once_more_to_the_same_post(bench: Bench) -> None:
    bench.central.loses_enrolments = 1
    bench.enrolment.tried(CODE)
    assert bench.last() == CodeTried(Outcome.UNREACHED)

    bench.enrolment.tried(CODE)
    assert bench.last() == WeAre(Who.KNOWN)


def test_a_far_end_that_is_not_central_is_told_apart(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(_: str) -> None:
        raise CentralUntrusted("https://central", "the certificate is another's")

    monkeypatch.setattr(bench.uplink, "become", untrusted)
    bench.enrolment.tried(CODE)
    assert bench.last() == CodeTried(Outcome.UNTRUSTED)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 2), (61, 2), (900, 15), (9_000_000, 60)])
def test_after_too_many_tries_it_says_how_many_minutes_to_wait(seconds: int, minutes: int) -> None:
    error = CentralRefused(429, problems.TOO_MANY.reason, "too many", seconds)
    assert outcome_of(error) == (Outcome.TOO_MANY, minutes)


def test_a_central_that_fails_is_told_apart(bench: Bench) -> None:
    bench.central.refuses_enrolments = problems.NOT_SAVED
    bench.enrolment.tried(CODE)
    assert bench.last() == CodeTried(Outcome.FAILS)


@pytest.mark.parametrize("is_older", [False, True])
def test_a_code_for_a_sign_does_not_make_a_sign_of_a_post(bench: Bench, *, is_older: bool) -> None:
    """A central of an older release looks at no role, and uses the code up."""
    bench.central.makes = "sign"
    bench.central.looks_at_roles = not is_older
    bench.enrolment.tried(CODE)
    assert bench.last() == CodeTried(Outcome.OTHER_KIND)
    assert not bench.token.exists()
    assert story(bench).look([]) == Story(Step.ENROL, CODES["other_kind"])
    assert is_older is (CODE not in bench.central.codes)


def test_a_code_for_a_sign_on_the_card_is_said_so_and_tried_once(bench: Bench) -> None:
    bench.central.makes = "sign"
    bench.card.write_text(CODE)
    bench.start()
    for _ in range(2):
        with pytest.raises((CentralUnreachable, CentralRefused)):
            bench.uplink.session()
    bench.enrolment.look()
    assert bench.last() == WeAre(Who.NOBODY, Outcome.OTHER_KIND)
    assert bench.central.asked == ["POST devices/enrol"]
    assert not bench.token.exists()


def test_a_code_on_the_card_comes_first_and_one_that_was_refused_is_said(bench: Bench) -> None:
    bench.card.write_text("AAAA-BBBB")
    bench.start()
    assert bench.last() == WeAre(Who.CARD)

    with pytest.raises(CentralRefused):
        bench.uplink.session()
    bench.enrolment.look()
    assert bench.last() == WeAre(Who.NOBODY, Outcome.REFUSED)


def test_a_refused_code_stays_the_reason_also_after_a_restart(bench: Bench) -> None:
    bench.card.write_text("AAAA-BBBB")
    bench.start()
    refused = Story(Step.ENROL, CODES["code_refused"])
    for _ in range(2):
        try:
            bench.uplink.session()
        except (CentralRefused, CentralUnreachable) as no:
            bench.uplink.failed(no)
        assert story(bench).look([]) == refused
    bench.start()
    assert story(bench).look([]) == refused


def test_a_typed_code_that_was_refused_stays_the_reason(bench: Bench) -> None:
    bench.enrolment.tried("AAAA-BBBB")
    with pytest.raises(CentralUnreachable) as nothing:
        bench.uplink.session()
    bench.uplink.failed(nothing.value)
    assert story(bench).look([]) == Story(Step.ENROL, CODES["code_refused"])


def test_a_typed_wrong_code_does_not_make_that_of_the_card_new_again(bench: Bench) -> None:
    bench.card.write_text("AAAA-BBBB")
    bench.start()
    with pytest.raises(CentralRefused):
        bench.uplink.session()
    bench.enrolment.tried("CCCC-DDDD")
    for _ in range(2):
        assert bench.uplink.who is Who.NOBODY
        bench.start()
    assert bench.central.asked == ["POST devices/enrol"] * 2


def test_a_post_whose_token_file_is_damaged_goes_on_taking_plates(bench: Bench) -> None:
    bench.token.write_text("{")
    bench.start()
    assert bench.last() == WeAre(Who.KNOWN)


def test_a_post_that_central_knows_no_more_goes_on_taking_plates(bench: Bench) -> None:
    bench.enrolment.tried(CODE)
    bench.central.tokens.clear()
    with pytest.raises(CentralRefused) as refused:
        bench.uplink.session().call("GET", "/v1/stations/pitea/expected")
    bench.uplink.failed(refused.value)
    assert bench.uplink.who is Who.KNOWN
    assert story(bench).look([]) is not None


def test_no_code_and_no_half_that_is_its_secret_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.enrolment.tried("AAAA-BBBB")
    bench.enrolment.tried(CODE)

    assert caplog.records
    for secret in (CODE, "BBBB", "93TM", "pv_post-1_secret"):
        assert secret not in caplog.text


def story(bench: Bench, net: NetState = NetState(link=True, address=True)) -> PostStory:  # noqa: B008 - a value
    folder = bench.token.parent
    return PostStory(
        bench.uplink, bench.clock, "https://c.example", net=lambda: net, records=folder
    )


def test_the_story_of_a_post_goes_from_the_network_to_ready_and_is_over(bench: Bench) -> None:
    bench.card.write_text(CODE)
    bench.start()
    unplugged, plugged = story(bench, NetState(link=False, address=False)), story(bench)

    told = unplugged.look([])
    assert told is not None
    assert (told.step, told.fault) == (Step.NET, CODES["no_link"])

    bench.uplink.session().call("GET", "/v1/stations/pitea/expected")
    bench.uplink.worked()
    told = plugged.look([])
    assert told is not None
    assert (told.step, told.fault) == (Step.READY, None)
    bench.clock.advance(READY_MS)
    assert plugged.look([]) is None


def test_a_post_that_works_says_for_ten_minutes_what_else_is_wrong_and_a_part_for_ever(
    bench: Bench,
) -> None:
    (bench.token.parent / "last.json").write_text('{"phase": "rolled_back"}')
    told = story(bench)
    bench.enrolment.tried(CODE)
    now = told.look([])
    assert now is not None
    assert now.fault == CODES["rolled_back"]

    bench.clock.advance(FIRST_MS)
    assert told.look([]) is None
    now = told.look([Part.VOICE, Part.KEYPAD])
    assert now is not None
    assert now.fault == CODES["keypad"]


def test_a_clock_that_nobody_sets_is_named_once_it_had_its_time(bench: Bench) -> None:
    bench.clock.is_synced = False
    told = story(bench)
    bench.enrolment.tried(CODE)
    bench.clock.advance(CLOCK_MS - 1)
    assert told.look([]) == Story(Step.READY)
    bench.clock.advance(1)
    assert told.look([]) == Story(Step.READY, CODES["clock"])


@pytest.fixture
def server() -> Iterator[QueueServer]:
    server = QueueServer(QueueCentral())
    yield server
    server.stop()


@pytest.fixture
def post(tmp_path: Path, server: QueueServer) -> Iterator[PostProcess]:
    post = PostProcess(tmp_path, server.url)
    (tmp_path / "code").unlink()
    yield post
    post.kill()


@pytest.mark.processes
def test_a_code_typed_on_the_keys_makes_a_post_of_it_without_a_restart(
    post: PostProcess, server: QueueServer, tmp_path: Path
) -> None:
    post.start()
    post.shows("enrol")
    post.press(*KEYS, "ok")
    until(lambda: "cannot reach the station's server" in post.words(), 20, "the sentence")

    server.central.codes[CODE] = "pv_post-1_secret"
    server.start()
    post.press("ok")
    post.shows("idle")
    post.press(*"222123", "ok")
    until(lambda: server.central.plates == ["ABC123"], 30, "the arrival at central")

    assert "93TM" not in (tmp_path / "log").read_text()
    assert post.stop() == 0
