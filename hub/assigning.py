"""Tasks: a part of a case's work, given over an edge of assignment, with a case of its own at the company that does it.

    given       the condition holds, once a case: the receiver gets a case, offered as any other; the giver goes on
                answering for the first one
    ended       resolved, or refused with its reason: that comes back to the first case as a note and a status
    over        the first case is closed on its customer's word, and with it its tasks; cancelled, they are too

Until a task that the agreement says so of has ended, the case is not resolved: an agent's "resolved" is written back
(`acts.py`). Looked at by `promises.py`, in its one transaction and as often as it looks; each thing is done once. Talks
to no partner. Next: `transfers.py` (how a task is refused), `state.py` (Task).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.alliance import Alliance
from hub.edges import Edge, is_unshared
from hub.owing import owe_all
from hub.rounds import CLOSED, RESOLVED
from hub.route import ALWAYS
from hub.standing import secret_of
from hub.state import HUB, CaseState, Task, case_id_of, note_ref
from hub.telling_words import ENGLISH, spoken_in
from hub.writing import Transaction
from mappings.case import ENDED, Note, StatusChange, Visibility

OWN = ("status", "feedback", "effort", "cost", "resolutionDate", "dispute", "improvementArea")
"""Heads of paths that say how the first case goes, and nothing of its task."""


def look(tx: Transaction, alliance: Alliance, state: CaseState) -> CaseState:
    """The case after it gave the tasks that it is to give and took back what became of them; of a task, the same, once
    its first case was told."""
    if state.history:
        return state
    if state.parent:
        _answer(tx, alliance, state)
        return state
    return _end_all(tx, alliance, _give(tx, alliance, state))


def _give(tx: Transaction, alliance: Alliance, state: CaseState) -> CaseState:
    if state.status in {RESOLVED, *ENDED}:
        return state
    given = {task.edge.partition("@")[0] for task in state.tasks}
    agreement = alliance.agreement.without(tx.left)
    fresh = [one for one in agreement.assigning(state.values, state.accountable) if one.id not in given]
    for edge in fresh:
        task = _opened(tx, alliance, state, edge)
        mine = Task(task.id, agreement.ref(edge), edge.receiver, task.status, edge.waits)
        state = replace(state, tasks=(*state.tasks, mine), version=state.version + 1, updated_at=tx.now)
        tx.keep_case(state)
        detail = {"receiver": edge.receiver, "edge": edge.id, "task": task.id}
        tx.append("assigned", state, edge.giver, detail=detail)
    if fresh:
        owe_all(tx, alliance, state)
    return state


def _opened(tx: Transaction, alliance: Alliance, state: CaseState, edge: Edge) -> CaseState:
    """The task's own case, offered to its receiver: what the edge's sharing lets cross is in it, and nothing else."""
    agreement = alliance.agreement
    sharing = agreement.sharing[edge.crosses]
    case_id = case_id_of(edge.giver, f"task {edge.id}\n{state.id}")
    values: dict[str, Any] = {
        path: value
        for path, value in state.values.items()
        if sharing.allows(path) and not is_unshared(path) and path not in ALWAYS and not path.startswith(OWN)
    }
    values |= {"status": "acknowledged", "statusChangeDate": tx.now, "creationDate": tx.now, "test": state.test}
    task = CaseState(
        id=case_id, origin=edge.giver, subject=state.subject, version=1, values={**values, "holder": edge.receiver},
        setters=dict.fromkeys((*values, "holder"), edge.giver), accountable=edge.giver, contact_point=edge.giver,
        opened_at=tx.now, updated_at=tx.now, edges={edge.receiver: agreement.ref(edge)}, parent=state.id,
        statuses=(StatusChange(status="acknowledged", status_change_date=tx.now),),
        secret=secret_of(case_id, tx.keyring),
    )  # fmt: skip
    tx.keep_case(task)
    tx.append("opened", task, edge.giver, business_at=tx.now, detail={"task_of": state.id})
    told = {"giver": edge.giver, "receiver": edge.receiver, "edge": edge.id, "by": HUB, "agreement": agreement.version}
    tx.append("offered", task, edge.giver, detail=told)
    owe_all(tx, alliance, task)
    return task


def _answer(tx: Transaction, alliance: Alliance, task: CaseState) -> None:
    """Tell the first case how its task stands, where that is news: by a note, once it has come to an end."""
    state = tx.case(task.parent)
    mine = next((one for one in state.tasks if one.case == task.id), None) if state is not None else None
    if state is None or mine is None or mine.status == task.status:
        return
    now = replace(mine, status=task.status)
    state = replace(
        state, version=state.version + 1, updated_at=tx.now,
        tasks=tuple(now if one.case == task.id else one for one in state.tasks),
    )  # fmt: skip
    told = not now.is_open and task.status != CLOSED and state.status not in ENDED
    if told:
        note = _note(tx, alliance, state, task, now)
        state = replace(state, notes=(*state.notes, note))
    tx.keep_case(state)
    if told:
        tx.append("answered", state, now.receiver, detail={"task": task.id, "status": task.status})
        tx.append("noted", state, HUB, detail={"visibility": str(note.visibility), "ref": note_ref(HUB, note.id)})
    owe_all(tx, alliance, state)


def _note(tx: Transaction, alliance: Alliance, state: CaseState, task: CaseState, now: Task) -> Note:
    """How the task ended, in the language of who answers for the case."""
    reader = alliance.partners.get(state.accountable)
    words = (spoken_in(reader.system.language) if reader is not None else None) or ENGLISH
    said = words.task_done if task.status == RESOLVED else words.task_refused
    link = tx.links_of(task.id).get(now.receiver)
    number = f" ({link.number})" if link is not None and link.number else ""
    sharing = alliance.agreement.sharing_of(now.receiver, "", now.edge)
    why = task.values.get("statusChangeReason") if sharing.allows("statusChangeReason") else None
    text = said.format(company=alliance.title(now.receiver), number=number)
    stem = f"task {task.id}"
    times = sum(1 for note in state.notes if note.partner == HUB and note.id.startswith(stem))
    return Note(partner=HUB, id=f"{stem} {times}", author=alliance.title(now.receiver), date=tx.now,
                text=f"{text} {why}" if why else text, visibility=Visibility.PARTNERS)  # fmt: skip


def _end_all(tx: Transaction, alliance: Alliance, state: CaseState) -> CaseState:
    """What becomes of its tasks once the case has ended: none is left that nobody waits for."""
    if state.status not in ENDED or all(task.status in ENDED for task in state.tasks):
        return state
    after: dict[str, str] = {}
    for mine in state.tasks:
        task = tx.case(mine.case)
        if task is None or task.status in ENDED:
            continue
        if state.status == CLOSED and task.status == RESOLVED:
            after[mine.case] = CLOSED
            word = {"score": state.feedback[-1].score} if state.feedback else {}
            _set(tx, alliance, task, CLOSED, {**word, "threshold": alliance.agreement.closing.threshold})
        elif state.status != CLOSED:
            after[mine.case] = "cancelled"
            _set(tx, alliance, task, "cancelled", {})
    if not after:
        return state
    tasks = tuple(replace(mine, status=after.get(mine.case, mine.status)) for mine in state.tasks)
    state = replace(state, tasks=tasks)
    tx.keep_case(state)
    return state


def _set(tx: Transaction, alliance: Alliance, task: CaseState, status: Any, detail: Mapping[str, Any]) -> None:
    task = ended(tx, task, status)
    tx.keep_case(task)
    if status == CLOSED:
        tx.append("closed", task, HUB, detail=detail)
    else:
        tx.append("changed", task, HUB, fields=["status"], detail=detail)
    owe_all(tx, alliance, task)


def ended(tx: Transaction, task: CaseState, status: Any) -> CaseState:
    """The task once the hub has ended it so."""
    return replace(
        task, version=task.version + 1, updated_at=tx.now,
        values={**task.values, "status": status, "statusChangeDate": tx.now},
        setters={**task.setters, "status": HUB, "statusChangeDate": HUB},
        statuses=(*task.statuses, StatusChange(status=status, status_change_date=tx.now)),
    )  # fmt: skip
