"""`casebridge explain M103`: what a code of this room is about, an example of it, and what to do.

M1xx is said of a declaration, M2xx of a record or a value, M3xx of a law, an example or a described field. Every code
that this room can raise stands here, and none that it cannot: a test compares. Next: `explain_declarations.py`,
`explain_records.py`, which hold the words.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.errors import nearest
from mappings.explain_declarations import DECLARATIONS
from mappings.explain_records import RECORDS

EXPLANATIONS: Mapping[str, tuple[str, str, str, str]] = {**DECLARATIONS, **RECORDS}
"""Code to title, rationale, an example of the fault, the fix."""


def explain(code: str) -> str:
    """What a code means, for people. An unknown code is answered with the known ones; nothing is raised."""
    wanted = code.strip().upper()
    found = EXPLANATIONS.get(wanted)
    if found is None:
        near = nearest(wanted, tuple(EXPLANATIONS))
        hint = f" Did you mean {near}?" if near else ""
        return f"{code}: no such code here.{hint}\nKnown: {', '.join(sorted(EXPLANATIONS))}."
    title, why, wrong, fix = found
    return f"{wanted}: {title}\n\nWhy      {why}\nExample  {wrong}\nFix      {fix}\n"
