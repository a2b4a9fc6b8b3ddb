"""Settling one delivery: what the receipts say, what the record says now, and what that makes of what was owed.

A receipt without an error is no proof: the record is read back and compared, path by path, with what was sent. What
they took and did not keep is put before a person with both values and not sent again until it changes.
Runs inside one ledger transaction. Next: `lanes.py`, `taking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Rejected, Unknown
from hub import intents, lanes, route, telling_changes
from hub.alliance import Alliance
from hub.lacking import park, place_of, whereabouts
from hub.lanes import Claim, Misfit
from hub.owing import owe_all
from hub.state import CaseState, Link, file_ref, record_subject
from hub.taking import take, take_in
from hub.writing import Transaction


@dataclass(slots=True)
class Outcome:
    """What came of one claim. state is set by `settle`; due says when to try again after an error. asked_from: the
    ledger's newest entry before anything was sent. step: it was a status step on the way to what is owed, which is owed
    still. told: what its agents are told with it. moved: the case goes on in another record of theirs since, so what
    this one refused says nothing. proof: digest of the evidence of its calls, where any is kept."""

    partner: str
    claimed: Claim
    changes: tuple[Change, ...]
    receipts: Mapping[str, Receipt]
    paths: tuple[str, ...]
    values: Mapping[str, Any]
    due: Callable[[ConnectorError | None], datetime]
    asked_from: int
    step: bool = False
    told: telling_changes.Sent | None = None
    proof: str = ""
    moved: bool = False
    state: str = "owed"

    def has_arrived(self) -> bool:
        """Whether all of it was answered, and none of it failed."""
        return self.error() is None and len(self.receipts) == len(self.changes)

    def error(self) -> ConnectorError | None:
        """The error that says what happens next: an unknown outcome first, then a refusal, then the rest. That they do
        not take a file says nothing of the rest."""
        barred = {key for key, _ in self.barred()} | self.untold()
        errors = [
            receipt.error for key, receipt in self.receipts.items() if receipt.error is not None and key not in barred
        ]
        ranked = sorted(errors, key=lambda e: (not isinstance(e, Unknown), not isinstance(e, Rejected)))
        return ranked[0] if ranked else None

    def is_telling(self, change: Change) -> bool:
        """Whether it carries what their agents are told and nothing else."""
        return self.told is not None and self.told.aside and change.key == self.told.key

    def untold(self) -> set[str]:
        """Key of what they do not take of what their agents are told: it says nothing of the rest either."""
        receipt = self.receipts.get(self.told.key) if self.told is not None else None
        refused = (
            receipt is not None and receipt.error is not None and telling_changes.refused(self.told, receipt.error)
        )
        return {receipt.key} if receipt is not None and refused else set()

    def barred(self) -> list[tuple[str, Rejected]]:
        """(key of the change, their refusal) of each file that they do not take."""
        files = [change.key for change in self.changes if change.kind == "add_file"]
        told = ((key, self.receipts[key].error) for key in files if key in self.receipts)
        return [
            (key, error) for key, error in told if isinstance(error, Rejected) and error.code not in lanes.NOT_THERE
        ]


def settle(tx: Transaction, alliance: Alliance, outcome: Outcome, stands: Mapping[str, Record]) -> set[str]:
    """Settle one claim that is still ours. stands: native id -> the record as read back. Names partners now owed."""
    claimed = outcome.claimed
    before = tx.links_of(claimed.case_id).get(outcome.partner)
    planned_from = next((c.base_version for c in outcome.changes if c.kind == "update" and c.base_version), None)
    # A record that moved on since the plan was made says nothing of what they ignored.
    old = dict(before.base) if before is not None and before.version == planned_from else {}
    owed: set[str] = set()
    unread = False
    # What one that arrived leaves owing is reckoned once, at the end; one that waits moves on with the case first.
    taking = take_in if outcome.error() is None else take
    _drop_intents(tx, outcome)  # what they did not apply is no part of what stands there now
    _place_files(tx, alliance, outcome)
    for change in outcome.changes:
        receipt = outcome.receipts.get(change.key)
        native_id = (receipt.native_id if receipt else None) or change.native_id
        record = stands.get(native_id) if native_id else None
        if record is not None:
            taken = taking(tx, alliance, record, read_from=outcome.asked_from)
            owed |= taken.owed
            unread = unread or taken.unclear
        elif receipt is not None and receipt.error is None:
            unread = True
    _end_intents(tx, outcome, unread=unread)
    state, link = tx.case(claimed.case_id), tx.links_of(claimed.case_id).get(outcome.partner)
    if state is not None and link is not None:
        link = _as_written(alliance, outcome, link) if link.unread else link
        (_agree_step if outcome.step else _agree)(tx, alliance, outcome, state, link, old)
        _keep_told(tx, alliance, outcome, state)
    elif state is None and (untaken := tx.standing.untaken(claimed.case_id, outcome.partner)) is not None:
        _keep_told_untaken(tx, alliance, outcome, untaken)
    outcome.moved = link is not None and any(one.native_id not in {None, link.native_id} for one in outcome.changes)
    _settle_delivery(tx, outcome, state, unread=unread)
    if state is not None:
        owed |= owe_all(tx, alliance, tx.case(claimed.case_id) or state)
    return owed


def _keep_told(tx: Transaction, alliance: Alliance, outcome: Outcome, state: CaseState) -> None:
    link, told = tx.links_of(state.id).get(outcome.partner), outcome.told
    if link is None:
        return
    partner, kept = alliance.partners[outcome.partner], link
    if told is not None:
        kept = telling_changes.kept(tx, link, told, outcome.receipts.get(told.key), partner)
    if not outcome.step and not (told is not None and told.alone) and outcome.has_arrived():
        kept = replace(kept, reached=tx.now)
    if kept != link:
        tx.keep_link(kept, state.subject)


def _keep_told_untaken(tx: Transaction, alliance: Alliance, outcome: Outcome, link: Link) -> None:
    """What the agents of a record that is no case yet were told."""
    (change,), told = outcome.changes, outcome.told
    receipt = outcome.receipts.get(change.key)
    if told is None or receipt is None:
        return
    kept = telling_changes.kept(tx, link, told, receipt, alliance.partners[outcome.partner])
    if receipt.error is None:  # the entry that it was told follows in this transaction
        notes = {change.ref: receipt.note_id or ""} if change.ref is not None else {}
        kept = replace(kept, notes={**kept.notes, **notes}, settled=tx.newest + 1)
    tx.keep_link(kept, record_subject(link.partner, link.native_id))


def _as_written(alliance: Alliance, outcome: Outcome, link: Link) -> Link:
    """What they took stands there, though their record says something besides that nobody understands: once it is
    understood, our own words are not taken for theirs."""
    lens, base = alliance.partners[outcome.partner].lens, dict(link.base)
    for change in outcome.changes:
        receipt = outcome.receipts.get(change.key)
        if change.kind == "update" and receipt is not None and receipt.error is None:
            base = lens.apply(base, change.body)
    return replace(link, base=base)


def _drop_intents(tx: Transaction, outcome: Outcome) -> None:
    errors = ((key, receipt.error) for key, receipt in outcome.receipts.items() if receipt.error is not None)
    refused = [key for key, error in errors if not isinstance(error, Unknown)]
    intents.end(tx, outcome.claimed.case_id, refused, "dropped")


def _place_files(tx: Transaction, alliance: Alliance, outcome: Outcome) -> None:
    """Files that they took stand there by our hand, whatever they call them; those that they do not take wait for a
    person, each once."""
    state, link = tx.case(outcome.claimed.case_id), tx.links_of(outcome.claimed.case_id).get(outcome.partner)
    sent = {change.key: change for change in outcome.changes if change.kind == "add_file"}
    if state is None or link is None or not sent:
        return
    answered = [(change, outcome.receipts.get(key)) for key, change in sent.items()]
    took = {str(c.ref): receipt.file_id or "" for c, receipt in answered if receipt is not None and not receipt.error}
    barred = {str(sent[key].ref): error for key, error in outcome.barred()}
    codes = {ref: error.code for ref, error in barred.items()}
    link = replace(link, files={**link.files, **took}, barred={**link.barred, **codes})
    tx.keep_link(link, state.subject)
    for file in state.files:
        error = barred.get(file_ref(file))
        if error is not None:
            where = whereabouts(alliance, file, tx.links_of(state.id))
            why = f"{alliance.title(outcome.partner)} does not take it. Not sent: {where}, where it can be had. "
            park(tx, state, link, Misfit(error.code, place_of(file), why + error.text()))


def _end_intents(tx: Transaction, outcome: Outcome, *, unread: bool) -> None:
    """What was not read back, or has no answer, stays open: the next life looks for it."""
    applied = [key for key, receipt in outcome.receipts.items() if receipt.error is None]
    intents.end(tx, outcome.claimed.case_id, [] if unread else applied, "settled")


def _agree(
    tx: Transaction, alliance: Alliance, outcome: Outcome, state: CaseState, link: Link, old: Mapping[str, Any]
) -> None:
    """Keep what both sides now agree on: values that were written and read back, and notes that stand there."""
    notes = dict(link.notes)
    applied = wrote = False
    for change in outcome.changes:
        receipt = outcome.receipts.get(change.key)
        if receipt is None or receipt.error is not None:
            continue
        applied = True
        if change.kind == "add_note" and change.ref is not None:
            notes[change.ref] = receipt.note_id or ""
        elif change.kind != "add_file" and not outcome.is_telling(change):
            wrote = True
    synced, ignored = dict(link.synced), dict(link.ignored)
    if wrote:
        lens = alliance.partners[outcome.partner].lens
        now, was = lens.to_case(link.base).values, lens.to_case(old).values if old else {}
        differ = lens.to_partner({p: outcome.values.get(p) for p in outcome.paths if p in lens.paths}, link.base).paths
        for path in outcome.paths:
            sent = outcome.values.get(path)
            if path not in differ:
                synced[path] = sent
                ignored.pop(path, None)
            elif old and now.get(path) == was.get(path):
                synced[path] = sent
                ignored[path] = route.digest(sent)
                _tell_ignored(tx, outcome, state, link, path, sent, now.get(path))
    kept = replace(link, notes=notes, synced=synced, ignored=ignored, synced_at=tx.now)
    if applied:  # the receipt's entry follows in this transaction: a reading that began before it is older than this
        kept = replace(kept, settled=tx.newest + 1)
    tx.keep_link(kept, state.subject)


def _agree_step(
    tx: Transaction, alliance: Alliance, outcome: Outcome, state: CaseState, link: Link, old: Mapping[str, Any]
) -> None:
    """Nothing is agreed on yet. A step that they took and did not keep is not sent for ever."""
    (change,) = outcome.changes
    receipt, lens, ignored = (
        outcome.receipts.get(change.key),
        alliance.partners[outcome.partner].lens,
        dict(link.ignored),
    )
    now, was = lens.status_word(link.base), lens.status_word(old) if old else None
    sent = lens.status_word(lens.apply(link.base, change.body))
    if receipt is not None and receipt.error is None and sent != now and was == now:
        ignored["status"] = route.digest(outcome.values["status"])
        _tell_ignored(tx, outcome, state, link, "status", sent, now)
    tx.keep_link(replace(link, ignored=ignored, synced_at=tx.now), state.subject)


def _tell_ignored(
    tx: Transaction, outcome: Outcome, state: CaseState, link: Link, path: str, sent: Any, kept: Any
) -> None:
    """They answered success and kept their own value: a person has to know."""
    why = f"{path}: {outcome.partner} answered that it was written, and still shows {kept!r}; {sent!r} was sent."
    tx.append("parked", state, outcome.partner, native_id=link.native_id, detail={"code": "X303", "where": path})
    tx.park("delivery", outcome.partner, case_id=state.id, native_id=link.native_id, code="X303", place=path, why=why,
            each_place=True)  # fmt: skip


def _settle_delivery(tx: Transaction, outcome: Outcome, state: CaseState | None, *, unread: bool) -> None:
    claimed, error = outcome.claimed, outcome.error()
    waited = max(0, int((tx.now - claimed.owed_at).total_seconds() * 1000))
    about: CaseState | str = state or claimed.case_id
    arrived = not unread and outcome.has_arrived()
    proof = {"evidence": outcome.proof} if outcome.proof else {}
    if arrived and outcome.step:
        outcome.state = "stepped"
        lanes.settle(tx, claimed, "owed", afresh=True)
        tx.append("stepped", about, outcome.partner, fields=outcome.paths, detail=proof)
        return
    if arrived and outcome.told is not None and outcome.told.alone:
        outcome.state = "told"
        lanes.settle(tx, claimed, "owed" if outcome.told.more else "delivered", afresh=True)
        tx.append("told", about, outcome.partner, detail=proof)
        return
    if arrived:
        outcome.state = "delivered"
        lanes.settle(tx, claimed, "delivered")
        tx.unpark("delivery", outcome.partner, native_id=None, case_id=claimed.case_id)
        created = any(change.kind == "create" for change in outcome.changes)
        detail = {"version": claimed.version, "milliseconds": waited, "created": created, **proof}
        tx.append("delivered", about, outcome.partner, fields=outcome.paths, detail=detail)
        return
    code, why = (error.code, str(error)) if error else ("C400", "written, and not read back yet")
    if isinstance(error, Rejected) and outcome.moved:
        lanes.settle(tx, claimed, "owed", afresh=True, code=code, why=why)
        return
    if isinstance(error, Rejected):
        outcome.state = "parked"
        lanes.settle(tx, claimed, "parked", code=code, why=why)
        tx.append("parked", about, outcome.partner, detail={"code": code, "where": error.where, **proof})
        tx.park("delivery", outcome.partner, case_id=claimed.case_id, native_id=None, code=code, place=error.where,
                why=why)  # fmt: skip
        return
    outcome.state = "unknown" if error is None or isinstance(error, Unknown) else "owed"
    lanes.settle(tx, claimed, "unknown" if outcome.state == "unknown" else "owed", due=outcome.due(error), code=code,
                 why=why)  # fmt: skip
    if outcome.state == "unknown":
        intents.delay(tx, claimed.case_id, outcome.partner, tx.now)
        tx.append("unknown", about, outcome.partner, detail={"code": code, **proof})
    elif any(receipt.error is None for receipt in outcome.receipts.values()):
        tx.append("unsent", about, outcome.partner, detail={"code": code, **proof})
