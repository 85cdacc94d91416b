"""`portvakt fleet ...` and `portvakt central release ...`, asked over the socket of a central here."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central.database.store import Store
from central.migrations import migrate
from central.serving.admin import AdminServer
from central.serving.commands import Commands
from central.yard import Yard
from contract.errors import PortvaktError
from contract.fleet import MachineSaid, Phase
from contract.wire import Enrol, Role
from portvakt import fleet_words
from portvakt.cli import main
from tests.central.fleet.bundles import NEXT, PLATFORM, RELEASE, Signer
from tests.fakes.clock import FakeClock

OLD = "26.11.4-0a0b0c0d"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once."""
    folder = tmp_path_factory.mktemp("model")
    migrate(f"sqlite:///{folder}/central.db")
    return folder / "central.db"


class Park:
    """Two stations with a post each, and a central that answers."""

    def __init__(self, yard: Yard, data: Path, signer: Signer) -> None:
        self.yard, self.data, self.signer = yard, data, signer
        self.posts = {}
        for station in ("0312", "0417"):
            yard.places.create_station(station, f"Station {station}", "Europe/Stockholm")
            code = yard.devices.create_device_code(station, Role.POST, "Post 1", None)
            token = yard.devices.enrol(station, Enrol(code=code)).token
            self.posts[station] = yard.devices.by_token(token)

    def says(self, station: str, **words: object) -> None:
        device = self.posts[station]
        assert device is not None
        facts = {"release": OLD, "platform": PLATFORM, "boot": "b"} | words
        self.yard.fleet.hear(device, MachineSaid(**facts))  # type: ignore[arg-type]

    def run(self, *words: str) -> Result:
        """Run it on the machine of this central."""
        own = ("--data", str(self.data))
        before = () if words[:1] == ("central",) else ("fleet",)
        return CliRunner().invoke(main, [*before, *words, *own])

    def does(self, *words: str) -> str:
        answer = self.run(*words)
        assert answer.exit_code == 0, answer.output
        return answer.stdout.strip()

    def refused(self, *words: str) -> str:
        answer = self.run(*words)
        assert answer.exit_code != 0, answer.output
        return answer.stderr

    def add(self, release: str = RELEASE) -> str:
        file = self.signer.release(self.data.parent / "stick", release)
        return self.does("central", "release", "add", str(file))


@pytest.fixture
def park(tmp_path: Path, model: Path, signer: Signer) -> Iterator[Park]:
    data = tmp_path / "central"
    data.mkdir()
    (data / "central.db").write_bytes(model.read_bytes())
    (data / "allowed_signers").write_text(signer.trust, "ascii")
    clock = FakeClock()
    store = Store(f"sqlite:///{data}/central.db", clock)
    yard = Yard(store, clock, folder=data)
    with AdminServer(data / "central.sock", Commands(yard, "", lambda _: None)):
        yield Park(yard, data, signer)
    store.close()


# -- releases -------------------------------------------------------------------------------------


def test_a_release_is_taken_in_from_wherever_it_lies(park: Park) -> None:
    assert park.add().startswith(f"{RELEASE} for {PLATFORM} is taken in.\nNobody gets it yet;")
    assert park.does("central", "release", "list").startswith(f"{RELEASE}  {PLATFORM}  0.0 MB")
    assert json.loads(park.does("central", "release", "list", "--json"))[0]["release"] == RELEASE


def test_what_is_not_taken_in_leaves_nothing_behind(park: Park) -> None:
    file = park.signer.release(park.data.parent / "stick")
    file.write_bytes(file.read_bytes() + b"more")
    said = park.refused("central", "release", "add", str(file))
    assert said == (
        f"portvakt: {file.name} is not the file that was signed: it was changed on its way; copy it again.\n"
    )
    assert list((park.data / "releases").iterdir()) == []


def test_a_file_without_its_signature_is_said_so(park: Park) -> None:
    file = park.signer.release(park.data.parent / "stick")
    file.with_name(f"{file.name}.sig").unlink()
    said = park.refused("central", "release", "add", str(file))
    assert f"{file.name} has no signature; put {file.name}.sig beside it" in said


