"""What a company that leaves takes with it, and what it leaves nowhere: an export of its own data, and its removal.

The export is JSON Lines: a line for each case as the company had it in its own record when it was last read, its notes
and those that reached it, then its own log. Nothing is in it that does not stand in its own system. Removed are here
the cases that nobody else has, with their keys, and what is known of its other records; there, its people are asked to
remove what the hub wrote, and say so: each is a receipt in the ledger. Next: `erasure.py`, `leave_cli.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub import erasing, erasure
from hub.acting import By, CannotDo
from hub.erasure import Place
from hub.exchange import Exchange
from hub.own_log import own_log
from hub.partners import Partner
from hub.pausing import stopped
from hub.state import HUB, CaseState, Link, file_ref, note_ref
from hub.succession import is_open
from hub.tables import erasures, evidence, links
from hub.writing import Transaction
from mappings.errors import MappingError

PAGE = 200
WHOLE_LOG = 2**31
_k, _e = links.c, erasures.c
TO_CONFIRM = "X543"


@dataclass(frozen=True, slots=True)
class Returned:
    """What an export holds. digest: SHA-256 of the file, in hex."""

    cases: int
    log: int
    digest: str


@dataclass(frozen=True, slots=True)
class Removed:
    """cases: removed here, with their keys. records: of other cases, of which no more is known. asked: of these, what
    its people were asked to remove there."""

    cases: int
    records: int
    asked: int


def export(exchange: Exchange, name: str, path: Path, act: By) -> Returned:
    """Write the company's data to this file, whole or not at all; only its owner can read it. An entry says that it was
    returned, and the hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, digest, counted = path.with_name(f"{path.name}.part"), sha256(), {"case": 0, "log": 0}
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for line in _lines(exchange, name):
            text = json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n"
            counted[line["line"]] += 1
            digest.update(text)
            file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    done = Returned(counted["case"], counted["log"], digest.hexdigest())
    with exchange.ledger.transaction(exchange.clock()) as tx:
        detail = {"cases": done.cases, "log": done.log, "sha256": done.digest, "who": act.who, "why": act.why}
        tx.append("returned", "", name, detail=detail)
    return done


def _lines(exchange: Exchange, name: str) -> Iterator[dict[str, Any]]:
    partner, after = exchange.alliance.partners[name], ""
    while True:
        with exchange.ledger.look(exchange.clock()) as tx:
            page = _records(tx, name, after)
            for native_id in page:
                link = tx.link(name, native_id)
                state = tx.case(link.case_id) if link is not None and link.case_id is not None else None
                if link is not None and state is not None:
                    yield _case(partner, link, state)
        if len(page) < PAGE:
            break
        after = page[-1]
    for one in own_log(exchange.ledger, name, WHOLE_LOG):
        yield {"line": "log", "at": one.at.isoformat(), "number": one.number, "what": one.what, "code": one.code,
               "place": one.place}  # fmt: skip


def _records(tx: Transaction, name: str, after: str) -> list[str]:
    """Native ids of its records that are of a case, a page of them."""
    here = [_k.partner == name, _k.case_id.is_not(None), _k.native_id > after]
    return [*tx.connection.execute(sa.select(_k.native_id).where(*here).order_by(_k.native_id).limit(PAGE)).scalars()]


def _case(partner: Partner, link: Link, state: CaseState) -> dict[str, Any]:
    """The case as this company had it."""
    try:
        said: Mapping[str, Any] = {"values": partner.lens.to_case(link.base).values if link.base else {}}
    except MappingError:
        said = {"record": link.base}
    notes = [
        {"company": one.partner, "author": one.author, "date": one.date.isoformat(), "text": one.text,
         "visibility": str(one.visibility)}
        for one in state.notes
        if one.partner == partner.name or note_ref(one.partner, one.id) in link.notes
    ]  # fmt: skip
    files = [
        {"company": one.partner, "name": one.name}
        for one in state.files
        if one.partner == partner.name or file_ref(one) in link.files
    ]
    told = {"line": "case", "case": state.id, "record": link.native_id, "number": link.number, "link": link.state}
    return {**told, **said, "notes": notes, "files": files}


