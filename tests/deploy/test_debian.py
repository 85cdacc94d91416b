"""What a role starts and no release brings: named in one line, or brought by apt."""

import subprocess
from pathlib import Path

import pytest

from deploy.debian import bring, missing, name
from deploy.roles import ROLES
from deploy.switch.place import Place

LGPIO = "python3-lgpio"
# Stand-ins for Debian's programs: they write down what they were asked, and answer as on a machine.
APT_GET = """#!/bin/sh
echo "$*" >> /asked
case "$*" in *{breaks}*) echo "E: Unable to locate package" >&2; exit 100;; esac
"""
APT_CACHE = """#!/bin/sh
[ "$2" != {absent} ]
"""


class Machine(Place):
    """A root whose few programs run here, without chroot."""

    def run(
        self, *words: str, stdin: bytes = b"", timeout_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        inside = [str(self.path(f"/usr/bin/{one}")) if "apt-" in one else one for one in words]
        return Place(self.root, is_root=False).run(*inside)


def machine(root: Path, absent: str = "nothing", breaks: str = "nothing") -> Machine:
    folder = root / "usr/bin"
    folder.mkdir(parents=True)
    asked = root / "asked"
    for program, text in (("apt-get", APT_GET), ("apt-cache", APT_CACHE)):
        told = text.format(absent=absent, breaks=breaks).replace("/asked", str(asked))
        (folder / program).write_text(told)
        (folder / program).chmod(0o755)
    return Machine(root)


def has(place: Place, path: str) -> None:
    place.path(path).parent.mkdir(parents=True, exist_ok=True)
    place.path(path).touch()


def asked(place: Place) -> list[str]:
    file = place.path("/asked")
    return file.read_text().splitlines() if file.exists() else []


def test_a_bare_machine_lacks_what_two_roles_start_each_once(tmp_path: Path) -> None:
    found = missing(Place(tmp_path), [ROLES["post"], ROLES["sign"]])

    assert found == sorted(set(found))
    assert {"cage", "chromium", "openssh-client", "python3-lgpio", "python3-venv"} <= set(found)


def test_what_is_there_is_not_missing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for path in ("/usr/bin/ssh-keygen", "/usr/lib/python3.13/ensurepip/__init__.py"):
        has(place, path)

    assert missing(place, [ROLES["sign"]]) == [LGPIO]


def test_all_of_it_stands_in_one_line_to_paste(tmp_path: Path) -> None:
    assert name(machine(tmp_path), ["cage", LGPIO]) == [
        "programs are missing: run: apt-get install cage python3-lgpio"
    ]


def test_where_the_archive_has_no_lgpio_the_line_can_be_pasted_nevertheless(tmp_path: Path) -> None:
    """Debian has none, and apt-get would refuse the whole line."""
    line, note = name(machine(tmp_path, absent=LGPIO), ["cage", LGPIO])

    assert line == "programs are missing: run: apt-get install cage"
    assert note.startswith("lgpio is missing, which only Raspberry Pi OS has (python3-lgpio)")


def test_apt_brings_all_at_once_with_fresh_lists(tmp_path: Path) -> None:
    place = machine(tmp_path)

    assert bring(place, ["cage", LGPIO]) == []
    assert asked(place) == [
        "update -qq",
        "install -y -qq --no-install-recommends cage python3-lgpio",
    ]


def test_apt_is_not_asked_for_what_the_archive_has_not(tmp_path: Path) -> None:
    place = machine(tmp_path, absent=LGPIO)

    (note,) = bring(place, ["cage", LGPIO])

    assert note.startswith("lgpio is missing")
    assert asked(place)[-1] == "install -y -qq --no-install-recommends cage"


def test_apt_is_not_asked_for_nothing(tmp_path: Path) -> None:
    place = machine(tmp_path)

    assert bring(place, []) == []
    assert asked(place) == []


def test_what_apt_cannot_bring_is_said_with_its_own_words(tmp_path: Path) -> None:
    place = machine(tmp_path, breaks="chromium")

    (note,) = bring(place, ["cage", "chromium"])

    assert note.startswith("not installed: cage chromium (Unable to locate package): ")
    assert note.endswith("run: apt-get install cage chromium")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_names_who_tells_whose_a_release_is(role: str) -> None:
    assert ("/usr/bin/ssh-keygen", "openssh-client") in ROLES[role].programs
