"""A rollup as one company's people read it: the whole, their own company, and the edges that lead to or from it.

What others' figures are is nobody else's business: their rows are not in what comes out, so no page, mail or sheet that
is made of it can show them. Pure. Next: `../rollup.py` for what a row is; `../mailing/sending.py`, which asks for it.
"""

from __future__ import annotations

from dataclasses import replace

from hub.rollup import Rollup, Scope


def seen_by(rollup: Rollup, company: str) -> Rollup:
    """The rollup with the rows that this company's people may read; "": all of it."""
    if not company:
        return rollup
    return replace(
        rollup,
        companies=(company,),
        rows=tuple(row for row in rollup.rows if is_theirs(row.scope, company)),
        mapping_hashes=tuple(pair for pair in rollup.mapping_hashes if pair[0] == company),
        sampled=tuple(pair for pair in rollup.sampled if pair[0] == company),
    )


def is_theirs(scope: Scope, company: str) -> bool:
    """Whether the scope names no company, or this one among others; to "" everything is."""
    named = {name for name in (scope.company, scope.to) if name}
    return not company or not named or company in named
