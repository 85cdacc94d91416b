"""`switch run` from what the fetcher brought to a sentence, and all that may be in its way."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from deploy.errors import InstallError
from deploy.switch import arrived, bundle, command
from deploy.switch.bundle import SIGNER, platform_of
from deploy.switch.command import Switch
from deploy.switch.disk import Disk
from deploy.switch.links import current_folder
from deploy.switch.lock import held
from deploy.switch.place import INCOMING, RELEASES, SETTINGS, SIGNERS, WANTED, Place
from tests.deploy.switch.bundles import key, make_bundle, packed, sign
from tests.deploy.switch.worlds import OLD, SIGN, CutDisk, FakeMachine, PowerCut, make_release

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen: apt-get install openssh-client"
)
RELEASE = "26.11.5-bbbbbbbb"
FILE = f"portvakt-{RELEASE}-here.tar"
NIGHT = [{"begins_at": "2026-09-21T00:00:00+00:00", "ends_at": "2026-09-23T00:00:00+00:00"}]


class Yard:
    """A machine with one release, to which the fetcher brings another."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = Place(root / "machine", is_root=False)
        self.root = root
        make_release(self.place, OLD, [SIGN])
        self.machine = FakeMachine(self.place)
        self.key = key(root / "key")
        signers = self.place.path(SIGNERS)
        signers.parent.mkdir(parents=True)
        signers.write_text(f"{SIGNER} {self.key.with_suffix('.pub').read_text()}")
        self.switch.trials.settle_on(OLD)
        self.machine.restart([SIGN])
        self.say_quiet(NIGHT)

        # A venv and its wheels take seconds; tests of staging build them for real.
        def staged(bundle: Path, place: Place, _roles: list[str], _disk: Disk) -> str:
            folder = f"{bundle.name.removeprefix('portvakt-')}.sign"
            if not (place.path(RELEASES) / folder).exists():
                make_release(place, folder, [SIGN])
            return folder

        monkeypatch.setattr(arrived, "stage", staged)

    @property
    def switch(self) -> Switch:
        return Switch(self.place, Disk(), self.machine)

    @property
    def incoming(self) -> Path:
        return self.place.path(INCOMING)

    @property
    def current(self) -> str:
        return current_folder(self.place)

    def say_quiet(self, times: list[dict[str, str]]) -> None:
        wanted = self.place.path(WANTED)
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_text(json.dumps({"quiet": times}))

    def bring(self, release: str = RELEASE, platform: str = "") -> Path:
        """What the fetcher does."""
        folder = make_bundle(self.root / "made", release, platform or platform_of(self.place))
        self.incoming.mkdir(parents=True, exist_ok=True)
        tar = packed(folder, self.incoming / FILE)
        sign(tar, self.key)
        self.say_ready()
        return tar

    def say_ready(self, **change: str) -> None:
        ready = {"release": RELEASE, "file": FILE} | change
        (self.incoming / "ready.json").write_text(json.dumps(ready))

    @property
    def last(self) -> dict[str, str]:
        return self.switch.trials.records.last()


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    return Yard(tmp_path, monkeypatch)


def test_a_release_that_lies_ready_is_taken_tried_and_kept(yard: Yard) -> None:
    yard.bring()

    assert yard.switch.run() == f"{RELEASE} is good and stays"

    assert yard.current == f"{RELEASE}.sign"
    assert list(yard.incoming.iterdir()) == []
    assert [path for path in yard.place.path(RELEASES).iterdir() if path.name[0] == "."] == []
    assert yard.switch.run() == "nothing lies ready"


def test_a_bad_one_is_taken_back_and_never_taken_again(yard: Yard) -> None:
    yard.bring()
    yard.machine.bad = {f"{RELEASE}.sign"}

    assert yard.switch.run() == f"{RELEASE} was taken back: {SIGN} is failed"
    yard.bring()
    assert yard.switch.run() == f"{RELEASE} was tried here and is bad; it is not tried again"

    assert yard.current == OLD
    assert list(yard.incoming.iterdir()) == [], "it does not stay on the disk"


def test_while_the_station_works_it_waits(yard: Yard) -> None:
    yard.bring()
    yard.say_quiet([NIGHT[0] | {"ends_at": "2026-09-21T00:00:01+00:00"}])

    assert yard.switch.run() == f"{RELEASE} waits until the station is shut"
    assert (yard.incoming / "ready.json").exists()
    yard.say_quiet(NIGHT)
    assert yard.switch.run() == f"{RELEASE} is good and stays"


def test_what_central_said_of_the_night_may_be_nonsense(yard: Yard) -> None:
    yard.bring()
    yard.say_quiet([{"begins_at": "tonight", "ends_at": "tomorrow"}, {}])
    yard.place.path(WANTED).with_name("other.json").write_text("[")

    assert yard.switch.run() == f"{RELEASE} waits until the station is shut"


