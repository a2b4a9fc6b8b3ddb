"""Who we are at a Salesforce org: one OAuth client-credentials token, shared by all calls until it is refused.

A login is single-flight (several threads that find the token expired make one login) and at most three happen in a row
without a call that worked between them: an org that refuses every token is left alone, with an alert.
Knows no object and no query. Source: OAuth 2.0 client credentials flow in the public Salesforce documents; names of a
connection's extra fields as Airflow's Salesforce provider draws them.
Next: `salesforce_calls.py`, which uses a Session.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from simple_salesforce import Salesforce as Client

from connectors.base import Credentials
from connectors.errors import Refused, Throttled, Unreachable
from connectors.salesforce_system import SalesforceSystem
from connectors.wire import Wire

MOST_LOGINS = 3
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  # a path, no secret


@dataclass(frozen=True, slots=True)
class Session:
    """One token at work. identity: the URL that names the org and the user, `<base>/id/<org>/<user>`."""

    client: Any
    identity: str


def completed(system: SalesforceSystem, credentials: Credentials) -> Credentials:
    """The credentials with address, client id and secret in their places, wherever the connection holds them.

    Extra fields are read under their own name or the provider's old one (`extra__salesforce__consumer_key`).
    Raises Refused where one of the three is missing or the address is not https.
    """
    extra = credentials.extra
    domain = _told(extra, "domain")
    url = credentials.url or _told(extra, "instance_url") or (f"https://{domain}.salesforce.com" if domain else "")
    login = _told(extra, "consumer_key", "client_id") or credentials.login
    secret = _told(extra, "consumer_secret", "client_secret") or credentials.password
    needed = {"host (or instance_url)": url, "login (or consumer_key)": login, "password (or consumer_secret)": secret}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise Refused(
            f"the connection {system.connection!r} lacks {' and '.join(missing)}.", code="C356", where=system.name,
            fix="fill in the address of the org, and the consumer key and secret of its connected app.",
        )  # fmt: skip
    if urlsplit(url).scheme != "https":
        raise Refused(
            "a Salesforce org is spoken to over https only.", code="C356", where=system.name, value=url,
            fix=f"put https://... into the connection {system.connection!r}.",
        )  # fmt: skip
    return replace(credentials, url=url.rstrip("/"), login=login, password=secret)


def _told(extra: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = extra.get(name) or extra.get(f"extra__salesforce__{name}")
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


class Login:
    """Gives the Session of the moment; see the module for its two promises."""

    def __init__(self, system: SalesforceSystem, credentials: Credentials, wire: Wire) -> None:
        self._system, self._credentials, self._wire = system, credentials, wire
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._in_a_row = 0

    def session(self) -> Session:
        """The session in use, or a new one. Raises Refused, Unreachable, Throttled."""
        with self._lock:
            if self._session is None:
                self._session = self._new()
            return self._session

    def expired(self, session: Session) -> None:
        """That session was answered 401. Later calls ask for a new one, unless another thread has one already."""
        with self._lock:
            if self._session is session:
                self._session = None

    def worked(self, session: Session) -> None:
        """A call with that session was let in."""
        with self._lock:
            if self._session is session:
                self._in_a_row = 0

    def _new(self) -> Session:
        where = f"{self._system.name} login"
        if self._in_a_row >= MOST_LOGINS:
            raise Refused(
                f"{MOST_LOGINS} logins in a row gave no session that they let in.", code="C351", where=where,
                fix=f"check the secret in the connection {self._system.connection!r}, and the connected app's session "
                "policy, IP ranges and API permission.",
            )  # fmt: skip
        form = {
            "grant_type": self._system.login,
            "client_id": self._credentials.login,
            "client_secret": self._credentials.password,
        }
        self._in_a_row += 1
        try:
            answer = self._wire.send(
                "POST",
                TOKEN_PATH,
                safe=True,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content=urlencode(form).encode(),
                where=where,
            )
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        if answer.status >= 300:
            raise Refused(
                f"the login was refused ({answer.status}).", code="C350", where=where, said=self._wire.said(answer),
                fix=f"check consumer key and secret in the connection {self._system.connection!r}, and that the "
                "connected app allows the client credentials flow.",
            )  # fmt: skip
        return self._opened(answer.json(), where)

    def _opened(self, told: Any, where: str) -> Session:
        token, instance, identity = (
            told.get(key) if isinstance(told, dict) else None for key in ("access_token", "instance_url", "id")
        )
        if not isinstance(token, str) or not isinstance(instance, str) or not token or "\n" in token:
            raise Refused(
                "the login answered no access_token or no instance_url.", code="C353", where=where,
                fix="check that the address is a Salesforce org's own (https://NAME.my.salesforce.com).",
            )  # fmt: skip
        self._wire.redact.hide(token)
        if not _belongs(instance, self._credentials):
            raise Refused(
                "the login answered an address that is not this org's.", code="C355", where=where, value=instance,
                fix="if it is right, put it into the connection as `instance_url`; the token goes nowhere else.",
            )  # fmt: skip
        self._wire.permit(instance)
        client = Client(session_id=token, instance_url=instance, version=self._system.api, session=self._wire.session)
        return Session(client, identity if isinstance(identity, str) else "")


def _belongs(instance: str, credentials: Credentials) -> bool:
    """Whether the token may be sent there: the connection's own host, the one it names, or Salesforce among itself."""
    parts, base = urlsplit(instance), urlsplit(credentials.url)
    named = urlsplit(_told(credentials.extra, "instance_url"))
    hosts = {base.netloc.lower(), named.netloc.lower()} - {""}
    if parts.scheme != "https" or "@" in parts.netloc:
        return False
    among_itself = all((one.hostname or "").endswith(".salesforce.com") for one in (parts, base))
    return parts.netloc.lower() in hosts or among_itself
