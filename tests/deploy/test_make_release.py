"""`deploy/make-release` with wheels that are none: what is in the file, who signed it, and each refusal."""

import json
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy import bundle, releasing
from deploy.errors import InstallError
from deploy.platforms import PLATFORMS, Python
from deploy.releasing import Order, main, make
from deploy.roles import ROLES, release_name
from deploy.signature import Key, new_key
from deploy.switch.bundle import unpack, verify
from deploy.switch.place import SIGNERS, Place
from deploy.wheels import Kept, requirements
from tests.fakes.disks import tmpfs
from tests.waiting import until

PI = "cp311-aarch64"


def gather_fakes(locks: Iterable[Path], python: Python, kept: Kept, into: Path) -> None:
    into.mkdir()
    for name, text in [*requirements(locks), ("portvakt", "portvakt==26.1")]:
        number = re.split(r"[=\s;]+", text, maxsplit=2)[1]
        (into / f"{name.replace('-', '_')}-{number}-py3-none-any.whl").write_text(f"{name}\n")


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "gather", gather_fakes)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "release"
    new_key(path)
    return path


@pytest.fixture
def made(no_wheels: None, key: Path, tmp_path: Path) -> Path:
    (tar,) = make(Order(tmp_path / "out", key, (PI,)))
    return tar


def machine(root: Path, signers: str) -> Place:
    path = root / SIGNERS.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(signers)
    return Place(root)


def refused(order: Order) -> str:
    with pytest.raises(InstallError) as caught:
        make(order)
    return str(caught.value)


def test_a_machine_that_trusts_the_key_takes_the_file(
    made: Path, key: Path, tmp_path: Path
) -> None:
    place = machine(tmp_path / "machine", key.with_name("release.signers").read_text())

    verify(place, made)

    folder = unpack(made, tmp_path / "unpacked")
    assert folder.name == f"portvakt-{release_name()}"
    assert made.name == f"{folder.name}-{PI}.tar"
    assert os.access(folder / "install", os.X_OK)


def test_a_machine_that_trusts_another_key_does_not(made: Path, tmp_path: Path) -> None:
    other = new_key(tmp_path / "other").read_text()

    with pytest.raises(InstallError, match=r"the signature of portvakt-.* is not good"):
        verify(machine(tmp_path / "machine", other), made)


def test_a_signature_for_something_else_is_none_for_a_release(
    made: Path, key: Path, tmp_path: Path
) -> None:
    """The same key may sign letters, too; the namespace keeps them apart."""
    made.with_name(f"{made.name}.sig").unlink()
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "letters", str(made)]
    subprocess.run(words, check=True, capture_output=True)

    with pytest.raises(InstallError, match="is not good"):
        verify(machine(tmp_path / "machine", Key(key).signers), made)


def test_the_same_sources_give_the_same_bytes_whenever_they_are_packed(
    made: Path, no_wheels: None, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 2e9)
    before = os.umask(0o027)
    try:
        (again,) = make(Order(tmp_path / "elsewhere", key, (PI,)))
    finally:
        os.umask(before)

    assert again.read_bytes() == made.read_bytes()
    with tarfile.open(made) as opened:
        entries = opened.getmembers()
    assert {entry.mtime for entry in entries} == {1577836800}
    assert {(entry.uid, entry.uname, oct(entry.mode)) for entry in entries} == {
        (0, "root", "0o755"),
        (0, "root", "0o644"),
    }
    names = [entry.name for entry in entries]
    assert names == sorted(names)


def test_every_role_names_its_wheels_with_the_hashes_of_the_very_files(
    made: Path, tmp_path: Path
) -> None:
    folder = unpack(made, tmp_path / "unpacked")
    files = json.loads((folder / "release.json").read_text())["files"]
    hashes = {name: digest for name, digest in files.items() if name.startswith("wheels/")}

    for role in ROLES:
        wanted = dict(requirements([folder / "roles" / f"{role}.txt"]))
        locked = {name for name, _text in requirements([ROLES[role].lock])}
        assert set(wanted) == locked | {"portvakt"}
        for text in wanted.values():
            (found,) = re.findall("--hash=sha256:([0-9a-f]{64})", text)
            assert found in hashes.values()


def test_what_has_no_wheel_of_its_own_is_there_and_lgpio_is_not(made: Path, tmp_path: Path) -> None:
    folder = unpack(made, tmp_path / "unpacked")
    named = "".join(path.read_text() for path in (folder / "roles").glob("*.txt"))

    assert "evdev==" in named
    assert "spidev==" in named
    assert "lgpio" not in named


@pytest.mark.parametrize("role", ROLES)
def test_every_link_and_copy_of_a_role_finds_its_file_in_the_release(
    made: Path, tmp_path: Path, role: str
) -> None:
    folder = unpack(made, tmp_path / "unpacked")
    facts = json.loads((folder / "roles" / f"{role}.json").read_text())

    for place, points_at in facts["links"]:
        inside = points_at.removeprefix("/opt/portvakt/current/")
        assert inside != points_at, place
        assert inside == "venv/bin/portvakt" or (folder / inside).is_file(), place
    for place, inside in facts["copies"]:
        assert (folder / inside).is_file(), place
    assert (folder / "deploy/settings" / facts["settings"]).is_file()
    linked = {Path(place).name for place, _ in facts["links"]}
    assert set(facts["units"]) <= linked


