"""`portvakt enrol` and `portvakt settings`, as a technician types them: no editor is opened."""

import shutil
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result

from contract.wire import Role
from device.brought_code import BroughtCode
from device.central_settings import CentralPlace
from device.identity import Identity, save_identity
from device.refused_code import RefusedCode
from device.settings import load
from kiosk.settings import PostSettings
from portvakt import enrol_command
from portvakt.cli import main
from signage.settings import SignSettings
from tests.deploy.places import CHECKOUT
from tests.fakes.disks import set_read_only, tmpfs

URL, CODE = "https://hall.example", "K7QF-93TM"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """The settings of a sign, as they were installed, with its state in a folder of ours."""
    folder = tmp_path / "etc"
    folder.mkdir()
    text = (CHECKOUT / "deploy/settings/sign.toml").read_text()
    text = text.replace("/var/lib/portvakt-sign", str(tmp_path / "state"))
    (folder / "sign.toml").write_text(
        text.replace("/etc/portvakt/enrol-code", f"{folder}/enrol-code")
    )
    return folder


@pytest.fixture(autouse=True)
def restarted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The services that would have been restarted; none is on the machine of the tests."""
    found: list[str] = []

    def restart(role: str) -> bool:
        found.append(role)
        return True

    monkeypatch.setattr(enrol_command, "_restart", restart)
    return found


def typed(*words: str | Path, keys: str = "") -> Result:
    return CliRunner().invoke(main, list(map(str, words)), input=keys)


def settings_of(etc: Path) -> SignSettings:
    return load(etc / "sign.toml", SignSettings)


def comes_to_know(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Central takes the code while the command waits."""
    token = settings_of(etc).identity.token_file

    def later(_: float) -> None:
        save_identity(Identity("sign-1", "pv_new", "0417", Role.SIGN, "Sign 1", "2"), token)

    monkeypatch.setattr(enrol_command, "pause", later)


