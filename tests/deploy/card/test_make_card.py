"""`deploy/make-card`, as the office types it, and what it refuses."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest
import trustme

from deploy.card import code, image
from deploy.card.command import main
from deploy.card.content import Card, code_of, files
from deploy.errors import InstallError
from tests.deploy.card.blank import FAT16, card_image, damage
from tests.deploy.places import CHECKOUT

SIGN = ("--station", "0417", "--bay", "2", "--role", "sign", "--url", "https://hall.example")
POST = ("--station", "0417", "--role", "post", "--url", "https://hall.example")
CODE = "K7QF-93TM"


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "config.txt").write_text("[all]\n")
    return folder


@pytest.fixture
def code_file(tmp_path: Path) -> Path:
    path = tmp_path / "code"
    path.write_text(f"{CODE}   for sign-1; it works once, within 48 hours.\n")
    return path


def ca_pem(folder: Path) -> Path:
    path = folder / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return path


def make(*words: str | Path) -> int:
    return main([str(word) for word in words])


def test_a_card_for_a_sign_is_made_and_read_back(
    boot: Path, code_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ca = ca_pem(tmp_path)
    assert make(*SIGN, "--ca", ca, "--code-file", code_file, "--boot", boot) == 0
    card = tomllib.loads((boot / "portvakt/card.txt").read_text())
    assert ("sign", "0417", "2", "https://hall.example") == (
        card["role"],
        card["station"],
        card["bay"],
        card["url"],
    )
    assert {"ca.pem", "code.txt"} == card["files"].keys()
    assert f"{CODE}\n" == (boot / "portvakt/code.txt").read_text()
    assert ca.read_bytes() == (boot / "portvakt/ca.pem").read_bytes()
    assert 0o600 == (boot / "portvakt/code.txt").stat().st_mode & 0o777
    ready, about_code = capsys.readouterr().out.splitlines()
    assert ready == f"card for 0417-bay2-sign is ready: {boot}, read back and compared."
    assert about_code == "Code K7QF-.... is on it, valid 48 hours, works once."


def test_the_program_itself_runs_from_anywhere(boot: Path, code_file: Path, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()  # a folder of that name where we stand is not ours
    done = subprocess.run(
        [CHECKOUT / "deploy/make-card", *SIGN, "--code-file", "-", "--boot", boot],
        input=f"{CODE}\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert CODE not in done.stdout
    assert (boot / "portvakt/code.txt").read_text() == f"{CODE}\n"


def test_a_card_in_an_image_is_made_and_read_back(code_file: Path, tmp_path: Path) -> None:
    source, out = card_image(tmp_path / "pi.img", FAT16), tmp_path / "0417.img"
    before = source.read_bytes()
    assert make(*SIGN, "--code-file", code_file, "--image", source, "--out", out) == 0
    assert image.read(out)["code.txt"] == f"{CODE}\n".encode()
    assert source.read_bytes() == before
    assert damage(out, FAT16) == []
    assert 0o600 == out.stat().st_mode & 0o777


def test_an_image_that_is_packed_is_unpacked(code_file: Path, tmp_path: Path) -> None:
    import lzma  # noqa: PLC0415 - one test's

    packed = tmp_path / "pi.img.xz"
    packed.write_bytes(lzma.compress(card_image(tmp_path / "pi.img", FAT16).read_bytes(), preset=0))
    out = tmp_path / "0417.img"
    assert make(*SIGN, "--code-file", code_file, "--image", packed, "--out", out) == 0
    packed.write_bytes(packed.read_bytes()[:-20])
    out.unlink()
    assert make(*SIGN, "--code-file", code_file, "--image", packed, "--out", out) == 2
    assert not out.exists()
    assert not list(tmp_path.glob(".*.part"))


def test_what_lay_on_the_card_before_is_gone(boot: Path, code_file: Path) -> None:
    assert make(*POST, "--code-file", code_file, "--boot", boot) == 0
    assert make(*POST, "--no-code", "--boot", boot) == 0
    assert ["card.txt"] == [path.name for path in (boot / "portvakt").iterdir()]


def test_a_card_that_does_not_keep_what_is_written_is_refused(
    boot: Path,
    code_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def worn(_: Path) -> dict[str, bytes]:
        return {"card.txt": b"?", "code.txt": b"\0" * 10}

    monkeypatch.setattr("deploy.card.folder.read", worn)
    assert make(*SIGN, "--code-file", code_file, "--boot", boot) == 2
    said = capsys.readouterr()
    assert said.err.startswith("deploy/make-card: read back, card.txt and code.txt differ")
    assert "ready" not in said.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*SIGN, "--no-code", "--boot", "."), "a sign has no keys"),
        ((*POST, "--bay", "1", "--boot", "."), "a post stands at no door"),
        ((*SIGN[:-1], "http://hall.example", "--boot", "."), "must begin with https://"),
        ((*SIGN[:-1], "hall.example", "--boot", "."), "an address such as"),
        (("--station", "a b", *SIGN[2:], "--boot", "."), 'is "a b"'),
        ((*SIGN, "--image", "x.img"), "belong together"),
        ((*SIGN, "--boot", "/"), "this machine's own"),
        ((*SIGN, "--boot", "/nowhere"), "lsblk"),
        ((*SIGN,), "--boot"),
        ((*SIGN, "--code-file", "/nowhere", "--boot", "."), "cannot be read from /nowhere"),
        ((*SIGN, "--ca", "/nowhere", "--boot", "."), "No such file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    words: tuple[str, ...],
    says: str,
    code_file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    extra = () if {"--code-file", "--no-code"} & set(words) else ("--code-file", code_file)
    assert make(*words, *extra) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("deploy/make-card: ")
    assert says in line


def test_a_folder_that_is_no_boot_partition_stays_as_it_is(
    code_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    assert make(*SIGN, "--code-file", code_file, "--boot", photos) == 2
    assert not list(photos.iterdir())
    assert "no boot partition of a card" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["-----BEGIN PRIVATE KEY-----\n", "nothing of the kind"])
def test_a_ca_that_is_none_is_refused(content: str, boot: Path, code_file: Path) -> None:
    wrong = boot.parent / "ca.key"
    wrong.write_text(content)
    assert make(*SIGN, "--ca", wrong, "--code-file", code_file, "--boot", boot) == 2
    assert not (boot / "portvakt").exists()


def test_nobody_is_asked_where_nobody_sits(
    boot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.card.code.CENTRAL", boot / "no-central")
    assert make(*SIGN, "--boot", boot) == 2
    assert "--code-file" in capsys.readouterr().err


# -- the code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["K7QF-93TM", " k7qf 93tm\n", "k7qf93tm"])
def test_a_code_is_taken_as_people_type_it(typed: str) -> None:
    assert code_of(typed) == CODE


@pytest.mark.parametrize("typed", ["", "K7QF-93T", "K7QF-93TMX", "K7QF-O3TM", "I7QF-93TM"])
def test_what_is_no_code_is_not(typed: str) -> None:
    with pytest.raises(InstallError, match="no one-time code"):
        code_of(typed)


def said(out: str, err: str = "") -> code.Run:
    def run(words: list[str]) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 0 if out else 2, out, err)

    ran: list[list[str]] = []
    run.ran = ran  # type: ignore[attr-defined]
    return run


def test_this_machines_central_makes_a_code_that_replaces_the_broken_one() -> None:
    run = said('{"code": "K7QF-93TM"}')
    wanted = code.Wanted("sign-1", "0417", "sign", "2", "sign-0a1b2c3d")
    assert code.from_central(wanted, run) == CODE
    (words,) = run.ran  # type: ignore[attr-defined]
    asked = " ".join(words)
    assert "portvakt central device code sign-1 --station 0417 --role sign" in asked
    assert "--replaces sign-0a1b2c3d" in asked
    if os.geteuid() == 0:
        assert asked.startswith("runuser -u portvakt-central -- "), (
            "root may not read its socket's peer"
        )


def test_what_central_refuses_is_said_in_its_words() -> None:
    run = said("", "portvakt: 0417 has no bay 2.\n")
    with pytest.raises(InstallError, match=r"central made no code: 0417 has no bay 2\."):
        code.from_central(code.Wanted("sign-1", "0417", "sign", "2"), run)


def test_who_types_a_code_is_told_where_it_is_made() -> None:
    asked: list[str] = []

    def person(question: str) -> str:
        asked.append(question)
        return "k7qf-93tm"

    wanted = code.Wanted("sign-1", "0417", "sign", "2", "sign-0a1b2c3d")
    assert code.typed(wanted, person) == CODE
    assert '"Replace…" at sign-0a1b2c3d' in asked[0]


def test_a_secret_of_few_signs_is_not_told_by_its_digest() -> None:
    card = tomllib.loads(files(Card("sign", "1", "https://x", code=CODE))["card.txt"].decode())
    assert len(card["files"]["code.txt"]) == 4
    assert CODE not in repr(Card("sign", "1", "https://x", code=CODE))


# -- a card that is written itself -------------------------------------------------------------


def a_disk(folder: Path, **facts: str) -> tuple[Path, Path]:
    about = folder / "sys/sdx"
    (about / "device").mkdir(parents=True)
    for name, text in {"size": "62333952", "device/model": "Reader", "removable": "1"}.items():
        (about / name).write_text(text)
    for name, text in facts.items():
        (about / name).write_text(text)
    return folder / "sdx", folder / "sys"


def test_a_person_types_the_name_of_the_disk_that_loses_everything(tmp_path: Path) -> None:
    disk, sys = a_disk(tmp_path)
    asked: list[str] = []

    def person(question: str) -> str:
        asked.append(question)
        return "sdx\n"

    image.agree(disk, person, sys)
    assert "(Reader, 31.9 GB) will be lost" in asked[0]
    assert "DOES NOT LOOK" not in asked[0]
    with pytest.raises(InstallError, match="nothing was written"):
        image.agree(disk, lambda _: "yes", sys)


def test_a_disk_that_stays_in_the_machine_is_named_as_such(tmp_path: Path) -> None:
    disk, sys = a_disk(tmp_path, removable="0")
    asked: list[str] = []
    with pytest.raises(InstallError):
        image.agree(disk, lambda question: asked.append(question) or "", sys)  # type: ignore[func-returns-value]
    assert "IT DOES NOT LOOK LIKE A CARD" in asked[0]


@pytest.mark.parametrize(
    ("facts", "says"), [({"partition": "1"}, "a part"), ({"size": "0"}, "no card")]
)
def test_a_part_of_a_disk_and_an_empty_reader_are_refused(
    facts: dict[str, str], says: str, tmp_path: Path
) -> None:
    disk, sys = a_disk(tmp_path, **facts)
    with pytest.raises(InstallError, match=says):
        image.agree(disk, lambda _: "sdx", sys)


def test_the_image_itself_is_never_written(code_file: Path, tmp_path: Path) -> None:
    source = card_image(tmp_path / "pi.img", FAT16)
    before = source.read_bytes()
    assert make(*SIGN, "--code-file", code_file, "--image", source, "--out", source) == 2
    assert source.read_bytes() == before
