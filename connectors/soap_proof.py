"""Whether a declaration fits its contract, asked of nobody: each path of an answer, and each request that can be made.

A path that is not in the contract would read nothing for ever, and say nothing. Bodies and notes are the mapping's.
Next: `soap_wsdl.py`, the contract; `kinds.py`, by which `casebridge check` comes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from connectors.errors import Refused, Rejected
from connectors.soap_operations import NAMES, WITHIN, Operation, fill
from connectors.soap_plain import members_of
from connectors.soap_system import SoapSystem
from connectors.soap_wsdl import Contract

_MADE_BY_MAPPING: Final = frozenset({"body", "note", "told"})


def prove(system: SoapSystem) -> None:
    """Raises Refused: what the contract itself raises, C385 for a path that it does not have, C386 for a request that
    it does not take."""
    if not any(one.by_contract for one in system.every_operation.values()):
        return
    contract = Contract(system)
    hold(system, contract)
    for role, operation in system.every_operation.items():
        if operation.envelope is None and not operation.names & _MADE_BY_MAPPING:
            _rehearse(system, contract, role, operation)


def hold(system: SoapSystem, contract: Contract) -> None:
    """Raises Refused C385 for a path that the contract does not have."""
    for role, operation in system.every_operation.items():
        if operation.reply is None:
            for place, path, declared in _paths(system, contract, role, operation):
                _check(system, place, path, declared)


def _paths(system: SoapSystem, contract: Contract, role: str, operation: Operation) -> Iterator[tuple[str, str, Any]]:
    """Each path that is read of an answer, and the type that it begins in."""
    whole = contract.answers(role)
    outer = WITHIN.get(role, tuple(operation.answer))
    for part, path in operation.answer.items():
        inside = outer[-1] if part.startswith("gone_") else outer[0]
        declared = whole if part in outer else _at(whole, operation.answer.get(inside, ""))
        yield f"operations.{role}.answer.{part}", path, declared
    if "records" in operation.answer or "record" in operation.answer:
        record = _at(whole, operation.answer.get("records") or operation.answer["record"])
        for part, place in (("id", system.record.id), ("stamp", system.record.stamp), ("hub_id", system.record.hub_id)):
            if place is not None:
                yield f"record.{part}, in what {role} answers", place, record


def _at(declared: Any, path: str) -> Any:
    """The type at a path; None where it cannot be told."""
    for step in path.split(".") if path else ():
        found = members_of(declared).get(step)
        declared = getattr(found, "type", None)
    return declared


def _check(system: SoapSystem, place: str, path: str, declared: Any) -> None:
    for step in path.split(".") if path else ():
        known = members_of(declared)
        if not known:
            return  # its content is open, or was found wrong further out
        if step not in known:
            text = f"{place}: the contract has no {step!r} there."
            fix = "correct the path in system.yaml; an element's own text is _value_1."
            where = f"{system.name} contract"
            raise Refused(text, code="C385", where=where, value=step, known=sorted(known), fix=fix)
        declared = known[step].type


def _rehearse(system: SoapSystem, contract: Contract, role: str, operation: Operation) -> None:
    """Make the request with made-up values."""
    values: Mapping[str, Any] = {
        **dict.fromkeys(NAMES, "1"),
        **dict.fromkeys(("offset", "limit", "first", "end"), 1),
        "since": system.stamp(datetime(2026, 1, 2, tzinfo=UTC)),
        "ids": ["1"],
        "content": b"1",
    }
    where = f"{system.name} contract"
    try:
        contract.request(role, fill(operation.arguments, values), blank=False, where=where)
    except Rejected as error:
        text = f"operations.{role}.arguments: {error.message}"
        fix = "give each element that the contract requires, and none that it does not have."
        raise Refused(text, code="C386", where=where, value=error.value, known=error.known, fix=fix) from None