def test_questions_at_the_device_make_a_sign_known(
    etc: Path, restarted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_to_know(etc, monkeypatch)
    answer = typed("enrol", "--etc", etc, keys=f"{URL}/\n0417\n k7qf 93tm\n")
    assert answer.exit_code == 0, answer.output
    assert "Enrolled: central knows this device. Now: sudo portvakt check" in answer.output
    assert (URL, "0417") == (settings_of(etc).central.url, settings_of(etc).central.station)
    assert f"{CODE}\n" == (etc / "enrol-code").read_text()
    assert 0o640 == (etc / "enrol-code").stat().st_mode & 0o777
    assert ["sign"] == restarted
    assert CODE not in answer.output
    assert "93tm" not in answer.output.lower(), "a code does not show"


def test_words_may_be_given_instead_and_the_code_by_a_file(
    etc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_to_know(etc, monkeypatch)
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(ca)
    words = ("--url", URL, "--station", "0417", "--ca", ca, "--code-file", "-", "--etc", etc)
    answer = typed("enrol", *words, keys=f"{CODE}   for Sign 2; it works once, within 48 hours.\n")
    assert answer.exit_code == 0, answer.output
    assert etc / "central-ca.pem" == settings_of(etc).central.ca_file
    assert ca.read_bytes() == (etc / "central-ca.pem").read_bytes()


def test_an_address_that_a_device_may_not_use_is_asked_for_again(
    etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_to_know(etc, monkeypatch)
    answer = typed("enrol", "--etc", etc, keys=f"http://hall.example\n{URL}\n0417\nshort\n{CODE}\n")
    assert "It must begin with https://" in answer.output
    assert "A code has eight signs, like K7QF-93TM." in answer.output
    assert answer.exit_code == 0


@pytest.mark.parametrize("wrong", ["K7QF-93T0", "K7QF-93T1", "K7QF-93TI", "k7qf93to"])
def test_a_code_with_a_sign_that_no_code_has_spends_no_try(
    etc: Path, restarted: list[str], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    comes_to_know(etc, monkeypatch)
    keys = f"{wrong}\n{CODE}\n"
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys=keys)
    assert "A code never has 0, 1, I or O in it" in answer.output
    assert answer.exit_code == 0
    assert f"{CODE}\n" == (etc / "enrol-code").read_text()
    assert ["sign"] == restarted, "central was asked once"


@pytest.mark.parametrize("wrong", ["http://hall.example", "hall.example"])
def test_an_address_is_judged_before_a_code_is_asked_for(
    etc: Path, restarted: list[str], wrong: str
) -> None:
    answer = typed("enrol", "--url", wrong, "--station", "0417", "--etc", etc, keys=f"{CODE}\n")
    assert answer.exit_code == 2
    assert "--url" in answer.stderr
    assert "one-time code" not in answer.output.lower()
    assert [] == restarted
    assert not (etc / "enrol-code").exists()


def test_who_has_a_token_already_may_tell_it_another_address_without_a_code(
    etc: Path, restarted: list[str]
) -> None:
    token = settings_of(etc).identity.token_file
    save_identity(Identity("sign-1", "pv_old", "0417", Role.SIGN, "Sign 1", "2"), token)
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys="\n")
    assert answer.exit_code == 0, answer.output
    assert URL == settings_of(etc).central.url
    assert "It keeps the token that it has. Now: sudo portvakt check" in answer.stdout
    assert not (etc / "enrol-code").exists()
    assert ["sign"] == restarted


def test_the_code_by_which_it_was_enrolled_is_waited_for_no_second_time(etc: Path) -> None:
    token = settings_of(etc).identity.token_file
    save_identity(Identity("sign-1", "pv_old", "0417", Role.SIGN, "Sign 1", "2"), token)
    BroughtCode(etc / "enrol-code", token, CentralPlace(URL, "0417")).used(CODE)
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys=f"{CODE}\n")
    assert answer.exit_code == 0, answer.output
    assert "It keeps the token that it has." in answer.output


def test_a_script_without_a_code_is_told_so_and_changes_nothing(etc: Path) -> None:
    before = (etc / "sign.toml").read_bytes()
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc)
    assert answer.exit_code == 2
    assert "that is no one-time code" in answer.stderr
    assert before == (etc / "sign.toml").read_bytes()


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("code_refused", "it was mistyped, used or too old."),
        ("code_for_another", "it is for another kind of machine."),
    ],
)
def test_a_code_that_central_refuses_is_said_at_once(
    etc: Path, monkeypatch: pytest.MonkeyPatch, reason: str, why: str
) -> None:
    token = settings_of(etc).identity.token_file
    refused = RefusedCode(token, CentralPlace(URL, "0417"))
    monkeypatch.setattr(enrol_command, "pause", lambda _: refused.note(CODE, reason))
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys=f"{CODE}\n")
    assert answer.exit_code == 1
    assert f"Central refused the code K7QF-.... : {why}" in answer.stderr
    assert "93TM" not in answer.output


@pytest.mark.parametrize(
    ("seconds", "wait"), [(40, "wait 1 minute,"), (61, "wait 2 minutes,"), (0, "wait 15 minutes,")]
)
def test_too_many_tries_are_said_at_once_with_how_long_to_wait_and_what_of_the_code(
    etc: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, wait: str
) -> None:
    refused = RefusedCode(settings_of(etc).identity.token_file, CentralPlace(URL, "0417"))
    refused.note_wait(CODE, 3_600)  # of an earlier try, which says nothing of this one
    refused = RefusedCode(settings_of(etc).identity.token_file, CentralPlace(URL, "0417"))
    monkeypatch.setattr(enrol_command, "pause", lambda _: refused.note_wait(CODE, seconds))
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys=f"{CODE}\n")
    assert answer.exit_code == 1
    assert f"E 34: central was asked with too many codes that do not work: {wait}" in answer.stderr
    assert "this device goes on trying K7QF-.... by itself" in answer.stderr
    assert "a code that was still good is good then" in answer.stderr
    assert "93TM" not in answer.output


