"""Why an act did not cross, for a person: which company, which field, and what the ledger says of it.

Reads only. Next: `rest.py` (what must hold at rest), `airflow_api.py` (logs of runs that failed).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from hub.entries import CaseRow, PartnerRow
from hub.ledger import Ledger
from sandbox.demo.stage import Awaited, Run, Stage
from sandbox.words import field as field_name


def reasons(stage: Stage, ledger: Ledger, clock: Callable[[], float]) -> list[str]:
    """One paragraph for each act that does not show where it should, and each that the ledger does not hold."""
    now = clock()
    told = [
        f"{_whose(one.script.reference, one.script.title)}: {one.act.at.capitalize()} {one.act.does}, and after "
        f"{now - one.since:.0f} s {_what(one)}\n  {_ledger_says(run, one.act.at, one.company, ledger)}"
        for run in stage.runs
        for one in run.awaited
    ]
    told += [
        f"{_whose(run.script.reference, run.script.title)}: the ledger does not hold «{run.last}»\n"
        f"  {_ledger_says(run, run.script.acts[run.done - 1].at, '', ledger)}"
        for run in stage.unkept()
        if not run.awaited
    ]
    return told


def _whose(reference: str, title: str) -> str:
    return f"{reference} «{title}»"


def _what(one: Awaited) -> str:
    name = one.company.capitalize()
    if one.absent is None:
        return f"{name} has no counterpart."
    wrong = [
        f"{key if key not in _FIELDLESS else 'its notes'}"
        + (f" (`{field_name(one.company, key)}`) reads {now!r}, not {wanted!r}" if key not in _FIELDLESS
           else f" lack {wanted!r}")
        for key, (now, wanted) in one.absent.items()
    ]  # fmt: skip
    return f"{name}'s {'; '.join(wrong)}."


_FIELDLESS = frozenset({"note"})


def _ledger_says(run: Run, giver: str, receiver: str, ledger: Ledger) -> str:
    """What holds it up, as far as the ledger knows."""
    partners = {row.name: row for row in ledger.partners()}
    case = _case(run, ledger)
    if case is None:
        return f"The ledger has no case of it: {_health(giver, partners.get(giver))}"
    parked = ledger.parked(case.id)
    if parked:
        return "Parked: " + "; ".join(
            f"{row.subject} {row.partner} {row.code} {row.place} {row.message}" for row in parked
        )
    owed = [row for row in ledger.deliveries(("owed", "claimed", "unknown"), case.id) if receiver in {row.partner, ""}]
    if owed:
        causes = [f"{row.code} {row.reason}".strip() or "not tried yet" for row in owed]
        lines = [
            f"version {row.version} is {row.state} to {row.partner} after {row.attempts} tries: {cause}"
            for row, cause in zip(owed, causes, strict=True)
        ]
        return f"Case {case.id}: {'; '.join(lines)}. {_health(receiver or giver, partners.get(receiver or giver))}"
    return f"Case {case.id}: nothing is owed to {receiver or 'anybody'}; {_health(giver, partners.get(giver))}"


def _case(run: Run, ledger: Ledger) -> CaseRow | None:
    numbers: Sequence[tuple[str, str]] = list(run.numbers.items())
    for case in ledger.cases(limit=1000):
        if any((link.partner, link.number) in numbers for link in case.links):
            return case
    return None


def _health(name: str, row: PartnerRow | None) -> str:
    if row is None or row.pulled_at is None:
        return f"{name} was never read."
    ago = (datetime.now(UTC) - row.pulled_at).total_seconds()
    return f"{name} was last read {ago:.0f} s ago" + (f"; its last failure: {row.error}" if row.error else ".")
