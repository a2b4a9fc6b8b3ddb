"""Who holds a case and who answers for it: offered, accepted, refused with a reason, withdrawn, and who is informed.

A transfer is an agent's act in the field that names the company: it offers the case (holder moves), and what the edge
names, else the other side's first act there, accepts it (accountable moves); until then the giver answers for it. A
transfer that no edge permits, and a refusal without a reason that the edge knows, is written back. Pure: each function
takes a Fold and moves it on. Next: `folding.py`, which calls them in order; `edges.py`, by which they go;
`offers.py`, which takes back an offer that nobody answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hub.acts import set_status
from hub.edges import ANY, CONTACT_POINT, GIVER, Edge, choices, named_reason, shown_reasons
from hub.merge import Event, Fold, Wait
from hub.state import HUB
from mappings.case import ENDED

REFUSAL = "refusal"
"""Where a refusal stands that waits for a reason, or for somebody who knows a way on."""


def fold_transfer(fold: Fold) -> bool:
    """Apply a transfer that the partner's agent declared; True where there was one, permitted or not."""
    receiver = fold.theirs.get("holder")
    if not fold.touched("holder") or receiver is None:
        return False
    fold.changed.append("holder")
    giver = fold.state.holder
    if receiver == giver:  # another side said the same before
        fold.synced["holder"] = receiver
        return False
    if fold.state.parent:
        _of_task(fold, receiver)
        return True
    if fold.state.holder != fold.synced.get("holder") and fold.partner not in {giver, fold.state.contact_point}:
        _deny(fold, receiver, "moved on")
    elif (
        fold.agreement.is_informed(fold.state.edges.get(fold.partner, "")) and fold.partner != fold.state.contact_point
    ):
        why = f"{fold.partner} has this case for information only, and transferred it. It stays with {giver}."
        _deny(fold, receiver, "only informed")
        fold.waits.append(Wait("transfer", "A404", f"{giver} -> {receiver}", why))
    elif receiver == fold.state.accountable:
        _give_back(fold, giver, receiver)
    elif edge := fold.agreement.edge(giver, receiver, fold.state.values):
        offer(fold, receiver, edge, fold.partner)
        fold.synced["holder"] = receiver
    else:
        why = (
            f"{fold.partner} transferred it from {giver} to {receiver}, and no edge of agreement "
            f"{fold.agreement.version} permits that for this case. It stays with {giver}."
        )
        _deny(fold, receiver, "no edge")
        fold.waits.append(Wait("transfer", "A401", f"{giver} -> {receiver}", why))
    return True


def _of_task(fold: Fold, receiver: str) -> None:
    """A task stays where it was given: handed back it is refused, handed on it is written back."""
    state = fold.state
    giver = state.contact_point
    if receiver != giver or fold.partner != state.holder or state.status in ENDED:
        why = f"{fold.partner} handed a task on to {receiver}. A task stays with {state.holder}, or is refused."
        _deny(fold, receiver, "a task")
        fold.waits.append(Wait("transfer", "A405", f"{state.holder} -> {receiver}", why))
        return
    ref, said = state.edges.get(state.holder, ""), _reason(fold)
    reason = named_reason(fold.agreement.reasons_of(ref), said)
    if reason is None:
        why = (
            f"{fold.partner} refused a task and named no reason that its edge allows: "
            f"{shown_reasons(fold.agreement.reasons_of(ref))}. It stays, until the reason stands in the status reason "
            "and it is refused again."
        )
        _deny(fold, giver, "no reason")
        fold.waits.append(Wait("transfer", "A402", REFUSAL, why))
        return
    detail = {"receiver": state.holder, "back_to": giver, "how": "refused", **({"reason": reason} if reason else {})}
    fold.events.append(Event("refused", detail, {"reason": said}))
    set_status(fold, "rejected", HUB)


def _deny(fold: Fold, receiver: str, why: str) -> None:
    detail = {"giver": fold.state.holder, "receiver": receiver, "by": fold.partner, "why": why}
    fold.events.append(Event("denied", detail))


def offer(fold: Fold, receiver: str, edge: Edge | None, by: str) -> None:
    """Offer the case over an edge: holder moves, accountable stays until the other side accepts. None: it goes to the
    contact point, which needs no edge."""
    giver, agreement = fold.state.holder, fold.agreement
    fold.put("holder", receiver, by)
    ref = agreement.ref(edge) if edge is not None else ""
    fold.state = replace(fold.state, edges={**fold.state.edges, receiver: ref})
    detail = {"giver": giver, "receiver": receiver, "edge": edge.id if edge is not None else "", "by": by}
    fold.events.append(Event("offered", {**detail, "agreement": agreement.version}))


