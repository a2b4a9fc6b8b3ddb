"""Mails of a case as Salesforce tells them: EmailMessage, which Email-to-Case writes and an agent's answer too.

`Incoming` is a mail that somebody wrote to the company; the customer wrote it or got it, so he knows it. TextBody may
be empty where a mail came in HTML alone. Nothing is sent from here: the API's login may read mails and not make any.
Knows no query. Next: `brightnet_schema.py`, where these hang on a case.
"""

from __future__ import annotations

from datetime import datetime

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import Beside, Remark
from sandbox.companies.brightnet_columns import Cell, Column, Entity, Parent, whole_second
from sandbox.companies.rows import Mail

RECEIVED, SENT = "0", "3"
"""Words of Status: new, and sent."""
NO_MAIL = Mail("", "", "", "", "", False)


def mail(row: Remark) -> Mail:
    """What makes the row a mail."""
    return row.note.mail or NO_MAIL


def _when(row: Remark, _: Beside) -> datetime:
    return whole_second(row.note.created)


def _who(row: Remark, _: Beside) -> Cell:
    return ids.user("casebridge" if mail(row).incoming else row.note.author)


def _named(*columns: Column) -> dict[str, Column]:
    return {one.name: one for one in columns}


EMAIL = Entity(
    "EmailMessage",
    "Письмо",
    ids.EMAIL,
    _named(
        Column("Id", "Идентификатор", "id", lambda row, _: ids.make(ids.EMAIL, row.note.id, row.record.id), 18),
        Column("ParentId", "Обращение", "reference", lambda row, _: ids.make(ids.CASE, row.record.id), 18),
        Column("CreatedById", "Кем создано", "reference", _who, 18),
        Column("CreatedDate", "Создано", "datetime", _when),
        Column("LastModifiedDate", "Изменено", "datetime", _when),
        Column("LastModifiedById", "Кем изменено", "reference", _who, 18),
        Column("SystemModstamp", "Отметка системы", "datetime", _when),
        Column("TextBody", "Текст", "textarea", lambda row, _: row.note.text or None, 131072),
        Column("HtmlBody", "Разметка", "textarea", lambda row, _: mail(row).html or None, 131072),
        Column("Subject", "Тема", "string", lambda row, _: mail(row).subject, 3000),
        Column("FromName", "Имя отправителя", "string", lambda row, _: mail(row).name or None, 1000),
        Column("FromAddress", "Адрес отправителя", "string", lambda row, _: mail(row).sender, 1000),
        Column("ToAddress", "Кому", "string", lambda row, _: mail(row).to, 4000),
        Column("Incoming", "Входящее", "boolean", lambda row, _: mail(row).incoming),
        Column(
            "Status", "Состояние", "picklist", lambda row, _: RECEIVED if mail(row).incoming else SENT, 40,
            values=(RECEIVED, "1", "2", SENT, "4", "5"),
        ),
        Column("MessageDate", "Дата письма", "datetime", _when),
        Column("IsDeleted", "Удалено", "boolean", lambda row, _: row.record.deleted),
        Column("HasAttachment", "Есть вложения", "boolean", lambda _row, _: False),
    ),
    {
        "CreatedBy": Parent("User", lambda row, _: "casebridge" if mail(row).incoming else row.note.author),
        "Parent": Parent("Case", lambda row, _: row.record),
    },
)  # fmt: skip
