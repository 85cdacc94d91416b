"""How far a device has come since power came: NET, ENROL, READY, and the code of what stops it.

The network is judged by what is known already.  Nothing is asked and nothing waits, so a device with no
network does its work all the same.
"""

import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from contract.problems import CODE_FOR_ANOTHER, CODE_REFUSED, NOT_ALLOWED, TOO_MANY, UNKNOWN_DEVICE
from device.fault_codes import CODES, FaultCode
from device.machine.facts import is_root_writable
from device.machine.records import read_object
from device.net_state import UNKNOWN, NetState
from device.session import CentralRefused, CentralUnreachable, CentralUnreadable, CentralUntrusted
from device.vitals import PROC

SERVER_ERROR = 500
_UPDATE = {"rolled_back": "rolled_back", "refused": "release_refused"}
_REFUSALS = {
    CODE_REFUSED.reason: "code_refused",
    TOO_MANY.reason: "too_many_tries",
    UNKNOWN_DEVICE.reason: "unknown_device",
    CODE_FOR_ANOTHER.reason: "other_kind",
    NOT_ALLOWED.reason: "other_kind",
}
_CAUSES = 12  # requests wraps a cause some times over


class Step(StrEnum):
    """What a sign shows meanwhile."""

    NET = "NET"
    ENROL = "ENROL"
    READY = "READY"


@dataclass(frozen=True, slots=True)
class Story:
    """Where a device stands; `fault` names what keeps it there."""

    step: Step
    fault: FaultCode | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """What a device knows of its way to central.

    `answered`: central has answered, and `trouble` is the error that came after, if any.  `enrolled`: we
    have a token; `has_code`: or a code that is still to be tried; `refused`: why central refused the one
    that is there.  `net` is asked only where a network is needed.
    """

    enrolled: bool
    has_code: bool = True
    refused: str = ""
    answered: bool = False
    trouble: Exception | None = None
    net: NetState = UNKNOWN


def story(contact: Contact) -> Story:
    """Say how far the device has come."""
    if contact.answered and contact.trouble is None and contact.enrolled:
        return Story(Step.READY)
    word = refusal_word(contact.trouble)
    if not word and not contact.enrolled:
        word = _REFUSALS.get(contact.refused, "")
    if word:
        return Story(Step.ENROL, CODES[word])
    if not contact.enrolled and not contact.has_code:
        return Story(Step.ENROL, CODES["no_code"])
    if contact.trouble is None:
        return Story(Step.NET, _cable(contact.net))
    return Story(Step.NET, _cable(contact.net) or CODES[network_word(contact.trouble)])


def beside_work(last: Path, *, settings_fault: bool, proc: Path = PROC) -> FaultCode | None:
    """Name what is wrong though the device works; *last* is what the updater did last.

    *settings_fault* says that the settings file was refused and the last good one is in force.
    """
    if not is_root_writable(proc):
        return CODES["read_only"]
    if settings_fault:
        return CODES["settings"]
    update = _UPDATE.get(str(read_object(last).get("phase")))
    return CODES[update] if update else None


def refusal_word(trouble: Exception | None) -> str:
    """Name a no of central to us; empty when it is about something else."""
    if not isinstance(trouble, CentralRefused):
        return ""
    return _REFUSALS.get(trouble.reason, "")


def network_word(trouble: Exception) -> str:
    """Name what is wrong between central and us, by the error that was met."""
    if isinstance(trouble, CentralRefused):
        # A 4xx without a reason was written by somebody in between.
        ours = trouble.status >= SERVER_ERROR or trouble.reason
        return "central_fails" if ours else "not_central"
    if isinstance(trouble, CentralUntrusted):
        return "not_trusted"
    if isinstance(trouble, CentralUnreadable):
        return "not_central"
    if isinstance(trouble, CentralUnreachable) and _is_name_unknown(trouble):
        return "no_name"
    return "no_answer"


def _cable(net: NetState) -> FaultCode | None:
    if net.link is False:
        return CODES["no_link"]
    return CODES["no_address"] if net.address is False else None


def _is_name_unknown(error: BaseException | None) -> bool:
    for _ in range(_CAUSES):
        if error is None or isinstance(error, socket.gaierror):
            break
        error = error.__cause__ or error.__context__
    return isinstance(error, socket.gaierror)
