"""Mail: sending one message to an SMTP server, and the result.

A server may take its time for each answer, but not for ever: one that drips, a letter now and a
letter then, is cut off.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from threading import Timer
from typing import Any, Literal

from stocktrail.feeds.tls_errors import describe_tls_error

Fate = Literal["sent", "later", "refused", "uncertain"]

ANSWERS_IN_TIME = 3
"""A whole conversation may take so many times as long as one answer may."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of sending a message.

    ``later`` was certainly not accepted and may be retried, ``refused`` never will be accepted, and
    ``uncertain`` was being sent when the connection was lost.
    """

    fate: Fate
    reason: str | None = None


class _CutOffInTime(smtplib.SMTP):
    """A conversation that is cut off when it takes too long, whatever the server says meanwhile."""

    timeout: float

    def connect(self, *where: Any, **more: Any) -> tuple[int, bytes]:
        """Connect; from now on the time is counted."""
        self._timer = Timer(ANSWERS_IN_TIME * self.timeout, self._cut_off)
        self._timer.daemon = True
        self._timer.start()
        try:
            return super().connect(*where, **more)
        except BaseException:
            self._timer.cancel()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._timer.cancel()
        super().close()

    def _cut_off(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _EncryptedAndCutOffInTime(_CutOffInTime, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server, and how to log in."""

    host: str
    port: int
    security: str = "none"
    user: str | None = None
    password: str | None = None
    seconds: float = 20.0

    def send(self, message: EmailMessage, to: Sequence[Address]) -> SendResult:
        """Send one message to all its recipients, or to none."""
        sender = message["From"].addresses[0].addr_spec
        try:
            with self._connection() as server:
                server.ehlo_or_helo_if_needed()
                code, _ = server.mail(sender)
                for each in to:
                    if code == 250:
                        code, _ = server.rcpt(each.addr_spec)
                        code = 250 if code == 251 else code
                if code != 250:
                    return _refused(code)
                return _send_text(server, message)
        except smtplib.SMTPAuthenticationError as error:
            return SendResult("later", f"The mail server did not let us in ({error.smtp_code}).")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except ssl.SSLError as error:
            why = describe_tls_error(error, self.host)
            return SendResult("later", f"The mail server cannot be reached: {why}")
        except (smtplib.SMTPException, OSError) as error:
            return SendResult("later", f"The mail server cannot be reached: {error}.")

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        encrypted = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = _EncryptedAndCutOffInTime(
                self.host, self.port, timeout=self.seconds, context=encrypted
            )
        else:
            server = _CutOffInTime(self.host, self.port, timeout=self.seconds)
        try:
            if self.security == "starttls":
                server.starttls(context=encrypted)
            if self.user is not None:
                server.login(self.user, self.password or "")
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()


def _send_text(server: smtplib.SMTP, message: EmailMessage) -> SendResult:
    """Send the text; if the connection is lost during it, nobody knows whether it was accepted."""
    try:
        code, _ = server.data(message.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as error:      # the server rejected the message
        return _refused(error.smtp_code)
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        return SendResult("uncertain", f"The connection was lost while it was sent: {error}.")
    if code == 250:
        return SendResult("sent")
    if 400 <= code < 600:
        return _refused(code)
    # A line that was cut off is read as a code, such as 25.
    return SendResult("uncertain", "The connection was lost before the mail server had answered.")


def _refused(code: int) -> SendResult:
    """Return a refusal with its code alone: servers tend to repeat the address in their text."""
    return SendResult("refused" if code >= 500 else "later", f"The mail server answered {code}.")
