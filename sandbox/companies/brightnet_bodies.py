"""A case whole, as the desk's JSON acts give it to a demonstration or a replay: Salesforce's names, comments
and files as lists.

Next: `brightnet_schema.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.companies.brightnet_beside import NOTHING, Paper, Remark, remarks
from sandbox.companies.brightnet_columns import shown
from sandbox.companies.brightnet_files import VERSION
from sandbox.companies.brightnet_mails import EMAIL
from sandbox.companies.brightnet_schema import CASE, COMMENT
from sandbox.companies.rows import Record

LOOKED_UP = frozenset({"CreatedById", "LastModifiedById", "ClosedDate"})
"""Columns that need the change history; left out here."""


def body(record: Record) -> Mapping[str, Any]:
    """The case with its comments."""
    whole = {name: shown(one.read(record, NOTHING)) for name, one in CASE.columns.items() if name not in LOOKED_UP}
    comments = [_comment(one) for one in remarks(record, COMMENT.name)]
    mails = [_mail(one) for one in remarks(record, EMAIL.name)]
    return {
        **whole,
        "CaseComments": comments,
        "EmailMessages": mails,
        "Files": [_file(Paper(record, one)) for one in record.files],
    }


def _comment(row: Remark) -> dict[str, Any]:
    names = ("Id", "CommentBody", "IsPublished", "CreatedDate")
    whole: dict[str, Any] = {name: shown(COMMENT.columns[name].read(row, NOTHING)) for name in names}
    return {**whole, "CreatedBy": {"Name": row.note.author}}


def _mail(row: Remark) -> dict[str, Any]:
    names = ("Id", "Incoming", "FromName", "FromAddress", "Subject", "TextBody", "HtmlBody", "MessageDate")
    return {name: shown(EMAIL.columns[name].read(row, NOTHING)) for name in names}


def _file(row: Paper) -> dict[str, Any]:
    """id: of the page that gives it to an agent."""
    names = ("Id", "PathOnClient", "ContentSize", "Audience__c")
    return {"id": row.file.id, **{name: shown(VERSION.columns[name].read(row, NOTHING)) for name in names}}
