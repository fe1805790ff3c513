"""Certificates of every kind that goes wrong, made on the spot, and a server that shows one."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Issuer:
    """Whoever signs certificates; ``file`` is what has to be trusted to believe them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("An issuer of tests")
        certificate = (
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "issuer.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def certificate(
        self, host: str = "localhost", *, begins: timedelta = -DAY, ends: timedelta = DAY,
        self_signed: bool = False,
    ) -> Path:
        """Make a certificate, and give the file that holds it and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = _name(host) if self_signed else self._name
        made = (
            _builder(_name(host), issuer, key, begins, ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(key if self_signed else self._key, hashes.SHA256())
        )
        file = self._folder / f"{made.serial_number:x}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ))
        return file


def _name(host: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey,
    begins: timedelta = -DAY, ends: timedelta = DAY,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now + min(begins, ends - DAY)).not_valid_after(now + ends)
    )


@contextmanager
def showing(
    certificate: Path | None, opening: Callable[[socket.socket], object] = lambda _: None
) -> Iterator[int]:
    """Run a server that shows a certificate to whoever comes, or speaks no TLS; give its port.

    The ``opening`` is spoken in the open first, as some servers encrypt only when asked to.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate is not None:
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve() -> None:
            with suppress(OSError):
                while True:
                    visitor, _ = listening.accept()
                    with visitor, suppress(OSError):
                        visitor.settimeout(10)
                        opening(visitor)
                        if certificate is None:
                            visitor.recv(1024)
                            visitor.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        else:
                            context.wrap_socket(visitor, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(30)
