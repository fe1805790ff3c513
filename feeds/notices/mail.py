"""Mail: sending one message to an SMTP server, and the result."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from stocktrail.feeds.tls_errors import describe_tls_error

Fate = Literal["sent", "later", "refused", "uncertain"]


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of sending a message.

    ``later`` was certainly not accepted and may be retried, ``refused`` never will be accepted, and
    ``uncertain`` was being sent when the connection was lost.
    """

    fate: Fate
    reason: str | None = None


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
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.seconds, context=encrypted
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
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
    return SendResult("sent") if code == 250 else _refused(code)


def _refused(code: int) -> SendResult:
    """Return a refusal with its code alone: servers tend to repeat the address in their text."""
    return SendResult("refused" if code >= 500 else "later", f"The mail server answered {code}.")
