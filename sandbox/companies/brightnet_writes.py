"""One row written: a case created, edited or deleted, a comment added. Each gives an id or raises Fault.

A comment's audience stands in Salesforce's own two marks: published means the customer reads it; unpublished text that
begins with "#partners " is for the companies; all else is private. The integration user may not edit or delete
comments: its org denies "Edit Case Comments". Knows no HTTP. Next: `brightnet_sobjects.py`, `brightnet_composite.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import remarks
from sandbox.companies.brightnet_columns import Entity, same, whole_second
from sandbox.companies.brightnet_faults import Fault, bad_id, deleted, missing, no_such_id, too_long
from sandbox.companies.brightnet_files import LINK, VERSION
from sandbox.companies.brightnet_schema import CASE, COMMENT
from sandbox.companies.brightnet_uploads import from_row, show
from sandbox.companies.brightnet_values import said, typed
from sandbox.companies.brightnet_words import COMMENT_BYTES, PARTNERS_PREFIX
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Record
from sandbox.companies.store import Store

USER = "casebridge"
"""Who the store says did it: the login of the API."""
HUB = "Hub_Case__c"
T = TypeVar("T")


def create(store: Store, entity: Entity, body: Mapping[str, Any]) -> str:
    """A new row; its id. Raises Fault."""
    if any(same(name, "id") for name in body):
        raise Fault(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    values = typed(entity, body)
    if entity is CASE:
        return ids.make(ids.CASE, _kept(lambda: store.create(values, by=USER)).id)
    if entity is COMMENT:
        return _comment(store, values)
    if entity is VERSION:
        return from_row(store, values, USER)
    raise Fault(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {entity.name} does not support create", [])


def update(
    store: Store, entity: Entity, record_id: str, body: Mapping[str, Any], *, unmodified_since: datetime | None = None
) -> str:
    """Write these fields of the row; its 18-character id. Raises Fault, 412 where it changed after the time given."""
    values = typed(entity, body)
    if entity is LINK:
        return show(store, record_id, values)
    if entity not in (CASE, COMMENT):
        raise _no_right()
    record = found(store, entity, record_id)
    if entity is not CASE:
        raise _no_right()
    if unmodified_since is not None and whole_second(record.changed) > unmodified_since:
        raise Fault(412, "PRECONDITION_FAILED", "The record was modified after the time of If-Unmodified-Since")
    _kept(lambda: store.edit(record.id, values, by=USER))
    return ids.make(ids.CASE, record.id)


def upsert(store: Store, hub_id: str, body: Mapping[str, Any]) -> tuple[str, bool]:
    """The case of that hub id edited, or created: its id, and whether it is new. Raises Fault."""
    if any(same(name, HUB) for name in body):
        message = f"The {HUB} field should not be specified in the sobject data."
        raise Fault(400, "INVALID_FIELD", message, [HUB])
    with store.together():
        record = store.by_hub(hub_id)
        if record is None:
            return create(store, CASE, {**body, HUB: hub_id}), True
        return update(store, CASE, ids.make(ids.CASE, record.id), body), False


def delete(store: Store, entity: Entity, record_id: str) -> str:
    """Into the bin; its 18-character id. Raises Fault."""
    if entity not in (CASE, COMMENT):
        raise _no_right()
    record = found(store, entity, record_id)
    if entity is not CASE:
        raise _no_right()
    _kept(lambda: store.delete(record.id, by=USER))
    return ids.make(ids.CASE, record.id)


def found(store: Store, entity: Entity, record_id: str) -> Record:
    """The living case of that id, or the case of the comment of that id. Raises Fault: MALFORMED_ID,
    INVALID_CROSS_REFERENCE_KEY, ENTITY_IS_DELETED."""
    full = ids.whole(record_id)
    if full is None or not full.startswith(entity.prefix):
        raise bad_id(entity.name, record_id)
    numbers = ids.numbers(full, entity.prefix)
    record = next(iter(store.by_ids([numbers[0] if entity is CASE else numbers[1]])), None) if numbers else None
    if record is None or numbers is None:
        raise no_such_id(record_id)
    if record.deleted:
        raise deleted()
    if entity is COMMENT and all(one.note.id != numbers[0] for one in remarks(record, COMMENT.name)):
        raise no_such_id(record_id)
    return record


def _comment(store: Store, values: Mapping[str, Any]) -> str:
    text, parent = values.get("CommentBody"), values.get("ParentId")
    absent = [name for name, value in (("ParentId", parent), ("CommentBody", text)) if not value]
    if absent or not isinstance(text, str) or not isinstance(parent, str):
        raise missing(absent)
    full = ids.whole(parent)
    if full is None or not full.startswith(ids.CASE):
        raise Fault(400, "MALFORMED_ID", f"Parent ID: id value of incorrect type: {parent}", ["ParentId"])
    if len(text.encode()) > COMMENT_BYTES:
        raise too_long("CommentBody", "Body", text, COMMENT_BYTES)
    record = found(store, CASE, parent)
    audience = "customer" if values.get("IsPublished") else "private"
    if audience == "private" and text.startswith(PARTNERS_PREFIX) and text != PARTNERS_PREFIX:
        audience, text = "partners", text.removeprefix(PARTNERS_PREFIX)
    note = _kept(lambda: store.note(record.id, text, audience, author=USER))
    return ids.make(ids.COMMENT, note.id, record.id)


def _kept(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refusal as refusal:
        raise said(refusal) from refusal


def _no_right() -> Fault:
    return Fault(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])
