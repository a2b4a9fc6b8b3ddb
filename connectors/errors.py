"""What can go wrong with a partner's system, named by what happens next.

    ConnectorError
      Unreachable   provably not sent                        -> retry
      Throttled     carries `after`, seconds                 -> retry then
      Refused       credentials, permission, contract        -> stop this partner, alert
      Unknown       sent, no answer (time-out, 5xx on write) -> find() first, then settle or retry
      Stale         not written: it changed, or has to wait  -> re-read, then decide again
      Rejected      they refuse this record                  -> park it; others go on

The first three concern a partner and reach the scheduler through one retry policy; the others concern one
record and never fail a task. Every error says a code, where, the value, what is known and the fix.
This module knows no HTTP, no case and no ledger. Next: `base.py`, the protocol whose calls raise these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import ClassVar


class ConnectorError(Exception):
    """One thing that a partner's system did, in words that teach.

    code: C + three digits, stable, explained in the docs. where: partner, operation and place ("telvoz crearCaso
    estado"). value: what was sent or answered, already redacted. known: what would have been accepted.
    fix: what a person can do. said: the partner's own words, at most 300 characters.
    held_until: set by whoever speaks to the partner, once this error made him stop until then.
    """

    default_code: ClassVar[str] = "C000"
    concerns_partner: ClassVar[bool] = False
    held_until: datetime | None = None

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        code: str = "",
        value: object = None,
        known: Sequence[str] = (),
        fix: str = "",
        said: str = "",
    ) -> None:
        self.code = code or self.default_code
        self.message, self.where, self.value = message, where, value
        self.known, self.fix, self.said = tuple(known), fix, said[:300]
        super().__init__(self.text())

    def text(self) -> str:
        """The whole error on at most three lines."""
        head = f"{self.where}: " if self.where else ""
        lines = [f"{head}{self.code} {self.message}" + (f" They said: {self.said}" if self.said else "")]
        if self.known:
            near = get_close_matches(str(self.value), self.known, n=1)
            lines.append(f"  Known: {', '.join(self.known)}." + (f" Did you mean '{near[0]}'?" if near else ""))
        if self.fix:
            lines.append(f"  Fix: {self.fix}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()


class Unreachable(ConnectorError):
    """Provably not sent: no connection, name not resolved, TLS refused. Sending again is safe."""

    default_code = "C100"
    concerns_partner = True


class Throttled(ConnectorError):
    """They ask to wait `after` seconds (capped by the transport). Not applied; sending again then is safe."""

    default_code = "C200"
    concerns_partner = True

    def __init__(
        self, message: str, *, after: float, where: str = "", said: str = "", fix: str = "", code: str = ""
    ) -> None:
        self.after = after
        super().__init__(message, where=where, said=said, fix=fix, code=code)


class Refused(ConnectorError):
    """Credentials, permission or contract: nothing will work until a person acts. This partner stops."""

    default_code = "C300"
    concerns_partner = True
    their_time: datetime | None = None
    """What their clock said with an answer of 401, where it says so."""


class Unknown(ConnectorError):
    """Sent, and no answer that tells whether it was applied. Never sent again before a find."""

    default_code = "C400"


class Stale(ConnectorError):
    """Nothing was written: the record changed since it was read, is locked, or waits for a change before it."""

    default_code = "C500"

    @property
    def changed(self) -> bool:
        """It changed since it was read: read again, it may be written at once. Anything else needs time."""
        return self.code in ("C500", "C570")


class Rejected(ConnectorError):
    """They refuse this record (a value, a missing field, a deleted record). Parked; others go on."""

    default_code = "C600"