def test_a_full_disk_is_said_so(park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    file = park.signer.release(park.data.parent / "stick")
    monkeypatch.setattr("shutil.copyfile", full)
    said = park.refused("central", "release", "add", str(file))
    assert "cannot be copied" in said
    assert "(No space left on device)" in said


def test_a_release_is_removed_unless_somebody_wants_it(park: Park) -> None:
    park.add()
    park.does("release", RELEASE, "--ring", "lab")
    assert "is wanted by ring lab" in park.refused("central", "release", "remove", RELEASE)
    park.add(NEXT)
    assert park.does("central", "release", "remove", NEXT) == f"{NEXT} is gone, with 1 files."


def test_without_a_release_the_next_step_is_said(park: Park) -> None:
    assert park.does("central", "release", "list").endswith("portvakt central release add FILE.tar")


# -- the fleet ------------------------------------------------------------------------------------


def test_the_fleet_is_said_in_words_first_and_then_row_by_row(park: Park) -> None:
    park.says("0312")
    park.says("0417", phase=Phase.ROLLED_BACK, about=RELEASE, why="panel did not open")
    said = park.does().splitlines()
    assert said[0] == (
        f"1 of 2 stations ready; 0417 Post 1 rolled back {RELEASE}: panel did not open."
    )
    assert said[2] == "ring all: 2 stations, wants no release"
    rows = [line.split() for line in said[5:]]
    assert rows[0][:6] == ["<-", "0417", "Post", "1", "rolled", "back"]
    assert rows[1][:5] == ["ok", "0312", "Post", "1", "ready"]


def test_scripts_get_it_as_json(park: Park) -> None:
    park.says("0312")
    fleet = json.loads(park.does("--json"))
    assert {row["station"]: row["state"] for row in fleet["machines"]} == {
        "0312": "ready",
        "0417": "unheard",
    }


def test_a_ring_gets_a_release_by_its_version(park: Park) -> None:
    park.add()
    assert park.does("release", "26.11.5", "--ring", "lab") == (
        f"Ring lab wants {RELEASE} now; machines take it when their station is shut."
    )
    assert park.does("release", "26.11.5", "--ring", "lab") == f"Ring lab wants {RELEASE} already."
    assert "There is no release 9.9 here" in park.refused("release", "9.9", "--ring", "lab")


def test_a_version_that_two_have_is_asked_for_in_full(park: Park) -> None:
    other = "26.11.5-ffffffff"
    park.add()
    park.add(other)
    said = park.refused("release", "26.11.5", "--ring", "lab")
    assert "There are 2 releases 26.11.5; say" in said
    assert other in said


def test_a_release_is_halted_with_a_reason_and_goes_on(park: Park) -> None:
    park.add()
    assert park.does("halt", RELEASE, "--why", "It flickers") == (
        f"{RELEASE} is halted; those that run it stay."
    )
    assert f"{RELEASE} is halted: It flickers." in park.does()
    assert park.does("resume", RELEASE) == f"{RELEASE} goes on."
    assert park.does("resume", RELEASE) == f"{RELEASE} is not halted."


def test_a_machine_is_pinned_by_its_id_or_by_a_name_that_one_has(park: Park) -> None:
    park.says("0417")
    device = park.posts["0417"]
    assert device is not None
    said = park.refused("pin", "Post 1", OLD)
    assert "2 machines are named Post 1; say" in said
    assert park.does("pin", "Post 1", OLD, "--station", "0417") == f"0417 Post 1 stays at {OLD}."
    assert f"{OLD} (pinned)" in park.does()
    assert park.does("unpin", device.id) == "0417 Post 1 follows ring all."
    assert "There is no machine Post 9" in park.refused("pin", "Post 9", OLD)


def test_a_station_is_put_into_a_ring(park: Park) -> None:
    assert park.does("ring", "0417", "lab") == "0417 is in ring lab now."
    assert "ring lab: 1 station, wants no release" in park.does()
    assert "There is no station mars" in park.refused("ring", "mars", "lab")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7_300, "2 h"), (180_000, "2 d")],
)
def test_an_age_is_said_in_one_unit(seconds: int, words: str) -> None:
    assert fleet_words.age(seconds) == words


def test_the_folder_may_stand_before_the_command_too(park: Park) -> None:
    words = ["fleet", "--data", str(park.data), "ring", "0417", "lab"]
    assert CliRunner().invoke(main, words).stdout == "0417 is in ring lab now.\n"


def test_no_central_is_said_so(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["fleet", "--data", str(tmp_path)])
    assert answer.exit_code == 2
    assert "Central is not running here" in answer.stderr
    assert not isinstance(answer.exception, PortvaktError)