def test_all_kinds_of_machines_get_one_file_each_of_the_same_release(
    no_wheels: None, key: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    files = make(Order(tmp_path / "out", key, say=said.append))

    assert [path.name for path in files] == [
        f"portvakt-{release_name()}-{platform}.tar" for platform in PLATFORMS
    ]
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {name for path in files for name in (path.name, f"{path.name}.sig")}
    for path in files:
        (line,) = [line for line in said if line.startswith(path.name)]
        assert re.search(r" \d+\.\d MB  sha256 [0-9a-f]{64} ", line)


def test_what_was_written_is_read_back(
    no_wheels: None, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the disk gives other bytes than it was given, after the signature was made."""
    right = Key.sign

    def then_change(self: Key, path: Path) -> Path:
        signature = right(self, path)
        with path.open("r+b") as file:
            file.write(b"x")
        return signature

    monkeypatch.setattr(Key, "sign", then_change)

    assert "is not good: it was changed" in refused(Order(tmp_path / "out", key, (PI,)))
    assert not list((tmp_path / "out").iterdir()), "nothing stays that looks like a release"


def test_a_checkout_that_changes_meanwhile_gives_no_release(
    no_wheels: None, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would have the name of the one and the content of the other."""
    names = iter(["portvakt-26.1.1-00000001", "portvakt-26.1.1-00000002"])
    monkeypatch.setattr(releasing, "named", lambda: next(names))

    text = refused(Order(tmp_path / "out", key, (PI,)))

    assert text == "the checkout was changed meanwhile; run this again when it stands still"
    assert not list((tmp_path / "out").iterdir())


def test_a_wheel_that_did_not_come(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(locks: Iterable[Path], python: Python, kept: Kept, into: Path) -> None:
        gather_fakes(locks, python, kept, into)
        next(into.glob("evdev-*")).unlink()

    monkeypatch.setattr(bundle, "gather", forgetful)

    assert refused(Order(tmp_path / "out", key, (PI,))) == (
        "no wheel of evdev came, which requirements-kiosk.txt names"
    )


def test_no_key(tmp_path: Path) -> None:
    assert refused(Order(tmp_path, tmp_path / "none")) == (
        f"there is no key {tmp_path}/none; make one: deploy/make-release --new-key FILE"
    )


def test_a_file_that_is_no_key(tmp_path: Path) -> None:
    wrong = tmp_path / "key"
    wrong.write_text("a shopping list\n")
    wrong.chmod(0o600)

    assert "is no key that ssh-keygen reads" in refused(Order(tmp_path, wrong))


def test_a_key_with_a_passphrase_asks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "key"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", str(path)]
    subprocess.run(words, check=True)

    text = refused(Order(tmp_path, path))

    assert f"{path} has a passphrase" in text
    assert f"run ssh-add {path} and give --key {path}.pub" in text


def test_a_key_that_an_agent_holds_signs_by_its_public_part(
    no_wheels: None, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "agent"])
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        public = key.with_name("release.pub")
        elsewhere = key.rename(tmp_path / "elsewhere")
        until((tmp_path / "agent").exists)
        assert "does not sign" in refused(Order(tmp_path / "out", public, (PI,)))
        subprocess.run(["ssh-add", "-q", elsewhere], check=True)
        (tar,) = make(Order(tmp_path / "out", public, (PI,)))
        verify(machine(tmp_path / "machine", Key(public).signers), tar)
    finally:
        agent.terminate()
        agent.wait()


def test_a_new_key_never_takes_the_place_of_another(key: Path) -> None:
    before = key.read_bytes()

    with pytest.raises(InstallError, match="is there already; it was not touched"):
        new_key(key)

    assert key.read_bytes() == before
    assert key.stat().st_mode & 0o077 == 0


def test_a_machine_that_we_make_nothing_for(key: Path, tmp_path: Path) -> None:
    text = refused(Order(tmp_path / "out", key, ("cp39-armv7l",)))

    assert text == f"there is no platform cp39-armv7l; choose {', '.join(PLATFORMS)}"


def test_a_full_disk_leaves_nothing_that_looks_like_a_release(
    no_wheels: None, key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with tmpfs(out, size_kib=256):
        text = refused(Order(out, key, (PI,)))
        assert not list(out.iterdir())

    assert "is full; free some space and run this again" in text


def test_the_command_says_a_refusal_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path)]) == 2
    assert main(["--out", str(tmp_path), "--key", str(tmp_path / "none")]) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first == (
        "deploy/make-release: give --out DIR and --key FILE; see deploy/make-release --help."
    )
    assert second.startswith("deploy/make-release: there is no key ")


def test_the_command_makes_a_key_and_the_line_for_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--new-key", str(tmp_path / "release")]) == 0

    assert f"{tmp_path}/release.signers" in capsys.readouterr().out
    line = (tmp_path / "release.signers").read_text()
    assert line.startswith('release@portvakt namespaces="portvakt-release" ssh-ed25519 ')
