"""A hall box from nothing: certificates, proxy, options; what a person has made stays."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from central.box import certificates, proxies
from central.box.certificates import CA, CA_KEY, LEAF, LEAF_KEY
from central.box.place import FOR_ALL, BoxRefused, Place, write

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_MOST = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How browsers and devices reach this box, and by which proxy."""

    name: str
    address: str
    proxy: str

    def checked(self) -> "Asked":
        """The same, in the form that is kept.

        Raises:
            BoxRefused: a word of it is none that a certificate can hold.
        """
        name = self.name.lower()
        if _HOST.fullmatch(name) is None or len(name) > _MOST:
            raise BoxRefused(f'"{self.name}" is no host name; write it like hall.example.com.')
        try:
            address = ip_address(self.address)
        except ValueError as error:
            raise BoxRefused(
                f'"{self.address}" is no address; write it like 192.0.2.20.'
            ) from error
        return Asked(name=name, address=str(address), proxy=self.proxy)


def set_up(
    place: Place, asked: Asked, now: datetime, find: Callable[[str], str | None] | None = None
) -> list[str]:
    """Set the box up, or once more; what is right already stays; give what a person should know.

    Raises:
        BoxRefused: a program is missing, or the box has certificates for another name.
    """
    asked = asked.checked()
    proxy = proxies.chosen(asked.proxy) if find is None else proxies.chosen(asked.proxy, find)
    notes = make_certificates(place, asked.name, asked.address, now)
    place.remember(name=asked.name, address=asked.address, proxy=asked.proxy)
    notes += proxies.put_in_front(place, proxy, asked.name, asked.address)
    proxies.say_so_to_central(place)
    return notes


def make_certificates(place: Place, name: str, address: str, now: datetime) -> list[str]:
    """Make what is missing of CA and certificate; a certificate of somebody else's making stays."""
    leaf = place.tls / LEAF
    is_ours = (place.ca / CA_KEY).exists() and (place.ca / CA).exists()
    if leaf.exists() and not is_ours:
        return [f"{leaf} is not of this box's own CA and stays; you renew it"]
    if not is_ours:
        certificates.make_ca(place, name, address, now)
    _check_names(place, name, address)
    if not leaf.exists() or not (place.tls / LEAF_KEY).exists():
        certificates.make_leaf(place, name, address, now)
    write(place.ca_for_devices, (place.ca / CA).read_bytes(), FOR_ALL)
    days = certificates.days_left(leaf, now)
    goes = f"TLS: {place.ca_for_devices} goes to every post, sign and browser"
    return [f"{goes}; the certificate holds for {days} days and is renewed by itself"]


def renew(place: Place, now: datetime) -> bool:
    """Make the certificate anew when it ends within two months; whether that was done.

    Raises:
        BoxRefused: this box has none of its own, or its clock stands before its CA.
    """
    facts, leaf = place.told(), place.tls / LEAF
    if not (place.ca / CA_KEY).exists() or not leaf.exists() or "name" not in facts:
        return False
    if certificates.days_left(leaf, now) >= certificates.RENEW_DAYS:
        return False
    certificates.make_leaf(place, facts["name"], facts["address"], now)
    return True


def _check_names(place: Place, name: str, address: str) -> None:
    """A CA is good for one name and one address; another would be refused by every device."""
    told = place.told()
    if not told or (told.get("name", name), told.get("address", address)) == (name, address):
        return
    raise BoxRefused(
        f"The CA of this box is for {told['name']} and {told['address']}, and devices trust no other: give"
        f" those, or move {place.ca} and {place.tls} away, give this again, and bring the new"
        f" {place.ca_for_devices.name} to every device."
    )
