"""`portvakt central release ...`: the releases that machines may fetch from this central."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from contract.errors import PortvaktError
from portvakt.asking import ask, show_progress
from portvakt.central_options import data_option, json_option
from portvakt.fleet_words import release_line

_SIG = ".sig"


class NotCopied(PortvaktError):
    """A release could not be brought into the data folder."""


@click.group()
def release() -> None:
    """Releases: take in, list, remove."""


@release.command("add")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.tar...",
)
@data_option
def add(files: tuple[Path, ...], data: Path) -> None:
    """Take in each FILE.tar that make-release wrote, once its signature FILE.tar.sig is proven."""
    for file in files:
        with _brought(file, data) as name:
            found = ask(
                data,
                "add_release",
                progress=lambda done, of: show_progress(
                    f"{done // 1_000_000} of {of // 1_000_000} MB read", last=done == of
                ),
                file=name,
            )
        click.echo(f"{found['release']} for {found['platform']} is taken in.")
    click.echo("Nobody gets it yet; let a ring have it: portvakt fleet release NAME --ring lab")


@release.command("list")
@data_option
@json_option
def list_(data: Path, *, as_json: bool) -> None:
    """Show the releases, the newest first."""
    found = ask(data, "fleet")["releases"]
    if as_json:
        click.echo(json.dumps(found))
        return
    for one in found:
        click.echo(release_line(one))
    if not found:
        click.echo("There is no release here; add one: portvakt central release add FILE.tar")


@release.command("remove")
@click.argument("release")
@data_option
def remove(release: str, data: Path) -> None:
    """Forget RELEASE and delete its files; refused while a ring or a machine wants it."""
    files = ask(data, "remove_release", release=release)["files"]
    click.echo(f"{release} is gone, with {len(files)} files.")


@contextmanager
def _brought(file: Path, data: Path) -> Iterator[str]:
    """Copy a release and its signature to where central reads them; what it does not take goes again.

    Central runs as another user and sees no other folder.
    """
    folder, name = data / "releases", f"{file.name}.part"
    copies = {file: folder / name, file.with_name(f"{file.name}{_SIG}"): folder / f"{name}{_SIG}"}
    try:
        _make(folder, data)
        for source, copy in copies.items():
            if source.is_file():
                shutil.copyfile(source, copy)
                _give(copy, data)
        yield name
    except OSError as error:
        raise NotCopied(
            f"{file.name} cannot be copied to {folder} ({error.strerror}); look at that disk, and do it as"
            f" the owner of {data}."
        ) from error
    finally:
        for copy in copies.values():
            copy.unlink(missing_ok=True)


def _make(folder: Path, data: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        _give(folder, data)


def _give(path: Path, data: Path) -> None:
    """Let central own what root has brought."""
    owner = data.stat()
    if owner.st_uid != path.stat().st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)
