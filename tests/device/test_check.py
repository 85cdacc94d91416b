"""What a technician reads: each fault is provoked, and each says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from contract.errors import PortvaktError
from contract.problems import NOT_ALLOWED, UNKNOWN_DEVICE
from contract.wire import Role
from device.central_settings import CentralPlace
from device.check import (
    Answer,
    Question,
    Verdict,
    answered,
    fault,
    last_line,
    lines,
    note,
    ok,
    wait,
)
from device.check_central import Own, central_answer, enrolment_answer
from device.check_machine import clock_answer, disk_answer, power_answer
from device.identity import Identity, save_identity
from device.refused_code import RefusedCode
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock
from tests.fakes.disks import set_read_only, tmpfs

URL = "http://central.example"


def asked(error: Exception) -> Answer:
    def ask() -> Answer:
        raise error

    ((name, answer),) = answered([Question("Disk", ask)])
    assert "Disk" == name
    return answer


def test_what_this_user_may_not_see_is_no_fault_of_the_device() -> None:
    answer = asked(PermissionError(13, "Permission denied", "/var/lib/portvakt-kiosk"))
    assert Verdict.LOOK is answer.verdict
    assert answer.sentence.startswith("/var/lib/portvakt-kiosk may not be looked at")
    assert "sudo portvakt check" in answer.todo


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            OSError(5, "Input/output error", "/dev/x"),
            "Looking failed at /dev/x: Input/output error",
        ),
        (PortvaktError("The token is broken."), "The token is broken."),
        (ValueError("odd"), "odd"),
    ],
)
def test_a_look_that_fails_is_a_fault_and_the_next_question_is_asked(
    error: Exception, says: str
) -> None:
    answer = asked(error)
    assert Verdict.FAIL is answer.verdict
    assert answer.sentence.startswith(says)
    assert answer.todo


def test_an_answer_is_printed_so_that_a_tired_person_can_read_it() -> None:
    assert ["PASS     Clock: it is set."] == lines("Clock", ok("it is set."))
    answer = fault("the keypad is gone " + "far " * 20 + "away.", "Plug it in.\nThen: sudo reboot")
    printed = lines("Keys", answer, "41")
    assert printed[0].startswith("FAIL 41  Keys: the keypad is gone far")
    assert printed[1].startswith("         far")
    assert ["         -> Plug it in.", "         -> Then: sudo reboot"] == printed[-2:]
    assert all(len(line) < 80 for line in printed)


def test_a_sentence_of_several_lines_keeps_them() -> None:
    printed = lines("Settings", fault("post.toml: 1 problem\n  panle   is not a section", "Mend."))
    assert ["FAIL     Settings: post.toml: 1 problem", "           panle   is not a section"] == (
        printed[:2]
    )


def test_a_path_is_not_broken() -> None:
    path = "/var/lib/" + "deep/" * 20
    assert path in " ".join(lines("Disk", ok(path))).split()


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([ok("a"), ok("b")], "Nothing of 2 fails."),
        ([ok("a"), note("b"), wait("c")], "Nothing of 3 fails. 1 to LOOK at. 1 to WAIT for."),
        ([ok("a"), fault("b", "c")], "1 of 2 FAIL. Mend the first one first, then ask again."),
        ([fault("a", "b")] * 3, "3 of 3 FAIL. Mend the first one first, then ask again."),
    ],
)
def test_the_last_line_sums_up(answers: list[Answer], says: str) -> None:
    assert says == last_line(answers)


# -- the machine -------------------------------------------------------------------------------


def test_a_clock_that_nobody_set_is_waited_for() -> None:
    assert Verdict.PASS is clock_answer(FakeClock()).verdict
    unset = clock_answer(FakeClock(synced=False))
    assert Verdict.WAIT is unset.verdict
    assert "2026-11-23 07:30:00 UTC" in unset.sentence


def sensors(folder: Path, temperature: str = "", alarm: str = "") -> Path:
    zone, hwmon = folder / "class/thermal/thermal_zone0", folder / "class/hwmon/hwmon0"
    zone.mkdir(parents=True)
    hwmon.mkdir(parents=True)
    (zone / "temp").write_text(temperature)
    (hwmon / "name").write_text("rpi_volt")
    (hwmon / "in0_lcrit_alarm").write_text(alarm)
    return folder


@pytest.mark.parametrize(
    ("temperature", "alarm", "verdict", "says"),
    [
        ("41000", "0", Verdict.PASS, "the supply holds, 41 °C."),
        ("41000", "1", Verdict.FAIL, "the supply is too weak, 41 °C."),
        ("", "1", Verdict.FAIL, "the supply is too weak, its temperature is not known."),
        ("80000", "0", Verdict.FAIL, "the processor has 80 °C and slows down."),
        ("72000", "0", Verdict.LOOK, "the processor has 72 °C."),
        (
            "-12000",
            "",
            Verdict.LOOK,
            "this machine cannot tell whether its supply sags; -12 °C.",
        ),
    ],
)
def test_supply_and_heat(
    tmp_path: Path, temperature: str, alarm: str, verdict: Verdict, says: str
) -> None:
    answer = power_answer(sensors(tmp_path, temperature, alarm))
    assert (verdict, says) == (answer.verdict, answer.sentence)


def test_a_disk_that_takes_a_write_is_well_and_left_as_it_was(tmp_path: Path) -> None:
    assert Verdict.FAIL is not disk_answer(tmp_path).verdict
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_fault_and_is_not_made(tmp_path: Path) -> None:
    answer = disk_answer(tmp_path / "state")
    assert (Verdict.FAIL, f"the folder {tmp_path}/state is not there.") == (
        answer.verdict,
        answer.sentence,
    )
    assert not (tmp_path / "state").exists()


def test_a_small_a_full_and_a_read_only_disk_are_faults_of_their_own(tmp_path: Path) -> None:
    with tmpfs(tmp_path, 64) as disk:
        small = disk_answer(disk)
        (disk / "filler").write_bytes(b"x" * 64 * 1024)
        full = disk_answer(disk)
        set_read_only(disk, True)
        stuck = disk_answer(disk)
    assert [Verdict.FAIL] * 3 == [small.verdict, full.verdict, stuck.verdict]
    assert small.sentence.startswith("only 0 MB are free")
    assert "is full; nothing can be saved" in full.sentence
    assert "is read-only; nothing can be saved" in stuck.sentence
    assert "change the card" in stuck.todo


# -- central -----------------------------------------------------------------------------------


@pytest.fixture
def central() -> Answers:
    return Answers()


def test_a_central_that_answers_is_timed(central: Answers) -> None:
    for _ in range(2):
        central.give(200, {})
    quick = central_answer(URL, central.session, iter([5.0, 5.012]).__next__)
    slow = central_answer(URL, central.session, iter([5.0, 7.0]).__next__)
    assert (Verdict.PASS, f"{URL} answers after 12 ms.") == (quick.verdict, quick.sentence)
    assert (Verdict.LOOK, f"{URL} answers, after 2000 ms.") == (slow.verdict, slow.sentence)


def test_a_cut_cable_is_a_fault(central: Answers) -> None:
    central.fail(requests.ConnectionError("Network is unreachable"))
    answer = central_answer(URL, central.session)
    assert Verdict.FAIL is answer.verdict
    assert f"no answer from {URL} (Network is unreachable)." == answer.sentence
    assert "cable" in answer.todo


@pytest.mark.parametrize("url", ["http://127.0.0.1:8081", "http://localhost:8081"])
def test_a_hall_box_is_not_sent_to_a_cable_by_its_own_central(url: str, central: Answers) -> None:
    central.fail(requests.ConnectionError("Connection refused"))
    answer = central_answer(url, central.session)
    assert "cable" not in answer.todo
    assert "sudo systemctl restart portvakt-central" in answer.todo
    assert "journalctl -u portvakt-central" in answer.todo


def test_a_central_without_its_database_is_a_fault(central: Answers) -> None:
    central.refuse(503, "not_saved", "The database does not answer.")
    answer = central_answer(URL, central.session)
    assert Verdict.FAIL is answer.verdict
    assert "cannot work: 503 The database does not answer." in answer.sentence


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token.json"
    save_identity(Identity("post-1", "pv_secret", "pitea", Role.POST, "Post 1"), path)
    return path


def enrolment(
    central: Answers,
    token_file: Path,
    station: str = "pitea",
    role: Role = Role.POST,
    code_file: Path | None = None,
) -> Answer:
    own = Own(role, token_file, code_file)
    place = CentralPlace(URL, station)
    return enrolment_answer(place, own, central.session, card=token_file.with_name("card"))


def test_a_token_that_central_takes_is_well(central: Answers, token_file: Path) -> None:
    central.give(200, {"day": "2026-11-23", "plates": []})
    answer = enrolment(central, token_file)
    assert (Verdict.PASS, "central knows this device as Post 1.") == (
        answer.verdict,
        answer.sentence,
    )
    assert "Bearer pv_secret" == central.asked[0].headers["Authorization"]


def test_a_sign_is_known_although_it_may_not_read_the_list(
    central: Answers, token_file: Path
) -> None:
    save_identity(Identity("sign-1", "pv_secret", "pitea", Role.SIGN, "Sign 1", "1"), token_file)
    central.refuse(403, NOT_ALLOWED.reason, "A sign may not do this.")
    assert Verdict.PASS is enrolment(central, token_file, role=Role.SIGN).verdict


def test_a_post_that_central_lets_nothing_do_is_not_said_to_be_well(
    central: Answers, token_file: Path
) -> None:
    central.refuse(403, NOT_ALLOWED.reason, "This device may not do this.")
    assert Verdict.PASS is not enrolment(central, token_file).verdict


@pytest.mark.parametrize("ours", [Role.POST, Role.SIGN])
def test_swapped_codes_are_a_fault_on_either_device(
    central: Answers, token_file: Path, ours: Role
) -> None:
    other = Role.SIGN if ours is Role.POST else Role.POST
    save_identity(Identity("d1", "pv_secret", "pitea", other, "Door 1", "1"), token_file)
    answer = enrolment(central, token_file, role=ours)
    assert (Verdict.FAIL, "other_kind") == (answer.verdict, answer.code)
    assert f"the token is for a {other}, and this is a {ours}." == answer.sentence
    assert f"--role {ours}" in answer.todo


def test_a_token_that_was_revoked_is_a_fault(central: Answers, token_file: Path) -> None:
    central.refuse(401, UNKNOWN_DEVICE.reason, "This device is not known here.")
    answer = enrolment(central, token_file)
    assert Verdict.FAIL is answer.verdict
    assert "portvakt central device code" in answer.todo


def test_no_token_is_a_fault(central: Answers, tmp_path: Path) -> None:
    answer = enrolment(central, tmp_path / "none.json")
    assert Verdict.FAIL is answer.verdict
    assert "has no token" in answer.sentence
    page, command, here = answer.todo.splitlines()
    assert "Make a one-time code on central's page /office" in page
    assert "portvakt central device code NAME --station pitea --role post" in command
    assert "Here: type it on the keys, or sudo portvakt enrol --role post" == here


def test_how_a_sign_enrols_is_said_with_its_own_role(central: Answers, tmp_path: Path) -> None:
    answer = enrolment(central, tmp_path / "none", role=Role.SIGN, code_file=tmp_path / "code")
    assert "--role sign --bay BAY" in answer.todo
    assert answer.todo.endswith("Here: sudo portvakt enrol --role sign")


@pytest.mark.parametrize("has_token", [True, False])
def test_a_code_that_central_refused_is_named_by_its_first_half(
    central: Answers, token_file: Path, *, has_token: bool
) -> None:
    code_file = token_file.with_name("code")
    code_file.write_text("m3tg-k7qf\n")
    RefusedCode(token_file, CentralPlace(URL, "pitea")).note("M3TG-K7QF")
    if not has_token:
        token_file.unlink()
    for _ in range(2):
        central.refuse(401, UNKNOWN_DEVICE.reason, "This device is not known here.")
    answer = enrolment(central, token_file, code_file=code_file)
    assert Verdict.FAIL is answer.verdict
    refused = f"central refused the code in {code_file} (it begins with M3TG); make a new one."
    assert refused in answer.sentence
    assert "K7QF" not in answer.sentence
    code_file.write_text("ABCD-K7QF")
    assert "refused" not in enrolment(central, token_file, code_file=code_file).sentence


def test_a_code_for_another_kind_is_said_so_and_by_its_own_fault(
    central: Answers, tmp_path: Path
) -> None:
    """As on a machine where a post and a sign read one file."""
    code_file, token_file = tmp_path / "code", tmp_path / "token.json"
    code_file.write_text("M3TG-K7QF")
    RefusedCode(token_file, CentralPlace(URL, "pitea")).note("M3TG-K7QF", "code_for_another")
    answer = enrolment(central, token_file, code_file=code_file)
    assert (Verdict.FAIL, "other_kind") == (answer.verdict, answer.code)
    assert "(it begins with M3TG) is for another kind of machine than this post." in answer.sentence


def test_a_code_that_an_older_release_noted_as_refused_stays_refused(tmp_path: Path) -> None:
    token_file, note = tmp_path / "token.json", tmp_path / "enrol-code.refused"
    place = CentralPlace(URL, "pitea")
    RefusedCode(token_file, place).note("M3TG-K7QF")
    note.write_text(note.read_text().split()[0] + "\n")
    assert "code_refused" == RefusedCode(token_file, place).why("M3TG-K7QF")


def test_a_token_that_came_with_the_card_counts(central: Answers, token_file: Path) -> None:
    token_file.rename(token_file.with_name("card"))
    central.give(200, {})
    assert Verdict.PASS is enrolment(central, token_file).verdict


def test_a_token_of_another_station_is_a_fault(central: Answers, token_file: Path) -> None:
    answer = enrolment(central, token_file, station="kalix")
    assert Verdict.FAIL is answer.verdict
    assert "for station pitea, the settings say kalix" in answer.sentence


def test_a_damaged_token_is_a_fault(central: Answers, token_file: Path) -> None:
    token_file.write_text("{")
    ((_, answer),) = answered([Question("Enrolment", lambda: enrolment(central, token_file))])
    assert Verdict.FAIL is answer.verdict
    assert "enrol this device with a new code" in answer.sentence


@pytest.mark.parametrize(
    "broken", [requests.ConnectionError("away"), requests.ReadTimeout("silent")]
)
def test_without_central_nobody_knows_whether_the_token_is_good(
    central: Answers, token_file: Path, broken: Exception
) -> None:
    central.fail(broken)
    assert Verdict.WAIT is enrolment(central, token_file).verdict
    central.refuse(429, "too_many", "Ask again later.")
    assert Verdict.LOOK is enrolment(central, token_file).verdict


def test_another_user_gets_sentences_and_no_traceback(token_file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    folder = token_file.parent
    code = f"""
import os
from functools import partial
from pathlib import Path
from device.check import Question, answered
from contract.wire import Role
from device.central_settings import CentralPlace
from device.check_central import Own, enrolment_answer
from device.check_machine import disk_answer
folder = Path({str(folder)!r})
place, own = CentralPlace("http://x", "pitea"), Own(Role.POST, folder / "token.json")
os.chown(folder, 0, 0); os.chmod(folder, 0o755); os.setgid(65534); os.setuid(65534)
asked = [
    Question("Disk", partial(disk_answer, folder)),
    Question("Enrolment", partial(enrolment_answer, place, own)),
]
for name, answer in answered(asked):
    print(answer.verdict, answer.sentence)
"""
    for parent in (folder.parent, folder.parent.parent):
        parent.chmod(0o755)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    disk, enrolled = out.stdout.splitlines()
    assert f"LOOK {folder} may not be looked at by this user." == disk
    assert f"LOOK {token_file} may not be looked at by this user." == enrolled
