"""Whether central's port takes a connection, asked beside the releases."""

import socket
from pathlib import Path

from deploy.switch import command, reach
from deploy.switch.place import Place


def settings(place: Place, url: str) -> None:
    path = place.path("/etc/portvakt/sign.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[central]\nurl = "{url}"\n')


def test_a_port_that_somebody_listens_at_answers(tmp_path: Path) -> None:
    place = Place(tmp_path, is_root=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings(place, f"http://127.0.0.1:{port}")

        assert command.main([f"--root={tmp_path}", "reach"]) == 0
    assert command.main([f"--root={tmp_path}", "reach"]) == 1


def test_the_port_follows_from_the_address(tmp_path: Path) -> None:
    place = Place(tmp_path, is_root=False)
    settings(place, "https://hall.example/portvakt")

    assert list(reach.centrals(place)) == [("hall.example", 443)]


def test_without_settings_nothing_answers(tmp_path: Path) -> None:
    assert list(reach.centrals(Place(tmp_path, is_root=False))) == []
    settings(Place(tmp_path, is_root=False), "https://hall.example:nonsense")
    assert list(reach.centrals(Place(tmp_path, is_root=False))) == []
    assert command.main([f"--root={tmp_path}", "reach"]) == 1
