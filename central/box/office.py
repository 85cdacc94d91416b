"""A hall box is told its office: the key, the options of the service, and the way there."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from central.box.options import say_to_central
from central.box.place import FOR_ALL, BoxRefused, Place, write
from central.box.reaching import Resolve, addresses_of, may_reach, reached

TOKEN_FILE = Path("/etc/portvakt/office.token")
CA_FILE = Path("/etc/portvakt/office-ca.pem")
_OWNER = "portvakt-central"
_FOR_CENTRAL = 0o640
_TOKEN = re.compile(r"[!-~]{16,256}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The office's address, the key that it gave this hall, and the authority that it is checked by."""

    url: str
    token: str = field(repr=False)
    ca: Path | None = None

    @property
    def host(self) -> str:
        """Its host name or its address."""
        return urlsplit(self.url).hostname or ""

    def checked(self) -> "Office":
        """The same, in the form that is kept.

        Raises:
            BoxRefused: a word of it makes no sense.
        """
        try:
            parts = urlsplit(self.url)
            is_right = parts.scheme == "https" and parts.hostname and parts.port != 0
        except ValueError:
            is_right = False
        if not is_right or re.search(r"[\s\"'$\\?#@]", self.url):
            raise BoxRefused(
                f'"{self.url}" is no address of an office; write https://office.example.com.'
            )
        if _TOKEN.fullmatch(self.token) is None:
            raise BoxRefused(
                "That is no key of an office; copy all of the line that it showed once."
            )
        return Office(url=self.url.rstrip("/"), token=self.token, ca=self.ca)


def tell(place: Place, office: Office, resolve: Resolve = addresses_of) -> list[str]:
    """Let this hall report to *office*; give the addresses that central reaches now.

    What else central was told, and where else it may go, stays.

    Raises:
        BoxRefused: something of it makes no sense or nobody knows the name; nothing is changed.
    """
    office = office.checked()
    allowed = may_reach(place, list(dict.fromkeys([*reached(place), office.host])), resolve)
    token = place.root / TOKEN_FILE.relative_to("/")
    write(token, f"{office.token}\n".encode(), _FOR_CENTRAL)
    if os.geteuid() == 0 and place.root == Path("/"):
        shutil.chown(token, group=_OWNER)
    words = {
        "--office-url": office.url,
        "--office-token-file": str(TOKEN_FILE),
    }
    if office.ca is not None:
        # Beside the settings, where its copies leave the box with them.
        write(place.root / CA_FILE.relative_to("/"), office.ca.read_bytes(), FOR_ALL)
        words["--office-ca"] = str(CA_FILE)
    say_to_central(place, words)
    return allowed
