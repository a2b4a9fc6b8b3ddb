"""`casebridge explain M103`: what a code of this room is about, an example of it, and what to do.

M1xx is said of a declaration, M2xx of a record or a value, M3xx of a law, an example or a described field. Every code
that this room can raise stands here, and none that it cannot: a test compares. Next: `explain_declarations.py`,
`explain_records.py`, `explain_more.py`, which hold the words.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.explain_declarations import DECLARATIONS
from mappings.explain_more import MORE
from mappings.explain_records import RECORDS

EXPLANATIONS: Mapping[str, tuple[str, str, str, str]] = {**DECLARATIONS, **RECORDS, **MORE}
"""Code to title, rationale, an example of the fault, the fix."""


def explain(code: str) -> str:
    """What a code means, for people. Raises KeyError for a code that is not of this room."""
    wanted = code.strip().upper()
    title, why, wrong, fix = EXPLANATIONS[wanted]
    return f"{wanted}: {title}\n\nWhy      {why}\nExample  {wrong}\nFix      {fix}\n"
