"""Evidence of calls: what the hub asked of a partner and what it answered, kept under the case for a time.

One row for each try of a delivery: a clear line a call (verb, path, status, how long), and sealed under the key of the
case's data subject what was said on both sides, secrets hidden and each body cut at 16 kB by the wire that made it. Who
erases the subject makes it unreadable; what is older than `CASEBRIDGE_EVIDENCE_DAYS` is deleted at the end of each run,
and not shown before that. A run's other calls (pages, readings without news) are one line of counts.

It is no entry and no link of the chain: a chain out of which lines expire proves nothing any more. But a dispute over
"you never sent it" is what evidence is for, so the receipt's entry bears its keyed digest: as long as the evidence
stands, the chain says that nobody has touched it. A digest of what has expired or was erased says nothing to anybody.

Nothing is read here while a delivery is settled, and nothing but one INSERT is added to that transaction.
Next: `call_log.py` (calls in memory), `evidence_showing.py` (for people), `delivering.py`, `exchange.py`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from connectors.base import Record
from connectors.evidence import Evidence, Side, hub_name, id_name, key_name
from hub.alliance import Taken
from hub.call_log import Call, CallLog
from hub.keys import KeyLost, Keyring
from hub.state import CaseState, case_id_of
from hub.statements import Statement
from hub.tables import evidence
from hub.writing import Transaction

USUAL: Final = timedelta(days=14)
MOST_BODIES: Final = 20
"""Calls of one try whose bodies are kept; of further ones the line is."""
MOST_EXPIRED: Final = 1000
"""Rows that one run deletes."""
_e = evidence.c
NEW = Statement(
    sa.insert(evidence).inline(),
    ("partner", "case_id", "delivery_id", "native_id", "at", "lines", "subject", "body", "digest"),
)
EXPIRE = Statement(
    sa.delete(evidence).where(
        _e.id.in_(sa.select(_e.id).where(_e.at < sa.bindparam("before")).order_by(_e.at).limit(MOST_EXPIRED))
    )
)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """The calls of one try of a delivery (or of one record's reading), or of one run. lines: see `_line`; of a run its
    counts. calls: what was said on both sides, None where it cannot be read (erased) or was not kept. digest: of the
    calls as they stand now, to be compared with the receipt's; empty where there are none."""

    id: int
    partner: str
    case_id: str | None
    delivery_id: int | None
    native_id: str | None
    at: datetime
    lines: Sequence[Mapping[str, Any]]
    calls: Sequence[Mapping[str, Any]] | None
    digest: str


def keep(
    tx: Transaction,
    calls: Sequence[Call],
    partner: str,
    case: CaseState | str,
    subject: str,
    *,
    keys: Iterable[str] = (),
    delivery_id: int | None = None,
    native_id: str | None = None,
) -> str:
    """Keep these calls under the case. keys: the changes of its own, of those that a call carried. Returns their
    digest, for the receipt; "" where there is nothing, or the subject was erased."""
    if not calls:
        return ""
    mine = set(keys)
    plain = _written([_whole(call.told, mine) for call in calls[:MOST_BODIES]])
    try:
        body = tx.keyring.seal_more(subject, zlib.compress(plain, 1))
    except KeyLost:
        return ""
    lines = _written([_line(call) for call in calls])
    digest = tx.keyring.digest(plain + lines)
    row = {
        "partner": partner,
        "case_id": case.id if isinstance(case, CaseState) else case,
        "delivery_id": delivery_id,
        "native_id": native_id,
        "at": tx.now,
        "lines": lines.decode(),
        "subject": subject,
        "body": body,
        "digest": digest,
    }
    tx.session.later(NEW, row, touches=("evidence", delivery_id, native_id))
    return digest


def keep_read(tx: Transaction, log: CallLog, record: Record, taken: Taken) -> None:
    """Keep the call that brought a record which was not understood, and one that was made for this record alone and
    brought news."""
    calls = log.take([id_name(record.native_id)])
    if taken.parked:
        calls = calls or log.page()
    elif not taken.news:
        return
    else:
        calls = [call for call in calls if call.told.about.count == 1]
    if not calls:
        return
    state = tx.case(taken.case_id) if taken.case_id else None
    subject = state.subject if state else f"record:{record.partner}:{record.native_id}"
    case: CaseState | str = state or case_id_of(record.partner, record.native_id)
    keep(tx, calls, record.partner, case, subject, native_id=record.native_id)


def names(case_id: str, native_ids: Iterable[str | None], keys: Iterable[str]) -> list[str]:
    """What calls about one case may be called by."""
    return [*map(key_name, keys), *(id_name(one) for one in native_ids if one), hub_name(case_id)]


def end_run(tx: Transaction, log: CallLog, partner: str, verb: str, kept_for: timedelta) -> None:
    """One line for all that a run called; what is older than its time is deleted."""
    counted = log.end()
    if not counted.calls:
        return
    expire(tx, kept_for)
    line = {
        "verb": verb,
        "calls": counted.calls,
        "tries": counted.tries,
        "ms": _ms(counted.seconds),
        "sent": counted.sent,
        "received": counted.received,
        "answers": {str(status): count for status, count in sorted(counted.answers.items())},
        "failed": [_line(call) for call in counted.failed],
    }
    row = {"partner": partner, "case_id": None, "delivery_id": None, "native_id": None, "at": tx.now}
    NEW.run(tx.session, {**row, "lines": _written([line]).decode(), "subject": None, "body": None, "digest": None})


def expire(tx: Transaction, kept_for: timedelta) -> int:
    """Delete what is older; how many rows went."""
    return EXPIRE.run(tx.session, {"before": tx.now - kept_for})


def of_case(connection: sa.Connection, keyring: Keyring, case_id: str, since: datetime) -> list[EvidenceRow]:
    """What was kept of this case since then, oldest first."""
    query = sa.select(evidence).where(_e.case_id == case_id, _e.at >= since).order_by(_e.id)
    return [_opened(row, keyring) for row in connection.execute(query).mappings()]


def of_runs(
    connection: sa.Connection, keyring: Keyring, partner: str, since: datetime, limit: int
) -> list[EvidenceRow]:
    """The newest runs with this partner since then, newest first."""
    query = sa.select(evidence).where(_e.case_id.is_(None), _e.partner == partner, _e.at >= since)
    rows = connection.execute(query.order_by(_e.id.desc()).limit(limit)).mappings()
    return [_opened(row, keyring) for row in rows]


def _opened(row: sa.RowMapping, keyring: Keyring) -> EvidenceRow:
    plain = None
    if row["body"] is not None:
        try:
            plain = zlib.decompress(keyring.open(row["subject"], row["body"]))
        except (KeyLost, zlib.error):
            plain = None
    named = ("id", "partner", "case_id", "delivery_id", "native_id", "at")
    return EvidenceRow(
        **{name: row[name] for name in named},
        lines=json.loads(row["lines"]),
        calls=None if plain is None else json.loads(plain),
        digest="" if plain is None else keyring.digest(plain + row["lines"].encode()),
    )


def _line(call: Call) -> dict[str, Any]:
    """One call in a line: what a list shows of it."""
    told = call.told
    line: dict[str, Any] = {"at": call.at.isoformat(), "where": told.where, "method": told.method, "path": told.path}
    line |= {"status": told.status, "ms": _ms(told.seconds), "tries": told.tries, "failed": told.failed}
    return {**line, "about": told.about.count}


def _whole(told: Evidence, mine: set[str]) -> dict[str, Any]:
    """What was said on both sides, of this case's own."""
    whole: dict[str, Any] = {
        "query": told.query,
        "connect_ms": _ms(told.connect),
        "first_ms": None if told.first is None else _ms(told.first),
        "sent": told.sent,
        "received": told.received,
        "request": _side(told.request),
        "answer": _side(told.answer),
    }
    parts = [pair for key, pair in told.about.parts.items() if key in mine]
    if parts:
        whole["parts"] = [{"request": _side(request), "answer": _side(answer)} for request, answer in parts]
    return whole


def _side(side: Side) -> dict[str, Any]:
    return {"headers": dict(side.headers), "text": side.text, "size": side.size, "note": side.note}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
