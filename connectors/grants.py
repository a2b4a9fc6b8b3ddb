"""Tokens that a partner gives us instead of the one that we had: kept by the hub, since a connection is not written to.

A refresh token may be good once. Whoever renews says so first (`claim`), asks, and keeps what came before it is used;
others wait and take the same. Knows no HTTP and no ledger. Next: `auth_tokens.py`; `hub/granted.py`, which keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Granted:
    """What a partner gave. access: "" where none is good any more. ends: of the access token; None: it tells none."""

    refresh: str = field(repr=False)
    access: str = field(default="", repr=False)
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Leave to renew. broken_off: when another one had it, who never said what came of it; None: nobody had."""

    broken_off: datetime | None = None


class Grants(Protocol):
    """Where the tokens of one connection are kept, durably, for all processes that use it."""

    def read(self, first: str) -> Granted:
        """What is kept; of nothing, or where the connection holds another first token than it did, that token."""

    def claim(self, seconds: float) -> Claim | None:
        """Leave to renew for so long; None where another one has it."""

    def keep(self, first: str, granted: Granted) -> None:
        """This is what counts now, and the claim is over. Durable once it returns."""

    def release(self) -> None:
        """Nothing came of it: the claim is over."""
