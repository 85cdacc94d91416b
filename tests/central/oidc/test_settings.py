"""What central is told of a provider is checked before it serves anybody."""

from pathlib import Path
from typing import Any

import pytest

from central.oidc.settings import OidcSettings, OidcUnfit, OidcWords, checked


def words(folder: Path, **other: Any) -> OidcWords:
    secret = folder / "secret"
    if not secret.exists():
        secret.write_text("the secret\n")
        secret.chmod(0o600)
    right: dict[str, Any] = {
        "issuer": "https://id.example/realm",
        "client_id": "portvakt",
        "client_secret_file": secret,
        "public_url": "https://board.example.com/",
    }
    return OidcWords(**(right | other))


def unfit(wrong: OidcWords) -> str:
    with pytest.raises(OidcUnfit) as refused:
        checked(wrong)
    return str(refused.value)


def test_the_address_to_come_back_to_is_the_settings_own(tmp_path: Path) -> None:
    settings = checked(words(tmp_path, label="the works"))
    assert settings is not None
    assert settings.redirect_uri == "https://board.example.com/login/oidc/back"
    assert (settings.client_secret, settings.label) == ("the secret", "the works")
    assert "the secret" not in repr(settings)


def test_without_a_provider_there_is_nothing_to_check() -> None:
    assert checked(OidcWords()) is None
    assert checked(OidcWords(public_url="https://board.example.com")) is None


@pytest.mark.parametrize("missing", ["client_id", "client_secret_file", "public_url"])
def test_half_a_provider_is_refused(tmp_path: Path, missing: str) -> None:
    assert "--oidc-issuer needs" in unfit(words(tmp_path, **{missing: ""}))


def test_a_claim_without_a_provider_is_refused(tmp_path: Path) -> None:
    assert "--oidc-issuer" in unfit(OidcWords(role_claim="groups"))
    assert "--oidc-role-claim" in unfit(words(tmp_path, every_station=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://id.example"},
        {"issuer": "id.example"},
        {"issuer": "https://id.example#part"},
        {"issuer": "https://name:word@id.example"},
        {"public_url": "http://board.example.com"},
        {"public_url": "https://board.example.com/portvakt"},
        {"public_url": "https://board.example.com/?a=b"},
    ],
)
def test_an_address_that_is_not_safe_is_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    assert "--" in unfit(words(tmp_path, **wrong))


def test_a_provider_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    settings = checked(words(tmp_path, issuer="http://127.0.0.1:9000"))
    assert isinstance(settings, OidcSettings)


@pytest.mark.parametrize(("mode", "may"), [(0o400, True), (0o440, True), (0o644, False)])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int, may: bool) -> None:
    told = words(tmp_path)
    assert told.client_secret_file is not None
    told.client_secret_file.chmod(mode)
    if may:
        assert checked(told) is not None
    else:
        assert "chmod 600" in unfit(told)


def test_a_secret_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in unfit(words(tmp_path, client_secret_file=tmp_path / "none"))
    empty = tmp_path / "empty"
    empty.touch(0o600)
    assert "is empty" in unfit(words(tmp_path, client_secret_file=empty))
