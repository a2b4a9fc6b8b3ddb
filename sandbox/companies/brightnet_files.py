"""Files as Salesforce tells them: ContentVersion (what is in one), ContentDocument (the file), ContentDocumentLink
(where it hangs). In this org a file has one version and hangs on one case, so a Paper is a row of each.

`Audience__c` is the org's own field on ContentVersion: only we, the companies too, the customer too. The link's own
Visibility follows it: AllUsers is what the customer sees. Knows no query. Next: `brightnet_uploads.py` (how one comes).
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import Beside, Paper
from sandbox.companies.brightnet_columns import Column, Entity, Parent, whole_second
from sandbox.companies.brightnet_words import BRIGHTNET

AUDIENCE, VISIBILITY = "Audience__c", "Visibility"
SEEN: Mapping[str, str] = {"AllUsers": "customer", "InternalUsers": "private"}
"""What a file's audience becomes when somebody sets the link's Visibility."""


def stem_of(name: str) -> str:
    return name.rpartition(".")[0] or name


def ending_of(name: str) -> str:
    return name.rpartition(".")[2] if "." in name.strip(".") else ""


def _version(row: Paper, _: Beside) -> str:
    return ids.make(ids.VERSION, row.file.id)


def _document(row: Paper, _: Beside) -> str:
    return ids.make(ids.DOCUMENT, row.file.id)


def _link(row: Paper, _: Beside) -> str:
    return ids.make(ids.LINK, row.file.id)


def _case(row: Paper, _: Beside) -> str:
    return ids.make(ids.CASE, row.record.id)


def _seen(row: Paper, _: Beside) -> str:
    return "AllUsers" if row.file.audience == SEEN["AllUsers"] else "InternalUsers"


def _where(row: Paper, beside: Beside) -> str:
    return f"/services/data/v60.0/sobjects/ContentVersion/{_version(row, beside)}/VersionData"


def _kept() -> list[Column]:
    """What the three objects tell alike: who made the row and when."""
    return [
        Column("CreatedById", "Кем создано", "reference", lambda row, _: ids.user(row.file.author), 18),
        Column("CreatedDate", "Создано", "datetime", lambda row, _: whole_second(row.file.created)),
        Column("LastModifiedDate", "Изменено", "datetime", lambda row, _: whole_second(row.file.created)),
        Column("SystemModstamp", "Отметка системы", "datetime", lambda row, _: whole_second(row.file.created)),
        Column("IsDeleted", "Удалено", "boolean", lambda row, _: row.record.deleted),
    ]


def _about() -> list[Column]:
    """What a version and its document tell alike of the file."""
    return [
        Column("Title", "Название", "string", lambda row, _: stem_of(row.file.name), 255, writable=True),
        Column("FileType", "Тип файла", "string", lambda row, _: ending_of(row.file.name).upper() or "UNKNOWN", 20),
        Column("FileExtension", "Расширение", "string", lambda row, _: ending_of(row.file.name) or None, 40),
        Column("ContentSize", "Размер", "int", lambda row, _: row.file.size),
    ]


def _named(*columns: Column) -> dict[str, Column]:
    return {one.name: one for one in columns}


_AUTHOR = Parent("User", lambda row, _: row.file.author)
VERSION = Entity(
    "ContentVersion",
    "Версия файла",
    ids.VERSION,
    _named(
        Column("Id", "Идентификатор", "id", _version, 18),
        Column("ContentDocumentId", "Файл", "reference", _document, 18),
        *_about(),
        Column("PathOnClient", "Путь", "string", lambda row, _: row.file.name, 500, writable=True, required=True),
        Column("VersionData", "Содержимое", "base64", _where, writable=True, required=True),
        Column("Checksum", "MD5", "string", lambda row, _: row.file.md5 or None, 50),
        Column("FirstPublishLocationId", "Где опубликовано", "reference", _case, 18, writable=True),
        Column("IsLatest", "Последняя версия", "boolean", lambda _row, _: True),
        Column("VersionNumber", "Номер версии", "string", lambda _row, _: "1", 20),
        Column(
            AUDIENCE, "Кто видит", "picklist", lambda row, _: row.file.audience, 255, writable=True,
            values=tuple(one.word for one in BRIGHTNET.audiences),
        ),
        *_kept(),
    ),
    {"CreatedBy": _AUTHOR, "ContentDocument": Parent("ContentDocument", lambda row, _: row)},
)  # fmt: skip
DOCUMENT = Entity(
    "ContentDocument",
    "Файл",
    ids.DOCUMENT,
    _named(
        Column("Id", "Идентификатор", "id", _document, 18),
        Column("LatestPublishedVersionId", "Последняя версия", "reference", _version, 18),
        *_about(),
        *_kept(),
    ),
    {"CreatedBy": _AUTHOR, "LatestPublishedVersion": Parent("ContentVersion", lambda row, _: row)},
)
LINK = Entity(
    "ContentDocumentLink",
    "Привязка файла",
    ids.LINK,
    _named(
        Column("Id", "Идентификатор", "id", _link, 18),
        Column("LinkedEntityId", "Запись", "reference", _case, 18),
        Column("ContentDocumentId", "Файл", "reference", _document, 18),
        Column("ShareType", "Доступ", "picklist", lambda _row, _: "V", 40, values=("V", "C", "I")),
        Column(VISIBILITY, "Видимость", "picklist", _seen, 40, writable=True, values=tuple(SEEN)),
        Column("SystemModstamp", "Отметка системы", "datetime", lambda row, _: whole_second(row.file.created)),
        Column("IsDeleted", "Удалено", "boolean", lambda row, _: row.record.deleted),
    ),
    {
        "ContentDocument": Parent("ContentDocument", lambda row, _: row),
        "LinkedEntity": Parent("Case", lambda row, _: row.record),
    },
)
FILES = (VERSION, DOCUMENT, LINK)