def remove(exchange: Exchange, name: str, act: By) -> Removed:
    """Remove its data here, and ask its people to remove ours there. What a run before has done stays done."""
    ledger, clock = exchange.ledger, exchange.clock
    cases, records, asked, after = 0, 0, 0, ""
    with ledger.transaction(clock()) as tx:
        tx.connection.execute(sa.delete(evidence).where(evidence.c.partner == name))
    while True:
        with ledger.transaction(clock()) as tx:
            page = _records(tx, name, after)
            for native_id in page:
                link = tx.link(name, native_id)
                state = tx.case(link.case_id) if link is not None and link.case_id is not None else None
                if link is None or link.case_id is None:
                    continue  # it went with another one of its customer's
                alone = erasure.of_case(tx, link.case_id) if state is not None and _is_alone(tx, state, name) else None
                if alone is not None and all(_is_alone(tx, each, name) for each in alone.cases):
                    erasure.forget(tx, alone, act, ask=False)
                    cases += len(alone.cases)
                    continue
                erasure.bury(tx, Place(link.case_id, name, native_id))
                records += 1
                asked += state is not None and erasure.put_down(tx, _place(state, link), "", "waiting")
            if asked:
                _ask(tx, exchange.alliance.title(name), name)
        if len(page) < PAGE:
            break
        after = page[-1]
    erasing.go_on_here(exchange)
    if records:
        with ledger.transaction(clock()) as tx:
            detail = {"how": "removed", "of": name, "records": records, "who": act.who, "why": act.why}
            tx.append("erased", "", HUB, detail=detail)
    return Removed(cases, records, asked)


def _is_alone(tx: Transaction, state: CaseState, name: str) -> bool:
    """Whether nobody else has the case, and nobody works on it."""
    return not is_open(state) and tx.links_of(state.id).keys() == {name}


def _place(state: CaseState, link: Link) -> Place:
    return Place(state.id, link.partner, link.native_id, link.number)


def _ask(tx: Transaction, title: str, name: str) -> None:
    """One question for all of it."""
    waiting = sa.select(sa.func.count()).where(_e.partner == name, _e.state == "waiting")
    number = tx.connection.execute(waiting).scalar_one()
    why = (
        f"{title} left the alliance. Its people delete or empty the {number} records of cases that other companies "
        f'know. Then: casebridge partner erased {name} --by ... --why "..."'
    )
    tx.park(erasing.SUBJECT, name, case_id=None, native_id=None, code=TO_CONFIRM, place="records", why=why)


def confirm(exchange: Exchange, name: str, act: By) -> int:
    """Its people say that all that waited is removed there, a receipt each; how many. Raises CannotDo X532, X544."""
    done = 0
    with exchange.ledger.look(exchange.clock()) as tx:
        if name not in tx.left:
            why = stopped(tx, name) or "it is a company of the alliance"
            fix = f"casebridge erase --confirm {name} --case CASE says it of one case."
            raise CannotDo("X544", f"{name} did not leave: {why}.", fix=fix)
    while True:
        with exchange.ledger.transaction(exchange.clock()) as tx:
            rows = [row for row in erasure.asked(tx, "waiting") if row.partner == name][:PAGE]
            for row in rows:
                tx.unpark(erasing.SUBJECT, name, native_id=row.native_id or None, case_id=row.case_id)
                erasure.moved(tx, row, "done", "confirmed", act)
            if len(rows) < PAGE:
                tx.unpark(erasing.SUBJECT, name, native_id=None, case_id=None)
        done += len(rows)
        if len(rows) < PAGE:
            break
    if not done:
        fix = "casebridge erase --pending shows what waits for whom."
        raise CannotDo("X532", f"nothing waits for {name} to be erased.", fix=fix)
    return done
