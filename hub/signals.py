"""What a customer's words and acts say: each an entry of its own, the explicit told apart from the implicit.

    explicit    score, complaint, thanks, preference    he said it
    implicit    repeat, reopen                          he came again about the same, or it had to be worked on again

A word is classified by the field of the record that names the area to improve, else by the words that the agreement
declares; a person's correction stands beside it and goes before it. Each thing is written down once: `of` is the entry
that it was read from. Inside a ledger transaction. Next: `classifying.py`; `following_up.py`, which calls this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from hub import reading
from hub.acting import By, CannotDo
from hub.agreement import Agreement
from hub.classifying import COMPONENTS, EXPECTATIONS, has, most
from hub.entries import Entry
from hub.state import CaseState
from hub.tables import cases
from hub.writing import Transaction
from mappings.case import PICKLISTS

PRODUCT = "relatedEntity.product.id"
DISPUTES = PICKLISTS["dispute"]


NONE: Mapping[str, Any] = MappingProxyType({})


class Signal(NamedTuple):
    """One signal. of: seq of the entry that it was read from."""

    signal: str
    explicit: bool
    of: int
    component: str | None = None
    expected: str | None = None
    more: Mapping[str, Any] = NONE


def look(tx: Transaction, agreement: Agreement, state: CaseState, story: Sequence[Entry]) -> int:
    """Write down what is new of this case's signals; how many."""
    known = {(e.detail.get("signal"), e.detail.get("of")) for e in story if e.kind == "signal"}
    new = [one for one in _all(tx, agreement, state, story) if (one.signal, one.of) not in known]
    for one in new:
        said = {"component": one.component, "expected": one.expected}
        detail = {"signal": one.signal, "explicit": one.explicit, "of": one.of, **one.more}
        detail |= {key: value for key, value in said.items() if value is not None}
        tx.append("signal", state, state.contact_point, detail=detail)
    _tell_disputes(tx, state, story)
    return len(new)


def _tell_disputes(tx: Transaction, state: CaseState, story: Sequence[Entry]) -> None:
    """What agents disputed in a field of their own tool."""
    known = {e.detail.get("of") for e in story if e.kind == "disputed"}
    for entry in story:
        what = entry.detail.get("about", {}).get("dispute")
        if entry.kind in ("opened", "changed") and what is not None and entry.seq not in known:
            by = "contactPoint" if entry.partner == state.contact_point else entry.partner
            tx.append("disputed", state, entry.partner, detail={"dispute": what, "by": by, "of": entry.seq})


def classify(tx: Transaction, case_id: str, by: By, *, component: str = "", expected: str = "", of: int = 0) -> int:
    """A person says what a word is about. of: the entry, 0: the newest explicit signal's; its number. Raises CannotDo
    X512."""
    for value, known, name in ((component, COMPONENTS, "component"), (expected, EXPECTATIONS, "expectation")):
        if value and value not in known:
            raise CannotDo("X512", f"{value!r} is no {name}.", value=value, known=known)
    if not component and not expected:
        raise CannotDo("X512", "nothing is said of what it is about.", fix="give --component, --expected or both.")
    state = tx.case(case_id)
    found = [int(e.detail["of"]) for e in _entries(tx, case_id) if e.kind == "signal" and e.detail.get("explicit")]
    if state is None or not found or (of and of not in found):
        which = f"no signal is read from entry {of}" if of else "there is no word of the customer's yet"
        raise CannotDo(
            "X512", f"{case_id}: {which}.", fix="`casebridge show` lists its signals; `promises` reads them."
        )
    said = {"component": component, "expected": expected}
    detail = {"of": of or found[-1], "who": by.who, "why": by.why, **{k: v for k, v in said.items() if v}}
    tx.append("classified", state, state.contact_point, detail=detail)
    return of or found[-1]


def dispute(tx: Transaction, case_id: str, what: str, by: By, *, whose: str) -> None:
    """A contact point's or a customer's dispute. Raises CannotDo X513."""
    state = tx.case(case_id)
    if what not in DISPUTES:
        raise CannotDo("X513", f"{what!r} is no dispute.", value=what, known=DISPUTES)
    if whose not in ("customer", "contactPoint"):
        raise CannotDo("X513", f"{whose!r} disputes nothing.", value=whose, known=("customer", "contactPoint"))
    if state is None:
        raise CannotDo("X513", f"{case_id} is gone.")
    tx.append(
        "disputed", state, state.contact_point, detail={"dispute": what, "by": whose, "who": by.who, "why": by.why}
    )


def _all(tx: Transaction, agreement: Agreement, state: CaseState, story: Sequence[Entry]) -> Iterator[Signal]:
    words: dict[str, Sequence[str]] = dict(agreement.closing.words.items())
    heard = 0
    for entry in story:
        if entry.kind == "fed_back":
            text = state.feedback[heard].text or "" if heard < len(state.feedback) else ""
            heard += 1
            yield from _of_word(state, entry, text, words)
        elif entry.kind == "opened":
            if entry.detail.get("about", {}).get("type") == "complaint":
                yield Signal("complaint", True, entry.seq)
            if before := _before(tx, agreement, state):
                yield Signal("repeat", False, entry.seq, more={"before": before})
        elif entry.kind == "reopened" and "score" not in entry.detail:
            yield Signal("reopen", False, entry.seq)
        if entry.kind in ("opened", "changed") and "preference" in entry.fields:
            yield Signal("preference", True, entry.seq)


def _of_word(state: CaseState, entry: Entry, text: str, words: Mapping[str, Sequence[str]]) -> Iterator[Signal]:
    field = state.values.get("improvementArea")
    component = field or most(text, words, COMPONENTS)
    expected = most(text, words, EXPECTATIONS)
    score = {"score": entry.detail.get("score")}
    yield Signal("score", True, entry.seq, component, expected, score)
    for tone in ("thanks", "complaint"):
        if has(text, words, tone):
            yield Signal(tone, True, entry.seq, component, expected, score)


def _before(tx: Transaction, agreement: Agreement, state: CaseState) -> str | None:
    """The case of the same customer and product that was opened last before this one, if that is not long ago."""
    within, product = agreement.closing.repeat_within, state.values.get(PRODUCT)
    if within is None or product is None or not state.subject.startswith("customer:"):
        return None
    c = cases.c
    query = sa.select(c.id).where(
        c.subject == state.subject, c.id != state.id, c.opened_at >= state.opened_at - within,
        c.opened_at <= state.opened_at, ~c.history, c.test == state.test,
    )  # fmt: skip
    for case_id in tx.connection.execute(query.order_by(c.opened_at.desc(), c.id).limit(20)).scalars().all():
        other = tx.case(case_id)
        if other is not None and not other.parent and other.values.get(PRODUCT) == product:
            return str(case_id)
    return None


def _entries(tx: Transaction, case_id: str) -> list[Entry]:
    return list(reading.entries(tx.connection, 0, case_id))
