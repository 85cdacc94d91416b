"""Whether a release is signed by somebody whom this central trusts: ssh-keygen(1), "-Y verify"."""

import subprocess
from pathlib import Path

from contract.errors import PortvaktError

PRINCIPAL = "release@portvakt"
NAMESPACE = "portvakt-release"
SIGNERS = "allowed_signers"
SYSTEM_SIGNERS = Path("/etc/portvakt") / SIGNERS
VERIFY_S = 300  # a full gigabyte from a slow card


class SignatureRefused(PortvaktError):
    """The file is not what somebody signed whom this central trusts."""


def signers_in(folder: Path) -> Path:
    """The list of those who may sign: the data folder's own, else the machine's; SignatureRefused without."""
    for path in (folder / SIGNERS, SYSTEM_SIGNERS):
        if path.is_file():
            return path
    raise SignatureRefused(
        f"Nobody is trusted to sign releases here; put the signer's public key into {folder / SIGNERS}."
    )


def check(file: Path, signature: Path, signers: Path, name: str = "") -> None:
    """Refuse what is not signed, as `name` for people.

    Raises:
        SignatureRefused: it is missing, of another file, or a stranger's; the sentence says which.
    """
    name = name or file.name
    if not signature.is_file():
        raise SignatureRefused(
            f"{name} has no signature; put {name}.sig beside it, as make-release wrote it."
        )
    asked = ("-f", str(signers), "-I", PRINCIPAL, "-n", NAMESPACE, "-s", str(signature))
    try:
        with file.open("rb") as content:
            answer = subprocess.run(  # noqa: S603 - our own words, no shell
                ("ssh-keygen", "-Y", "verify", *asked),  # noqa: S607 - found as the system finds it
                stdin=content,
                capture_output=True,
                text=True,
                timeout=VERIFY_S,
                check=False,
            )
    except FileNotFoundError as error:
        raise SignatureRefused(
            "ssh-keygen is not installed here, so no signature can be checked;"
            " install the package openssh-client."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SignatureRefused(
            f"The signature of {name} could not be checked ({error}); look at the disk and try again."
        ) from error
    if answer.returncode:
        raise SignatureRefused(_why(name, answer.stderr))


def _why(name: str, said: str) -> str:
    """What ssh-keygen means; it says nothing at all of a good signature by somebody who is not listed."""
    if "incorrect signature" in said:
        return f"{name} is not the file that was signed: it was changed on its way; copy it again."
    if "namespace" in said:
        return (
            f"{name}.sig signs something else than a release; take the one that make-release wrote."
        )
    if "parse" in said or "armor" in said or "invalid format" in said:
        return f"{name}.sig is no signature; copy it again."
    return f"{name} is signed by somebody whom this central does not trust; nothing was taken in."
