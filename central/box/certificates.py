"""A hall's own CA and the certificate of its proxy, made by openssl(1) as docs/operations.md says.

The CA is good for one name and one address and for nothing else (RFC 5280, 4.2.1.10), so its key is no key
to the rest of the network.
"""

import subprocess
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from central.box.place import FOR_ALL, PRIVATE, BoxRefused, Place, write

CA_DAYS = 3650
# Browsers take none that is longer, of own CAs neither (support.apple.com/HT210176).
LEAF_DAYS = 825
RENEW_DAYS = 60
CA_KEY, CA, LEAF, LEAF_KEY = "ca.key", "ca.pem", "fullchain.pem", "privkey.pem"
_OLDEST_YEAR = 2026
_WHEN = "%b %d %H:%M:%S %Y GMT"
_CA = """[req]
distinguished_name = who
x509_extensions = ca
prompt = no
[who]
CN = Portvakt CA of {name}
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:{name}, permitted;IP:{address}/{mask}
"""
_LEAF = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectAltName = DNS:{name}, IP:{address}
"""
_NEW_KEY = ("ecparam", "-name", "prime256v1", "-genkey", "-noout")


def make_ca(place: Place, name: str, address: str, now: datetime) -> None:
    """Make the CA of this box; the certificate has its place when the key has."""
    _check_clock(now)
    bits = 32 if ip_address(address).version == 4 else 128  # noqa: PLR2004 - the lengths of addresses
    mask = "255.255.255.255" if bits == 32 else ":".join(["ffff"] * 8)  # noqa: PLR2004
    key = _openssl(*_NEW_KEY)
    with TemporaryDirectory(prefix="portvakt-") as folder:
        config, kept = Path(folder) / "ca.cnf", Path(folder) / CA_KEY
        config.write_text(_CA.format(name=name, address=address, mask=mask), "utf-8")
        write(kept, key, PRIVATE)
        words = ("req", "-x509", "-new", "-key", str(kept), "-days", str(CA_DAYS))
        made = _openssl(*words, "-config", str(config))
    place.ca.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.ca.chmod(0o700)
    write(place.ca / CA_KEY, key, PRIVATE)
    write(place.ca / CA, made, PRIVATE)


def make_leaf(place: Place, name: str, address: str, now: datetime) -> None:
    """Make the certificate that the proxy shows, or make it anew for the key that is there.

    The key stays: one file that is exchanged is whole at any moment, a pair is not.
    """
    _check_clock(now)
    key = place.tls / LEAF_KEY
    if not key.exists():
        write(key, _openssl(*_NEW_KEY), PRIVATE)
    with TemporaryDirectory(prefix="portvakt-") as folder:
        here = Path(folder)
        (here / "leaf.cnf").write_text(_LEAF.format(name=name, address=address), "utf-8")
        request = _openssl("req", "-new", "-key", str(key), "-subj", f"/CN={name}")
        (here / "leaf.csr").write_bytes(request)
        ca = ("-CA", str(place.ca / CA), "-CAkey", str(place.ca / CA_KEY))
        serial = ("-CAserial", str(here / "ca.srl"), "-CAcreateserial")
        words = ("x509", "-req", "-in", str(here / "leaf.csr"), *ca, *serial)
        # What it signs ends before the CA itself does, and openssl counts whole days.
        days = max(1, min(LEAF_DAYS, days_left(place.ca / CA, now) - 1))
        made = _openssl(*words, "-days", str(days), "-extfile", str(here / "leaf.cnf"))
        (here / LEAF).write_bytes(made)
        check_leaf(here / LEAF, place.ca / CA, name, address)
    write(place.tls / LEAF, made, FOR_ALL)


def check_leaf(leaf: Path, ca: Path, name: str, address: str) -> None:
    """Refuse a certificate that devices with this CA would refuse.

    Raises:
        BoxRefused: the name or the address is another, or it is not signed by this CA.
    """
    words = ("verify", "-CAfile", str(ca), "-verify_ip", address, "-verify_hostname", name)
    _openssl(*words, str(leaf))


def ends_at(certificate: Path) -> datetime:
    """When *certificate* ends."""
    said = _openssl("x509", "-in", str(certificate), "-noout", "-enddate").decode()
    return datetime.strptime(said.strip().partition("=")[2], _WHEN).replace(tzinfo=UTC)


def days_left(certificate: Path, now: datetime) -> int:
    """For how many whole days it holds."""
    return (ends_at(certificate) - now).days


def _check_clock(now: datetime) -> None:
    if now.year < _OLDEST_YEAR:
        raise BoxRefused(
            f"The clock of this box stands in {now.year}, so its certificate would have ended already;"
            " set it first: sudo timedatectl set-time ..."
        )


def _openssl(*words: str) -> bytes:
    try:
        done = subprocess.run(["openssl", *words], capture_output=True, check=False)  # noqa: S603, S607 - no shell; openssl of the system, wherever it is
    except FileNotFoundError as error:
        raise BoxRefused("openssl is not on this machine; run: apt-get install openssl") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise BoxRefused(f"openssl {words[0]} failed: {said[-1]}.")
    return done.stdout
