"""Many rows of a service that answers so many at most: windows, and no row lost without a word.

A service may answer fewer rows than it was asked for, and say nothing (ServiceNow: 250). Where an operation's template
places the window, one asks on until nothing comes, or until a page is short of the limit that is declared. Where it
does not, an answer as long as that limit is an error: there may be more. Knows no record. Next: `soap.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from connectors import paths
from connectors.errors import Refused
from connectors.soap_system import SoapSystem

_PLACES: Final = frozenset({"offset", "first"})

Tell = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""One call with these values: its answer."""


def window(offset: int, limit: int) -> dict[str, int]:
    """The values that say which rows are asked for."""
    return {"offset": offset, "limit": limit, "first": offset + 1, "end": offset + limit}


def many(answer: Mapping[str, Any], path: str | None) -> list[Any]:
    """The rows at a path; a single one is a list too."""
    found = None if path is None else paths.get(answer, path)
    return found if isinstance(found, list) else [] if found is None else [found]


def answers(
    system: SoapSystem, role: str, part: str, values: Mapping[str, Any], tell: Tell
) -> Iterator[Mapping[str, Any]]:
    """The answers that hold all rows of `part` together. Raises what a call raises, and Refused where there may be more
    rows than can be had."""
    operation, most = system.operations[role], system.row_limit
    asked = min(system.page, most or system.page)
    offset, before = 0, list[Any]()
    while True:
        answer = tell({**values, **window(offset, asked)})
        rows = many(answer, operation.answer.get(part))
        where = f"{system.name} {operation.name}"
        if not operation.names & _PLACES:
            if most is not None and len(rows) >= most and role != "get":  # whose caller asks again for those that lack
                text = f"answered {len(rows)} rows, as many as it ever does: there may be more."
                fix = "place {offset} and {limit} in this operation's request, or ask for less: `batch`, a filter."
                raise Refused(text, code="C383", where=where, fix=fix)
            yield answer
            return
        if rows and rows == before:
            fix = "correct the operation's request in system.yaml; some services ignore an offset."
            raise Refused("the rows begin anew at each offset.", code="C381", where=where, fix=fix)
        yield answer
        if not rows or (most is not None and len(rows) < asked):
            return
        offset, before = offset + len(rows), rows
