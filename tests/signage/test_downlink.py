"""A sign's line to central: how it becomes somebody by the code on its card."""

import threading
from pathlib import Path

import pytest

from contract.wire import Role
from device.brought_code import BroughtCode
from device.identity import Identity
from signage import downlink
from signage.downlink import Downlink
from signage.settings import CentralSettings, IdentitySettings, SignSettings
from tests.fakes.clock import FakeClock


def test_while_its_code_becomes_a_token_a_sign_never_tells_that_it_has_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card takes its time to keep that the code is used; the story is looked at meanwhile."""
    code_file = tmp_path / "code"
    code_file.write_text("K7QF-93TM")
    identity = IdentitySettings(token_file=tmp_path / "token.json", code_file=code_file)
    settings = SignSettings(
        central=CentralSettings(url="http://127.0.0.1:1", station="pitea"), identity=identity
    )
    line = Downlink(settings, lambda _: None, FakeClock())
    sign = Identity("sign-1", "pv_sign-1_secret", "pitea", Role.SIGN, "Door 1", "1")
    seen: list[tuple[bool, bool]] = []
    used = BroughtCode.used

    def slowly(code: BroughtCode, text: str) -> None:
        used(code, text)
        seen.append((line.has_code, line.identity == sign))
        stopping.set()

    stopping = threading.Event()
    monkeypatch.setattr(downlink, "enrol", lambda *_: sign)
    monkeypatch.setattr(BroughtCode, "used", slowly)
    assert line.has_code
    line.ask(stopping)
    assert seen == [(True, True)]
    assert line.is_known
