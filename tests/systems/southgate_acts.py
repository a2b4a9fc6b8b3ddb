"""Southgate's operations, and what its answers hold. Next: `southgate_soap.py` (envelopes), `southgate_serve.py`."""

from __future__ import annotations

import base64
import io
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from sandbox.companies.reading import ticks
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import CREATED, DELETED, Filed, Note, Record
from sandbox.companies.store import Store
from sandbox.companies.values import check, from_text
from sandbox.companies.vocabulary import Field
from southgate_soap import USER, XSI, Doors
from southgate_words import TIME, VOCABULARY

MOST_ROWS = 250
Act = Callable[["Southgate", etree._Element], Mapping[str, Any]]


class Southgate:
    """The operations: an element of the request in, content of the answer out. lag: seconds until a new incident is
    found by its hub case. ignored: a field that an update leaves as it is, and says nothing."""

    def __init__(self, store: Store, doors: Doors, lag: float, ignored: str) -> None:
        self.store, self.doors, self.lag, self.ignored = store, doors, lag, ignored
        self.trouble: deque[str] = deque()
        self.lock = threading.Lock()

    def get_records(self, asked: etree._Element) -> Mapping[str, Any]:
        """At most MOST_ROWS, however many are asked for."""
        first, last = (int(asked.findtext(name) or 0) for name in ("__first_row", "__last_row"))
        condition, given = ["deleted = 0"], []
        for part in filter(None, (asked.findtext("__encoded_query") or "").split("^")):
            name, _, value = part.partition("=")
            if name == "sys_updated_on>":
                condition.append("changed >= ?")
                given.append(ticks(datetime.strptime(value, TIME).replace(tzinfo=UTC)))
            elif name == "u_hub_case":
                condition.append("hub = ? AND changed <= ?")
                given += [value, ticks(datetime.now(UTC)) - int(self.lag * 1e6)]
            else:
                condition.append("1 = 0")
        rows = self.store.select(
            " AND ".join(condition),
            given,
            order="changed / 1000000, id",
            limit=min(last - first, MOST_ROWS),
            offset=first,
        )
        return {"getRecordsResult": [body(one) for one in rows]}

    def get_by_ids(self, asked: etree._Element) -> Mapping[str, Any]:
        wanted = [_id(one.text) for one in asked.iterfind("sys_ids/item")]
        found = self.store.by_ids(wanted)[:MOST_ROWS]
        return {
            "getRecordsResult": [body(one) for one in found if not one.deleted],
            "deleted": [
                {
                    "sys_id": hexed(one.id),
                    "at": VOCABULARY.local(one.changed),
                    "into": one.merged_into and hexed(one.merged_into),
                }
                for one in found
                if one.deleted
            ],
        }

    def insert(self, asked: etree._Element) -> Mapping[str, Any]:
        made = self.store.create(written(asked.find("fields")), by=USER)
        return {"sys_id": hexed(made.id), "number": made.number}

    def update(self, asked: etree._Element) -> Mapping[str, Any]:
        """A value that they do not know is told in a good answer."""
        record = self.store.get(_id(asked.findtext("sys_id")))
        try:
            fields = {name: one for name, one in written(asked.find("fields")).items() if name != self.ignored}
            self.store.edit(record.id, fields, by=USER)
        except Refusal as refusal:
            return {"error": {"code": refusal.code, "message": refusal.message}}
        return {"sys_id": hexed(record.id)}

    def add_comment(self, asked: etree._Element) -> Mapping[str, Any]:
        record = self.store.get(_id(asked.findtext("sys_id")))
        said = {name: asked.findtext(f"comment/{name}") or "" for name in ("text", "audience", "author")}
        made = self.store.note(record.id, said["text"], said["audience"] or "work_notes", author=said["author"] or USER)
        return {"comment_id": made.id}

    def get_comments(self, asked: etree._Element) -> Mapping[str, Any]:
        record = self.store.get(_id(asked.findtext("sys_id")))
        wanted = asked.findtext("containing") or ""
        return {"comment": [comment(one) for one in record.notes if wanted in one.text][:MOST_ROWS]}

    def get_history(self, asked: etree._Element) -> Mapping[str, Any]:
        record = self.store.get(_id(asked.findtext("sys_id")))
        first, last = (int(asked.findtext(name) or 0) for name in ("__first_row", "__last_row"))
        lines = [one for one in self.store.history([record.id]) if one.field not in (CREATED, DELETED)]
        return {
            "change": [
                {"id": one.id, "at": VOCABULARY.local(one.at), "by": one.by, "field": one.field, "old": shown(one.old),
                 "new": shown(one.new)}
                for one in lines[first : min(last, first + MOST_ROWS)]
            ]
        }  # fmt: skip

    def get_attachment(self, asked: etree._Element) -> Mapping[str, Any]:
        record = self.store.get(_id(asked.findtext("sys_id")))
        file_id = asked.findtext("id") or ""
        _, path = self.store.file(record.id, int(file_id) if file_id.isdigit() and len(file_id) < 19 else 0)
        return {"content": path.read_bytes()}

    def add_attachment(self, asked: etree._Element) -> Mapping[str, Any]:
        record = self.store.get(_id(asked.findtext("sys_id")))
        said = {name: asked.findtext(f"attachment/{name}") or "" for name in ("name", "type", "audience")}
        raw = io.BytesIO(base64.b64decode(asked.findtext("content") or ""))
        audience = said["audience"] or "work_notes"
        made = self.store.attach(record.id, raw, said["name"], audience, author=USER, type_=said["type"])
        return {"attachment_id": made.id}

    def get_fields(self, _asked: etree._Element) -> Mapping[str, Any]:
        return {"fields": tuple(described(one) for one in VOCABULARY.fields.values())}

    def who_am_i(self, _asked: etree._Element) -> Mapping[str, Any]:
        return {"user": USER}

    def login(self, asked: etree._Element) -> Mapping[str, Any]:
        token = self.doors.log_in(asked.findtext("user") or "", asked.findtext("password") or "")
        return {"session": token, "seconds": int(self.doors.life)}


