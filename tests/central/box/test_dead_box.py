"""The hall box dies; a new one takes its place from the stick, and every device goes on by itself."""

import getpass
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from central.box import setting_up
from central.box.bringing_back import bring_back, look
from central.box.copying import copy_out, make_known
from central.box.place import BoxRefused, Place
from central.box.services import Services
from central.box.setting_up import Asked
from device.session import CentralSession
from device.trust import Trust
from portvakt.cli import main
from tests.central.web.served import PATIENCE_S, Served, running
from tests.fakes.clock import FakeClock
from tests.proxies import ADDRESS, KINDS, NAME, is_here, proxied

ERASED_KEY = "a key\n"

pytestmark = pytest.mark.processes


def box_at(folder: Path) -> Place:
    """A hall box whose data folder is where `running` looks for it."""
    place = Place(folder / "root")
    folder.mkdir(exist_ok=True)
    place.data.mkdir(parents=True, mode=0o700)
    (folder / "data").symlink_to(place.data)
    return place


def set_up(place: Place) -> None:
    asked = Asked(proxy="nginx", name=NAME, address=ADDRESS)
    setting_up.set_up(place, asked, datetime.now(UTC), lambda name: name)


def box(*words: str) -> Result:
    return CliRunner().invoke(main, ["central", "box", *words])


def put_back(stick: Path, place: Place, *words: str) -> Result:
    root = ("--root", str(place.root), "--owner", getpass.getuser())
    return box("restore", str(stick / "portvakt"), *root, *words)


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """What a box that is no more has left."""
    there = tmp_path_factory.mktemp("gone")
    folder, stick = there / "dead", there / "stick"
    stick.mkdir()
    place = box_at(folder)
    set_up(place)
    with running(folder) as central:
        central.set_up()
        _, post = central.device("post")
        arrives(central, post, 1)
        central.admin.ask("backup", folder=str(place.data / "backups"))
    (place.data / "erased.key").write_text(ERASED_KEY)
    make_known(place, stick)
    copy_out(place, stick, datetime.now(UTC))
    pinned = there / "ca-of-the-post.pem"
    shutil.copy(place.ca_for_devices, pinned)
    shutil.rmtree(place.root)
    return stick, pinned, str(post.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def dead(remains: tuple[Path, Path, str], tmp_path: Path) -> tuple[Path, Path, str]:
    """The stick of the dead box, the CA that its devices have, and the token of its post."""
    stick, pinned, token = remains
    return Path(shutil.copytree(stick, tmp_path / "stick")), pinned, token


def arrives(central: Served, post: requests.Session, number: int) -> None:
    body = {
        "id": f"01a2074f-d0a8-7157-9e1d-{number:012d}",
        "plate": f"CAR{number:03d}",
        "at": "2026-11-22T07:30:00Z",
        "synced": False,
        "boot_id": "boot",
        "mono_ms": 1,
    }
    with post:
        assert post.post(central.url("arrivals"), json=body, timeout=PATIENCE_S).ok


def test_posts_go_on_with_their_token_and_the_ca_that_they_have(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    if not is_here(KINDS[0]):
        pytest.skip(f"{KINDS[0]} is not installed on this machine; apt-get install {KINDS[0]}")
    stick, pinned, token = dead
    place = box_at(tmp_path / "new")
    said = put_back(stick, place)
    assert said.exit_code == 0, said.output
    assert "posts, signs and boards go on by themselves" in said.output
    with running(tmp_path / "new", behind_proxy=True) as central, ExitStack() as parts:
        address = central.address.removeprefix("http://")
        proxy = parts.enter_context(proxied(KINDS[0], tmp_path / "proxy", place.tls, address))
        trust = Trust(pinned, FakeClock())
        post = parts.enter_context(CentralSession(proxy.tls, token, trust=trust))
        assert post.exchange("GET", "/v1/stations/hall/expected").status_code == 200
        board = parts.enter_context(central.person())
        queue = board.get(central.url("queue"), timeout=PATIENCE_S).json()
        assert [row["plate"] for row in queue["line"]] == ["CAR001"]
        first = requests.get(central.url("/first"), timeout=PATIENCE_S)
        assert first.url.endswith("/login"), "there is somebody already"
    assert not (place.data / "first-person.code").exists()


def test_what_was_erased_stays_so_and_a_second_restore_writes_over_nothing(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    stick, _, _ = dead
    place = box_at(tmp_path / "new")
    assert put_back(stick, place).exit_code == 0
    assert (place.data / "erased.key").read_text() == ERASED_KEY
    assert not (place.data / "from-the-stick.jsonl.gz").exists()
    assert place.told()["stick"], "and it writes to the same stick"
    before = (place.data / "central.db").read_bytes()
    assert put_back(stick, place).exit_code != 0
    assert (place.data / "central.db").read_bytes() == before


def test_a_new_box_that_made_a_ca_of_its_own_is_told_what_to_do(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    stick, _, _ = dead
    place = box_at(tmp_path / "new")
    set_up(place)
    before = place.ca_for_devices.read_bytes()
    said = put_back(stick, place)
    assert said.exit_code != 0
    assert "This box has made a CA of its own" in said.output
    assert place.ca_for_devices.read_bytes() == before
    assert not (place.data / "central.db").exists()


def test_a_stick_without_a_backup_is_said_to_have_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = box("restore", str(tmp_path / "empty"), "--root", str(tmp_path / "root"))
    assert "is it the right stick?" in said.output


def test_a_box_that_serves_a_station_goes_on_and_nothing_of_it_is_changed(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    stick, _, _ = dead
    place = box_at(tmp_path / "new")
    with running(tmp_path / "new") as central:
        central.set_up()
        said = put_back(stick, place)
        assert "This box serves station hall already, and goes on" in said.output
        assert said.exit_code != 0
        assert requests.get(central.url("/readyz"), timeout=PATIENCE_S).ok
    assert not place.ca.exists()
    assert not place.facts.exists()


class Said(Services):
    """What systemd would be told."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def systemctl(self, *words: str) -> None:
        self.words.append(" ".join(words))


def test_when_the_backup_does_not_load_central_starts_again_with_what_it_had(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    stick, _, _ = dead
    place, told = box_at(tmp_path / "new"), Said()
    (place.data / "erased.key").write_text("its own\n")

    def fails(_inbox: Path) -> None:
        assert (place.data / "erased.key").read_text() == ERASED_KEY
        raise BoxRefused("it failed")

    with pytest.raises(BoxRefused, match="it failed"):
        bring_back(place, look(stick), getpass.getuser(), fails, told)
    assert told.words == ["stop portvakt-central.service", "start portvakt-central.service"]
    assert (place.data / "erased.key").read_text() == "its own\n"
    assert [path.name for path in place.data.iterdir()] == ["erased.key"]
    assert not place.ca.exists()


def test_the_way_to_its_office_is_open_before_central_starts(
    dead: tuple[Path, Path, str], tmp_path: Path
) -> None:
    stick, _, _ = dead
    place, told = box_at(tmp_path / "new"), Said()
    bring_back(place, look(stick), getpass.getuser(), lambda _inbox: None, told)
    assert told.words == ["stop portvakt-central.service", "daemon-reload"]
    assert (place.ca / "ca.pem").exists()
