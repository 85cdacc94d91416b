"""Every device talks to the central that the pinned CA vouches for, and to no other."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from contract.wire import Role
from device.check import Answer, Verdict, answered
from device.check_device import Around
from device.identity import Identity, save_identity
from device.outbox import Outbox
from device.session import CentralSession, CentralUntrusted
from kiosk.check import questions
from kiosk.faults import Faults
from kiosk.heartbeat import PostHeart
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.showing import Showing
from kiosk.uplink import Uplink
from signage.downlink import Downlink
from signage.heartbeat import OwnLine, SignHeart
from signage.settings import CentralSettings as SignCentral
from signage.settings import IdentitySettings as SignIdentity
from signage.settings import SignSettings
from tests.fakes.clock import FakeClock
from tests.fakes.tls_central import HOST, leaf_of, served, written

OURS, OTHERS = trustme.CA(), trustme.CA()
Line = Callable[[str, Path, Path], CentralSession]


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token.json"
    save_identity(Identity("d1", "pv_d1_x", "pitea", Role.POST, "Post 1", None), path)
    return path


def post(url: str, ca: Path, token_file: Path) -> CentralSession:
    settings = PostSettings(
        central=CentralSettings(url, "pitea", ca), identity=IdentitySettings(token_file)
    )
    return Uplink(settings, FakeClock(), lambda _: None).session()


def sign(url: str, ca: Path, token_file: Path) -> CentralSession:
    settings = SignSettings(
        central=SignCentral(url, "pitea", ca), identity=SignIdentity(token_file)
    )
    return OwnLine(settings, Downlink(settings, lambda _: None, FakeClock())).session()


@pytest.mark.parametrize("line", [post, sign])
def test_each_device_asks_for_the_word_of_its_pinned_ca(
    tmp_path: Path, token_file: Path, line: Line
) -> None:
    ours = written(tmp_path, OURS)
    with served(leaf_of(OURS)) as port, line(f"https://{HOST}:{port}", ours, token_file) as session:
        assert session.exchange("GET", "/x").status_code == 200
    others = written(tmp_path, OTHERS, name="others.pem")
    with (
        served(leaf_of(OURS)) as port,
        line(f"https://{HOST}:{port}", others, token_file) as session,
        pytest.raises(CentralUntrusted),
    ):
        session.exchange("GET", "/x")


def test_each_heartbeat_says_that_a_certificate_was_taken_without_a_clock(
    tmp_path: Path, token_file: Path
) -> None:
    clock = FakeClock(datetime(1970, 1, 1, tzinfo=UTC), synced=False)
    leaf = leaf_of(OURS, begins=datetime(2090, 1, 1, tzinfo=UTC))
    with served(leaf) as port:
        place = (f"https://{HOST}:{port}", "pitea", written(tmp_path, OURS))
        a_post = PostSettings(
            central=CentralSettings(*place), identity=IdentitySettings(token_file)
        )
        a_sign = SignSettings(central=SignCentral(*place), identity=SignIdentity(token_file))
        uplink = Uplink(a_post, clock, lambda _: None)
        line = OwnLine(a_sign, Downlink(a_sign, lambda _: None, clock))
        post_heart = PostHeart(
            *(uplink, clock, tmp_path, Outbox(tmp_path / "outbox"), Faults(clock.monotonic_ms)),
            Showing(clock.monotonic_ms),
        )
        sign_heart = SignHeart(line, clock, tmp_path)
        assert [] == post_heart.state().faults == sign_heart.state().faults
        for session in (uplink.session(), line.session()):
            with session:
                session.exchange("GET", "/x")
    for heart in (post_heart, sign_heart):
        (fault,) = heart.state().faults
        assert (fault.part, "1970-01-01" in fault.reason) == ("clock", True)


def test_the_check_asks_by_the_pin_of_the_file(tmp_path: Path) -> None:
    with served(leaf_of(OURS)) as port:
        good = by_the_check(tmp_path, port, OURS)
        bad = by_the_check(tmp_path, port, OTHERS)
    assert [good["Certificate"].verdict, good["Central"].verdict] == [Verdict.PASS, Verdict.PASS]
    assert [bad["Certificate"].verdict, bad["Central"].verdict] == [Verdict.FAIL, Verdict.FAIL]


def by_the_check(folder: Path, port: int, ca: trustme.CA) -> dict[str, Answer]:
    config = folder / "post.toml"
    config.write_text(
        f'[central]\nurl = "https://{HOST}:{port}"\nstation = "pitea"\n'
        f'ca_file = "{written(folder, ca)}"\n'
    )
    asked = [one for one in questions(config, Around(FakeClock())) if one.name.startswith("Ce")]
    return dict(answered(asked))
