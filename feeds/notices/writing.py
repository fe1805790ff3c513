"""Writing notices: from a template in text and in HTML to a message.

The first line of the text template is the subject. Each template can be overridden by one of the
same name in a folder that a setting names.
"""

from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from stocktrail.commands.email_address import ascii_address
from stocktrail.feeds.notices.due import DueNotice

TEMPLATES = Path(__file__).parent / "templates"
_SUBJECT = "Subject: "


class NoticeWriter:
    """Writes notices in the name of a shop."""

    def __init__(self, shop: str, sender: str, folder: str | None = None) -> None:
        self._shop = shop
        self._sender = addresses(sender)[0]
        folders = [*([folder] if folder else []), str(TEMPLATES)]
        self._templates = Environment(
            loader=FileSystemLoader(folders), undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]), trim_blocks=False,
        )
        self._templates.globals["when"] = when

    def write(
        self, notice: DueNotice, content: Mapping[str, Any], to: Sequence[Address],
        name: str | None, now: int,
    ) -> EmailMessage:
        """Return the message of one notice, whose ``Message-ID`` is always the same."""
        told = {**content, "shop": self._shop, "name": name}
        text = self._templates.get_template(f"{notice.kind}.txt").render(told)
        subject, _, body = text.partition("\n")
        message = EmailMessage(SMTP)
        message["Subject"] = " ".join(subject.removeprefix(_SUBJECT).split())
        message["From"] = self._sender
        message["To"] = tuple(to)
        message["Date"] = formatdate(now / 1_000_000, usegmt=True)
        message["Message-ID"] = message_id(notice, self._sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body.strip() + "\n")
        html = self._templates.get_template(f"{notice.kind}.html").render(told)
        message.add_alternative(html, subtype="html")
        return message


def when(line: Mapping[str, Any]) -> str:
    """Return in words when the units of a line come; customers are not told an uncertain date.

    >>> when({"new_date": "2026-03-21", "uncertain": False})
    '2026-03-21'
    """
    if line["new_date"] is None:
        return "we do not know yet when"
    if line["uncertain"]:
        return "we do not know yet when, for the delivery that it waits for is overdue"
    return str(line["new_date"])


def message_id(notice: DueNotice, domain: str) -> str:
    """Return the id of a notice's message, which reveals nothing about its recipient.

    >>> message_id(DueNotice("slip", 41, "SO-1", "ADA"), "shop.example")
    '<41.slip.b9c9074d1cc9b611@shop.example>'
    """
    return f"<{notice.position}.{notice.kind}.{digest_of(notice)}@{domain}>"


def digest_of(notice: DueNotice) -> str:
    """Return a digest by which a notice is known."""
    return blake2b(notice.name.encode(), digest_size=8).hexdigest()


def addresses(written: str) -> list[Address]:
    """Return the addresses in a list separated by commas.

    Their domains are converted to ASCII, as mail servers expect. Raises ``ValueError`` for an
    invalid address, also for one with a line end in it.

    >>> addresses("ops@shop.example, Ada <ada@shop.example>")[1].addr_spec
    'ada@shop.example'
    """
    if any(mark in written for mark in "\r\n\0"):
        raise ValueError("an address is written on one line")
    found = SMTP.header_factory("to", written)
    if found.defects or not found.addresses or any(
        not each.username or not each.domain for each in found.addresses
    ):
        raise ValueError(f"{written!r} is no e-mail address")
    return [_in_ascii(each) for each in found.addresses]


def _in_ascii(address: Address) -> Address:
    username, _, domain = ascii_address(address.addr_spec).rpartition("@")
    return Address(address.display_name, username, domain)
