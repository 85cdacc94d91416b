"""`portvakt report`: the bundle for support."""

import gzip
import io
import os
import platform
import tarfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from contract.errors import PortvaktError
from portvakt.check_command import NothingHere, all_asked, as_document
from portvakt.report.discreet import discreet
from portvakt.report.parts import LONGEST, Source, as_text, parts, ran, secrets

LARGEST = 8 * 2**20
_ABOUT = """\
What Portvakt's machine {host} said of itself at {at} UTC.

Number plates, personal and telephone numbers, mail addresses, tokens, codes and passwords were masked (****).
{files}
"""


class NotWritten(PortvaktError):
    """The bundle could not be written."""


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to; portvakt-report-MACHINE-TIME.tar.gz here unless told.",
)
def report(out: Path | None) -> None:
    """Put all that support asks for into one file, without plates, numbers, tokens and codes."""
    at, host = datetime.now(UTC), platform.node() or "machine"
    out = out or Path(f"portvakt-report-{host}-{at:%Y%m%d-%H%M}.tar.gz")
    source = Source(Path("/"), ran)
    known = secrets(source)
    texts = [
        (name, discreet(text, known)) for name, text in (("check.json", _check()), *parts(source))
    ]
    bundle = bundled(texts, at, host)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            give(file.fileno(), os.environ)
            file.write(bundle)
    except OSError as error:
        raise NotWritten(
            f"{out} cannot be written: {error.strerror}; name another place: --out"
        ) from error
    click.echo(
        f"{out.resolve()} ({len(bundle) // 1024 + 1} KB) is for support: how this machine is, its log, its"
        " settings and its network. Plates, telephone numbers, tokens and codes in it are masked."
    )
    if os.geteuid() != 0:
        click.echo("Not all could be read; better: sudo portvakt report")


def give(file: int, environ: Mapping[str, str]) -> None:
    """Give the open *file* to the person behind sudo(8), who is to carry it away."""
    if os.geteuid() != 0 or not environ.get("SUDO_UID", "").isdecimal():
        return
    with suppress(OSError):  # a stick with FAT knows no owners
        os.fchown(file, int(environ["SUDO_UID"]), int(environ.get("SUDO_GID") or -1))


def bundled(texts: Iterable[tuple[str, str]], at: datetime, host: str) -> bytes:
    """Pack *texts* into one tar, packed by gzip(1); what would make it too large is left out and named."""
    kept, left, size = [], [], 0
    for name, text in texts:
        content = text.encode("utf-8", "replace")[-LONGEST:]
        size += len(content)
        if size > LARGEST:
            left.append(f"{name}: left out, the bundle would be too large")
        else:
            kept.append((name, content))
    names = [f"{name}: {len(content)} bytes" for name, content in kept] + left
    about = _ABOUT.format(host=host, at=f"{at:%Y-%m-%d %H:%M}", files="\n".join(names)).encode()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w") as tar,
    ):
        for name, content in (("README.txt", about), *kept):
            member = tarfile.TarInfo(f"portvakt-report/{name}")
            member.size, member.mode, member.mtime = len(content), 0o600, int(at.timestamp())
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _check() -> str:
    try:
        return as_text(as_document(list(all_asked())))
    except NothingHere as error:
        return f"{error}\n"
