"""How a device gets into its network, as NetworkManager reads it (nm-settings-keyfile(5))."""

import tomllib
from ipaddress import ip_address, ip_interface
from typing import Any

from deploy.errors import InstallError

_SHORTEST_PSK, _LONGEST_PSK = 8, 63
_KNOWN = {"wifi": {"name", "password"}, "address": {"address", "gateway", "dns"}}


def keyfile(text: str) -> bytes:
    """Turn the file of --network into a connection of NetworkManager's.

    The file is TOML: `[wifi]` with `name` and `password`, left out for a cable; `[address]` with `address`
    ("192.0.2.30/24"), `gateway` and `dns`, left out where the network gives them.

    Raises:
        InstallError: names what is wrong in it, never the password.
    """
    try:
        told = tomllib.loads(text)
    except ValueError as error:
        raise InstallError(f"--network is not TOML: {error}") from error
    _judge_names(told)
    wifi, address = told.get("wifi"), told.get("address")
    if wifi is None and address is None:
        raise InstallError(
            "--network has neither [wifi] nor [address]; leave it out for a cable with DHCP"
        )
    kind = "ethernet" if wifi is None else "wifi"
    lines = ["[connection]", "id=portvakt", f"type={kind}", "autoconnect-priority=10", ""]
    lines += [] if wifi is None else _wifi(wifi)
    lines += ["[ipv4]", *(["method=auto"] if address is None else _address(address))]
    lines += ["", "[ipv6]", "method=auto"]
    return ("\n".join(lines) + "\n").encode()


def _judge_names(told: dict[str, Any]) -> None:
    for name, table in told.items():
        if name not in _KNOWN or not isinstance(table, dict):
            raise InstallError(f"--network: [{name}] is not known; it has [wifi] and [address]")
        if strange := set(table) - _KNOWN[name]:
            raise InstallError(f"--network: {min(strange)} is not known in [{name}]")


def _wifi(wifi: dict[str, Any]) -> list[str]:
    name, password = wifi.get("name"), wifi.get("password")
    if not _plain(name) or not _plain(password):
        raise InstallError("--network: [wifi] needs name and password, each one line of text")
    if not _SHORTEST_PSK <= len(str(password)) <= _LONGEST_PSK:
        raise InstallError("--network: the password of a Wi-Fi has 8 to 63 signs")
    security = ["[wifi-security]", "key-mgmt=wpa-psk", f"psk={_escaped(password)}", ""]
    # Of these two only the name may be a list of bytes, whose parts stand between ";".
    ssid = _escaped(name).replace(";", "\\;")
    return ["[wifi]", "mode=infrastructure", f"ssid={ssid}", "", *security]


def _plain(word: object) -> bool:
    return isinstance(word, str) and bool(word) and word.isprintable()


def _escaped(word: object) -> str:
    # A backslash escapes; blanks at the begin would be lost (nm-settings-keyfile(5)).
    text = str(word).replace("\\", "\\\\")
    return text if text == text.strip() else text.replace(" ", "\\s")


def _address(told: dict[str, Any]) -> list[str]:
    try:
        own = ip_interface(told["address"])
        gateway = ip_address(told["gateway"])
        servers = [ip_address(one) for one in told.get("dns", [])]
    except (KeyError, ValueError, TypeError) as error:
        raise InstallError(
            '--network: [address] is address = "192.0.2.30/24", gateway = "192.0.2.1", dns = ["192.0.2.1"]'
        ) from error
    if gateway not in own.network or gateway == own.ip:
        raise InstallError(f"--network: the gateway {gateway} is not in the network of {own}")
    lines = ["method=manual", f"address1={own},{gateway}"]
    return [*lines, "dns=" + "".join(f"{one};" for one in servers)] if servers else lines
