"""The questions that every post and sign is asked, in the order in which faults follow from each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from contract.wire import Role
from device.central_settings import CentralPlace, WithCentral
from device.check import Answer, Question, Roots, fault
from device.check_central import MakeSession, Own, central_questions
from device.check_machine import machine_questions
from device.check_network import network_answer
from device.check_release import ReleasePlace, card_answer, release_answer
from device.clock import Clock, SystemClock
from device.settings import SettingsError, load


class _WithIdentity(Protocol):
    @property
    def token_file(self) -> Path: ...
    @property
    def code_file(self) -> Path | None: ...


class DeviceSettings(WithCentral, Protocol):
    """The settings of any device."""

    @property
    def identity(self) -> _WithIdentity:
        """Where its token and its one-time code are."""


S = TypeVar("S", bound=DeviceSettings)


@dataclass(frozen=True, slots=True)
class Around:
    """What a device stands in: its clock, its kernel, its network; a test gives its own."""

    clock: Clock = field(default_factory=SystemClock)
    roots: Roots = field(default_factory=Roots)
    make_session: MakeSession | None = None
    network: Callable[[str, Path], Answer] = network_answer
    release: ReleasePlace = field(default_factory=ReleasePlace)


@dataclass(frozen=True, slots=True)
class Parts(Generic[S]):
    """What one role adds: what is asked of its settings, its main part, and details of the others.

    `folder` is where it keeps what it must not lose.
    """

    role: Role
    folder: Callable[[S], Path]
    settings: Callable[[Path, S], Answer]
    main: Callable[[S, Around], Question]
    details: Callable[[S, Around], Iterable[Question]]


def device_questions(
    config: Path, kind: type[S], parts: Parts[S], around: Around
) -> list[Question]:
    """All that can be asked with these settings; with faulty ones only what needs none."""
    last = [
        Question("Release", partial(release_answer, around.release)),
        Question("Card", partial(card_answer, around.release), detail=True),
    ]
    try:
        settings = load(config, kind)
    except SettingsError as error:
        refused = Question("Settings", partial(_refused, error))
        return [refused, *machine_questions(around.clock, around.roots), *last]
    return [
        Question("Settings", partial(parts.settings, config, settings)),
        *machine_questions(around.clock, around.roots, parts.folder(settings)),
        *_ways_to_central(settings, parts.role, around),
        parts.main(settings, around),
        *last,
        *(replace(one, detail=True) for one in parts.details(settings, around)),
    ]


def _ways_to_central(settings: DeviceSettings, role: Role, around: Around) -> list[Question]:
    central: CentralPlace = settings.central
    own = Own(role, settings.identity.token_file, settings.identity.code_file)
    return [
        Question("Network", partial(around.network, central.url, around.roots.sys)),
        *central_questions(central, own, around.clock, around.make_session),
    ]


def _refused(error: SettingsError) -> Answer:
    return fault(str(error), "Correct the file; until then the last good settings stay in force.")
