"""`portvakt check`, as a technician types it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from device.check import Question, Roots, Verdict, answer, answered, note, ok
from device.check_device import Around
from portvakt.check_central import backup_answer, central_options, to_central
from portvakt.check_command import chosen, role_of
from portvakt.cli import main
from signage.check import questions

SIGN = """
[central]
url = "http://127.0.0.1:9"
station = "pitea"
[identity]
token_file = "{folder}/token.json"
[panel]
kind = "emulator"
"""


@pytest.fixture
def sign_toml(tmp_path: Path) -> Path:
    path = tmp_path / "sign.toml"
    path.write_text(SIGN.format(folder=tmp_path))
    return path


def check(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, words)])


def test_a_device_with_a_fault_ends_with_status_1_and_says_what_to_do(sign_toml: Path) -> None:
    """Port 9 is closed, so central is away and the token is missing."""
    answer = check("--config", sign_toml)
    assert 1 == answer.exit_code
    said = answer.stdout.splitlines()
    assert f"PASS Settings: {sign_toml} can be read." in " ".join(answer.stdout.split())
    assert any(line.startswith("FAIL 24  Central: no answer from") for line in said)
    assert "Mend the first one first" in said[-1]
    assert all(len(line) < 80 for line in said if str(sign_toml.parent) not in line)


def test_a_script_gets_the_same_as_json(sign_toml: Path) -> None:
    answer = check("--config", sign_toml, "--json")
    assert 1 == answer.exit_code
    said = json.loads(answer.stdout)
    assert (["sign"], False) == (said["roles"], said["ok"])
    names = [row["name"] for row in said["answers"]]
    machine = ["Settings", "Power", "Clock", "Disk", "Watchdog"]
    ways = ["Network", "Certificate", "Central", "Enrolment", "Panel", "Release"]
    details = ["Card", "Speed", "Plates", "Pages", "Light", "Current", "Timer", "Dots"]
    assert [*machine, *ways, *details] == names
    central = said["answers"][names.index("Central")]
    assert ("FAIL", "24", True) == (central["verdict"], central["code"], bool(central["todo"]))


def test_a_device_without_a_fault_ends_with_status_0(
    monkeypatch: pytest.MonkeyPatch, sign_toml: Path
) -> None:
    asked = [Question("Clock", lambda: ok("it is set.")), Question("Power", lambda: note("warm."))]
    monkeypatch.setattr("portvakt.check_command.questions", lambda *_: asked)
    answer = check("--config", sign_toml)
    assert 0 == answer.exit_code
    assert (
        "PASS     Clock: it is set.\nLOOK     Power: warm.\nNothing of 2 fails. 1 to LOOK at.\n"
        == answer.stdout
    )
    assert json.loads(check("--config", sign_toml, "--json").stdout)["ok"] is True


def test_a_sign_without_its_bus_is_a_fault(sign_toml: Path, tmp_path: Path) -> None:
    sign_toml.write_text(sign_toml.read_text().replace("emulator", "max7219"))
    asked = {one.name: one for one in questions(sign_toml, Around(roots=Roots(dev=tmp_path)))}
    ((_, gone),) = answered([asked["Panel"]])
    assert (Verdict.FAIL, f"there is no SPI bus {tmp_path}/spidev0.0.") == (
        gone.verdict,
        gone.sentence,
    )
    (tmp_path / "spidev0.0").touch()
    ((_, there),) = answered([asked["Panel"]])
    assert Verdict.PASS is there.verdict


def test_faulty_settings_of_a_sign_are_a_fault_and_the_machine_is_asked_all_the_same(
    sign_toml: Path,
) -> None:
    sign_toml.write_text("[panel]\nmodules = 99\n")
    said = json.loads(check("--config", sign_toml, "--json").stdout)
    assert ["Settings", "Power", "Clock", "Watchdog", "Release", "Card"] == [
        row["name"] for row in said["answers"]
    ]
    assert "panel.modules" in said["answers"][0]["sentence"]


@pytest.mark.parametrize(
    ("name", "text", "role"),
    [
        ("post.toml", "[keypad]\n", "post"),
        ("door.toml", "[panel]\n", "sign"),
        ("sign.toml", "not TOML", "sign"),
        ("post.toml", "not TOML", "post"),
        ("central.env", "", "central"),
    ],
)
def test_the_file_says_which_role_it_is_for(
    tmp_path: Path, name: str, text: str, role: str
) -> None:
    (tmp_path / name).write_text(text)
    assert role == role_of(tmp_path / name)
    assert role_of(tmp_path / "sign-that-is-not-there.toml") == "sign"


@pytest.mark.parametrize(
    ("text", "port", "data"),
    [
        ("", "8081", "/var/lib/portvakt-central"),
        ('PORTVAKT_CENTRAL_OPTIONS="--port 9000"', "9000", "/var/lib/portvakt-central"),
        ("PORTVAKT_CENTRAL_OPTIONS='--port=9000 --data=/srv/pv'", "9000", "/srv/pv"),
        ("OTHER=--port 9000", "8081", "/var/lib/portvakt-central"),
    ],
)
def test_centrals_options_are_read_as_the_unit_reads_them(
    tmp_path: Path, text: str, port: str, data: str
) -> None:
    config = tmp_path / "central.env"
    config.write_text(f"# options\n{text}\n")
    assert {"--port": port, "--data": data} == dict(central_options(config))


def test_centrals_machine_is_asked_what_is_cheap(tmp_path: Path) -> None:
    config = tmp_path / "central.env"
    config.write_text(f'PORTVAKT_CENTRAL_OPTIONS="--port 9 --data {tmp_path}"')
    found = dict(answered(to_central(config, Roots(sys=tmp_path))))
    machine = ["Settings", "Power", "Clock", "Disk", "Watchdog"]
    assert [*machine, "Network", "Central", "Backup"] == list(found)[:8]
    assert list(found)[-1] == "Release"
    assert Verdict.FAIL is found["Central"].verdict
    assert Verdict.PASS is found["Settings"].verdict
    assert str(tmp_path) in found["Disk"].sentence
    config.unlink()
    assert Verdict.FAIL is dict(answered(to_central(config)))["Settings"].verdict


# -- what is here ------------------------------------------------------------------------------


def test_an_unclosed_quote_in_centrals_options_is_a_fault(tmp_path: Path) -> None:
    config = tmp_path / "central.env"
    config.write_text('# it\'s "ours"\nPORTVAKT_CENTRAL_OPTIONS="--port 8081\n')
    question = to_central(config)[0]
    told = answer(question)
    assert (Verdict.FAIL, "Settings") == (told.verdict, question.name)
    assert "line 2: the quote behind PORTVAKT_CENTRAL_OPTIONS= is not closed" in told.sentence
    config.write_text('# it\'s "ours"\nPORTVAKT_CENTRAL_OPTIONS="--port 8081"\n')
    assert answer(question).verdict is Verdict.PASS


def test_without_settings_every_role_that_is_here_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("portvakt.own_settings.ETC", tmp_path)
    for name in ("post.toml", "central.env"):
        (tmp_path / name).touch()
    monkeypatch.setattr("portvakt.own_settings.roles", lambda: ["post", "central"])
    assert [("post", tmp_path / "post.toml"), ("central", tmp_path / "central.env")] == chosen(
        None, None
    )
    assert [("sign", tmp_path / "sign.toml")] == chosen(None, "sign")


def test_a_machine_with_no_role_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portvakt.own_settings.roles", list)
    monkeypatch.setattr("portvakt.check_command.roles_here", list)
    answer = check()
    assert answer.exit_code == 2
    assert answer.stderr.startswith("portvakt: no post, sign or central is installed here; run:")


def test_a_machine_whose_settings_are_lost_is_known_by_its_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portvakt.own_settings.roles", list)
    monkeypatch.setattr("portvakt.check_command.roles_here", lambda: ["sign"])
    assert ["sign"] == [role for role, _ in chosen(None, None)]


def test_what_two_roles_share_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = [Question("Clock", lambda: ok("set.")), Question("Disk", lambda: ok("fine."))]
    monkeypatch.setattr("portvakt.check_command.questions", lambda *_: asked)
    both = [("post", tmp_path), ("sign", tmp_path)]
    monkeypatch.setattr("portvakt.check_command.chosen", lambda *_: both)
    names = [row["name"] for row in json.loads(check("--json").stdout)["answers"]]
    assert ["Clock", "Disk", "Disk"] == names


def test_details_that_are_well_are_for_who_asks(
    monkeypatch: pytest.MonkeyPatch, sign_toml: Path
) -> None:
    asked = [
        Question("Clock", lambda: ok("it is set.")),
        Question("Pages", lambda: ok("can be drawn."), detail=True),
        Question("Timer", lambda: note("none is set.", "Build it."), detail=True),
    ]
    monkeypatch.setattr("portvakt.check_command.questions", lambda *_: asked)
    brief = check("--config", sign_toml).stdout
    assert "Pages" not in brief
    assert "LOOK     Timer: none is set." in brief
    assert "PASS     Pages: can be drawn." in check("--config", sign_toml, "--all").stdout
    assert "Nothing of 3 fails." in brief


# -- the backup of a hall box ------------------------------------------------------------------


def now() -> datetime:
    return datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def a_backup(folder: Path, hours: float, content: bytes = b"x") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "2026-11-22.pvb"
    path.write_bytes(content)
    stamp = now().timestamp() - hours * 3600
    os.utime(path, (stamp, stamp))
    return path


def test_last_nights_backup_is_well(tmp_path: Path) -> None:
    a_backup(tmp_path / "backups", 5)
    answer = backup_answer(tmp_path / "backups", now)
    assert Verdict.PASS is answer.verdict
    assert answer.sentence.startswith("2026-11-22.pvb is 5 h old, 1 in all")


@pytest.mark.parametrize(
    ("hours", "content", "says"), [(31, b"x", "is 31 h old"), (5, b"", "is empty")]
)
def test_a_backup_that_is_old_or_empty_fails(
    tmp_path: Path, hours: float, content: bytes, says: str
) -> None:
    a_backup(tmp_path / "backups", hours, content)
    answer = backup_answer(tmp_path / "backups", now)
    assert Verdict.FAIL is answer.verdict
    assert says in answer.sentence
    assert "portvakt central backup" in answer.todo


def test_a_box_that_was_never_backed_up_fails(tmp_path: Path) -> None:
    assert Verdict.FAIL is backup_answer(tmp_path / "backups", now).verdict


def test_a_backup_of_a_clock_that_was_wrong_is_to_be_looked_at(tmp_path: Path) -> None:
    a_backup(tmp_path / "backups", -50)
    assert Verdict.LOOK is backup_answer(tmp_path / "backups", now).verdict
