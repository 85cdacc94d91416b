"""Where central is: over a network it is https, and the settings say so before anything is sent."""

from pathlib import Path

import pytest

from device.central_settings import CentralPlace, check_ca
from device.settings import SettingsError, load
from kiosk.service import run as run_post
from kiosk.settings import CentralSettings, PostSettings
from signage.service import run as run_sign
from signage.settings import SignSettings


def read(folder: Path, url: str) -> CentralPlace:
    path = folder / "post.toml"
    path.write_text(f'[central]\nurl = "{url}"\nstation = "pitea"\n')
    return load(path, PostSettings).central


@pytest.mark.parametrize(
    "url",
    [
        "https://central.example.com",
        "https://central.example.com:8443",
        "https://10.0.0.5",
        "http://127.0.0.1:8081",
        "http://127.1.2.3:8081",
        "http://[::1]:8081",
        "http://localhost:8081",
    ],
)
def test_https_goes_anywhere_and_http_only_to_this_machine(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, url).url == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "http://10.0.0.5:8081",
            "must begin with https:// (https://10.0.0.5, the proxy's own port)",
        ),
        ("http://central.example.com", "http:// is for 127.0.0.1 alone"),
        ("http://localhost.example.com", "must begin with https://"),
        ("http://127.0.0.1.example.com", "must begin with https://"),
        ("central.example.com", "must be an address such as https://central.example.com"),
        ("ftp://central.example.com", "must be an address such as"),
        ("https://", "must be an address such as"),
        ("https://central.example.com:none", "must be an address such as"),
        ("https://central.example.com/?plate=x", "must be an address such as"),
        ("https://someone:hunter22@central.example.com", "must not hold a name or a password"),
    ],
)
def test_an_address_that_a_device_may_not_use_is_named_with_its_key(
    tmp_path: Path, url: str, says: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, url)
    assert "central.url" in str(caught.value)
    assert says in str(caught.value)
    assert "hunter22" not in str(caught.value), "the report goes to the log"


def test_a_sign_has_the_same_rule(tmp_path: Path) -> None:
    path = tmp_path / "sign.toml"
    path.write_text('[central]\nurl = "http://10.0.0.5"\nstation = "pitea"\n')
    with pytest.raises(SettingsError, match=r"central\.url +must begin with https://"):
        load(path, SignSettings)


def device_file(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text(
        f'[central]\nurl = "https://127.0.0.1:9"\nstation = "pitea"\nca_file = "{folder}/gone.pem"\n'
    )
    return path


def test_a_device_whose_ca_is_not_there_does_not_begin_and_names_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = r"central\.ca_file = .*/gone\.pem is not there; copy the CA of your proxy there"
    for name, run in (("post.toml", run_post), ("sign.toml", run_sign)):
        path = device_file(tmp_path, name)
        monkeypatch.delenv("STATE_DIRECTORY", raising=False)
        with pytest.raises(SettingsError, match=says):
            run(path)
        monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
        with pytest.raises(SettingsError, match=says):
            run(path)


def test_without_a_file_there_is_nothing_to_refuse() -> None:
    check_ca(PostSettings(central=CentralSettings("https://central.example.com", "pitea")))
