"""Walking the hash chain: whether the entries are those that were written, from the beginning or from a known link on.

Each link is compared with the entries that it covers; links and entries are read side by side, so memory stays small
whatever the ledger's length. What only a head that was kept elsewhere can tell (a cut-off end, a chain that was made
anew) is `audit.py`'s. Next: `sealing.py`, what a link covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.sealing import START, link_digest
from hub.tables import chain, entries

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """One link: a transaction, its last entry, and the digest of all up to it."""

    tx: int = 0
    seq: int = 0
    digest: str = START


@dataclass(frozen=True, slots=True)
class Unfit:
    """The first place at which the entries are not those that were written. first, last: entries of that link."""

    tx: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"at transaction {self.tx}, entries {self.first} to {self.last}: one was edited, deleted, moved or added"


def walk(connection: sa.Connection, after: Link = Link()) -> Iterator[Link | Unfit]:
    """Each link that fits, in order, from the one after `after`; then, if one does not, where."""
    links = sa.select(chain).where(chain.c.tx > after.tx).order_by(chain.c.tx)
    rows = sa.select(entries).where(entries.c.seq > after.seq).order_by(entries.c.seq)
    options = {"yield_per": CHUNK}
    with (
        connection.execute(links, execution_options=options) as chained,
        connection.execute(rows, execution_options=options) as found,
    ):
        left = iter(found.mappings())
        row = next(left, None)
        for link in chained.mappings():
            covered: list[Any] = []
            while row is not None and row["seq"] <= link["last_seq"]:
                covered.append(row)
                row = next(left, None)
            whole = (link["tx"], link["first_seq"]) == (after.tx + 1, after.seq + 1)
            whole = whole and [one["seq"] for one in covered] == list(range(link["first_seq"], link["last_seq"] + 1))
            if not whole or link_digest(after.digest, covered) != link["digest"]:
                yield Unfit(after.tx + 1, after.seq + 1, int(link["last_seq"]))
                return
            after = Link(int(link["tx"]), int(link["last_seq"]), str(link["digest"]))
            yield after
        if row is not None:
            yield Unfit(after.tx + 1, after.seq + 1, int(row["seq"]))


def newest(connection: sa.Connection) -> Link:
    """The newest link, as it stands."""
    row = connection.execute(sa.select(chain).order_by(chain.c.tx.desc()).limit(1)).mappings().one_or_none()
    return Link() if row is None else Link(int(row["tx"]), int(row["last_seq"]), str(row["digest"]))


def broken_at(connection: sa.Connection) -> int | None:
    """The first transaction that does not fit; None: all do."""
    return next((link.tx for link in walk(connection) if isinstance(link, Unfit)), None)
