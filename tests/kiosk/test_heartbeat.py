"""What a post tells of itself: its parts as they are, and never a plate, wherever one stands."""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from contract.plate import Plate
from contract.wire import Heartbeat, OutboxFacts
from device.outbox import Outbox, SavedAt
from kiosk.faults import Fault, Faults, Part
from kiosk.heartbeat import PostHeart
from kiosk.screen import Cell, Choice, PlateMark, Screen
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.showing import Showing
from kiosk.uplink import Uplink
from tests.fakes.clock import FakeClock
from tests.fakes.queue_central import QueueCentral

PLATES = ["ABC123", "ABC 123", "KORIN", "WMX99W", "AB 12345"]


class Post:
    """The parts of a post that its heartbeat looks at, and a central that hears it."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.central = QueueCentral()
        (folder / "code").write_text("1234")
        settings = PostSettings(
            state_dir=folder,
            central=CentralSettings(url="http://central", station="pitea"),
            identity=IdentitySettings(token_file=folder / "token", code_file=folder / "code"),
        )
        self.uplink = Uplink(settings, self.clock, lambda _: None, self.central.session)
        self.outbox = Outbox(folder / "outbox.sqlite3")
        self.faults = Faults(self.clock.monotonic_ms)
        self.showing = Showing(self.clock.monotonic_ms)
        self.heart = PostHeart(
            self.uplink,
            self.clock,
            folder,
            self.outbox,
            self.faults,
            self.showing,
            proc=folder / "proc",
            sys=folder / "sys",
        )

    def beat(self) -> Heartbeat:
        """Enrol if need be, beat once, and give what central heard."""
        self.uplink.session()
        self.clock.advance(5_000)
        self.heart.soon()
        assert self.heart.turn()
        return self.central.heartbeats[-1]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path)
    with closing(post.outbox):
        yield post


def test_a_post_that_is_well_says_so(post: Post) -> None:
    post.showing.show(Screen("idle", "sv"))
    post.showing.drawn(1)
    told = post.beat()
    assert ("boot-1", "idle", 5, True) == (told.boot, told.shows, told.drawn_s, told.clock_synced)
    assert OutboxFacts() == told.outbox
    assert ([], "", 0) == (told.faults, told.last_error, told.restarts)


def test_before_the_first_screen_and_without_a_browser_it_beats_too(post: Post) -> None:
    told = post.beat()
    assert ("", None) == (told.shows, told.drawn_s)


def test_a_fault_is_told_with_its_age_and_again_when_it_has_gone(post: Post) -> None:
    post.faults.note(Fault(Part.KEYPAD, True, "The keypad is unplugged."))
    (fault,) = post.beat().faults
    assert ("keypad", 5, "The keypad is unplugged.") == (fault.part, fault.since_s, fault.reason)
    post.faults.note(Fault(Part.KEYPAD, False))
    assert [] == post.beat().faults


def test_what_waits_for_central_is_told(post: Post) -> None:
    saved = SavedAt("boot-1", post.clock.monotonic_ms(), post.clock.now())
    post.outbox.save("a", b"x", saved)
    assert OutboxFacts(waiting=1, oldest_s=5) == post.beat().outbox


def test_an_outbox_that_somebody_else_locks_is_not_writable_and_holds_nothing_up(
    post: Post, tmp_path: Path
) -> None:
    with closing(Outbox(tmp_path / "outbox.sqlite3")) as other:
        assert other.can_save()
        assert OutboxFacts(writable=False) == post.beat().outbox


def test_a_post_that_is_not_enrolled_does_not_use_up_its_code_for_a_heartbeat(post: Post) -> None:
    post.heart.soon()
    assert not post.heart.turn()
    assert [] == post.central.asked


def test_an_older_central_is_left_alone(post: Post) -> None:
    post.central.heartbeat_every_s = None
    post.uplink.session()
    assert post.heart.turn()
    post.clock.advance(120_000)
    post.heart.soon()
    assert not post.heart.turn()


@pytest.mark.parametrize("text", PLATES)
def test_no_plate_that_stands_anywhere_on_the_post_travels_in_a_heartbeat(
    post: Post, text: str
) -> None:
    plate = Plate.parse(text)
    post.showing.show(
        Screen(
            "offer",
            "sv",
            lines=((PlateMark(plate), " ?"), (text,)),
            plate=plate,
            cells=tuple(Cell(sign) for sign in plate.text),
            choices=(Choice("1", PlateMark(plate)),),
            note=text,
        )
    )
    saved = SavedAt("boot-1", 1, post.clock.now())
    post.outbox.save("a", msgspec.json.encode({"plate": plate.text}), saved)
    post.outbox.refused("a", f"422 {text} cannot be a plate")
    post.faults.note(Fault(Part.OUTBOX, True, f"not saved plate={plate.text}"))
    with post.heart._errors.listening():
        logging.getLogger("kiosk").error("arrival not saved plate=%s", plate)

    told = msgspec.json.encode(post.beat()).decode()

    assert '"shows":"offer"' in told
    assert "arrival not saved" in told
    assert plate.text not in told
    assert text not in told
