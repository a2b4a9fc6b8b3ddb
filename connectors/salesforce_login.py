"""Who we are at a Salesforce org: one session, shared by all calls until it is refused.

A login is single-flight (several threads that find the session expired make one login) and at most three happen in a
row without a call that worked between them: an org that refuses every session is left alone, with an alert.
Knows no object and no query. Next: `salesforce_grants.py`, the three ways to get one; `salesforce_calls.py`, which uses
a Session.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from simple_salesforce import Salesforce as Client

from connectors.errors import Refused, Throttled, Unreachable
from connectors.salesforce_connection import belongs
from connectors.salesforce_grants import Grants
from connectors.salesforce_soap_login import Granted

MOST_LOGINS = 3


@dataclass(frozen=True, slots=True)
class Session:
    """One token at work. identity: the URL that names the org and the user, `<base>/id/<org>/<user>`."""

    client: Any
    identity: str


class Login:
    """Gives the Session of the moment; see the module for its two promises."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
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
        system = self._grants.system
        where = f"{system.name} login"
        if self._in_a_row >= MOST_LOGINS:
            raise Refused(
                f"{MOST_LOGINS} logins in a row gave no session that they let in.", code="C351", where=where,
                fix=f"check the secret in the connection {system.connection!r}, and the connected app's session "
                "policy, IP ranges and API permission.",
            )  # fmt: skip
        self._in_a_row += 1
        try:
            granted = self._grants.ask()
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        return self._opened(granted, where)

    def _opened(self, granted: Granted, where: str) -> Session:
        system, wire = self._grants.system, self._grants.wire
        if not granted.token or not granted.instance or "\n" in granted.token:
            raise Refused(
                "the login answered no access_token or no instance_url.", code="C353", where=where,
                fix="check that the address is a Salesforce org's own (https://NAME.my.salesforce.com).",
            )  # fmt: skip
        wire.redact.hide(granted.token)
        if not belongs(granted.instance, self._grants.credentials):
            raise Refused(
                "the login answered an address that is not this org's.", code="C355", where=where,
                value=granted.instance,
                fix="if it is right, put it into the connection as `instance_url`; the token goes nowhere else.",
            )  # fmt: skip
        wire.permit(granted.instance)
        client = Client(
            session_id=granted.token, instance_url=granted.instance, version=system.api, session=wire.session
        )
        return Session(client, granted.identity)
