import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from deploy.roles import COPIES
from tests.deploy.places import listing, run_install

pytestmark = pytest.mark.processes

VENV = "opt/portvakt/current/venv"
UNITS = {
    "post": "portvakt-kiosk.service",
    "sign": "portvakt-sign.service",
    "central": "portvakt-central.service",
}
# One module for each library that a role cannot do without.
LIBRARIES = {
    "post": ["kiosk.entry", "device.outbox", "gpiozero", "flask", "requests", "evdev", "serial"],
    "sign": ["signage.service", "signage.blank", "luma.led_matrix.device", "spidev", "PIL.Image"],
    "central": ["central.serving.serve", "sqlalchemy", "alembic", "uvicorn", "uvloop", "argon2"],
}


def venv_python(root: Path, *words: str) -> str:
    command = [str(root / VENV / "bin/python"), "-I", "-B", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout


@pytest.mark.parametrize("role", UNITS)
def test_the_virtual_environment_imports_what_the_role_needs(installed: Path, role: str) -> None:
    for module in LIBRARIES[role]:
        told = venv_python(installed, "-c", f"import {module}; print({module}.__file__)")

        assert Path(told).is_relative_to(installed / VENV), "not the system's own copy"


def test_the_command_is_there_and_names_its_final_path(installed: Path) -> None:
    script = installed / VENV / "bin/portvakt"
    release = (installed / "opt/portvakt/current").resolve().name

    first = script.read_text().splitlines()[0]

    assert first.startswith(f"#!/opt/portvakt/releases/{release}/venv/bin/python")
    assert "ABC123" in venv_python(installed, "-m", "portvakt", "plate", "abc 123")


def test_the_command_is_on_the_path_and_follows_the_release_that_is_current(
    installed: Path,
) -> None:
    link = installed / "usr/local/bin/portvakt"

    pointed = os.fspath(link.readlink())

    assert pointed == "/opt/portvakt/current/venv/bin/portvakt"
    assert (installed / pointed.lstrip("/")).is_file(), "there in the root that it belongs to"


def test_nothing_in_the_environment_names_the_folder_that_it_was_made_in(installed: Path) -> None:
    """The folder becomes the root of another machine."""
    scripts = [path for path in (installed / VENV / "bin").iterdir() if not path.is_symlink()]

    for path in (*scripts, installed / VENV / "pyvenv.cfg"):
        assert str(installed).encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize("unit", [*UNITS.values(), "portvakt-browser.service"])
def test_units_are_linked_through_current_and_start_at_boot(installed: Path, unit: str) -> None:
    folder = installed / "etc/systemd/system"
    for place in (folder / unit, folder / "multi-user.target.wants" / unit):
        pointed = os.fspath(place.readlink())

        assert pointed == f"/opt/portvakt/current/systemd/{unit}"
        assert (installed / pointed.lstrip("/")).is_file(), "there in the root that it belongs to"


@pytest.mark.parametrize(
    "place",
    [
        "etc/sysusers.d/portvakt.conf",
        "etc/tmpfiles.d/portvakt.conf",
        "etc/modules-load.d/portvakt.conf",
        "etc/udev/rules.d/60-portvakt.rules",
        "etc/udev/rules.d/70-portvakt-sign.rules",
        "etc/udev/rules.d/80-portvakt-post.rules",
        "etc/chromium/policies/managed/portvakt.json",
        "etc/systemd/journald.conf.d/50-portvakt.conf",
    ],
)
def test_configuration_of_the_machine_is_linked(installed: Path, place: str) -> None:
    pointed = os.fspath((installed / place).readlink())

    assert (installed / pointed.lstrip("/")).is_file()


def test_every_file_of_our_packages_arrives(installed: Path, checkout: Path) -> None:
    """Pages, styles and migrations are data to setuptools, and data is forgotten easily."""
    (site,) = (installed / VENV / "lib").glob("python3*/site-packages")
    found = tomllib.loads((checkout / "pyproject.toml").read_text())
    packages = found["tool"]["setuptools"]["packages"]["find"]["include"]

    missing = [
        str(path.relative_to(checkout))
        for package in packages
        for path in (checkout / package.rstrip("*")).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not (site / path.relative_to(checkout)).exists()
    ]

    assert missing == []


@pytest.mark.parametrize("role", UNITS)
def test_a_second_time_changes_no_path_mode_or_content(
    installed: Path, checkout: Path, role: str
) -> None:
    before = listing(installed)

    done = run_install(checkout, "--role", role, "--root", installed)

    assert f"{role}: already installed" in done.stdout
    assert listing(installed) == before


def test_the_technicians_page_lies_there_as_a_printer_has_it(installed: Path) -> None:
    page = installed / "opt/portvakt/current"
    sheet = page.resolve() if page.exists() else installed / str(page.readlink()).lstrip("/")
    assert "@page{size:A4" in (sheet / "technician.html").read_text("utf-8")


def test_a_technicians_settings_stay(installed: Path, checkout: Path) -> None:
    settings = installed / "etc/portvakt/sign.toml"
    example = settings.read_text()
    settings.write_text("# mine\n")
    try:
        done = run_install(checkout, "--role", "sign", "--root", installed)

        assert done.returncode == 0
        assert settings.read_text() == "# mine\n"
    finally:
        settings.write_text(example)


@pytest.mark.parametrize("role", ["post", "sign"])
def test_the_package_that_brings_lgpio_is_named_in_one_line(
    installed: Path, checkout: Path, role: str
) -> None:
    """A post's keys hang on it, and a sign's timer."""
    done = run_install(checkout, "--role", role, "--root", installed)

    (said,) = [line for line in done.stdout.splitlines() if "lgpio" in line]
    assert said.startswith("lgpio is missing, which only Raspberry Pi OS has (python3-lgpio)")


def test_the_programs_that_a_post_starts_are_named_with_their_packages(
    installed: Path, checkout: Path
) -> None:
    """The folder has none of them; a sign needs but one, which tells whose a release is."""
    post = run_install(checkout, "--role", "post", "--root", installed)
    sign = run_install(checkout, "--role", "sign", "--root", installed)

    wanted = "cage chromium espeak-ng fonts-roboto-unhinted openssh-client seatd"
    assert f"programs are missing: run: apt-get install {wanted}\n" in post.stdout
    assert "programs are missing: run: apt-get install openssh-client\n" in sign.stdout


def test_the_release_says_what_it_holds(installed: Path) -> None:
    release = (installed / "opt/portvakt/current").resolve()
    mark = json.loads((release / "release.json").read_text())

    assert mark["roles"] == ["central", "post", "sign"]
    assert release.name == f"{mark['release']}.central-post-sign"
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{8}", mark["release"])
    assert mark["release"].startswith(f"{mark['version']}-")
    assert set(UNITS.values()) <= set(mark["units"])
    assert not list(release.glob("wheels")), "what was only needed to build is gone"


def test_the_updater_and_its_units_lie_where_no_release_reaches(installed: Path) -> None:
    switch = installed / "usr/local/lib/portvakt/switch"
    done = subprocess.run([switch, "--help"], capture_output=True, text=True, check=True)

    assert "take back releases" in done.stdout
    assert switch.stat().st_mode & 0o777 == 0o755
    for unit in COPIES:
        assert (installed / "etc/systemd/system" / unit).is_file()
        assert not (installed / "etc/systemd/system" / unit).is_symlink(), unit


def test_a_unit_that_a_person_switched_off_stays_so(installed: Path, checkout: Path) -> None:
    """Where two centrals run on one machine, the single one is not to start with it again."""
    folder = installed / "etc/systemd/system"
    links = [folder / UNITS["central"], folder / "multi-user.target.wants" / UNITS["central"]]
    pointed = [link.readlink() for link in links]
    for link in links:  # as `systemctl disable` does
        link.unlink()
    try:
        run_install(checkout, "--role", "central", "--root", installed)

        assert not any(link.is_symlink() for link in links)
    finally:
        for link, to in zip(links, pointed, strict=True):
            link.symlink_to(to)


def test_the_unit_of_further_centrals_is_there_and_not_started(installed: Path) -> None:
    folder = installed / "etc/systemd/system"

    assert (folder / "portvakt-central@.service").is_symlink()
    assert not list(folder.glob("*.wants/portvakt-central@*"))
