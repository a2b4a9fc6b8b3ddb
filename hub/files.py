"""The ledger's list of files on their way: wanted of the company that has them, kept, or spent.

A file of a case is wanted while a counterpart that may have it lacks it, and spent once none does: then its bytes are
removed, and fetched again if another company comes to the case. `refused` waits for a person. The bytes lie under the
name `spool`, which is written here before the first of them is. Every function works inside a ledger transaction.
Next: `lacking.py` (who lacks what), `fetching.py` (reads them), `spool.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from hub.state import CaseState, file_ref
from hub.statements import Statement, upserting
from hub.tables import files
from hub.writing import Transaction

FileState = Literal["wanted", "kept", "refused", "spent"]
_f = files.c
OF_CASE = Statement(sa.select(files).where(_f.case_id == sa.bindparam("of_case")))
ONE = Statement(sa.select(files).where(_f.case_id == sa.bindparam("of_case"), _f.ref == sa.bindparam("named")))
DUE = Statement(
    sa.select(files)
    .where(_f.partner == sa.bindparam("at"), _f.state == "wanted", _f.due_at <= sa.bindparam("now"))
    .order_by(_f.due_at, _f.case_id, _f.ref)
    .limit(sa.bindparam("most"))
)
SPENT = Statement(
    sa.select(files).where(_f.partner == sa.bindparam("at"), _f.state == "spent", _f.spool != sa.literal(""))
)
KEEP = upserting(files, ("case_id", "ref"), [one.name for one in _f if not one.primary_key])


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of one case. partner: where it comes from. spool: name of its bytes, "" where there are none.
    attempts: to read it. due_at: not to be read before."""

    case_id: str
    ref: str
    partner: str
    state: FileState
    spool: str
    attempts: int
    due_at: datetime


def of_case(tx: Transaction, state: CaseState) -> dict[str, FileRow]:
    """ref -> the row of each file of this case that was ever wanted. Asks nothing where the case has no files."""
    if not state.files:
        return {}
    return {row["ref"]: FileRow(**row) for row in OF_CASE.rows(tx.session, {"of_case": state.id})}


def one(tx: Transaction, case_id: str, ref: str) -> FileRow | None:
    """The row of this file."""
    row = ONE.row(tx.session, {"of_case": case_id, "named": ref})
    return None if row is None else FileRow(**row)


def due(tx: Transaction, partner: str, most: int) -> list[FileRow]:
    """What is to be read of this partner now, that which waits longest first."""
    return [FileRow(**row) for row in DUE.rows(tx.session, {"at": partner, "now": tx.now, "most": most})]


def spent(tx: Transaction, partner: str) -> list[FileRow]:
    """Files of this partner that nobody is owed any more, and whose bytes may still lie there."""
    return [FileRow(**row) for row in SPENT.rows(tx.session, {"at": partner})]


def keep(tx: Transaction, row: FileRow) -> None:
    """This is how the file stands."""
    KEEP.run(tx.session, {name: getattr(row, name) for name in _f.keys()})  # noqa: SIM118  columns are no mapping


def kept(rows: Mapping[str, FileRow]) -> frozenset[str]:
    """Refs of the files whose bytes are here."""
    return frozenset(ref for ref, row in rows.items() if row.state == "kept")


def reckon(tx: Transaction, state: CaseState, rows: Mapping[str, FileRow], needed: Collection[str]) -> None:
    """Want what somebody lacks and is not here, and let go of what nobody lacks. needed: refs of all that is lacked."""
    sides = {file_ref(file): file.partner for file in state.files}
    for ref in sorted({*rows, *sides}):
        row = rows.get(ref)
        if ref in sides and ref in needed:
            if row is None:
                keep(tx, FileRow(state.id, ref, sides[ref], "wanted", "", 0, tx.now))
            elif row.state == "spent":
                keep(tx, replace(row, state="wanted", attempts=0, due_at=tx.now))
        elif row is not None and row.state in {"wanted", "kept"}:
            keep(tx, replace(row, state="spent"))


def lost(tx: Transaction, state: CaseState, refs: Sequence[str]) -> None:
    """The bytes of these are not where they were kept: they are fetched once more."""
    rows = of_case(tx, state)
    for ref in refs:
        keep(tx, replace(rows[ref], state="wanted", attempts=0, due_at=tx.now))
