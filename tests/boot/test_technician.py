"""Whoever follows docs/technician.md word for word has a working sign and post, across a bad cable."""

import re
import shutil
from dataclasses import dataclass, field

import pytest

from deploy.platforms import PLATFORMS
from deploy.roles import CHECKOUT
from tests.boot.box import Box
from tests.boot.conftest import HALL_ADDRESS, Yard
from tests.boot.hall import SIGN, Hall
from tests.boot.image import Images
from tests.boot.releases import PLATFORM
from tests.boot.said import measured, say, step
from tests.waiting import until

pytestmark = pytest.mark.boxes

PAGE = CHECKOUT / "docs" / "technician.md"
STICK = "/media/stick"
HERE = "/opt/portvakt/setup"
OUR_OWN = {
    "ADDRESS": HALL_ADDRESS,
    "STICK": STICK,
    "NAME": "hall.example",
    "STATION": "0417",
    "BAY": "2",
    "HERE": HERE,
}
_BLOCK = re.compile(r"^```sh (every|hall|sign|post)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A technician whose panel and keypad are other than usual, by the page's own command.
WIRED = {
    "sign": "panel.kind=alpha panel.bus=serial:/dev/portvakt-sign panel.width_px=96",
    "post": "keypad.kind=serial keypad.serial.port=/dev/portvakt-keypad"
    " browser.expected=false speech.on=false",
}
# `portvakt check` ends with 1 where something fails.  No box has a GPIO chip.
CHECK = "sudo portvakt check"
FAILS: dict[str, list[str]] = {
    "hall": [],
    "sign": [],
    "post": ["FAIL 62  Keys: there is no GPIO chip"],
}
PLATE = "ABC123"
OTHERS = sorted(set(PLATFORMS) - {PLATFORM})
_ARRIVED = """
import sqlite3
found = sqlite3.connect("file:/var/lib/portvakt-central/central.db?mode=ro", uri=True)
print([row[0] for row in found.execute("SELECT plate FROM arrival")])
"""
PATIENCE_S = 600


@dataclass
class Technician:
    """Types the page's lines, one shell a machine, and reads what comes."""

    boxes: dict[str, Box]
    names: dict[str, str] = field(default_factory=dict)

    def types(self, machine: str, line: str, answer: str = "") -> str:
        """One line at one machine; the names that its first line gave still hold."""
        first = "; ".join(f"{name}={value}" for name, value in self.names.items())
        here = f"cd {HERE} 2>/dev/null;"
        say(f"{machine}$ {line}")
        command = f"{first}; {here} {line}"
        if line != CHECK:
            return self.boxes[machine].run(command, PATIENCE_S, answer)
        said = self.boxes[machine].attempt(command, PATIENCE_S).stdout
        fails = [row for row in said.splitlines() if row.startswith("FAIL")]
        allowed = FAILS[machine]
        assert len(fails) == len(allowed), said
        assert all(row.startswith(start) for row, start in zip(fails, allowed, strict=True)), said
        return said


def _lines(machine: str) -> list[list[str]]:
    """The commands of the page for *machine*, a list for each block."""
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    return [text.strip().splitlines() for where, text in blocks if where == machine]


def test_the_page_gives_commands_for_each_machine() -> None:
    assert [len(_lines(machine)) for machine in ("every", "hall", "sign", "post")] == [1, 2, 1, 1]


def test_a_sign_and_a_post_work_after_the_page_was_followed(yard: Yard, images: Images) -> None:
    boxes = {"hall": yard.hall, "sign": yard.sign, "post": yard.post}
    technician = Technician(boxes)
    tar = images.releases.real()
    for box in boxes.values():
        box.run(f"mkdir -p {STICK}")
        shutil.copy(tar, box.path(STICK))
        for other in OTHERS:  # make-release makes all four; nobody takes the wrong one
            name = tar.name.replace(PLATFORM, other)
            box.path(f"{STICK}/{name}").write_bytes(b"of another machine")
        shutil.copy(images.releases.signers, box.path(f"{STICK}/release.signers"))
    (every,), (setting_up, codes) = _lines("every"), _lines("hall")
    with step("the hall box"):
        _follow(technician, "hall", [*every, *setting_up])
    code = {}
    for line in codes:
        role = "post" if "--role post" in line else "sign"
        code[role] = technician.types("hall", line).split()[0]
    for role in ("sign", "post"):
        shutil.copy(boxes["hall"].path(f"{STICK}/ca.pem"), boxes[role].path(STICK))
        with step(f"the {role}, across the bad cable"):
            _follow(technician, role, [*every, *_lines(role)[0]], code[role])
    _both_work(technician)


def _follow(technician: Technician, machine: str, lines: list[str], code: str = "") -> None:
    """Type the lines; the first gives the technician's own names in place of the page's."""
    for line in lines:
        if line.startswith("STATION="):
            given = dict(word.split("=", 1) for word in line.split())
            technician.names = {name: OUR_OWN[name] for name in given}
            continue
        answer = f"{code}\n" if "portvakt enrol" in line else ""
        if answer:
            technician.types(machine, f"sudo portvakt settings {WIRED[machine]}")
        technician.types(machine, line, answer)


def _both_work(technician: Technician) -> None:
    """The sign is heard at central, and a plate that is typed at the post stands there."""
    hall, post = technician.boxes["hall"], Hall(technician.boxes["post"])
    listed = hall.run("sudo -u portvakt-central portvakt central list")
    assert "Sign 2" in listed
    assert "Post" in listed
    Hall(technician.boxes["sign"]).wait_ready(SIGN)
    post.spells(PLATE)
    until(lambda: PLATE in _arrived(hall), 60, f"{PLATE} at central, and not {post.screen()}")
    measured("the technician's page, word for word, across the bad cable: sign and post enrolled")


def _arrived(hall: Box) -> str:
    return hall.run("sudo -u portvakt-central python3 -", stdin=_ARRIVED).replace(" ", "")
