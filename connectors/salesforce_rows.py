"""Salesforce's rows as Records: attributes stripped, subqueries as plain lists, stamps as text that sorts.

Pure. Knows no connection. Next: `salesforce.py`, which asks for the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.base import Body, Description, FieldDescription, HistoryLine, Record
from connectors.errors import Refused
from connectors.salesforce_system import METADATA, SalesforceSystem


def plain(value: Any) -> Any:
    """The value without `attributes`; the result of a subquery becomes the list of its rows."""
    if isinstance(value, Mapping):
        if "records" in value and "totalSize" in value:
            return [plain(row) for row in value["records"]]
        return {key: plain(inner) for key, inner in value.items() if key != "attributes"}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def instant(text: object, where: str) -> datetime:
    """`2026-11-21T10:00:00.000+0000` as an aware time in UTC. Raises Refused: without stamps nothing can be pulled."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  # naive on purpose: refused below with the others
    if moment.tzinfo is None:
        raise Refused(
            "a stamp is no time with a zone.", code="C354", where=where, value=text,
            fix="name the field that holds the system's own change stamp as `stamp` in system.yaml.",
        )  # fmt: skip
    return moment.astimezone(UTC)


def sortable(moment: datetime) -> str:
    """The stamp as text that sorts as time does: UTC, always milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(system: SalesforceSystem, row: Mapping[str, Any]) -> Record:
    """One row of the case's object, with its notes, as a Record. IsDeleted becomes gone."""
    body: dict[str, Any] = plain(row)
    where = f"{system.name} {system.object} {body.get('Id')} {system.stamp}"
    stamp = instant(body.get(system.stamp), where)
    gone = bool(body.pop("IsDeleted", False))
    into = body.pop(system.merged_into, None) if system.merged_into else None
    for hung in (system.comments, system.mails, system.files):
        if hung is not None:
            body[hung.relationship] = body.get(hung.relationship) or []
    merged_into = str(into) if gone and into is not None else None
    return Record(system.name, str(body["Id"]), sortable(stamp), body, stamp, gone, merged_into)


HISTORY = ("Id", "Field", "OldValue", "NewValue", "CreatedDate", "CreatedById", "CreatedBy.Name")
"""Fields of a row of the change history, beside the one that holds the case's id."""


def history_line(system: SalesforceSystem, row: Mapping[str, Any], parent: str, user: str) -> HistoryLine:
    """One row of the change history. The author is the name, where they tell it, else the user's id. user: ours, the
    fifteen characters of it that name it."""
    body: Body = plain(row)
    author = body.get("CreatedBy") or {}
    return HistoryLine(
        native_id=str(body[parent]),
        line_id=str(body["Id"]),
        changed_at=instant(body.get("CreatedDate"), f"{system.name} {body['Id']} CreatedDate"),
        author=str(author.get("Name") or body.get("CreatedById") or ""),
        field=str(body["Field"]),
        old=body.get("OldValue"),
        new=body.get("NewValue"),
        ours=bool(user) and str(body.get("CreatedById") or "")[:15] == user,
    )


def description(system: SalesforceSystem, told: Any, where: str) -> Description:
    """What a describe answered. Raises Refused where it is none."""
    listed = told.get("fields") if isinstance(told, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "name" in one for one in listed):
        raise Refused("the answer describes no object.", code="C353", where=where)
    fields = {str(one["name"]): _field(one) for one in listed}
    lines = json.dumps([asdict(fields[name]) for name in sorted(fields)], ensure_ascii=False, sort_keys=True)
    by_name = {str(one["name"]): one for one in listed}
    return Description(fields, sha256(lines.encode()).hexdigest(), tuple(_wanting(system, by_name)))


def _wanting(system: SalesforceSystem, told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What the declaration names and the object has not. Fields of a parent stand in another object's description."""
    known = {name.lower() for name in told}
    needed = (system.hub_id, system.stamp, *([system.merged_into] if system.merged_into else []), *system.fields)
    for name in dict.fromkeys(needed):
        if "." not in name and name.lower() not in known:
            more = f"; deploy {METADATA}" if name == system.hub_id else ""
            yield f"{system.object}.{name} is not there, or hidden from our user{more}."
    hub_id = next((one for name, one in told.items() if name.lower() == system.hub_id.lower()), None)
    if hub_id is not None and not (hub_id.get("unique") and hub_id.get("externalId")):
        yield f"{system.object}.{system.hub_id} is no unique external id; deploy {METADATA}."


def _field(told: Mapping[str, Any]) -> FieldDescription:
    """One field. required: a create without it is refused. values: what may be chosen now."""
    length, choices = told.get("length"), told.get("picklistValues") or ()
    optional = told.get("nillable", True) or told.get("defaultedOnCreate", False)
    return FieldDescription(
        name=str(told["name"]),
        label=str(told.get("label") or ""),
        type=str(told.get("type") or "text"),
        length=length if isinstance(length, int) and length > 0 else None,
        required=bool(told.get("createable")) and not optional,
        values=tuple(str(one.get("value")) for one in choices if one.get("active", True)),
    )
