"""Who somebody is, and what they may do to the account of somebody else: values and pure decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from central.words import Actor

# Every station, and those that are yet to come; for people of the office only.
EVERYWHERE = "*"
OFFICE = "office"
# Whom somebody makes, and whose accounts they change: nobody makes more of somebody than they are.
GRANTS: Mapping[str, frozenset[str]] = {
    "staff": frozenset(),
    "technician": frozenset(),
    "manager": frozenset({"staff", "manager"}),
    OFFICE: frozenset({"staff", "technician", "manager", OFFICE}),
}
ROLES = frozenset(GRANTS)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, and the stations that they work at; `*` is every one."""

    id: str
    name: str
    role: str
    stations: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The person as the one who does something."""
        return Actor("staff", self.id, self.name)

    def works_at(self, station: str) -> bool:
        """Whether *station* is theirs."""
        return station in self.stations or EVERYWHERE in self.stations


def why_not_change(who: Person, whom: Person) -> str:
    """Say why *who* may not touch the account of *whom*, in a sentence; empty when they may.

    One's own account is nobody's to change: a stolen session must not become a new password.
    """
    if who.id == whom.id:
        return "This is your own account; ask somebody else, or change your password."
    if whom.role not in GRANTS.get(who.role, frozenset()):
        return f"As {who.role} you may not change somebody who is {whom.role}."
    if not _has_all(who, whom.stations):
        return f"{whom.name} works at stations that are not yours."
    return ""


def why_not_grant(who: Person, role: str, stations: Iterable[str]) -> str:
    """Say why *who* may not let somebody be *role* at *stations*, in a sentence; empty when they may."""
    if role not in ROLES:
        return f"There is no role {role}; choose {', '.join(sorted(ROLES))}."
    if role not in GRANTS.get(who.role, frozenset()):
        return f"As {who.role} you may not make somebody {role}."
    if not _has_all(who, stations):
        return "You may give nobody a station that is not yours."
    return ""


def why_not_be(role: str, stations: Iterable[str]) -> str:
    """Say why nobody can be *role* at *stations*, whoever asks for it; empty when they can."""
    if role not in ROLES:
        return f"There is no role {role}; choose {', '.join(sorted(ROLES))}."
    if EVERYWHERE in stations and role != OFFICE:
        return "Only somebody of the office works at every station; name the stations."
    return ""


def _has_all(who: Person, stations: Iterable[str]) -> bool:
    return all(EVERYWHERE in who.stations or station in who.stations for station in stations)
