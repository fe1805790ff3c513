"""A post office: a real SMTP server that keeps what it is given, or answers as it is told."""

# ruff: noqa: N802 -- the names of its methods are those that aiosmtpd calls.
import email
import email.policy
import socket
from asyncio import Transport
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Keeps letters; ``answering`` says what becomes of each."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answering: Callable[[], str] = lambda: "250 OK"
        self.rcpt_answer: str | None = None
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        """Take a recipient, or not."""
        if self.rcpt_answer is not None:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter, or not."""
        answer = self.answering()
        if answer.startswith(("250", "drop")):
            content = cast(bytes, envelope.content)
            letter = email.message_from_bytes(content, policy=email.policy.default)
            self.letters.append(letter)
            self.recipients.append(envelope.rcpt_tos)
        if answer == "drop":
            cast(Transport, server.transport).abort()
        return answer

    @property
    def subjects(self) -> list[str]:
        """The subjects of the letters, in order."""
        return [letter["subject"] for letter in self.letters]

    def text(self, number: int = -1, kind: str = "plain") -> str:
        """Read a letter."""
        part = self.letters[number].get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """Open a post office for a while."""
    office = PostOffice()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        office.port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@contextmanager
def dripping(answers: bytes) -> Iterator[int]:
    """Let a mail server give some answers at once, and then a letter now and a letter then."""
    ended = Event()

    def drip(server: socket.socket) -> None:
        with suppress(OSError):
            while not ended.is_set():
                Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    def talk(visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            visitor.sendall(answers)
            while not ended.wait(0.05):
                visitor.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=drip, args=(server,), daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
