"""One session (or token) for all calls to a service: opened by one thread while the others wait, and anew once it is
over.

A call that is answered "your session is over" was not applied, so it is sent again, once, with the next session: one
that another thread has opened since, or a new one. Who is never let in stops after a few logins.
Knows no protocol. Next: `auth.py` and `soap_calls.py`, which open it.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, NamedTuple

from connectors.errors import Refused, Throttled, Unreachable

MOST_LOGINS: Final = 3
"""In a row, without a call that was let in between them."""
EARLY: Final = 30.0
"""Seconds before its end at which a session counts as over; a tenth of its life where that is shorter."""
FOR_EVER: Final = float("inf")


class Opened(NamedTuple):
    """A session's token, and when it counts as over by the monotonic clock. asked: somebody was asked for it; else
    another process had it."""

    token: str
    ends: float = FOR_EVER
    asked: bool = True


class Session:
    """See the module. log_in: opens one, told the token that was just refused ("" for none); raises connector errors.
    what: it is called in an error. logins: how often somebody was asked."""

    def __init__(
        self, log_in: Callable[[str], Opened], *, what: str, where: str, fix: str, monotonic: Callable[[], float]
    ) -> None:
        self._log_in, self._what, self._where, self._fix = log_in, what, where, fix
        self._monotonic = monotonic
        self._token, self._ends, self._in_a_row, self._lock = "", -FOR_EVER, 0, Lock()
        self.logins = 0

    def token(self, *, instead_of: str = "") -> str:
        """The token to send now. instead_of: one that was just called over. Raises Refused C310 once new ones were not
        let in too often, and what a login raises."""
        with self._lock:
            refused = instead_of if self._token == instead_of else ""
            if refused:
                self._ends = -FOR_EVER
            if self._monotonic() >= self._ends:
                self._open(refused)
            return self._token

    def over(self, token: str) -> None:
        """This one was not let in although it was new: the next call opens another one first."""
        with self._lock:
            if self._token == token:
                self._ends = -FOR_EVER

    def worked(self, token: str) -> None:
        """It was let in."""
        if self._in_a_row:
            with self._lock:
                self._in_a_row = 0 if token == self._token else self._in_a_row

    def _open(self, refused: str) -> None:
        if self._in_a_row >= MOST_LOGINS:
            text = f"{MOST_LOGINS} logins in a row gave no {self._what} that they let in."
            raise Refused(text, code="C310", where=self._where, fix=self._fix)
        self.logins += 1
        self._in_a_row += 1
        try:
            opened = self._log_in(refused)
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        if not opened.asked:
            self.logins -= 1
        self._token, self._ends = opened.token, opened.ends


def life(expires_in: Any) -> float:
    """Seconds for which a session is used, from what its answer says; for ever where that is nothing."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return FOR_EVER
    return max(seconds - min(EARLY, seconds / 10), 0.0)
