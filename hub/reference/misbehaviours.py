"""The page of misbehaviours: what a company of the sandbox can be told to do, and which rows of the fault catalogue it
brings about. Made from the catalogue that the companies themselves read. Next: `pages.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.declarations import read
from hub.reference.markdown import block, code, flow, page, table

SAID = Path(__file__).resolve().parents[2] / "sandbox" / "companies" / "misbehaviours.yaml"
HEADS = ("name", "what it does", "kinds", "meets", "options", "rows of the fault catalogue")
EXAMPLE = """casebridge sandbox                                        # in one terminal
casebridge sandbox misbehave telvoz answer_lost --times 3 --call create
casebridge sandbox misbehave brightnet field_removed --with field=Team__c
casebridge sandbox misbehave telvoz                       # what there is, what is on
casebridge sandbox misbehave telvoz --end"""


def misbehaviours() -> str:
    """The whole page."""
    return page(
        "Misbehaviours",
        "Each company of the sandbox can be told to misbehave, over its real sockets: by a person at a prompt, by a "
        "test, by whoever scans a partner. The same names stand for the same things in the network before the "
        "companies (`sandbox/faults.py`) and in the simulation.",
        "From `sandbox/companies/misbehaviours.yaml`. At the server: `POST /sandbox/misbehave` with "
        '`{"fault": "answer_lost", "times": 3, "where": {"call": "create", "after": 1}, "with": {}}`, `GET` lists, '
        "`DELETE` ends; each with the token that a server writes to `misbehave.json` in its state at its start. "
        "Nothing is on when a server starts, and the company's own people work on.",
        block(EXAMPLE, "console"),
        table(HEADS, (_cells(one) for one in read(SAID).content["misbehaviours"])),
    )


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    given = code(flow(dict(one["with"]))) if "with" in one else ""
    rows = ", ".join(str(row) for row in one["rows"])
    return code(one["name"]), one["does"], ", ".join(one["kinds"]), one["call"], given, rows
