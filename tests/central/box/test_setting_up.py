"""A hall box from nothing, without an editor; what a person has made stays."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.box import certificates, setting_up
from central.box.place import BoxRefused, Place
from central.box.proxies import PROXIES, chosen
from central.box.reaching import may_reach
from central.box.setting_up import Asked
from tests.proxies import KINDS, PAGE, block

NAME, ADDRESS = "hall.example.com", "192.0.2.20"
NOW = datetime.now(UTC)  # openssl(1) knows no other
EDITED = "# mine\n"


def here(name: str) -> str:
    return f"/usr/sbin/{name}"


def set_up(
    place: Place, proxy: str = "nginx", name: str = NAME, address: str = ADDRESS
) -> list[str]:
    return setting_up.set_up(place, Asked(proxy=proxy, name=name, address=address), NOW, here)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def nobody_owns_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Caddy is not installed its user is not there either."""
    monkeypatch.setattr("central.box.proxies._give", lambda _file, _owner: None)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_what_is_written(kind: str) -> None:
    text = PROXIES[kind].text("central.example.com", ADDRESS)
    on_the_page = block(kind)
    if kind == "caddy":
        on_the_page = on_the_page.replace(
            "central.example.com {", f"central.example.com, {ADDRESS} {{"
        )
    assert text == on_the_page


def test_a_box_with_an_address_of_ipv6_is_listened_for_on_it() -> None:
    caddy = PROXIES["caddy"].text(NAME, "2001:db8::20")
    assert f"{NAME}, [2001:db8::20] {{" in caddy
    nginx = PROXIES["nginx"].text(NAME, "2001:db8::20")
    assert "    listen 80;\n    listen [::]:80;\n" in nginx
    assert "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n" in nginx
    assert "[::]" not in PROXIES["nginx"].text(NAME, ADDRESS)


def test_the_recipe_of_the_page_is_the_one_that_is_followed() -> None:
    names = {"name": "$NAME", "address": "$ADDRESS", "mask": "255.255.255.255"}
    for text in (certificates._CA, certificates._LEAF):
        assert text.format(**names) in PAGE
    assert f"-days {certificates.CA_DAYS} " in PAGE
    assert f"-days {certificates.LEAF_DAYS} " in PAGE


def test_a_bare_box_gets_a_ca_a_certificate_a_proxy_and_options(place: Place) -> None:
    (note,) = set_up(place)
    assert "is renewed by itself" in note
    certificates.check_leaf(place.tls / "fullchain.pem", place.ca / "ca.pem", NAME, ADDRESS)
    assert "server_name hall.example.com;" in (place.root / PROXIES["nginx"].file).read_text()
    assert '"--port 8081 --secure-cookie --behind-proxy"' in place.options.read_text()


def test_keys_are_for_root_alone_and_the_ca_is_for_all(place: Place) -> None:
    set_up(place)
    assert mode(place.ca) == 0o700
    for key in (place.ca / "ca.key", place.tls / "privkey.pem", place.facts):
        assert mode(key) == 0o600, key
    assert mode(place.ca_for_devices) == 0o644
    assert b"PRIVATE" not in place.ca_for_devices.read_bytes()


def test_the_ca_vouches_for_this_box_and_for_no_other(place: Place) -> None:
    set_up(place)
    for name, address in (("bank.example", ADDRESS), (NAME, "192.0.2.99")):
        with pytest.raises(BoxRefused, match="openssl verify failed"):
            certificates.check_leaf(place.tls / "fullchain.pem", place.ca / "ca.pem", name, address)
    # Not even when somebody signs with it.
    certificates.make_leaf(place, NAME, ADDRESS, NOW)
    with pytest.raises(BoxRefused, match="openssl verify failed"):
        certificates.make_leaf(place, "bank.example", ADDRESS, NOW)


def test_given_again_it_changes_nothing(place: Place) -> None:
    set_up(place)
    before = {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}
    set_up(place)
    assert before == {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}


def test_another_name_is_refused_because_every_device_would_refuse_it(place: Place) -> None:
    set_up(place)
    with pytest.raises(BoxRefused, match=f"The CA of this box is for {NAME} and {ADDRESS}"):
        set_up(place, name="other.example.com")
    assert place.told()["name"] == NAME


def test_a_certificate_of_ones_own_stays(place: Place) -> None:
    place.tls.mkdir(parents=True)
    (place.tls / "fullchain.pem").write_text("of a public authority")
    (place.tls / "privkey.pem").write_text("its key")
    notes = set_up(place)
    assert (place.tls / "fullchain.pem").read_text() == "of a public authority"
    assert notes == [
        f"{place.tls}/fullchain.pem is not of this box's own CA and stays; you renew it"
    ]
    assert not place.ca.exists()


def test_a_proxys_file_of_ones_own_stays_and_ours_lies_beside_it(place: Place) -> None:
    own = place.root / PROXIES["nginx"].file
    own.parent.mkdir(parents=True)
    own.write_text(EDITED)
    notes = set_up(place)
    assert own.read_text() == EDITED
    assert notes[-1].startswith(f"{own} is your own and stays")
    assert (place.root / "etc/portvakt/nginx.example").read_text() == PROXIES["nginx"].text(
        NAME, ADDRESS
    )


def test_a_file_that_we_wrote_and_a_person_edited_stays_too(place: Place) -> None:
    set_up(place)
    file = place.root / PROXIES["nginx"].file
    file.write_text(EDITED)
    set_up(place)
    assert file.read_text() == EDITED


