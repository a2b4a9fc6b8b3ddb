"""`casebridge erase`: a person asks to be forgotten. Shows what would be done; does it with --yes, and who and why.

Thin: prints what `erasing.py` did. Next: `erasure.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo, by, case_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.erasing import Step
    from hub.erasure import Found
    from hub.exchange import Exchange

Customer = Annotated[str, typer.Option(help="The id that a company knows the customer by: all of his cases.")]
Case = Annotated[str, typer.Option(help="A case, by its id or its number in any company's system.")]
Why = Annotated[str, typer.Option(help="Why; it stands in the audit trail. Name nobody in it.")]
Who = Annotated[str, typer.Option(help="Whose act it is; your login name if you do not say.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; else it is only shown.")]
Pending = Annotated[bool, typer.Option("--pending", help="Go on with what was begun, and show what waits for whom.")]
Confirm = Annotated[str, typer.Option(help="This company's people say that its record of --case is erased.")]


def erase(
    customer: Customer = "",
    case: Case = "",
    why: Why = "",
    who: Who = "",
    yes: Yes = False,
    pending: Pending = False,
    confirm: Confirm = "",
) -> None:
    """Forget a person: here, and at every company that was given his data. There is no way back.

    Here the bodies become unreadable, for their key is destroyed, and `audit verify` holds. Each company is asked:
    its fields are emptied where system.yaml says `erasure: blank`, else one of its people does it and says so."""
    from hub import erasing  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.showing import exchange_here  # noqa: PLC0415

    console, exchange = Console(), exchange_here()
    if pending:
        erasing.go_on_here(exchange)
        _tell(erasing.ask_all(exchange), console)
        _waiting(exchange, console)
        return
    if confirm:
        done = erasing.confirm(exchange, confirm, case, by(who, why))
        console.print(f"{confirm}: {done} confirmed.", highlight=False)
        return
    found = _meant(exchange, customer, case)
    _show(found, exchange, console)
    if not yes:
        console.print("Nothing was done. To do it: the same with --yes --why ... There is no way back.")
        return
    erasing.begin(exchange, found, by(who, why))
    console.print(f"Erased here: {len(found.cases)} cases.", highlight=False)
    _tell(erasing.ask_all(exchange), console)


def _meant(exchange: Exchange, customer: str, case: str) -> Found:
    from hub import erasure  # noqa: PLC0415

    if bool(customer) == bool(case):
        raise CannotDo("X533", "say whose data: one of --customer ID, --case ID.")
    case_id = case_named(exchange.ledger, case) if case else ""
    with exchange.ledger.look(exchange.clock()) as tx:
        found = erasure.of_customer(tx, customer) if customer else erasure.of_case(tx, case_id)
    if not found.cases:
        fix = "the id is the customer's in one of the companies; `casebridge show CASE` finds a case by its number."
        raise CannotDo("X503", "no case of this customer is kept.", fix=fix)
    if case and len(found.cases) > 1:
        fix = "give the customer's id: --customer ID erases them together."
        raise CannotDo("X534", f"it is sealed under the key of its customer, with {len(found.cases) - 1} more of his "
                       "cases: one alone cannot be made unreadable.", fix=fix)  # fmt: skip
    return found


def _show(found: Found, exchange: Exchange, console: Console) -> None:
    table = Table("case", "at", "record", "by our hand", "how", box=None, header_style="dim")
    origins = {state.id: state.origin for state in found.cases}
    for place in found.places:
        partner = exchange.alliance.partners.get(place.partner)
        blanks = partner is not None and partner.system.erasure == "blank" and place.partner != origins[place.case_id]
        how = "emptied by the hub" if blanks else "a person there is asked"
        how += ", and a person for the rest" if blanks and place.stands else ""
        record = place.number or place.native_id or "(looked for)"
        table.add_row(place.case_id, place.partner, escape(record), place.stands or "fields", how)
    console.print(table)


def _tell(steps: Iterable[Step], console: Console) -> None:
    for step in steps:
        console.print(f"{step.partner} {escape(step.number)}: {step.state}, {escape(step.told)}", highlight=False,
                      soft_wrap=True)  # fmt: skip


def _waiting(exchange: Exchange, console: Console) -> None:
    from hub.erasure import asked  # noqa: PLC0415

    with exchange.ledger.look(exchange.clock()) as tx:
        rows = asked(tx, "planned", "waiting")
    for row in rows:
        since = f"since {row.asked_at:%Y-%m-%d}"
        console.print(f"{row.state} {row.partner} {escape(row.number or row.native_id)} of {row.case_id}, {since}",
                      highlight=False)  # fmt: skip
    if not rows:
        console.print("Nothing waits.")
