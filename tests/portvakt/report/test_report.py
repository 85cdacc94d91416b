"""The bundle for support: it tells how the machine is, and holds nobody's plate, number or secret."""

import io
import json
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from contract.wire import Role
from device.fault_codes import CODES, FaultCode
from device.identity import Identity, save_identity
from portvakt.cli import main
from portvakt.report import command
from portvakt.report.command import LARGEST, bundled
from portvakt.report.discreet import MASK, discreet
from portvakt.report.parts import LONGEST, Source, parts, ran, secrets
from tests.deploy.places import CHECKOUT

TOKEN, BEFORE, CODE = "pv_sign-1a2b3c4d_" + "Qx7_" * 11, "plainoldtoken", "K7QF-93TM"
# Each stands for somebody or opens something; none of them may be in a bundle.
PLANTED = {
    "plates": [
        "ABC 123",
        "ABC123",
        "abc123",
        "xyz 99w",
        "WMX-99W",
        "KLM 45P",
        "B-XY 1234",
        "AB-123-CD",
    ],
    "phones": ["070-123 45 67", "0701234567", "+46 70 123 45 68", "0046701234569", "46701234560"],
    "mail": ["kim@example.com"],
    "secrets": [
        TOKEN,
        BEFORE,
        CODE,
        "k7qf-93tm",
        "M3TG-K7QA",
        "hunter2 and more",
        "s3cretpw",
        "f3a91c0b77e24d0f9a61b2c3d4e5f607",
    ],
}
STAYS = [
    "2026-11-23T07:30:00+0100",
    "portvakt-sign.service",
    "26.11.5-1a2b3c4d",
    "192.0.2.30",
    "panel",
]


