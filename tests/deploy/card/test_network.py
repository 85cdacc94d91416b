"""How a device gets into its network, as NetworkManager reads it."""

import configparser

import pytest

from deploy.card.network import keyfile
from deploy.errors import InstallError

WIFI = '[wifi]\nname = "hall"\npassword = "long enough"\n'
ADDRESS = '[address]\naddress = "192.0.2.30/24"\ngateway = "192.0.2.1"\ndns = ["192.0.2.1", "192.0.2.2"]\n'


def read(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(keyfile(text).decode())
    return parser


def test_a_wifi_with_an_address_from_the_network() -> None:
    found = read(WIFI)
    assert ("wifi", "hall") == (found["connection"]["type"], found["wifi"]["ssid"])
    assert ("wpa-psk", "long enough") == (
        found["wifi-security"]["key-mgmt"],
        found["wifi-security"]["psk"],
    )
    assert "auto" == found["ipv4"]["method"]


def test_a_cable_with_an_address_of_its_own() -> None:
    found = read(ADDRESS)
    assert "ethernet" == found["connection"]["type"]
    assert ("manual", "192.0.2.30/24,192.0.2.1", "192.0.2.1;192.0.2.2;") == (
        found["ipv4"]["method"],
        found["ipv4"]["address1"],
        found["ipv4"]["dns"],
    )


def test_signs_that_mean_something_in_a_keyfile_are_escaped() -> None:
    text = '[wifi]\nname = "a;b"\npassword = " back\\\\slash"\n'
    found = read(text)
    assert "a\\;b" == found["wifi"]["ssid"]
    assert "\\sback\\\\slash" == found["wifi-security"]["psk"]


def test_only_a_list_escapes_what_parts_lists() -> None:
    """A password is one text, and GLib's parser refuses `\\;` in one (g_key_file_get_string)."""
    found = read('[wifi]\nname = "hall"\npassword = "semi;colon"\n')
    assert "semi;colon" == found["wifi-security"]["psk"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[wifi", "not TOML"),
        ("", "neither"),
        ("[wlan]\n", r"\[wlan\] is not known"),
        ('[wifi]\nssid = "x"\n', "ssid is not known"),
        ('[wifi]\nname = "x"\n', "needs name and password"),
        ('[wifi]\nname = "x"\npassword = "a\\nb=cdefgh"\n', "one line"),
        ('[wifi]\nname = "x"\npassword = "short"\n', "8 to 63"),
        ('[address]\naddress = "192.0.2.30/24"\n', "gateway ="),
        (ADDRESS.replace('192.0.2.1"\ndns', '10.0.0.1"\ndns'), "not in the network"),
    ],
)
def test_what_cannot_be_is_refused_without_the_password(text: str, says: str) -> None:
    with pytest.raises(InstallError, match=says) as refused:
        keyfile(text)
    assert "cdefgh" not in str(refused.value)