@pytest.mark.usefixtures("nobody_owns_it")
def test_the_welcome_page_that_came_with_debians_package_is_replaced(place: Place) -> None:
    if not Path("/usr/bin/dpkg-query").exists():
        pytest.skip("no dpkg on this machine")
    file = place.root / PROXIES["caddy"].file
    file.parent.mkdir(parents=True)
    file.write_text(":80 {\n\troot * /usr/share/caddy\n}\n")
    came = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    status = place.root / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(
        "Package: caddy\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"
        f"Maintainer: nobody\nConffiles:\n /etc/caddy/Caddyfile {came}\nDescription: a server\n\n"
    )
    set_up(place, proxy="caddy")
    assert f"{NAME}, {ADDRESS} {{" in file.read_text()


@pytest.mark.parametrize(
    ("there", "then"),
    [
        ('PORTVAKT_CENTRAL_OPTIONS="--port 8090"', "--port 8090 --secure-cookie --behind-proxy"),
        (
            "PORTVAKT_CENTRAL_OPTIONS=--behind-proxy --oidc-issuer https://id.example",
            "--behind-proxy --oidc-issuer https://id.example --secure-cookie",
        ),
    ],
)
def test_options_of_ones_own_are_added_to(place: Place, there: str, then: str) -> None:
    place.options.parent.mkdir(parents=True)
    place.options.write_text(f"# mine\nPGPASSWORD=secret\n{there}\n")
    place.options.chmod(0o600)
    set_up(place)
    assert place.options.read_text() == (
        f'# mine\nPGPASSWORD=secret\nPORTVAKT_CENTRAL_OPTIONS="{then}"\n'
    )
    assert mode(place.options) == 0o600


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(proxy="nginx", name="hall box", address=ADDRESS), "is no host name"),
        (Asked(proxy="nginx", name="a;} evil {", address=ADDRESS), "is no host name"),
        (Asked(proxy="nginx", name=NAME, address="10.0.0"), "is no address"),
        (Asked(proxy="apache", name=NAME, address=ADDRESS), "choose nginx or caddy"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    place: Place, asked: Asked, told: str
) -> None:
    with pytest.raises(BoxRefused, match=told):
        setting_up.set_up(place, asked, NOW, here)
    assert not list(place.root.iterdir())


def test_a_proxy_that_is_not_installed_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(BoxRefused, match="apt-get install nginx"):
        chosen("nginx", lambda _: None)


def test_a_clock_that_nobody_has_set_makes_no_certificate(place: Place) -> None:
    with pytest.raises(BoxRefused, match="The clock of this box stands in 1970"):
        certificates.make_ca(place, NAME, ADDRESS, datetime(1970, 1, 1, 1, 0, tzinfo=UTC))
    assert not place.ca.exists()


def test_without_openssl_the_line_that_installs_it_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BoxRefused, match="apt-get install openssl"):
        set_up(place)


def test_two_months_before_the_end_it_is_renewed_for_the_same_key(place: Place) -> None:
    set_up(place)
    leaf, key = place.tls / "fullchain.pem", place.tls / "privkey.pem"
    before, key_before = leaf.read_bytes(), key.read_bytes()
    ends = certificates.ends_at(leaf)
    assert not setting_up.renew(place, ends - timedelta(days=61))
    assert leaf.read_bytes() == before
    assert setting_up.renew(place, ends - timedelta(days=59))
    assert leaf.read_bytes() != before
    assert key.read_bytes() == key_before
    public = subprocess.run(
        ["openssl", "x509", "-in", leaf, "-noout", "-pubkey"], capture_output=True, check=True
    ).stdout
    of_key = subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout"], capture_output=True, check=True
    ).stdout
    assert public == of_key
    certificates.check_leaf(leaf, place.ca / "ca.pem", NAME, ADDRESS)


def test_a_certificate_ends_no_later_than_its_ca(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "CA_DAYS", 400)
    set_up(place)
    ends = certificates.ends_at(place.tls / "fullchain.pem")
    assert ends <= certificates.ends_at(place.ca / "ca.pem")


def test_a_certificate_that_is_not_ours_is_not_renewed(place: Place) -> None:
    assert not setting_up.renew(place, NOW)


def test_central_reaches_nobody_until_somebody_is_named(place: Place) -> None:
    file = place.drop_ins / "reach.conf"
    allowed = may_reach(place, ["192.0.2.10", "10.0.0.0/8"])
    assert allowed == ["192.0.2.10/32", "10.0.0.0/8"]
    assert file.read_text().splitlines()[1:] == [
        "[Service]",
        "IPAddressAllow=192.0.2.10/32",
        "IPAddressAllow=10.0.0.0/8",
    ]
    assert may_reach(place, []) == []
    assert not file.exists()


def test_a_name_is_looked_up_and_the_name_servers_are_let_in_too(place: Place) -> None:
    (place.root / "etc").mkdir()
    (place.root / "etc/resolv.conf").write_text("search example\nnameserver 192.0.2.53\n")
    allowed = may_reach(place, ["office.example.com"], lambda _: ["192.0.2.80", "2001:db8::80"])
    assert allowed == ["192.0.2.80", "2001:db8::80", "192.0.2.53"]
    assert may_reach(place, ["any"]) == ["any"]


def test_a_name_that_nobody_knows_opens_nothing(place: Place) -> None:
    def unknown(_: str) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(BoxRefused, match="no name that is known here"):
        may_reach(place, ["offce.example.com"], unknown)
    assert not place.drop_ins.exists()
