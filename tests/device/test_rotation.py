"""A device changes its token without a pause, and no cut or lost answer leaves it without one that works."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from contract.wire import Heartbeat, Role
from device import own_identity
from device.heartbeat import Heart
from device.identity import Identity, IdentityBroken, load_identity, save_identity
from device.own_identity import OwnIdentity
from device.session import CentralSession
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock

FIRST = Identity("post-1", "pv_post-1_0", "pitea", Role.POST, "Post 1")


class PowerCut(BaseException):
    """Everything ends here."""


class Central(Answers):
    """Knows a device's tokens as central does: the next one takes over when it is used."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.next = FIRST.token, ""
        self.given = 0
        self.wants = True
        self.loses_answers = False

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self._answer(request)
        return super().send(request, *args, **kwargs)

    def _answer(self, request: Any) -> None:
        used = request.headers["Authorization"].removeprefix("Bearer ")
        if self.next and used == self.next:
            self.token, self.next, self.wants = self.next, "", False
        if used != self.token:
            self.refuse(401, "unknown_device", "Enrol it again.")
        elif request.path_url.endswith("/token"):
            self.given += 1
            self.next = f"pv_post-1_{self.given}"
            if self.loses_answers:
                self.fail(requests.ConnectionError("the cable was pulled"))
            else:
                self.give(201, {"token": self.next})
        else:
            self.give(200, {"every_s": 60, "new_token": self.wants})