def test_a_clock_of_1970_does_not_know_that_it_is_night(yard: Yard) -> None:
    yard.bring()
    yard.machine.is_synced = False

    assert "the clock is not set" in yard.switch.run()
    assert yard.current == OLD


def test_settings_let_a_bench_update_at_any_time(yard: Yard) -> None:
    yard.bring()
    yard.machine.is_synced = False
    yard.say_quiet([])
    yard.place.path(SETTINGS).write_text('quiet = "any"\nneed_synced_clock = false\n')

    assert yard.switch.run() == f"{RELEASE} is good and stays"


def _change(yard: Yard) -> None:
    tar = yard.incoming / FILE
    content = bytearray(tar.read_bytes())
    content[content.index(b"a wheel")] ^= 1
    tar.write_bytes(content)


def _unsign(yard: Yard) -> None:
    (yard.incoming / f"{FILE}.sig").unlink()


def _other_platform(yard: Yard) -> None:
    yard.bring(platform="cp399-vax")


def _other_release(yard: Yard) -> None:
    yard.bring(release="26.10.1-cccccccc")


def _link(yard: Yard) -> None:
    (yard.incoming / FILE).unlink()
    (yard.incoming / FILE).symlink_to("/etc/shadow")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_change, "is not good: it was changed"),
        (_unsign, "has no signature"),
        (_other_platform, "is for cp399-vax, and this machine is"),
        (_other_release, f"holds 26.10.1-cccccccc, and {RELEASE} was wanted"),
        (_link, "is not there"),
    ],
)
def test_what_is_not_right_is_refused_and_told(
    yard: Yard, change: Callable[[Yard], None], says: str
) -> None:
    yard.bring()
    change(yard)

    assert says in yard.switch.run()

    assert yard.current == OLD
    assert yard.machine.runs_from == {SIGN: OLD}
    assert (yard.last["phase"], yard.last["about"]) == ("refused", RELEASE)
    assert says in yard.last["why"]
    assert list(yard.incoming.iterdir()) == [], "it is fetched anew if it is wanted"


def test_a_file_that_is_changed_after_it_was_verified_changes_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetcher is another user, who may be anybody's by now: root works on a copy of its own."""

    def verify(place: Place, tar: Path) -> None:
        bundle.verify(place, tar)
        _change(yard)

    yard.bring()
    monkeypatch.setattr(arrived, "verify", verify)

    assert yard.switch.run() == f"{RELEASE} is good and stays"


