"""A mail server, as an Airflow connection of type smtp describes it: one mail in, delivered to it or an error.

The connection's extras are those of Airflow's own provider: `disable_ssl` (then STARTTLS), `disable_tls` beside it
(then in clear), `timeout` in seconds, `ssl_context` ("none": the certificate is not looked at). A mail server's refusal
concerns this mail only and carries its own words on one line. Next: `sending.py`; `../credentials.py`.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from connectors.errors import Refused
from hub.credentials import Written
from hub.report.words import one_line

TIMEOUT = 30.0
_MOST_SAID = 300


class NotDelivered(Exception):
    """A report did not get where it was to go. The text says code, where, why and the fix."""

    code = "R122"


@dataclass(frozen=True, slots=True)
class Relay:
    """How a mail server is reached. secure: ssl, starttls or none."""

    host: str
    port: int
    secure: str
    login: str = ""
    password: str = ""
    timeout: float = TIMEOUT
    checked: bool = True

    def deliver(self, message: EmailMessage, sender: str, to: str) -> None:
        """Hand the mail over, to this address alone. Raises NotDelivered."""
        try:
            with self._open() as server:
                if self.secure == "starttls":
                    server.starttls(context=self._context())
                if self.login:
                    server.login(self.login, self.password)
                server.send_message(message, sender, [to])
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(
                f"R122 {to}: {self.host}:{self.port} did not take the mail: {_said(error)}\n"
                "  Fix: mend what it says, then clear the task or `casebridge report send` it."
            ) from None  # the cause may quote the login

    def _open(self) -> smtplib.SMTP:
        if self.secure == "ssl":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=self._context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.checked:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


def relay(written: Written, conn_id: str) -> Relay:
    """The mail server of this connection. Raises Refused C321, C322, C323."""
    where = f"connection {conn_id}"
    if written.conn_type != "smtp":
        raise Refused("it is no mail server's.", where=where, code="C322", value=written.conn_type, known=("smtp",),
                      fix="set the connection's type to SMTP")  # fmt: skip
    if not written.host:
        raise Refused("it has no address.", where=where, code="C323", fix="write the mail server's name into Host")
    try:
        extra = json.loads(written.extra or "{}")
        timeout = float(extra.get("timeout") or TIMEOUT)
    except (ValueError, AttributeError, TypeError):
        raise Refused("the connection cannot be read: its extra is no JSON object, or its timeout no number.",
                      where=where, code="C321", fix="write extra as a JSON object") from None  # fmt: skip
    secure = "ssl" if not extra.get("disable_ssl") else "none" if extra.get("disable_tls") else "starttls"
    return Relay(
        host=written.host,
        port=written.port or {"ssl": 465, "starttls": 587, "none": 25}[secure],
        secure=secure,
        login=written.login or "",
        password=written.password or "",
        timeout=timeout,
        checked=extra.get("ssl_context") != "none",
    )


def _said(error: Exception) -> str:
    """What went wrong, on one line: the server's own words where it said some, and never the login."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answer(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return one_line(f"{type(error).__name__} {error}")[:_MOST_SAID]


def _answer(code: int, said: bytes | str) -> str:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return one_line(f"{code} {words}")[:_MOST_SAID]
