"""What a provider's claim says somebody may do here: values such as `portvakt:staff@hall`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from central.oidc.refusals import OidcRefused, Why
from central.people.person import EVERYWHERE, OFFICE, ROLES

_VALUE = re.compile(r"portvakt:([a-z]+)@(\*|[A-Za-z0-9_-]{1,64})")
_VALUES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at stations."""

    role: str
    stations: frozenset[str]


def granted(
    claims: Mapping[str, Any], name: str, stations: Collection[str], *, every_station: bool
) -> Grant:
    """Read the claim *name*; what it says that we do not know is passed over.

    `*` counts for the office alone, and only with *every_station*.

    Raises:
        OidcRefused: `no_role` when nothing is left, or when two roles are: nobody has two here.
    """
    found = {
        (match[1], match[2])
        for value in _values(claims, name)
        if (match := _VALUE.fullmatch(value)) and match[1] in ROLES
    }
    kept = {
        (role, station)
        for role, station in found
        if station in stations or (every_station and (role, station) == (OFFICE, EVERYWHERE))
    }
    roles = {role for role, _ in kept}
    if len(roles) != 1:
        raise OidcRefused(Why.NO_ROLE, "no role" if not roles else "two roles")
    return Grant(roles.pop(), frozenset(station for _, station in kept))


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """The claim's texts; one text alone is a list of it."""
    found = _claim(claims, name)
    many = found if isinstance(found, list) else [found]
    return [value for value in many[:_VALUES_MAX] if isinstance(value, str)]


def _claim(claims: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    """A claim by its whole name, or else by a path such as `realm_access.roles` (Keycloak's)."""
    if name in claims:
        return claims[name]
    here: Any = claims
    for step in name.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here