def _give_back(fold: Fold, refuser: str, giver: str) -> None:
    """The case goes back to who answers for it: withdrawn by that side, or refused for a reason that is allowed."""
    ref = fold.state.edges.get(refuser, "")
    edge, said = fold.agreement.edge_named(ref), _reason(fold)
    withdrawn = fold.partner == giver
    reasons = fold.agreement.reasons_of(ref)
    reason = "" if withdrawn else named_reason(reasons, said)
    if reason is None and edge is not None:
        why = (
            f"{fold.partner} refused it and named no reason that edge {edge.id} allows: {shown_reasons(reasons)}. "
            f"It stays offered to {refuser}, until the reason stands in the status reason and it is refused again."
        )
        _deny(fold, giver, "no reason")
        fold.waits.append(Wait("transfer", "A402", REFUSAL, why))
        return
    detail = {"receiver": refuser, "back_to": giver, "how": "withdrawn" if withdrawn else "refused"}
    if reason:
        detail["reason"] = reason
    fold.events.append(Event("refused", detail, {"reason": said}))
    fold.put("holder", giver, fold.partner)
    fold.synced["holder"] = giver
    if edge is not None and not withdrawn:
        _send_on(fold, edge)


def _reason(fold: Fold) -> Any:
    """What the refusing side says of why: now, or before it refused."""
    path = "statusChangeReason"
    if fold.touched(path):
        return fold.theirs.get(path)
    return fold.state.values.get(path) if fold.state.setters.get(path) == fold.partner else None


def _send_on(fold: Fold, refused: Edge) -> None:
    """Where a refused case goes besides back; and where no way leads on, a person is asked."""
    state, goes = fold.state, refused.refused_to
    if goes == CONTACT_POINT and state.contact_point != state.accountable:
        offer(fold, state.contact_point, None, HUB)
        return
    onward = None if goes in (GIVER, CONTACT_POINT) else fold.agreement.edge(state.accountable, goes, state.values)
    if onward is not None:
        offer(fold, goes, onward, HUB)
    elif not any(edge.receiver != refused.receiver for edge in _ways(fold)):
        why = (
            f"{refused.receiver} refused it, and no other edge of agreement {fold.agreement.version} leads on from "
            f"{state.accountable}, which answers for it: solve it there, or agree with {refused.receiver}."
        )
        fold.waits.append(Wait("refusal", "A403", REFUSAL, why))


def _ways(fold: Fold) -> Iterator[Edge]:
    return fold.agreement.edges_from(fold.state.accountable, fold.state.values)


def fold_acceptance(fold: Fold) -> None:
    """The holder's side acted on a case that it was offered: it accepts, as the edge says acceptance looks."""
    state = fold.state
    if fold.partner != state.holder or state.accountable == state.holder or (state.parent and state.status in ENDED):
        return
    edge = fold.agreement.edge_named(state.edges.get(state.holder, ""))
    if edge is not None and edge.accepted_by and not any(_accepts(fold, *said) for said in edge.accepted_by.items()):
        return
    fold.state = replace(state, accountable=state.holder)
    fold.events.append(Event("accepted", {"giver": state.accountable}))


def _accepts(fold: Fold, path: str, wanted: Any) -> bool:
    value = fold.theirs.get(path)
    if wanted == ANY:
        return value is not None and fold.touched(path)
    return value in choices(wanted)


def fold_auto_edge(fold: Fold, *, transferred: bool) -> None:
    """An edge that moves cases by itself does so once a case, from who answers for it. A person's act wins over it:
    where one has just said who is to have the case, such an edge does not take it from there."""
    if fold.state.holder != fold.state.accountable or fold.state.parent:
        return
    ways = fold.agreement.edges_from(fold.state.holder, fold.state.values, "auto")
    fresh = [way for way in ways if way.id not in fold.state.fired]
    moved = any(event.kind in {"offered", "refused"} for event in fold.events)
    if not fresh or (transferred and not moved):
        return
    taken = fresh if moved else fresh[:1]
    fold.state = replace(fold.state, fired=(*fold.state.fired, *(way.id for way in taken)))
    if not moved:
        offer(fold, fresh[0].receiver, fresh[0], HUB)


def fold_informing(fold: Fold) -> None:
    """Companies that an edge of information names get the case to read, once, while it is open."""
    state = fold.state
    if state.status in ENDED or state.history or state.parent:
        return
    for edge in fold.agreement.informing(state.values, {state.origin, state.accountable}):
        if edge.receiver in state.edges or edge.receiver in {state.origin, state.holder, state.contact_point}:
            continue
        fold.state = replace(
            fold.state,
            edges={**fold.state.edges, edge.receiver: fold.agreement.ref(edge)},
            informed=(*fold.state.informed, edge.receiver),
        )
        fold.events.append(Event("informed", {"giver": edge.giver, "receiver": edge.receiver, "edge": edge.id}))
