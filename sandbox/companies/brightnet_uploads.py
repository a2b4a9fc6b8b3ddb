"""Files into the org and out of it: a ContentVersion inserted as JSON with base64 or as a form with the bytes, its
VersionData read, the Visibility of its link set.

A form's parts are the row as JSON and the bytes as `VersionData`, the row first, as the public documents have it
("Insert or Update Blob Data"). In this org a file is published on a case when it is made and has one version.
Knows no HTTP. Next: `brightnet_files.py` (what is told of them), `brightnet_door.py` (how a form is read).
"""

from __future__ import annotations

import mimetypes
from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_ask import Form, Stream
from sandbox.companies.brightnet_candidates import one_row
from sandbox.companies.brightnet_faults import Fault, bad_pick, deleted, missing, no_resource, no_such_id
from sandbox.companies.brightnet_files import AUDIENCE, LINK, SEEN, VERSION, VISIBILITY, ending_of
from sandbox.companies.brightnet_values import said, typed
from sandbox.companies.refusals import Refusal
from sandbox.companies.store import Store

MOST_AS_JSON = 37_500_000
"""Bytes of what is in a file that comes as base64 in JSON: 50 million characters of it."""


def from_form(store: Store, form: Form, by: str) -> str:
    """A new file whose bytes came as a part; its id. Raises Fault."""
    return _made(store, {**typed(VERSION, form.told), "VersionData": "-"}, form.source, form.name, by)


def from_row(store: Store, values: Mapping[str, Any], by: str) -> str:
    """A new file of these typed values, its bytes in base64; its id. Raises Fault."""
    coded = values.get("VersionData") or ""
    try:
        raw = b64decode(str(coded), validate=True)
    except ValueError:
        raise Fault(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of base64 from VALUE_STRING value") from None
    if len(raw) > MOST_AS_JSON:
        raise Fault(400, "STRING_TOO_LONG", f"VersionData: data value too large (max bytes={MOST_AS_JSON})", [])
    return _made(store, values, BytesIO(raw), "", by)


def data(store: Store, record_id: str) -> Stream:
    """What is in a version. Raises Fault."""
    row = one_row(store, VERSION, record_id)
    if row is None:
        raise no_resource()
    if row.record.deleted:
        raise deleted()
    return Stream(store.file(row.record.id, row.file.id)[1])


def show(store: Store, record_id: str, values: Mapping[str, Any]) -> str:
    """Set the Visibility of a link; its id. Raises Fault."""
    row = one_row(store, LINK, record_id)
    if row is None:
        raise no_such_id(record_id)
    audience = SEEN.get(str(values.get(VISIBILITY)))
    if audience is None:
        raise bad_pick(VISIBILITY, "Видимость", values.get(VISIBILITY))
    now = "AllUsers" if row.file.audience == SEEN["AllUsers"] else "InternalUsers"
    try:
        if values[VISIBILITY] != now:
            store.show_file(row.record.id, row.file.id, audience)
    except Refusal as refusal:
        raise said(refusal) from refusal
    return ids.make(ids.LINK, row.file.id)


def _made(store: Store, values: Mapping[str, Any], source: BinaryIO, part_name: str, by: str) -> str:
    path, home = values.get("PathOnClient") or part_name, values.get("FirstPublishLocationId")
    absent = [name for name, value in (("PathOnClient", path), ("VersionData", values.get("VersionData"))) if not value]
    if absent:
        raise missing(absent)
    numbers = ids.numbers(str(home), ids.CASE)
    if numbers is None:
        message = f"Published Location ID: id value of incorrect type: {home}"
        raise Fault(400, "FIELD_INTEGRITY_EXCEPTION", message, ["FirstPublishLocationId"])
    name = _called(str(path), values.get("Title"))
    audience = values.get(AUDIENCE) or SEEN["InternalUsers"]
    if audience not in VERSION.columns[AUDIENCE].values:
        raise bad_pick(AUDIENCE, "Кто видит", audience)
    type_ = mimetypes.guess_type(name)[0] or "application/octet-stream"
    try:
        made = store.attach(numbers[0], source, name, str(audience), author=by, type_=type_)
    except Refusal as refusal:
        raise said(refusal) from refusal
    return ids.make(ids.VERSION, made.id)


def _called(path: str, title: object) -> str:
    """The file's name: its title, where one is given, with the ending of the path."""
    last = path.replace("\\", "/").rpartition("/")[2]
    ending = ending_of(last)
    return f"{title}.{ending}" if title and ending else str(title or last)
