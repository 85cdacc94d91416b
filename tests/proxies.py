"""nginx and Caddy as docs/operations.md sets them up: its own blocks, with other ports and folders."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import until

PAGE = (Path(__file__).resolve().parents[1] / "docs/operations.md").read_text(encoding="utf-8")
NAME, ADDRESS = "localhost", "127.0.0.1"
KINDS = ("nginx", "caddy")
PATIENCE_S = 20
# What a proxy has to say, it says into files of ours.
NGINX = """daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""
CADDY = """{{
	admin off
	skip_install_trust
	http_port {plain}
	https_port {tls}
	default_bind 127.0.0.1
"""


@dataclass(frozen=True)
class Proxy:
    """One that runs, and where."""

    kind: str
    folder: Path
    plain: str
    tls: str
    tls_port: int

    def all_that_it_wrote(self) -> str:
        """Every log of it, and what it said on its standard outputs."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def block(language: str, after: str = "") -> str:
    """The page's block in *language*, the first one after the words *after*."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE[PAGE.index(after) :], re.DOTALL)
    assert found is not None, f"docs/operations.md has no block of {language}"
    return found[1]


def makes_certificates(folder: Path) -> Path:
    """Do what the page says for an own CA; give the CA's file."""
    chapter = PAGE[PAGE.index("### An own CA for a hall") :]
    ca, leaf = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)[:2]
    script = f"set -e\n{ca}\n{leaf}".replace("central.example.com", NAME)
    script = script.replace("192.0.2.20", ADDRESS)
    subprocess.run(["bash", "-c", script], cwd=folder, check=True, capture_output=True)
    return folder / "ca.pem"


@contextmanager
def proxied(kind: str, folder: Path, keys: Path, central: str) -> Iterator[Proxy]:
    """Run *kind* in front of *central* (host:port) with the certificate in *keys*."""
    folder.mkdir()
    plain, tls = free_port(), free_port()
    write = {"nginx": _nginx, "caddy": _caddy}[kind]
    command = write(folder, _adapted(block(kind), folder, keys, central), plain, tls)
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    said = (folder / "said.log").open("w")
    with said, subprocess.Popen(command, stdout=said, stderr=said, env=environment) as process:
        proxy = Proxy(kind, folder, f"http://{NAME}:{plain}", f"https://{NAME}:{tls}", tls)
        try:
            until(lambda: _listens(tls, process, proxy), PATIENCE_S, f"a {kind} that listens")
            yield proxy
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def free_port() -> int:
    """One that nobody has now."""
    with socket.create_server((ADDRESS, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _adapted(text: str, folder: Path, keys: Path, central: str) -> str:
    for on_the_page, here in (
        ("127.0.0.1:8081", central),
        ("/etc/ssl/portvakt", str(keys)),
        ("/var/log/nginx", str(folder)),
        # Shorter, because a test waits for it.
        ("client_header_timeout 10s", "client_header_timeout 1s"),
        ("read_header 10s", "read_header 1s"),
        ("lb_try_duration 5s", "lb_try_duration 0s"),
        ("grace_period 3s", "grace_period 100ms"),
    ):
        assert on_the_page in text or on_the_page.partition(" ")[0] not in text, on_the_page
        text = text.replace(on_the_page, here)
    return text


def _nginx(folder: Path, text: str, plain: int, tls: int) -> list[str]:
    text = text.replace("central.example.com", NAME)
    text = text.replace("listen 80;", f"listen {ADDRESS}:{plain};")
    text = text.replace("listen 443 ", f"listen {ADDRESS}:{tls} ")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, block=text))
    return ["nginx", "-p", str(folder), "-c", str(config)]


def _caddy(folder: Path, text: str, plain: int, tls: int) -> list[str]:
    text = text.replace("central.example.com {", f"{NAME}, {ADDRESS} {{")
    config = folder / "Caddyfile"
    config.write_text(text.replace("{\n", CADDY.format(plain=plain, tls=tls), 1))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]


def _listens(port: int, process: "subprocess.Popen[bytes]", proxy: Proxy) -> bool:
    assert process.poll() is None, proxy.all_that_it_wrote()
    with socket.socket() as line:
        return line.connect_ex((ADDRESS, port)) == 0


def is_here(kind: str) -> bool:
    """Whether *kind* is installed."""
    return shutil.which(kind) is not None
