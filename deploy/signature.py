"""Who made a release: signatures by `ssh-keygen -Y` (ssh-keygen(1)), which every Debian has."""

import os
import subprocess
from pathlib import Path

from deploy.errors import InstallError
from deploy.switch.bundle import NAMESPACE, SIGNER
from deploy.switch.place import last_line

_MAKE = "make one: deploy/make-release --new-key FILE"


class Key:
    """A private key in a file without passphrase, or a public one whose private part ssh-agent(1) holds."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise InstallError(f"there is no key {path}; {_MAKE}")
        self._path = path
        self._public = self._read()

    @property
    def signers(self) -> str:
        """The line that machines need to take what this key signs (ssh-keygen(1), ALLOWED SIGNERS)."""
        kind, key = self._public.split()[:2]
        return f'{SIGNER} namespaces="{NAMESPACE}" {kind} {key}\n'

    def sign(self, path: Path) -> Path:
        """Sign *path*; the signature lies beside it as `<name>.sig`.

        Raises:
            InstallError: the key does not sign.
        """
        signature = path.with_name(f"{path.name}.sig")
        signature.unlink(missing_ok=True)
        done = _keygen("-Y", "sign", "-f", str(self._path), "-n", NAMESPACE, str(path))
        if done.returncode != 0 or not signature.exists():
            raise InstallError(f"{self._path} does not sign: {last_line(done)}")
        return signature

    def _read(self) -> str:
        if self._path.suffix == ".pub":
            text = self._path.read_text("utf-8", "replace")
        else:
            # An empty passphrase is given, so that nobody is asked: this may run where nobody sits.
            done = _keygen("-y", "-P", "", "-f", str(self._path))
            if done.returncode != 0:
                raise self._refused(done)
            text = done.stdout
        if len(text.split()) < 2:  # noqa: PLR2004 - the kind, and the key
            raise InstallError(f"{self._path} is no key that ssh-keygen reads; {_MAKE}")
        return text

    def _refused(self, done: "subprocess.CompletedProcess[str]") -> InstallError:
        if "passphrase" in done.stderr:
            return InstallError(
                f"{self._path} has a passphrase, and nobody is asked for it here; "
                f"run ssh-add {self._path} and give --key {self._path}.pub"
            )
        if "UNPROTECTED" in done.stderr:
            return InstallError(f"{self._path} can be read by others; run: chmod 600 {self._path}")
        return InstallError(f"{self._path} is no key that ssh-keygen reads; {_MAKE}")


def new_key(path: Path) -> Path:
    """Make a key in the new file *path*; give the file with the line for machines, `<path>.signers`.

    Raises:
        InstallError: there is a file already, or it cannot be written.
    """
    if path.exists():
        raise InstallError(f"{path} is there already; it was not touched")
    path.parent.mkdir(parents=True, exist_ok=True)
    done = _keygen("-q", "-t", "ed25519", "-N", "", "-C", SIGNER, "-f", str(path))
    if done.returncode != 0:
        raise InstallError(f"{path} could not be made: {last_line(done)}")
    signers = path.with_name(f"{path.name}.signers")
    signers.write_text(Key(path).signers, "utf-8")
    return signers


def _keygen(*words: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 - no shell, and words of our own
            ["ssh-keygen", *words],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError as error:
        raise InstallError(
            "ssh-keygen is not there; run: apt-get install openssh-client"
        ) from error
