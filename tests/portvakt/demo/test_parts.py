"""The settings that the demo writes are settings that the post and the signs take."""

from pathlib import Path

from contract.wire import BEAT_LIT_MS, LEASE_TTL_MAX_MS
from device.settings import load
from kiosk.settings import PostSettings
from portvakt.demo import parts
from portvakt.demo.options import DemoOptions, Judging
from portvakt.demo.parts import Folders
from portvakt.demo.supervisor import Part
from signage.settings import SignSettings


def _folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path, tmp_path)


def _config(part: Part) -> Path:
    return Path(part.argv[part.argv.index("--config") + 1])


def test_the_post_speaks_the_demos_language_first_and_lets_only_the_page_frame_it(
    tmp_path: Path,
) -> None:
    post = parts.post(DemoOptions(language="sv"), _folders(tmp_path))
    settings = load(_config(post), PostSettings)
    assert settings.languages == ("sv", "en", "fi", "nb")
    assert settings.demo
    assert settings.page.port == 8082
    assert settings.page.frame_ancestors == ("http://127.0.0.1:8080",)
    assert settings.central.url == "http://127.0.0.1:8081"


def test_a_sign_has_its_own_panel_a_whole_lease_and_a_blanker(tmp_path: Path) -> None:
    sign = parts.sign("sign-2", DemoOptions(), _folders(tmp_path))
    settings = load(_config(sign), SignSettings)
    assert settings.panel.bus == f"unix:{tmp_path}/sign-2.sock"
    assert (settings.lease.ttl_ms, settings.lease.beat_lit_ms) == (LEASE_TTL_MAX_MS, BEAT_LIT_MS)
    assert sign.after_death is not None
    assert sign.after_death[1:] == ["-m", "signage.blank", "--config", str(_config(sign))]


def test_a_shorter_lease_is_renewed_as_much_oftener(tmp_path: Path) -> None:
    options = DemoOptions(judging=Judging(lease_ttl_ms=3_500))
    settings = load(_config(parts.sign("sign-1", options, _folders(tmp_path))), SignSettings)
    assert (settings.lease.ttl_ms, settings.lease.beat_lit_ms) == (3_500, 1_000)
    assert "--lease-ttl-ms" in parts.central(options, _folders(tmp_path)).argv


def test_what_is_judged_is_told_by_environment_and_nothing_is_told_by_none() -> None:
    told = {
        "PORTVAKT_DEMO_POST_CENTRAL": "http://127.0.0.1:1",
        "PORTVAKT_DEMO_SIGN_CENTRAL": "http://127.0.0.1:2",
        "PORTVAKT_DEMO_LEASE_TTL_MS": "3500",
        "PORTVAKT_DEMO_RECORD": "/records",
    }
    assert Judging.from_environment({}) == Judging()
    assert Judging.from_environment(told) == Judging(
        "http://127.0.0.1:1", "http://127.0.0.1:2", 3_500, Path("/records")
    )
