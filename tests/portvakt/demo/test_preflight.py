import os
import socket
from pathlib import Path

import pytest

from portvakt.demo import run
from portvakt.demo.errors import DemoRefused
from portvakt.demo.options import DemoOptions
from portvakt.demo.preflight import (
    check_folder,
    check_packages,
    check_port,
    check_system,
    check_temporary,
    check_values,
)


def _refusal(check: object, *args: object) -> str:
    with pytest.raises(DemoRefused) as refused:
        check(*args)  # type: ignore[operator]
    return str(refused.value)


def test_a_port_in_use_is_named_with_the_option_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert _refusal(check_port, port, port - 1) == (
            f"Port {port} is in use; stop what uses it or choose another start with --port "
            f"(the demo takes {port - 1}, {port} and {port + 1})."
        )


def test_a_missing_package_is_named_with_the_command_that_brings_it() -> None:
    assert _refusal(check_packages, ("flask", "not_there", "nor_here.either")) == (
        "not_there, nor_here.either are not installed here; "
        "start the demo with `make demo`, which installs everything."
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _refusal(check_folder, tmp_path / "file" / "below") == (
        f"Cannot write in {tmp_path}/file/below (Not a directory); choose another folder with --data."
    )


def test_a_temporary_folder_whose_path_no_socket_can_bear_is_refused(tmp_path: Path) -> None:
    assert "set TMPDIR to a shorter one" in _refusal(check_temporary, tmp_path / ("x" * 100))


def test_a_system_without_packet_sockets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "SOCK_SEQPACKET")
    assert _refusal(check_system) == (
        "This system cannot run the demo: it needs Linux 5.3 or later."
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (DemoOptions(port=0), "--port"),
        (DemoOptions(port=65_534), "--port"),
        (DemoOptions(traffic=0.0), "--traffic"),
        (DemoOptions(traffic=float("nan")), "--traffic"),
        (DemoOptions(language="fi"), "--lang"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_option(
    options: DemoOptions, named: str
) -> None:
    assert _refusal(check_values, options).startswith(named)


def test_the_command_says_one_sentence_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(DemoOptions(port=port, open_browser=False)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"portvakt demo: Port {port} is in use")
    assert printed.err.count(os.linesep) == 1
