"""What waits for a person, at a prompt: the list, and one thing whole, with its case, its story and its ways out.

Values of a case are shown here to the engineer who may see the ledger: both of a conflict too. Prints only.
Next: `repair_cli.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo
from hub.checking import explain_code
from hub.deeds import DEEDS, FEEDBACK, PROMISES
from hub.entries import Entry, ParkedRow
from hub.ledger import Ledger
from hub.remedies import remedy

UNTOLD = frozenset({"about", "evidence"})
"""Details that are told otherwise, or a digest."""
LINES = 6
"""Of a case's story that are shown with what waits."""


def show_list(console: Console, rows: Sequence[ParkedRow]) -> None:
    """A line for each."""
    if not rows:
        console.print("Nothing waits for a person.")
        return
    table = Table("no.", "since", "what", "partner", "case or record", "code", "where", "why")
    for row in rows:
        since = row.since.strftime("%m-%d %H:%M")
        table.add_row(str(row.id), since, row.subject, row.partner, row.case_id or row.native_id or "", row.code,
                      escape(row.place), escape(row.message))  # fmt: skip
    console.print(table)


def show_one(console: Console, ledger: Ledger, row: ParkedRow, title: str) -> None:
    """All that is known of one thing that waits."""
    console.print(f"[bold]{row.id}[/]  {row.subject} of {escape(title)}, since {row.since:%Y-%m-%d %H:%M:%S} UTC",
                  highlight=False)  # fmt: skip
    record = f", their record {row.native_id}" if row.native_id else ""
    console.print(f"{row.code} at {escape(row.place)}{escape(record)}", highlight=False, soft_wrap=True)
    console.print(escape(row.message), highlight=False, soft_wrap=True)
    for line in _values(ledger, row):
        console.print(escape(line), highlight=False, soft_wrap=True)
    _show_case(console, ledger, row)
    ways = remedy(row, title)
    console.print(f"\n[bold]Suggestion[/]: {escape(ways.suggestion)}", highlight=False, soft_wrap=True)
    for verb, told in (("retry", ways.retry), ("fix", ways.fix), ("drop", ways.drop)):
        if verb in ways.can:
            what = " --set path=value" if verb == "fix" and row.subject in {"delivery", "conflict"} else ""
            line = f"  casebridge parked {verb} {row.id}{what}: {told}"
            console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(f"\n{escape(explain_code(row.code))}", highlight=False, soft_wrap=True)


def _values(ledger: Ledger, row: ParkedRow) -> list[str]:
    """Both values of a conflict, from its entry's sealed body."""
    if row.subject != "conflict" or row.case_id is None:
        return []
    kept = ledger.body_of(row.case_id, "conflict", {"field": row.place})
    if not isinstance(kept, Mapping):
        return []
    return [f"  kept: {kept.get('kept')!r}", f"  lost: {kept.get('lost')!r}"]


def _show_case(console: Console, ledger: Ledger, row: ParkedRow) -> None:
    case = ledger.case(row.case_id) if row.case_id else None
    if case is None:
        return
    numbers = ", ".join(f"{link.partner} {link.number or link.native_id}" for link in ledger.links(case.id))
    name = escape(case.name or "")
    told = f"\n[bold]{name}[/]  {case.id}: {case.status}, held by {case.holder}; {escape(numbers)}"
    console.print(told, highlight=False, soft_wrap=True)
    for entry in list(ledger.entries(case_id=case.id))[-LINES:]:
        line = f"  {entry.seq} {entry.observed_at:%m-%d %H:%M:%S} {entry.kind} {entry.partner} {details(entry)}"
        console.print(escape(line.rstrip()), highlight=False, soft_wrap=True)


def details(entry: Entry) -> str:
    """Fields and details of an entry; what a person did, in a sentence."""
    if sentence := {**DEEDS, **FEEDBACK, **PROMISES}.get(entry.kind):
        return sentence(entry, _Plain())
    if entry.kind == "journaled":
        return _journaled(entry)
    said = ", ".join(entry.fields)
    told = {key: value for key, value in entry.detail.items() if key not in UNTOLD}
    told |= dict(entry.detail.get("about", {}))
    more = ", ".join(f"{key} {value}" for key, value in told.items())
    return "; ".join(part for part in (said, more) if part)


def _journaled(entry: Entry) -> str:
    """What the partner's own history tells: from what to what, and when it was."""
    moved = {path: entry.detail[path] for path in entry.fields if path in entry.detail}
    said = (
        f"{path} {moved[path]['before']} -> {moved[path]['after']}" if path in moved else path for path in entry.fields
    )
    unread = f"; not understood ({entry.detail['unread']})" if "unread" in entry.detail else ""
    at = f"; at {entry.business_at:%m-%d %H:%M:%S}" if entry.business_at else ""
    return f"{', '.join(said)}{unread}{at}; their change {entry.detail.get('change')}"


class _Plain(dict[str, str]):
    """Names stand for themselves."""

    def __missing__(self, key: str) -> str:
        return key


def only(rows: Sequence[ParkedRow], search: str) -> ParkedRow:
    """The one row. Raises CannotDo X501 where there are several."""
    if len(rows) != 1:
        numbers = ", ".join(str(row.id) for row in rows)
        raise CannotDo("X501", f"{search!r} is what {len(rows)} things wait for: {numbers}.", fix="give one number.")
    return rows[0]