def test_a_central_that_does_not_answer_is_waited_for_and_said(
    etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(0, 10_000, 20))
    monkeypatch.setattr(enrol_command, "now_s", lambda: next(now))
    monkeypatch.setattr(enrol_command, "pause", lambda _: None)
    answer = typed("enrol", "--url", URL, "--station", "0417", "--etc", etc, keys=f"{CODE}\n")
    assert answer.exit_code == 1
    assert f"No token from {URL} in 120 s: it does not answer" in answer.stderr
    assert "It goes on trying" in answer.stderr


def test_a_ca_that_is_none_changes_nothing(etc: Path, tmp_path: Path, restarted: list[str]) -> None:
    before = (etc / "sign.toml").read_bytes()
    (tmp_path / "ca.pem").write_text("no certificate\n")
    words = ("--url", URL, "--station", "0417", "--ca", tmp_path / "ca.pem", "--etc", etc)
    answer = typed("enrol", *words, keys=f"{CODE}\n")
    assert answer.exit_code == 2
    assert before == (etc / "sign.toml").read_bytes()
    assert not (etc / "enrol-code").exists()
    assert [] == restarted


def test_a_post_may_ask_for_its_code_on_its_own_keys(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "deploy/settings/post.toml", tmp_path / "post.toml")
    answer = typed("enrol", "--url", URL, "--station", "0417", "--no-code", "--etc", tmp_path)
    assert answer.exit_code == 0
    assert "on the keys of this post" in answer.stdout
    assert URL == load(tmp_path / "post.toml", PostSettings).central.url


def test_a_sign_has_no_keys(etc: Path) -> None:
    answer = typed("enrol", "--url", URL, "--station", "0417", "--no-code", "--etc", etc)
    assert answer.exit_code == 2
    assert "it needs a code" in answer.stderr


def test_a_machine_without_a_device_says_what_to_do(tmp_path: Path) -> None:
    answer = typed("enrol", "--etc", tmp_path)
    assert (
        2,
        "portvakt: no post or sign is installed here; run: sudo ./install --role post (or sign)\n",
    ) == (
        answer.exit_code,
        answer.stderr,
    )


# -- settings ----------------------------------------------------------------------------------


def test_the_settings_are_shown(etc: Path) -> None:
    answer = typed("settings", "--etc", etc)
    assert answer.exit_code == 0
    assert "modules = 6" in answer.stdout


def test_a_setting_is_changed_without_an_editor(etc: Path) -> None:
    answer = typed(
        "settings", "--etc", etc, "panel.modules=5", "central.station=0417", "panel.order=right"
    )
    assert answer.exit_code == 0, answer.output
    assert "Then: sudo systemctl restart portvakt-sign" in answer.stdout
    settings = settings_of(etc)
    assert (5, "0417", "right") == (
        settings.panel.modules,
        settings.central.station,
        settings.panel.order,
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("panel.modules=99", "panel.modules = 99"),
        ("panel.modles=5", "did you mean modules?"),
        ("panel.modules", "is no change"),
    ],
)
def test_a_change_that_the_sign_could_not_use_changes_nothing(
    etc: Path, change: str, says: str
) -> None:
    before = (etc / "sign.toml").read_bytes()
    answer = typed("settings", "--etc", etc, change)
    assert answer.exit_code == 2
    assert says in answer.stderr
    assert before == (etc / "sign.toml").read_bytes()


def test_where_a_post_and_a_sign_are_one_has_to_be_named(etc: Path) -> None:
    shutil.copy(CHECKOUT / "deploy/settings/post.toml", etc / "post.toml")
    assert "say which: --role post or --role sign" in typed("settings", "--etc", etc).stderr
    assert typed("settings", "--etc", etc, "--role", "sign").exit_code == 0


def test_a_folder_that_takes_nothing_is_said_in_one_sentence(tmp_path: Path) -> None:
    with tmpfs(tmp_path, 64) as disk:
        shutil.copy(CHECKOUT / "deploy/settings/sign.toml", disk / "sign.toml")
        set_read_only(disk, True)
        answer = typed("settings", "--etc", disk, "panel.modules=5")
    assert answer.exit_code == 2
    assert f"portvakt: {tmp_path}/sign.toml cannot be written" in answer.stderr
    assert "run it again with sudo" in answer.stderr
