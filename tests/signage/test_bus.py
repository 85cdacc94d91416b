from pathlib import Path

import pytest

from signage.bus import BusNameRefused, PacketBus, Serial, Spi, UnixSocket, parse_bus
from tests.fakes.panel_recorder import PanelRecorder
from tests.waiting import until


def test_the_names_of_wires() -> None:
    assert Spi(1, 2) == parse_bus("spi:1.2")
    assert Serial(Path("/dev/portvakt-sign")) == parse_bus("serial:/dev/portvakt-sign")
    assert UnixSocket(Path("/run/panel.sock")) == parse_bus("unix:/run/panel.sock")
    assert "spidev1.2" == Spi(1, 2).node


@pytest.mark.parametrize(
    "name",
    ["spi", "spi:0", "unix:panel.sock", "serial:ttyUSB0", "usb:1", "spi:²", "", "spi:100.0"],
)
def test_what_names_no_wire_is_refused_with_what_does(name: str) -> None:
    with pytest.raises(BusNameRefused, match=r"spi:0\.0 .* serial:/dev/portvakt-sign or unix:/"):
        parse_bus(name)


def test_a_luma_command_is_a_transfer_too(recorder: PanelRecorder) -> None:
    bus = PacketBus(recorder.path)
    bus.command(0x0C, 0, 0x0C, 0, 0x0C, 0, 0x0C, 0, 0x0C, 0)
    until(recorder.seen, what="the transfer")
    bus.cleanup()
