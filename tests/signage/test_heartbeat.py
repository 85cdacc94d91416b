"""What a sign tells of the machine behind it."""

from pathlib import Path

import pytest

from contract.wire import Role
from device.identity import Identity, load_identity, save_identity
from signage.downlink import Downlink
from signage.heartbeat import OwnLine, SignHeart
from signage.settings import CentralSettings, IdentitySettings, SignSettings
from tests.fakes.clock import FakeClock
from tests.fakes.sign_central import DEVICE, STATION, TOKEN, SignCentral

WELL: dict[str, str] = {"panel": "", "timer": ""}
BROKEN = {"panel": "no answer from the SPI bus"}


class Sign:
    """A sign's heart, and the line that it beats through."""

    def __init__(self, folder: Path, central: SignCentral) -> None:
        self.clock = FakeClock()
        token_file = folder / "token.json"
        save_identity(Identity(DEVICE, TOKEN, STATION, Role.SIGN, "Door 1", "1"), token_file)
        settings = SignSettings(
            central=CentralSettings(url=central.url, station=STATION),
            identity=IdentitySettings(token_file=token_file),
        )
        self.downlink = Downlink(settings, lambda _: None, self.clock)
        line = OwnLine(settings, self.downlink)
        self.heart = SignHeart(line, self.clock, folder, proc=folder, sys=folder)

    def is_enrolled(self, token: str = TOKEN) -> None:
        self.downlink.own.become(Identity(DEVICE, token, STATION, Role.SIGN, "Door 1", "1"))

    def wait(self, ms: int) -> bool:
        self.clock.advance(ms)
        return self.heart.turn()


@pytest.fixture
def sign(tmp_path: Path, central: SignCentral) -> Sign:
    return Sign(tmp_path, central)


def test_a_sign_says_whether_it_is_lit(sign: Sign) -> None:
    sign.heart.note(WELL, lit=False)
    assert "dark" == sign.heart.state().shows
    sign.heart.note(WELL, lit=True)
    told = sign.heart.state()
    assert ("lit", [], "boot-1", None) == (told.shows, told.faults, told.boot, told.outbox)


def test_a_broken_panel_is_told_once_with_its_age_and_again_when_it_is_well(sign: Sign) -> None:
    sign.heart.note(BROKEN, lit=True)
    sign.clock.advance(7_000)
    sign.heart.note(BROKEN, lit=False)
    (fault,) = sign.heart.state().faults
    assert ("panel", 7, "no answer from the SPI bus") == (fault.part, fault.since_s, fault.reason)
    assert "fault" == sign.heart.state().shows
    sign.heart.note(WELL, lit=False)
    assert [] == sign.heart.state().faults


def test_only_a_fault_that_came_or_went_is_told_before_its_turn(
    sign: Sign, central: SignCentral
) -> None:
    sign.is_enrolled()
    assert sign.wait(0)
    sign.heart.note(WELL, lit=True)
    sign.heart.note(WELL, lit=False)
    assert not sign.wait(6_000)
    sign.heart.note(BROKEN, lit=False)
    assert sign.wait(250)
    sign.heart.note(BROKEN, lit=False)
    assert not sign.wait(6_000)
    sign.heart.note(WELL, lit=False)
    assert sign.wait(250)
    assert [0, 1, 0] == [len(told.faults) for told in central.heartbeats]


def test_a_sign_that_is_not_enrolled_says_nothing(sign: Sign, central: SignCentral) -> None:
    sign.downlink.own.become(None)
    assert not sign.wait(70_000)
    assert [] == central.heartbeats


def test_after_a_new_enrolment_it_beats_under_the_new_token(
    sign: Sign, central: SignCentral
) -> None:
    sign.is_enrolled("pv_old")
    assert sign.wait(0)
    assert [] == central.heartbeats
    sign.is_enrolled()
    assert sign.wait(60_000)
    assert 1 == len(central.heartbeats)


def test_a_new_token_is_saved_and_used_by_the_next_heartbeat(
    sign: Sign, central: SignCentral, tmp_path: Path
) -> None:
    sign.is_enrolled()
    central.wants_new_token = True
    assert sign.wait(0)
    assert central.token == TOKEN
    kept = load_identity(tmp_path / "token.json")
    assert kept is not None
    assert (central.next_token, TOKEN) == (kept.token, kept.before)
    assert sign.wait(5_000)
    assert central.token == kept.token
    assert 2 == len(central.heartbeats)