def journal() -> str:
    lines = [
        f"2026-11-23T07:30:00+0100 sign portvakt-sign[812]: {word} came"
        for word in PLANTED["plates"]
    ]
    lines += [f"2026-11-23T07:30:01+0100 sign sms: to {word} (sent)" for word in PLANTED["phones"]]
    lines += [
        f"mail from {PLANTED['mail'][0]}",
        f"Authorization: Bearer {TOKEN}",
        f"before={BEFORE}",
    ]
    lines += [f"code {CODE} or k7qf-93tm; M3TG-K7QA", "psk=hunter2 and more"]
    lines += [
        "postgresql://portvakt:s3cretpw@db.example/portvakt",
        f"claim: {PLANTED['secrets'][-1]}",
    ]
    return "\n".join([*lines, "portvakt-sign.service: panel lost"]) + "\n"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A sign whose programs say everything that they should not."""
    root = tmp_path / "root"
    etc, state = root / "etc/portvakt", root / "var/lib/portvakt-sign"
    for folder in (
        etc,
        state,
        root / "opt/portvakt/current",
        root / "var/lib/portvakt-update/state",
    ):
        folder.mkdir(parents=True)
    settings = (CHECKOUT / "deploy/settings/sign.toml").read_text()
    (etc / "sign.toml").write_text(
        settings.replace("http://127.0.0.1:8081", "https://hall.example")
    )
    (etc / "central.env").write_text(
        "PORTVAKT_DATABASE=postgresql://portvakt:s3cretpw@db/portvakt\n"
    )
    (etc / "enrol-code").write_text(f"{CODE}\n")
    save_identity(
        Identity("sign-1a2b3c4d", TOKEN, "0417", Role.SIGN, "Sign", "2", BEFORE),
        state / "token.json",
    )
    (root / "opt/portvakt/current/release.json").write_text('{"release": "26.11.5-1a2b3c4d"}')
    last = {
        "phase": "rolled_back",
        "about": "x",
        "why": "panel: ABC 123",
        "at": "2026-11-23T03:00:00Z",
    }
    (root / "var/lib/portvakt-update/state/last.json").write_text(json.dumps(last))

    def say(words: list[str]) -> str:
        return "eth0 UP 192.0.2.30/24 \ndefault via 192.0.2.1\n" if words[0] == "ip" else journal()

    return Source(root, say)


def told(source: Source) -> dict[str, str]:
    known = secrets(source)
    return {name: discreet(text, known) for name, text in parts(source)}


def opened(bundle: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as tar:
        return {
            member.name: (tar.extractfile(member) or io.BytesIO()).read().decode()
            for member in tar.getmembers()
        }


def test_nothing_that_stands_for_somebody_or_opens_something_is_in_the_bundle(
    source: Source,
) -> None:
    """The bytes of the whole bundle are searched, names of files included."""
    bundle = bundled(told(source).items(), datetime(2026, 11, 23, 7, tzinfo=UTC), "sign")
    whole = "\n".join(f"{name}\n{text}" for name, text in opened(bundle).items())
    raw = journal()
    for kind, words in PLANTED.items():
        for word in words:
            assert word in raw, f"{word} was planted"
            assert word not in whole, f"{word} ({kind}) is in the bundle"


def test_what_support_needs_stays_readable(source: Source) -> None:
    whole = "\n".join(told(source).values())
    for word in STAYS:
        assert word in whole


def test_the_settings_are_there_without_their_secrets(source: Source) -> None:
    found = told(source)
    assert 'url = "https://hall.example"' in found["settings-sign.toml.txt"]
    assert "PORTVAKT_DATABASE" in found["settings-central.env.txt"]
    assert "s3cretpw" not in found["settings-central.env.txt"]
    assert "settings-post.toml.txt" not in found, "no post is here"


def test_faulty_settings_are_told_by_their_fault(source: Source) -> None:
    (source.root / "etc/portvakt/sign.toml").write_text("[panel]\nmodules = 99\n")
    assert "panel.modules" in told(source)["settings-sign.toml.txt"]


def test_a_machine_that_lacks_half_of_it_is_reported_all_the_same(tmp_path: Path) -> None:
    found = told(Source(tmp_path, lambda words: ran(["no-such-program", *words])))
    assert "(no-such-program is not on this machine)" in found["journal.txt"]
    assert "No such file" in found["release.txt"]


def test_a_bundle_stays_small_and_says_what_it_left_out() -> None:
    at = datetime(2026, 11, 23, 7, tzinfo=UTC)
    texts = [(f"{number}.txt", "x" * LONGEST * 2) for number in range(LARGEST // LONGEST + 2)]
    found = opened(bundled(texts, at, "sign"))
    sizes = [len(text) for name, text in found.items() if "README" not in name]
    assert max(sizes) == LONGEST
    assert sum(sizes) <= LARGEST
    about = found["portvakt-report/README.txt"]
    assert "0.txt: 524288 bytes" in about
    assert "left out" in about


def test_the_command_writes_a_file_for_its_owner_alone_and_says_what_is_in_it(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Source", lambda *_: source)
    monkeypatch.setattr(command, "_check", lambda: f'{{"sentence": "ABC 123, {CODE}"}}\n')
    out = tmp_path / "report.tar.gz"
    out.write_bytes(b"an older one that everybody may read")
    answer = CliRunner().invoke(main, ["report", "--out", str(out)])
    assert (0, 0o600) == (answer.exit_code, out.stat().st_mode & 0o777)
    assert answer.stdout.startswith(f"{out} (")
    assert "Plates, telephone numbers, tokens and codes in it are masked." in answer.stdout
    found = opened(out.read_bytes())
    assert {"README.txt", "check.json", "journal.txt", "units.txt", "machine.txt"} <= {
        Path(name).name for name in found
    }
    assert "ABC 123" not in found["portvakt-report/check.json"]


def test_a_place_that_takes_nothing_is_said(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Source", lambda *_: source)
    monkeypatch.setattr(command, "_check", str)
    answer = CliRunner().invoke(main, ["report", "--out", str(tmp_path / "gone/report.tar.gz")])
    assert answer.exit_code == 2
    assert "name another place: --out" in answer.stderr


@pytest.mark.parametrize(
    "text",
    [
        "Nov 22 13:30:00 post systemd[1]: Started portvakt-kiosk.service - code=exited, status=1/FAILURE",
        "boot 3f1c9b2e-1111-4bbb-8ccc-123456789abc, uptime 12345.67 54321.00",
        "portvakt-central@8081.service loaded active running",
        "default via 192.0.2.1 dev eth0 src 192.0.2.30 metric 100",
        "MemTotal:        3884032 kB, 26.11.5-1a2b3c4d.sign",
        "http://127.0.0.1:8081, https://hall.example:443",
    ],
)
def test_times_units_addresses_and_releases_are_nobodys(text: str) -> None:
    assert text == discreet(text)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("PGPASSWORD=hunter2", "hunter2"),
        ("DB_PASSWORD: hunter2 and more", "more"),
        ("SMTP_PASS=hunter2", "hunter2"),
        ("WIFI_PSK='long enough'", "enough"),
        ("client_secret=hunter2", "hunter2"),
        ("'client_secret': 'two words'", "words"),
        ("MQTT_TOKEN=hunter2", "hunter2"),
        ("API_KEY=hunter2", "hunter2"),
        ("mosquitto_sub --password hunter2", "hunter2"),
        ("postgresql://portvakt:p@ss@db.example/x", "ss@"),
        ("postgresql://portvakt:p@s/s@db.example/x", "s/s"),
        ("authorization: bearer hunter2", "hunter2"),
        ("Authorization: Basic aHVudGVyMg==", "aHVudGVyMg"),
        ("Abc123 came", "Abc123"),
        ("seen-ABC123_x.jpg", "ABC123"),
        ("plate: OWNPL8", "OWNPL8"),
        ('{"plate": "MY CAR"}', "CAR"),
        ("of 19800101-1234.", "1980"),
        ("of 800101-1234", "800101"),
        ("of 198001011234", "1980"),
        ("the code K7QF93TM", "K7QF93TM"),
        ("the code k7qf 93tm", "93tm"),
        ("the code k7qf93tm", "k7qf93tm"),
    ],
)
def test_whatever_a_secret_or_a_person_is_called_it_is_masked(line: str, secret: str) -> None:
    assert secret in line
    assert secret not in discreet(line)
    assert MASK in discreet(line)


def test_a_plate_is_masked_whole_as_the_bundle_says() -> None:
    assert "**** came, then ****" == discreet("ABC 123 came, then KLM45P")


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_a_fault_code_is_no_plate(code: FaultCode) -> None:
    assert f"shows {code} NET" == discreet(f"shows {code} NET")


def test_a_plate_that_ends_like_a_fault_code_is_one() -> None:
    assert "**** and B-****" == discreet("ABE 21A and B-E 21")


def test_the_code_of_each_device_here_is_known_word_for_word(source: Source) -> None:
    (source.root / "etc/portvakt/enrol-code-post").write_text("M3TG-K7QA\n")
    assert {CODE, "M3TG-K7QA"} <= secrets(source)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_who_asked_with_sudo_can_carry_it_away(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Source", lambda *_: source)
    monkeypatch.setattr(command, "_check", str)
    monkeypatch.setenv("SUDO_UID", "1000")
    monkeypatch.setenv("SUDO_GID", "1001")
    out = tmp_path / "report.tar.gz"
    assert CliRunner().invoke(main, ["report", "--out", str(out)]).exit_code == 0
    told = out.stat()
    assert (1000, 1001, 0o600) == (told.st_uid, told.st_gid, told.st_mode & 0o777)
