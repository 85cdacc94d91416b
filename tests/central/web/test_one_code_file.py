"""A post and a sign on one machine read their one-time codes from one file, and each becomes itself."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from contract.wire import Role
from device.identity import Identity, load_identity
from device.session import CentralRefused
from kiosk.settings import CentralSettings as PostCentral
from kiosk.settings import IdentitySettings as PostIdentity
from kiosk.settings import PostSettings
from kiosk.uplink import Uplink
from signage.downlink import Downlink
from signage.settings import CentralSettings, IdentitySettings, SignSettings
from tests.central.web.hall import STATION, Hall
from tests.fakes.clock import FakeClock
from tests.waiting import until


class Machine:
    """A machine that is a post and a sign, each with a folder of its own, and the one file of codes."""

    def __init__(self, folder: Path, url: str) -> None:
        self.code_file = folder / "enrol-code"
        self.post_token, self.sign_token = folder / "post/token.json", folder / "sign/token.json"
        self.sign_said_no = folder / "sign/enrol-code.refused"
        self.stopping = threading.Event()
        self.post = Uplink(
            PostSettings(
                central=PostCentral(url=url, station=STATION),
                identity=PostIdentity(token_file=self.post_token, code_file=self.code_file),
            ),
            FakeClock(),
            lambda _: None,
        )
        settings = SignSettings(
            central=CentralSettings(url=url, station=STATION),
            identity=IdentitySettings(token_file=self.sign_token, code_file=self.code_file),
        )
        sign = Downlink(settings, lambda _: None, FakeClock())
        self._sign = threading.Thread(target=sign.ask, args=(self.stopping,))

    def bring(self, code: str) -> None:
        """Put *code* into the file, as a person does."""
        self.code_file.write_text(f"{code}\n")

    def start_sign(self) -> None:
        self._sign.start()

    def stop(self) -> None:
        self.stopping.set()
        if self._sign.ident is not None:
            self._sign.join(10)

    def sign(self) -> Identity:
        """Who the sign is, once it is somebody."""
        found = until(lambda: load_identity(self.sign_token), 20, "the sign's own token")
        assert found is not None
        return found


@pytest.fixture
def machine(sqlite_hall: Hall, tmp_path: Path) -> Iterator[Machine]:
    server = make_server("127.0.0.1", 0, sqlite_hall.app)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    machine = Machine(tmp_path, f"http://127.0.0.1:{server.server_port}")
    yield machine
    machine.stop()
    server.shutdown()
    serving.join(10)
    server.server_close()


@pytest.fixture
def code(sqlite_hall: Hall) -> Callable[[Role], str]:
    return lambda role: sqlite_hall.yard.devices.create_device_code(STATION, role, f"The {role}")


def test_the_posts_code_is_left_to_the_post_by_a_sign_that_reads_it_first(
    machine: Machine, code: Callable[[Role], str]
) -> None:
    machine.bring(code(Role.POST))
    machine.start_sign()
    until(machine.sign_said_no.exists, what="the sign's note that it is not for a sign")
    machine.post.session()
    assert not machine.sign_token.exists()

    machine.bring(code(Role.SIGN))
    assert (Role.SIGN, "The sign") == (machine.sign().role, machine.sign().name)
    post = load_identity(machine.post_token)
    assert post is not None
    assert (Role.POST, "The post") == (post.role, post.name)


def test_the_signs_code_is_left_to_the_sign_by_a_post_that_reads_it_first(
    machine: Machine, code: Callable[[Role], str]
) -> None:
    machine.bring(code(Role.SIGN))
    with pytest.raises(CentralRefused, match="made for a sign, and this is a post"):
        machine.post.session()
    assert not machine.post_token.exists()
    machine.start_sign()
    assert Role.SIGN is machine.sign().role

    machine.bring(code(Role.POST))
    machine.post.session()
    post = load_identity(machine.post_token)
    assert post is not None
    assert Role.POST is post.role