def test_a_full_disk_while_staging_leaves_what_ran_and_the_file(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    yard.bring()
    monkeypatch.setattr(arrived, "stage", full)

    assert "is full; free some space" in yard.switch.run()

    assert yard.current == OLD
    assert yard.last["phase"] == "refused"
    assert (yard.incoming / FILE).exists(), "it was good, and need not come again"
    assert not (yard.place.path(RELEASES) / ".incoming").exists()


@pytest.mark.parametrize("file", ["../../etc/passwd.tar", "/etc/shadow", ".tar", "a b.tar", ""])
def test_a_name_that_is_no_plain_one_lies_not_ready(yard: Yard, file: str) -> None:
    yard.bring()
    yard.say_ready(file=file)

    assert yard.switch.run() == "nothing lies ready"


def test_the_release_that_runs_already_is_not_taken_again(yard: Yard) -> None:
    yard.bring()
    yard.switch.run()
    yard.bring()

    assert yard.switch.run() == f"{RELEASE} runs here already"


def test_a_trial_under_way_goes_on_before_anything_else(yard: Yard) -> None:
    make_release(yard.place, f"{RELEASE}.sign", [SIGN])
    yard.switch.trials.begin(f"{RELEASE}.sign")
    yard.incoming.mkdir(parents=True)
    yard.say_ready(release="26.11.6-cccccccc")

    assert yard.switch.run() == f"{RELEASE} is good and stays"


def test_its_status_is_told_in_words_and_for_programs(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    yard.bring()
    yard.machine.bad = {f"{RELEASE}.sign"}
    yard.switch.run()
    root = f"--root={yard.place.root}"

    assert command.main([root, "status"]) == 0
    said = capsys.readouterr().out
    assert "26.11.4-aaaaaaaa runs here" in said
    assert f"not tried again: {RELEASE} ({SIGN} is failed)" in said
    assert command.main([root, "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bad"] == {RELEASE: f"{SIGN} is failed"}


def test_a_person_lets_a_bad_release_be_tried_again(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    yard.switch.trials.records.condemn(RELEASE, "it was bad")

    assert command.main([f"--root={yard.place.root}", "forget", RELEASE]) == 0

    assert capsys.readouterr().out == f"{RELEASE} may be tried again\n"
    assert yard.switch.trials.records.bad() == {}


def test_a_wrong_word_ends_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fly"]) == 2
    assert "see switch --help" in capsys.readouterr().err


def test_a_slip_of_the_pen_in_the_settings_stops_new_releases_and_nothing_else(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    make_release(yard.place, f"{RELEASE}.sign", [SIGN])
    yard.switch.trials.begin(f"{RELEASE}.sign")
    yard.place.path(SETTINGS).write_text("watch = 3")
    yard.machine.bad = {f"{RELEASE}.sign"}

    assert yard.switch.run() == f"{RELEASE} was taken back: {SIGN} is failed"

    tar = yard.bring("26.11.6-cccccccc")
    yard.say_ready(release="26.11.6-cccccccc")
    assert "waits: " in (said := yard.switch.run())
    assert "there is no setting watch" in said
    assert command.main([f"--root={yard.place.root}", "take", str(tar)]) == 2
    assert "there is no setting watch" in capsys.readouterr().err


def test_a_night_that_ends_while_a_release_is_built_is_waited_for(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is to wait for a post that is restarted in the morning."""
    build = vars(arrived)["stage"]

    def slowly(*words: object) -> str:
        yard.machine.now += 100_000
        return str(build(*words))

    yard.bring()
    yard.say_quiet([NIGHT[0] | {"ends_at": "2026-09-22T00:00:00+00:00"}])
    monkeypatch.setattr(arrived, "stage", slowly)

    assert yard.switch.run() == f"{RELEASE} waits until the station is shut"
    assert yard.current == OLD
    assert (yard.incoming / "ready.json").exists()


def test_a_night_too_short_for_the_watch_is_not_begun(yard: Yard) -> None:
    yard.bring()
    at = datetime.fromtimestamp(yard.machine.wall() + 500, UTC).isoformat()
    yard.say_quiet([NIGHT[0] | {"ends_at": at}])

    assert yard.switch.run() == f"{RELEASE} waits until the station is shut"


def test_while_somebody_installs_a_person_hears_that_it_must_wait(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    tar = yard.bring()
    with held(yard.place):
        assert command.main([f"--root={yard.place.root}", "take", str(tar)]) == 2
    assert "another update is at work here" in capsys.readouterr().err


def test_a_strict_umask_of_a_person_makes_no_release_that_services_cannot_read(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.umask(0o077)
    try:
        command.main([f"--root={yard.place.root}", "forget", RELEASE])
        assert capsys.readouterr().out
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@pytest.mark.parametrize("after", [False, True])
def test_a_cut_at_any_step_from_the_file_to_the_end_leaves_a_release_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    for step in count(1):
        yard = Yard(tmp_path / f"{step}", monkeypatch)
        yard.bring()
        disk = CutDisk(step, after=after)
        switch = Switch(yard.place, disk, yard.machine)
        with suppress(PowerCut):
            switch.run()
        yard.machine.boots += 1
        yard.switch.trials.boot()
        yard.machine.restart([SIGN])
        yard.switch.run()

        assert yard.current == f"{RELEASE}.sign", f"cut at {step}"
        assert yard.machine.runs_from[SIGN] == yard.current
        assert yard.switch.trials.records.trial() is None
        if disk.steps < step:
            assert step > 6, "hardly anything was cut"
            return


def test_a_person_brings_a_release_on_a_stick_at_any_time_and_it_is_tried(yard: Yard) -> None:
    """As a hall box is updated, which nobody updates at night."""
    tar = yard.bring()
    yard.say_quiet([])
    yard.machine.is_synced = False
    yard.switch.trials.records.condemn(RELEASE, "it was bad")

    assert yard.switch.take(tar) == f"{RELEASE} is good and stays"
    assert yard.switch.take(tar) == f"{RELEASE}.sign runs here already"


def test_a_release_on_a_stick_that_is_bad_is_taken_back(yard: Yard) -> None:
    tar = yard.bring()
    yard.machine.bad = {f"{RELEASE}.sign"}

    assert yard.switch.take(tar) == f"{RELEASE} was taken back: {SIGN} is failed"
    assert yard.current == OLD


def test_a_file_that_is_not_there_ends_in_a_sentence(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([f"--root={yard.place.root}", "take", "/nowhere/portvakt.tar"]) == 2
    assert "is not there, or no plain file" in capsys.readouterr().err


def test_during_a_trial_no_other_release_is_taken(yard: Yard) -> None:
    make_release(yard.place, f"{RELEASE}.sign", [SIGN])
    yard.switch.trials.begin(f"{RELEASE}.sign")

    with pytest.raises(InstallError, match="is on trial; wait until it is over"):
        yard.switch.take(yard.bring())
