"""Brightnet's objects as Salesforce tells them: Case, its comments, mails, history and files, User and Organization.

Describe, queries and answers all come from these. Rows: a Record for Case, a Remark for CaseComment, a Past for
CaseHistory, a Paper for what tells of a file, a name for User. A stamp shows whole seconds in UTC, as SystemModstamp
does. In this org a new comment or file moves its case's SystemModstamp; in a real one it may not.
Knows no query and no web. Next: `brightnet_columns.py` (what a column is), `brightnet_query.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import COMMENTS, Beside, Paper, Past, Remark, remarks, told
from sandbox.companies.brightnet_columns import TEXTS, Cell, Children, Column, ColumnType, Entity, Parent, whole_second
from sandbox.companies.brightnet_files import FILES
from sandbox.companies.brightnet_mails import EMAIL
from sandbox.companies.brightnet_words import BRIGHTNET, CLOSED, PARTNERS_PREFIX
from sandbox.companies.rows import CREATED, Note, Record
from sandbox.companies.vocabulary import Field

TYPES: Mapping[str, ColumnType] = {
    "text": "string",
    "long text": "textarea",
    "integer": "double",
    "decimal": "double",
    "flag": "boolean",
    "time": "datetime",
    "picklist": "picklist",
}


def comment_body(note: Note) -> str:
    """The text with the prefix that says who may read it. A private text that happens to begin like one for partners
    is shifted by a space: nobody said that it may leave."""
    if note.audience == "partners":
        return PARTNERS_PREFIX + note.text
    private_alike = note.audience == "private" and note.text.startswith(PARTNERS_PREFIX)
    return f" {note.text}" if private_alike else note.text


def _own(one: Field) -> Column:
    def read(row: Record, _beside: Beside) -> Cell:
        value = row.fields[one.name]
        if one.type == "flag":
            return bool(value)
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return Column(
        one.name, one.label, TYPES[one.type], read, one.length if TYPES[one.type] in TEXTS else 0, writable=True,
        required=one.required, values=one.values, unique=one.name == BRIGHTNET.roles.hub_id,
        scale=2 if one.type == "decimal" else 0,
    )  # fmt: skip


def _named(*columns: Column) -> dict[str, Column]:
    return {one.name: one for one in columns}


def _closed(row: Record, beside: Beside) -> datetime | None:
    if row.fields["Status"] not in CLOSED:
        return None
    moves = [one for one in beside.lines(row.id) if one.field == "Status" and one.new in CLOSED]
    return whole_second(moves[-1].at if moves else row.created)


def _creator(row: Record, beside: Beside) -> str:
    return next((one.by for one in beside.lines(row.id) if one.field == CREATED), "casebridge")


def _last(row: Record, beside: Beside) -> str:
    lines = beside.lines(row.id)
    return lines[-1].by if lines else "casebridge"


def _published(row: Remark, _beside: Beside) -> bool:
    return row.note.audience == "customer"


def _field(row: Past, _beside: Beside) -> str:
    return "created" if row.line.field == CREATED else row.line.field


def _change(value: Any, row: Past) -> Cell:
    """A history line tells no long text."""
    long = BRIGHTNET.fields.get(row.line.field)
    if long is not None and long.type == "long text":
        return None
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _master(row: Record, _: Any) -> Cell:
    """The case that this one was merged into."""
    return None if row.merged_into is None else ids.make(ids.CASE, row.merged_into)


CASE = Entity(
    "Case",
    "Обращение",
    ids.CASE,
    _named(
        Column("Id", "Идентификатор", "id", lambda row, _: ids.make(ids.CASE, row.id), 18),
        Column("IsDeleted", "Удалено", "boolean", lambda row, _: row.deleted),
        Column("MasterRecordId", "Основная запись", "reference", _master, 18),
        Column("CaseNumber", "Номер", "string", lambda row, _: row.number, 30),
        *(_own(one) for one in BRIGHTNET.fields.values()),
        Column("OwnerId", "Владелец", "reference", lambda row, _: ids.make(ids.QUEUE, 1), 18),
        Column("IsClosed", "Закрыто", "boolean", lambda row, _: row.fields["Status"] in CLOSED),
        Column("ClosedDate", "Дата закрытия", "datetime", _closed),
        Column("CreatedDate", "Создано", "datetime", lambda row, _: whole_second(row.created)),
        Column("CreatedById", "Кем создано", "reference", lambda row, beside: ids.user(_creator(row, beside)), 18),
        Column("LastModifiedDate", "Изменено", "datetime", lambda row, _: whole_second(row.changed)),
        Column("LastModifiedById", "Кем изменено", "reference", lambda row, beside: ids.user(_last(row, beside)), 18),
        Column("SystemModstamp", "Отметка системы", "datetime", lambda row, _: whole_second(row.changed)),
    ),
    {"CreatedBy": Parent("User", _creator), "LastModifiedBy": Parent("User", _last)},
    {
        "CaseComments": Children("CaseComment", "ParentId", lambda row, _: remarks(row, COMMENTS)),
        "EmailMessages": Children("EmailMessage", "ParentId", lambda row, _: remarks(row, EMAIL.name)),
        "ContentDocumentLinks": Children(
            "ContentDocumentLink", "LinkedEntityId", lambda row, _: [Paper(row, one) for one in row.files]
        ),
        "Histories": Children(
            "CaseHistory", "CaseId", lambda row, beside: [Past(row, one) for one in beside.lines(row.id) if told(one)]
        ),
    },
)
COMMENT = Entity(
    COMMENTS,
    "Комментарий",
    ids.COMMENT,
    _named(
        Column("Id", "Идентификатор", "id", lambda row, _: ids.make(ids.COMMENT, row.note.id, row.record.id), 18),
        Column(
            "ParentId", "Обращение", "reference", lambda row, _: ids.make(ids.CASE, row.record.id), 18, writable=True,
            required=True,
        ),
        Column("IsPublished", "Виден клиенту", "boolean", _published, writable=True),
        Column("CommentBody", "Текст", "textarea", lambda row, _: comment_body(row.note), 4000, writable=True),
        Column("CreatedById", "Кем создан", "reference", lambda row, _: ids.user(row.note.author), 18),
        Column("CreatedDate", "Создан", "datetime", lambda row, _: whole_second(row.note.created)),
        Column("SystemModstamp", "Отметка системы", "datetime", lambda row, _: whole_second(row.note.created)),
        Column("LastModifiedDate", "Изменён", "datetime", lambda row, _: whole_second(row.note.created)),
        Column("LastModifiedById", "Кем изменён", "reference", lambda row, _: ids.user(row.note.author), 18),
        Column("IsDeleted", "Удалён", "boolean", lambda row, _: row.record.deleted),
    ),
    {
        "CreatedBy": Parent("User", lambda row, _: row.note.author),
        "LastModifiedBy": Parent("User", lambda row, _: row.note.author),
        "Parent": Parent("Case", lambda row, _: row.record),
    },
)  # fmt: skip
HISTORY = Entity(
    "CaseHistory",
    "История обращения",
    ids.HISTORY,
    _named(
        Column("Id", "Идентификатор", "id", lambda row, _: ids.make(ids.HISTORY, row.line.id, row.record.id), 18),
        Column("IsDeleted", "Удалено", "boolean", lambda row, _: row.record.deleted),
        Column("CaseId", "Обращение", "reference", lambda row, _: ids.make(ids.CASE, row.record.id), 18),
        Column("CreatedById", "Кем", "reference", lambda row, _: ids.user(row.line.by), 18),
        Column("CreatedDate", "Когда", "datetime", lambda row, _: whole_second(row.line.at)),
        Column(
            "Field", "Поле", "picklist", lambda row, _: "created" if row.line.field == CREATED else row.line.field, 255
        ),
        Column("OldValue", "Было", "textarea", lambda row, _: _change(row.line.old, row), 255),
        Column("NewValue", "Стало", "textarea", lambda row, _: _change(row.line.new, row), 255),
    ),
    {
        "CreatedBy": Parent("User", lambda row, _: row.line.by),
        "Case": Parent("Case", lambda row, _: row.record),
    },
)
USER = Entity(
    "User",
    "Пользователь",
    ids.USER,
    _named(
        Column("Id", "Идентификатор", "id", lambda row, _: ids.user(row), 18),
        Column("Name", "Имя", "string", lambda row, _: row, 121),
        Column("Username", "Логин", "string", lambda row, _: f"{row.replace(' ', '.')}@brightnet.example".lower(), 80),
        Column("IsActive", "Работает", "boolean", lambda _row, _: True),
    ),
)
ORGANIZATION = Entity(
    "Organization",
    "Организация",
    ids.ORG,
    _named(
        Column("Id", "Идентификатор", "id", lambda _row, _: ids.make(ids.ORG, 1), 18),
        Column("Name", "Название", "string", lambda _row, _: BRIGHTNET.title, 80),
        Column("IsSandbox", "Песочница", "boolean", lambda _row, _: False),
        Column("OrganizationType", "Издание", "string", lambda _row, _: "Enterprise Edition", 40),
        Column("InstanceName", "Сервер", "string", lambda _row, _: ids.POD, 5),
        Column("LanguageLocaleKey", "Язык", "string", lambda _row, _: BRIGHTNET.language, 40),
        Column("TimeZoneSidKey", "Часовой пояс", "string", lambda _row, _: str(BRIGHTNET.zone), 40),
    ),
)
ENTITIES: Mapping[str, Entity] = {one.name: one for one in (CASE, COMMENT, EMAIL, HISTORY, *FILES, USER, ORGANIZATION)}
QUERIED = ("Case", "CaseComment", "EmailMessage", "CaseHistory", *(one.name for one in FILES), "User", "Organization")
