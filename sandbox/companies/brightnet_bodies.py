"""A case whole, as the desk's JSON acts give it to a demonstration or a replay: Salesforce's names, comments as a list.

Next: `brightnet_schema.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.companies.brightnet_beside import NOTHING, Remark
from sandbox.companies.brightnet_columns import shown
from sandbox.companies.brightnet_schema import CASE, COMMENT
from sandbox.companies.rows import Record

LOOKED_UP = frozenset({"CreatedById", "LastModifiedById", "ClosedDate"})
"""Columns that need the change history; left out here."""


def body(record: Record) -> Mapping[str, Any]:
    """The case with its comments."""
    whole = {name: shown(one.read(record, NOTHING)) for name, one in CASE.columns.items() if name not in LOOKED_UP}
    return {**whole, "CaseComments": [_comment(Remark(record, note)) for note in record.notes]}


def _comment(row: Remark) -> dict[str, Any]:
    names = ("Id", "CommentBody", "IsPublished", "CreatedDate")
    whole: dict[str, Any] = {name: shown(COMMENT.columns[name].read(row, NOTHING)) for name in names}
    return {**whole, "CreatedBy": {"Name": row.note.author}}
