"""Tokens that partners gave the hub, kept in the ledger's database: sealed, one row a connection, for all processes.

A connection stays as its people wrote it; what takes the place of its first token stands here, until they write another
first token. Whoever renews holds a claim that ends by itself, so a process that is killed holds up nobody for longer
than one login may take. Each act is a transaction of its own and no entry. Next: `connectors/grants.py`, the contract;
`assembly.py`, which hands it on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import Credentials, System
from connectors.grants import Claim, Granted
from hub.keys import KeyLost
from hub.ledger import Ledger
from hub.statements import Statement, upserting
from hub.tables import grants
from hub.writing import Transaction

_g = grants.c
OF = Statement(sa.select(grants).where(_g.connection == sa.bindparam("named")))
KEEP = upserting(grants, ("connection",), [one.name for one in _g if not one.primary_key])
FREE: dict[str, Any] = {"claim": "", "claim_at": None, "claim_until": None}
NOTHING: dict[str, Any] = {"first": "", "sealed": None, "kept_at": None, **FREE}


@dataclass(slots=True)
class LedgerGrants:
    """One connection's tokens; see `connectors.grants.Grants`. mine: the name of our claim, while we have one."""

    ledger: Ledger
    connection: str
    clock: Callable[[], datetime]
    mine: str = field(default="", init=False)

    def read(self, first: str) -> Granted:
        """What is kept, or the first token."""
        with self.ledger.look(self.clock()) as tx:
            row = self._row(tx)
            if row["sealed"] is None or row["first"] != self._digest(tx, first):
                return Granted(first)
            try:
                told = json.loads(tx.keyring.open(self._subject, row["sealed"]))
            except KeyLost:
                return Granted(first)
        ends = told["ends"] and datetime.fromisoformat(told["ends"])
        return Granted(told["refresh"], told["access"], ends or None)

    def claim(self, seconds: float) -> Claim | None:
        """Leave to renew, unless another one has it."""
        with self.ledger.transaction(self.clock()) as tx:
            row = self._row(tx)
            if row["claim"] and row["claim_until"] > tx.now:
                return None
            self.mine = tx.keyring.name()
            until = tx.now + timedelta(seconds=seconds)
            self._keep(tx, row | {"claim": self.mine, "claim_at": tx.now, "claim_until": until})
            return Claim(row["claim_at"] if row["claim"] else None)

    def keep(self, first: str, granted: Granted) -> None:
        """Durable once it returns. Also where the claim ran out meanwhile: what they gave is true."""
        told = {"refresh": granted.refresh, "access": granted.access, "ends": granted.ends and granted.ends.isoformat()}
        with self.ledger.transaction(self.clock()) as tx:
            sealed = tx.keyring.seal(self._subject, json.dumps(told).encode())
            new = {"first": self._digest(tx, first), "sealed": sealed, "kept_at": tx.now}
            self._keep(tx, self._released(self._row(tx)) | new)

    def release(self) -> None:
        """Nothing came of it."""
        with self.ledger.transaction(self.clock()) as tx:
            self._keep(tx, self._released(self._row(tx)))

    @property
    def _subject(self) -> str:
        return f"connection:{self.connection}"

    def _digest(self, tx: Transaction, first: str) -> str:
        return tx.keyring.digest(f"{self._subject}\n{first}".encode())

    def _row(self, tx: Transaction) -> dict[str, Any]:
        return OF.row(tx.session, {"named": self.connection}) or {"connection": self.connection, **NOTHING}

    def _released(self, row: dict[str, Any]) -> dict[str, Any]:
        """Without our claim; another one's stands."""
        return row | FREE if row["claim"] == self.mine else row

    def _keep(self, tx: Transaction, row: dict[str, Any]) -> None:
        KEEP.run(tx.session, row)


def with_grants(credentials: Credentials, system: System, ledger: Ledger, clock: Callable[[], datetime]) -> Credentials:
    """The same, with a place for the tokens of a system that renews them."""
    return replace(credentials, grants=LedgerGrants(ledger, system.connection, clock))
