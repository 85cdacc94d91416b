"""`portvakt check`, as a technician types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from device.check import Question, Roots, Verdict, answered, note, ok
from portvakt.check_command import central_options, role_of, to_central
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
    assert f"OK Settings: {sign_toml} can be read." in " ".join(answer.stdout.split())
    assert any(line.startswith("FAULT  Central: no answer from") for line in said)
    assert "mend the first one first." in said[-1]
    assert all(len(line) < 80 for line in said if str(sign_toml.parent) not in line)


def test_a_script_gets_the_same_as_json(sign_toml: Path) -> None:
    answer = check("--config", sign_toml, "--json")
    assert 1 == answer.exit_code
    said = json.loads(answer.stdout)
    assert ("sign", False) == (said["role"], said["ok"])
    names = [row["name"] for row in said["answers"]]
    around = ["Panel", "Speed", "Plates", "Pages", "Light", "Current", "Timer"]
    machine = ["Disk", "Certificate", "Central", "Enrolment", "Clock", "Power"]
    assert ["Settings", *around, *machine, "Dots"] == names
    central = said["answers"][names.index("Central")]
    assert ("FAULT", True) == (central["verdict"], bool(central["todo"]))


def test_a_device_without_a_fault_ends_with_status_0(
    monkeypatch: pytest.MonkeyPatch, sign_toml: Path
) -> None:
    asked = [Question("Clock", lambda: ok("it is set.")), Question("Power", lambda: note("warm."))]
    monkeypatch.setattr("portvakt.check_command.questions", lambda *_: asked)
    answer = check("--config", sign_toml)
    assert 0 == answer.exit_code
    assert (
        "OK     Clock: it is set.\nNOTE   Power: warm.\nNo fault in 2 questions.\n" == answer.stdout
    )
    assert json.loads(check("--config", sign_toml, "--json").stdout)["ok"] is True


def test_a_sign_without_its_bus_is_a_fault(sign_toml: Path, tmp_path: Path) -> None:
    sign_toml.write_text(sign_toml.read_text().replace("emulator", "max7219"))
    asked = {one.name: one for one in questions(sign_toml, roots=Roots(dev=tmp_path))}
    ((_, gone),) = answered([asked["Panel"]])
    assert (Verdict.FAULT, f"there is no SPI bus {tmp_path}/spidev0.0.") == (
        gone.verdict,
        gone.sentence,
    )
    (tmp_path / "spidev0.0").touch()
    ((_, there),) = answered([asked["Panel"]])
    assert Verdict.OK is there.verdict


def test_faulty_settings_of_a_sign_are_a_fault_and_the_machine_is_asked_all_the_same(
    sign_toml: Path,
) -> None:
    sign_toml.write_text("[panel]\nmodules = 99\n")
    said = json.loads(check("--config", sign_toml, "--json").stdout)
    assert ["Settings", "Clock", "Power"] == [row["name"] for row in said["answers"]]
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
    assert ["Settings", "Central", "Disk", "Clock", "Power"] == list(found)
    assert Verdict.FAULT is found["Central"].verdict
    assert Verdict.OK is found["Settings"].verdict
    assert str(tmp_path) in found["Disk"].sentence
    config.unlink()
    assert Verdict.FAULT is dict(answered(to_central(config)))["Settings"].verdict
