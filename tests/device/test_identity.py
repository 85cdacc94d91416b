import json
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from msgspec import structs

from contract.wire import Enrol, Role
from device.identity import (
    Identity,
    IdentityBroken,
    board_serial,
    enrol,
    load_identity,
    new_claim,
    save_identity,
)
from device.session import CentralRefused, CentralSession
from tests.fakes.answers import Answers

SIGN = Identity("d1", "pv_d1_secret", "pitea", Role.SIGN, "Door 2", "2")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_a_saved_identity_comes_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "device-token"

    save_identity(SIGN, file)

    assert load_identity(file) == SIGN
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["device-token"], "nothing else stays"


def test_before_enrolment_there_is_no_identity(tmp_path: Path) -> None:
    assert load_identity(tmp_path / "device-token") is None


@pytest.mark.parametrize("spoiled", [b'{"device": "d1"', b'{"device": "d\xc31"}'])
def test_a_damaged_token_file_is_named_not_ignored(tmp_path: Path, spoiled: bytes) -> None:
    file = tmp_path / "device-token"
    file.write_bytes(spoiled)

    with pytest.raises(IdentityBroken, match="enrol this device with a new code"):
        load_identity(file)


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(IdentityBroken, match="/proc/device-token cannot be used"):
        save_identity(SIGN, Path("/proc/device-token"))


def test_a_credential_from_systemd_counts_until_the_device_has_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    given, file = tmp_path / "device-token", tmp_path / "own"
    given.write_text("\n")
    assert load_identity(file) is None, "an empty credential is the unit's stand-in for none"

    save_identity(SIGN, given)
    assert load_identity(file) == SIGN

    renewed = Identity("d1", "pv_d1_newer", "pitea", Role.SIGN, "Door 2", "2")
    save_identity(renewed, file)
    assert load_identity(file) == renewed


def test_a_token_file_of_an_older_release_is_read(tmp_path: Path) -> None:
    file = tmp_path / "device-token"
    words = {"device": "d1", "token": "pv_d1_secret", "station": "pitea", "role": "sign"}
    file.write_text(json.dumps(words | {"name": "Door 2", "bay": "2"}))

    assert load_identity(file) == SIGN


def test_the_token_never_prints() -> None:
    assert "secret" not in repr(replace(SIGN, before="pv_d1_secret"))
    assert "secret" not in repr(SIGN)
    assert "secret" not in f"{SIGN}"


AS_SIGN = Enrol(code="K7QF-93TM", serial="1000abcd", claim="c1a1", role=Role.SIGN)
ENROLLED = {
    "device": "d1",
    "token": "pv_d1_secret",
    "station": "pitea",
    "role": "sign",
    "name": "Door 2",
    "bay": "2",
}


def test_a_code_becomes_an_identity() -> None:
    answers = Answers()
    answers.give(201, {**ENROLLED, "added_by_a_newer_central": True})

    with answers.session("http://central") as session:
        identity = enrol(session, "pitea", AS_SIGN)

    assert identity == SIGN
    asked = answers.asked[0]
    assert asked.url == "http://central/v1/stations/pitea/devices/enrol"
    assert json.loads(asked.body or "") == {
        "code": "K7QF-93TM",
        "serial": "1000abcd",
        "claim": "c1a1",
        "role": "sign",
    }


def test_an_identity_of_another_role_from_an_older_central_is_no_identity() -> None:
    """Such a central looks at no role: the code is used up, and a post must not become a sign."""
    answers = Answers()
    answers.give(201, ENROLLED)

    with (
        answers.session("http://central") as session,
        pytest.raises(CentralRefused, match="for a sign, and this is a post; revoke d1") as caught,
    ):
        enrol(session, "pitea", structs.replace(AS_SIGN, role=Role.POST))

    assert caught.value.reason == "code_for_another"
    assert "secret" not in str(caught.value)


def test_every_process_has_a_claim_of_its_own() -> None:
    claims = {new_claim() for _ in range(3)}
    assert 3 == len(claims)
    assert {32} == {len(claim) for claim in claims}


def test_a_used_code_is_refused_with_its_reason() -> None:
    answers = Answers()
    answers.refuse(403, "code_refused", "This code was used before.")

    with (
        answers.session("http://central") as session,
        pytest.raises(CentralRefused, match="This code was used before") as caught,
    ):
        enrol(session, "pitea", AS_SIGN)

    assert caught.value.reason == "code_refused"


def test_the_boards_serial_number_is_read_without_its_closing_zero(tmp_path: Path) -> None:
    file = tmp_path / "serial-number"
    file.write_bytes(b"10000000abcd1234\0")

    assert board_serial(file) == "10000000abcd1234"
    assert board_serial(tmp_path / "none") == ""


def test_answers_is_an_adapter_of_requests() -> None:
    assert isinstance(Answers(), requests.adapters.BaseAdapter)
    assert isinstance(Answers().session("http://central"), CentralSession)
