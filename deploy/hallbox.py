"""A hall box: what `install --role central` does beyond the service, by the release's own commands.

The certificates, the proxy's file and the way back from a stick belong to the release (`portvakt central
box ...`), so that they are mended by an update too; here a person's words are handed on.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.errors import InstallError
from deploy.roles import Role
from deploy.switch.place import CURRENT, last_line
from deploy.target import Target

PROXIES = {"nginx": "/usr/sbin/nginx", "caddy": "/usr/bin/caddy"}
ROLE = "central"
_PORTVAKT = f"{CURRENT}/venv/bin/portvakt"
_FACTS = "etc+portvakt+box.json"  # as central.box.kit names it
_CODE = "/var/lib/portvakt-central/first-person.code"


@dataclass(frozen=True, slots=True, kw_only=True)
class HallBox:
    """How the box is reached, and by which proxy; or the folder on a stick with the box that it replaces."""

    proxy: str = ""
    name: str = ""
    address: str = ""
    stick: Path | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What `portvakt central box` is told."""
        if self.stick is not None:
            return ("restore", str(self.stick))
        names = ("--name", self.name, "--address", self.address)
        return ("set-up", "--proxy", self.proxy, *names)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a person say how the box is reached."""
    box = parser.add_argument_group("a hall box (with --role central)")
    box.add_argument("--proxy", choices=sorted(PROXIES), help="put it in front, with TLS")
    box.add_argument("--name", help="how devices and browsers call the box: hall.example.com")
    box.add_argument("--address", help="its address in the hall's network: 192.0.2.20")
    box.add_argument(
        "--from",
        dest="stick",
        type=Path,
        help="replace a dead box: the stick with its backups, mounted here",
    )


def chosen(words: argparse.Namespace) -> HallBox | None:
    """Read the words of `add_arguments`; None when a person gave none of them.

    Raises:
        InstallError: some are missing, or they contradict each other.
    """
    given = [words.proxy, words.name, words.address]
    if words.stick is None and not any(given):
        return None
    if ROLE not in words.role:
        raise InstallError("--proxy, --name, --address and --from are for --role central")
    if words.stick is None and not all(given):
        raise InstallError("give --proxy, --name and --address together")
    if words.stick is not None and any([words.name, words.address]):
        raise InstallError("the stick of --from says the name and the address; leave them out")
    return HallBox(
        proxy=words.proxy or "",
        name=words.name or "",
        address=words.address or "",
        stick=words.stick,
    )


def fitted(role: Role, box: HallBox | None) -> Role:
    """Add the proxy to what *role* needs of Debian."""
    proxy = "" if box is None or role.name != ROLE else box.proxy or _proxy_on(box.stick)
    if proxy not in PROXIES:
        return role
    program = (PROXIES[proxy], proxy)
    return replace(role, own_programs=(*role.own_programs, program))


def _proxy_on(stick: Path | None) -> str:
    """Read which proxy the dead box had; the release says what is wrong with a stick, we do not."""
    if stick is None:
        return ""
    for folder in (stick / "portvakt", stick):
        try:
            facts = json.loads((folder / "box" / _FACTS).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        return str(facts.get("proxy", "")) if isinstance(facts, dict) else ""
    return ""


def configure_hall_box(target: Target, options: HallBox | None) -> list[str]:
    """Make the machine a hall box by the release that is current there; say what a person does next.

    Raises:
        InstallError: the sentence of the command, which has left everything as it was.
    """
    if options is None:
        return []
    if not target.place.is_root:
        line = " ".join(options.words)
        return [f"on the machine, run: portvakt central box {line}"]
    if options.stick is not None and not target.is_this_machine:
        raise InstallError("--from is for the machine itself; install there, without --root")
    done = target.place.run(_PORTVAKT, "central", "box", *options.words)
    if done.returncode != 0:
        raise InstallError(last_line(done).removeprefix("portvakt: ").rstrip("."))
    return [*done.stdout.splitlines(), *_first_person(target, options)]


def _first_person(target: Target, options: HallBox) -> list[str]:
    """Say who comes first, unless there is somebody already."""
    if options.stick is not None or (target.is_this_machine and not Path(_CODE).exists()):
        return []
    return [f"first person: open https://{options.name}/first; the code: sudo cat {_CODE}"]
