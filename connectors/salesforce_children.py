"""Rows that hang on a case in an object of their own, read along as a subquery: its comments, the links to its files.

A subquery's answer may hold only the first rows; the rest is asked for by its locator, or afresh where that is gone.
Knows no login and no case of ours. Next: `salesforce_comments.py`, `salesforce_files.py`, which say what hangs there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.salesforce_answers import LocatorGone, locator
from connectors.salesforce_calls import Calls
from connectors.salesforce_soql import equals, select


@dataclass(frozen=True, slots=True)
class Children:
    """One kind of them. relationship: its name seen from the case. parent: its field that holds the case's id."""

    object: str
    relationship: str
    parent: str
    fields: tuple[str, ...]
    order: tuple[str, ...]

    def of_case(self, calls: Calls, native_id: str, place: str, fields: Sequence[str] = ()) -> list[dict[str, Any]]:
        """All of one case. fields: what is asked for, by default all that is declared."""
        soql = select(fields or self.fields, self.object, equals(self.parent, native_id), order=self.order)
        return calls.rows(soql, place)


class ChildRows:
    """All kinds that one org's cases are read with."""

    def __init__(self, calls: Calls, kinds: Sequence[Children]) -> None:
        self._calls, self._kinds = calls, kinds

    def subqueries(self) -> list[str]:
        """What to add to a query of cases so that these ride along."""
        return [select(one.fields, one.relationship, order=one.order) for one in self._kinds]

    def completed(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The case's row with all of them."""
        return {**row, **{one.relationship: self._all(one, row) for one in self._kinds if _cut(row, one)}}

    def _all(self, kind: Children, row: Mapping[str, Any]) -> list[Any]:
        inner, place = row[kind.relationship], f"{kind.relationship} of {row.get('Id')}"
        try:
            return [*inner["records"], *self._calls.rest(locator(inner.get("nextRecordsUrl"), place), place)]
        except LocatorGone:
            return kind.of_case(self._calls, str(row["Id"]), place)


def _cut(row: Mapping[str, Any], kind: Children) -> bool:
    inner = row.get(kind.relationship)
    return isinstance(inner, dict) and not inner.get("done", True)