ACTS: Mapping[str, Act] = {
    "getRecords": Southgate.get_records,
    "getByIds": Southgate.get_by_ids,
    "insert": Southgate.insert,
    "update": Southgate.update,
    "addComment": Southgate.add_comment,
    "getComments": Southgate.get_comments,
    "getHistory": Southgate.get_history,
    "getAttachment": Southgate.get_attachment,
    "addAttachment": Southgate.add_attachment,
    "getFields": Southgate.get_fields,
    "whoAmI": Southgate.who_am_i,
    "login": Southgate.login,
}


def written(fields: etree._Element | None) -> dict[str, Any]:
    """The fields of a request. Raises Refusal for a name that they do not have."""
    values: dict[str, Any] = {}
    for one in [] if fields is None else fields:
        name = etree.QName(one).localname
        if name not in VOCABULARY.fields:
            check(VOCABULARY, {name: one.text}, creating=False)  # raises, with the known names
        values[name] = (
            None if one.get(f"{{{XSI}}}nil") == "true" else from_text(VOCABULARY, VOCABULARY.fields[name], one.text)
        )
    return values


def body(one: Record) -> dict[str, Any]:
    """One incident, its comments as an array."""
    return {
        "sys_id": hexed(one.id),
        "number": one.number,
        "sys_created_on": VOCABULARY.local(one.created),
        "sys_updated_on": VOCABULARY.local(one.changed),
        **{name: shown(value) for name, value in one.fields.items()},
        "comments": tuple(comment(note) for note in one.notes),
        "attachments": tuple(attachment(file) for file in one.files),
    }


def tombstone(one: Record) -> dict[str, Any]:
    into = None if one.merged_into is None else hexed(one.merged_into)
    return {"sys_id": hexed(one.id), "at": VOCABULARY.local(one.changed), "into": into}


def described(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "mandatory": "true" if field.required else "false",
        "max_length": field.length if "text" in field.type else None,
        "choices": field.values,
    }


def attachment(file: Filed) -> dict[str, Any]:
    told = {"id": file.id, "author": file.author, "name": file.name, "type": file.type, "size": file.size}
    return {**told, "audience": file.audience, "at": VOCABULARY.local(file.created)}


def comment(note: Note) -> dict[str, Any]:
    told = {"id": note.id, "author": note.author, "text": note.text, "audience": note.audience}
    return {**told, "at": VOCABULARY.local(note.created)}


def shown(value: Any) -> Any:
    return VOCABULARY.local(value) if isinstance(value, datetime) else value


def hexed(number: int) -> str:
    return f"{number:032x}"


def _id(text: str | None) -> int:
    try:
        return int(text or "", 16) % 2**63
    except ValueError:
        return 0
