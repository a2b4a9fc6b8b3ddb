"""One session for all calls to a service: opened by one thread while the others wait, and anew once it is over.

A call that is answered "your session is over" was not applied, so it is sent again, once, with the next session: one
that another thread has opened since, or a new one. Who is never let in stops after a few logins.
Knows no SOAP. Next: `soap_calls.py`, which opens it; `auth.py`, where the REST kind does the same with its tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

from connectors.errors import Refused, Throttled, Unreachable

MOST_LOGINS: Final = 3
"""In a row, without a call that was let in between them."""
EARLY: Final = 30.0
"""Seconds before its end at which a session counts as over; a tenth of its life where that is shorter."""

Opened = tuple[str, float | None]
"""A session's token, and its life in seconds where they tell it."""


class Session:
    """See the module. log_in: opens one; raises connector errors. logins: how often it was asked."""

    def __init__(self, log_in: Callable[[], Opened], *, where: str, fix: str, monotonic: Callable[[], float]) -> None:
        self._log_in, self._where, self._fix, self._monotonic = log_in, where, fix, monotonic
        self._token, self._ends, self._in_a_row, self._lock = "", float("-inf"), 0, Lock()
        self.logins = 0

    def token(self, *, instead_of: str = "") -> str:
        """The token to send now. instead_of: one that was just called over. Raises Refused C310 once new ones were not
        let in too often, and what a login raises."""
        with self._lock:
            if instead_of and self._token == instead_of:
                self._ends = float("-inf")
            if self._monotonic() >= self._ends:
                self._open()
            return self._token

    def over(self, token: str) -> None:
        """This one was not let in although it was new: the next call opens another one first."""
        with self._lock:
            if self._token == token:
                self._ends = float("-inf")

    def worked(self, token: str) -> None:
        """It was let in."""
        if self._in_a_row:
            with self._lock:
                self._in_a_row = 0 if token == self._token else self._in_a_row

    def _open(self) -> None:
        if self._in_a_row >= MOST_LOGINS:
            text = f"{MOST_LOGINS} logins in a row gave no session that they let in."
            raise Refused(text, code="C310", where=self._where, fix=self._fix)
        started = self._monotonic()
        self.logins += 1
        self._in_a_row += 1
        try:
            token, life = self._log_in()
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        self._token = token
        self._ends = float("inf") if life is None else started + max(life - min(EARLY, life / 10), 0.0)