class Device:
    """A process on the device: a heart and another thread, each with its own session."""

    station = "/v1/stations/pitea"

    def __init__(self, central: Central, file: Path) -> None:
        self.central = central
        self.clock = FakeClock()
        self.own = OwnIdentity(file, load_identity(file))
        self.heart = Heart(self, self.state, self.clock, lambda _, whole: whole)

    @property
    def device(self) -> str:
        return "" if self.own.now is None else self.own.now.device

    def session(self) -> CentralSession:
        return self.central.session("http://central", self.token)

    @property
    def token(self) -> str:
        assert self.own.now is not None
        return self.own.now.token

    def state(self) -> Heartbeat:
        return Heartbeat(release="26.12.0", boot="boot-1")

    def beats(self) -> None:
        self.clock.advance(60_000)
        assert self.heart.turn()

    @property
    def told(self) -> Any:
        """The last heartbeat."""
        sent = [one for one in self.central.asked if one.path_url.endswith("/heartbeat")]
        return json.loads(sent[-1].body or b"")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "device-token"
    save_identity(FIRST, path)
    return path


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The disk takes nothing, as a card does that has worn out; root may write whatever modes say."""

    def refuse(_: Identity, path: Path) -> None:
        raise IdentityBroken(path, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(own_identity, "save_identity", refuse)
        yield patched


def test_a_new_token_is_on_the_disk_and_in_use_after_the_heartbeat(
    central: Central, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    device = Device(central, file)
    device.beats()
    assert "pv_post-1_1" == device.token
    kept = load_identity(file)
    assert kept == replace(FIRST, token="pv_post-1_1", before=FIRST.token)
    assert 0o600 == file.stat().st_mode & 0o777
    assert "token renewed" in caplog.text
    assert "pv_post-1" not in caplog.text


def test_it_is_used_at_once_so_that_the_old_one_is_void_soon(central: Central, file: Path) -> None:
    device = Device(central, file)
    device.beats()
    device.clock.advance(5_000)
    assert device.heart.turn()
    assert ("pv_post-1_1", "") == (central.token, central.next)
    assert not central.wants


def test_a_device_that_is_not_asked_keeps_its_token(central: Central, file: Path) -> None:
    central.wants = False
    device = Device(central, file)
    device.beats()
    assert FIRST.token == device.token
    assert 0 == central.given


def test_a_lost_answer_changes_nothing_and_is_asked_for_again(central: Central, file: Path) -> None:
    device = Device(central, file)
    central.loses_answers = True
    device.beats()
    assert FIRST.token == device.token
    central.loses_answers = False
    device.beats()
    assert "pv_post-1_2" == device.token
    device.beats()
    assert "pv_post-1_2" == central.token


def test_power_cut_before_the_new_token_is_saved(
    central: Central, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(identity: Identity, path: Path) -> None:
        if identity.token != FIRST.token:
            raise PowerCut
        save_identity(identity, path)

    with monkeypatch.context() as until_the_cut:
        until_the_cut.setattr(own_identity, "save_identity", cut)
        with pytest.raises(PowerCut):
            Device(central, file).beats()
    again = Device(central, file)
    assert FIRST.token == again.token
    again.beats()
    again.beats()
    assert again.token == central.token == "pv_post-1_2"


def test_power_cut_after_it_is_saved_and_before_it_is_used(
    central: Central, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(identity: Identity, path: Path) -> None:
        save_identity(identity, path)
        if identity.token != FIRST.token:
            raise PowerCut

    with monkeypatch.context() as until_the_cut:
        until_the_cut.setattr(own_identity, "save_identity", cut)
        with pytest.raises(PowerCut):
            Device(central, file).beats()
    again = Device(central, file)
    assert "pv_post-1_1" == again.token
    again.beats()
    assert "pv_post-1_1" == central.token


@pytest.mark.usefixtures("read_only")
def test_a_disk_that_takes_nothing_keeps_the_old_token_and_asks_central_for_none(
    central: Central, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(central, file)
    for _ in range(3):
        device.beats()
    assert FIRST.token == device.token == central.token
    assert 0 == central.given
    assert 1 == len([one for one in caplog.records if one.levelno >= logging.ERROR])
    (fault,) = device.told["faults"]
    assert ("token", 120) == (fault["part"], fault["since_s"])
    assert "cannot be written; the old token stays in use" in fault["reason"]


def test_a_disk_that_fills_up_after_central_has_answered_keeps_the_old_token(
    central: Central, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(identity: Identity, path: Path) -> None:
        if identity.token != FIRST.token:
            raise IdentityBroken(path, "No space left on device")

    device = Device(central, file)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(own_identity, "save_identity", full)
        device.beats()
        device.beats()
    assert FIRST.token == device.token == central.token
    device.beats()
    device.beats()
    assert device.token == central.token != FIRST.token


def test_a_disk_that_can_be_written_again_mends_it(
    central: Central, file: Path, read_only: pytest.MonkeyPatch
) -> None:
    device = Device(central, file)
    device.beats()
    read_only.undo()
    device.beats()
    device.beats()
    assert "pv_post-1_1" == central.token
    assert [] == device.told["faults"]


def test_an_identity_from_a_credential_gets_a_file_of_its_own(
    central: Central, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What root put on the card cannot be written by us; the younger file of ours counts from then on."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    own = tmp_path / "own" / "device-token"
    Device(central, own).beats()
    kept = load_identity(own)
    assert kept is not None
    assert "pv_post-1_1" == kept.token
    assert load_identity(file) == FIRST


# -- a token that central does not know ---------------------------------------------------------


def two(file: Path) -> OwnIdentity:
    """A device that was just given its second token."""
    own = OwnIdentity(file, FIRST)
    own.renew("pv_post-1_1")
    return own


def tokens(own: OwnIdentity) -> tuple[str, str]:
    assert own.now is not None
    return own.now.token, own.now.before


def test_a_token_that_was_renewed_on_the_way_says_nothing_about_us(file: Path) -> None:
    own = two(file)
    assert own.refused(FIRST.token)
    assert ("pv_post-1_1", FIRST.token) == tokens(own)


def test_a_restored_central_that_knows_the_one_before_is_shown_that(file: Path) -> None:
    own = two(file)
    assert own.refused("pv_post-1_1")
    assert (FIRST.token, "pv_post-1_1") == tokens(own)
    assert load_identity(file) == replace(FIRST, token="pv_post-1_1", before=FIRST.token)


def test_a_device_that_was_shut_out_learns_that_it_is_a_stranger(file: Path) -> None:
    """Only then is a new code tried; both are shown again in turn, for central may come back."""
    own = two(file)
    assert own.refused("pv_post-1_1")
    assert not own.refused(FIRST.token)
    assert own.refused("pv_post-1_1")
    assert not own.refused(FIRST.token)


def test_a_device_with_one_token_is_a_stranger_at_once(file: Path) -> None:
    assert not OwnIdentity(file, FIRST).refused(FIRST.token)
    assert not OwnIdentity(file).refused("")
