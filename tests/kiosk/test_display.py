"""Whether a screen hangs on the cable."""

from pathlib import Path

from kiosk.display import connected


def connector(drm: Path, name: str, status: str) -> None:
    (drm / name).mkdir(parents=True)
    (drm / name / "status").write_text(f"{status}\n")


def test_one_screen_on_two_connectors_is_a_screen(tmp_path: Path) -> None:
    connector(tmp_path, "card1-HDMI-A-1", "disconnected")
    connector(tmp_path, "card1-HDMI-A-2", "connected")
    assert connected(tmp_path) is True


def test_no_screen_on_any_connector(tmp_path: Path) -> None:
    connector(tmp_path, "card1-HDMI-A-1", "disconnected")
    assert connected(tmp_path) is False


def test_a_machine_whose_kernel_names_no_connector_is_not_judged(tmp_path: Path) -> None:
    assert connected(tmp_path) is None
    (tmp_path / "card1-HDMI-A-1/status").mkdir(parents=True)
    assert connected(tmp_path) is None
