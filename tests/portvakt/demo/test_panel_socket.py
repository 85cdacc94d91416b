import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.panel_socket import PanelSocket
from tests.waiting import until


@pytest.fixture
def record() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def cable(tmp_path: Path, record: io.StringIO) -> Iterator[PanelSocket]:
    cable = PanelSocket(tmp_path / "panel.sock", FakePanel(1), record)
    yield cable
    cable.close()


def _plugged(cable: PanelSocket) -> socket.socket:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    end.connect(str(cable.path))
    return end


def test_each_packet_is_one_transfer_and_is_written_down_with_its_sender(
    cable: PanelSocket, record: io.StringIO
) -> None:
    with _plugged(cable) as sign:
        sign.send(b"\x0b\x07")
        sign.send(b"\x0c\x01")
        sign.send(b"\x01\xff")
        until(lambda: cable.panel.lit == 8, what="a lit column")
    lines = [line.split()[1:] for line in record.getvalue().splitlines()]
    assert lines == [[str(os.getpid()), data] for data in ("0b07", "0c01", "01ff")]


def test_the_picture_stays_when_the_sign_is_gone_and_a_blanker_can_take_over(
    cable: PanelSocket,
) -> None:
    with _plugged(cable) as sign:
        for transfer in (b"\x0b\x07", b"\x0c\x01", b"\x01\xff"):
            sign.send(transfer)
        until(lambda: cable.panel.lit == 8, what="a lit column")
    assert cable.panel.lit == 8
    with _plugged(cable) as blanker:
        blanker.send(b"\x0c\x00")
        until(lambda: cable.panel.lit == 0, what="darkness")


def test_only_our_own_user_may_plug_in(cable: PanelSocket) -> None:
    assert cable.path.stat().st_mode & 0o777 == 0o600


def test_closing_pulls_the_cable_out_of_a_sign_that_holds_it(tmp_path: Path) -> None:
    cable = PanelSocket(tmp_path / "panel.sock", FakePanel(1))
    with _plugged(cable) as sign:
        sign.send(b"\x0f\x01")
        until(lambda: cable.panel.lit == 64, what="the test picture")
        cable.close()
        sign.settimeout(5)
        with pytest.raises(OSError, match="Broken pipe"):
            sign.send(b"\x0f\x00")
