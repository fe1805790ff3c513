"""Errors of TLS are told in words, whoever speaks it: what is wrong, and with whose certificate."""

import asyncio
import socket
import ssl
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from stocktrail.feeds.notices.mail import MailServer
from stocktrail.feeds.webhooks.sending import Limits, send
from stocktrail.ledger.store import StorageError, open_ledger
from tests.feeds.certificates import DAY, Issuer, showing

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"ends": -timedelta(hours=1)}, "has expired"),
    "not valid yet": ({"begins": DAY, "ends": 3 * DAY}, "is not valid yet"),
    "self-signed": ({"self_signed": True}, "is self-signed"),
    "another name": ({"host": "elsewhere.example"}, "made for another name than localhost"),
}


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    """Return an issuer whose word is taken."""
    return Issuer(tmp_path)


def said_by_a_webhook(port: int, trusted: Path | None) -> str:
    limits = Limits(certificates=ssl.create_default_context(cafile=trusted))
    answer = asyncio.run(send(f"https://localhost:{port}/hook", {}, b"{}", limits))
    assert answer.status is None
    assert answer.error is not None
    return answer.error


def said_by_the_mail(port: int, security: str = "tls") -> str:
    letter = EmailMessage()
    letter["From"] = "shop@example.org"
    server = MailServer("localhost", port, security, seconds=5)
    handed = server.send(letter, [Address(addr_spec="ann@example.org")])
    assert handed.fate == "later"
    assert handed.reason is not None
    return handed.reason


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_certificate_is_said(
    name: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, words = WRONG[name]
    monkeypatch.setenv("SSL_CERT_FILE", str(issuer.file))
    with showing(issuer.certificate(**made)) as port:
        assert words in said_by_a_webhook(port, issuer.file)
        assert words in said_by_the_mail(port)


def test_mail_that_is_encrypted_after_a_greeting_says_so_too(issuer: Issuer) -> None:
    def greet(visitor: socket.socket) -> None:
        visitor.sendall(b"220 mail\r\n250-mail\r\n250 STARTTLS\r\n220 go on\r\n")
        said = b""
        while b"STARTTLS\r\n" not in said:
            said += visitor.recv(1)             # what follows is no longer in the open

    with showing(issuer.certificate(self_signed=True), greet) as port:
        assert "is self-signed" in said_by_the_mail(port, "starttls")


def test_an_issuer_that_nobody_trusts_is_named_as_the_reason(issuer: Issuer) -> None:
    with showing(issuer.certificate()) as port:
        for said in (said_by_a_webhook(port, None), said_by_the_mail(port)):
            assert "from an issuer that this machine does not trust" in said
            assert "SSL_CERT_FILE" in said


def test_whoever_speaks_no_tls_is_told_apart(issuer: Issuer) -> None:
    with showing(None) as port:
        for said in (said_by_a_webhook(port, issuer.file), said_by_the_mail(port)):
            assert "localhost does not speak TLS at this port." in said


@pytest.mark.parametrize(("name", "words"), [
    ("expired", "shows a certificate that is not to be trusted"),
    ("self-signed", "shows a certificate that is not to be trusted"),
    ("another name", "shows a certificate that was made for another name"),
])
def test_a_database_whose_certificate_is_wrong_is_told_apart_from_one_that_is_away(
    name: str, words: str, issuer: Issuer
) -> None:
    def agree(visitor: socket.socket) -> None:
        visitor.recv(8)                         # PostgreSQL's request to encrypt
        visitor.sendall(b"S")

    made, _ = WRONG[name]
    with showing(issuer.certificate(**made), agree) as port, pytest.raises(StorageError) as raised:
        open_ledger(
            f"postgresql://ann:secret@localhost:{port}/shop?sslmode=verify-full&sslrootcert="
            f"{issuer.file}"
        )
    assert raised.value.code == "storage_failed"
    assert words in raised.value.message
    assert "secret" not in raised.value.message
