"""What a partner's own system says of its fields, kept beside its mapping: described.yaml.

    fingerprint: 4f1c...
    fields:
      title: {type: text, length: 255, required: true}
      state: {type: picklist, required: true, values: [New, Open, Solved]}

`casebridge describe PARTNER` asks the system and writes it, `--diff` only says what changed; `casebridge check` holds
the mapping against it and opens no connection. No time stands in it: the same fields are the same file.
Next: `checking.py`, `../mappings/description.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from connectors.base import Connector, Description, FieldDescription
from connectors.declared import Declared
from connectors.kinds import connect
from hub.credentials import from_environment
from hub.declarations import read, validated
from hub.granted import with_grants
from hub.ledger import Ledger
from hub.partners import load_system
from hub.settings import Settings

NAME = "described.yaml"


class KeptField(Declared):
    """One field as it is kept."""

    type: str = "text"
    length: int | None = Field(None, gt=0, description="characters; none: no bound is told")
    required: bool = Field(False, description="a record without it is refused")
    values: tuple[str, ...] = Field((), description="the picklist")


class Kept(Declared):
    """described.yaml, whole."""

    fingerprint: str = Field("", description="the system's own, over all that it tells, labels too")
    fields: dict[str, KeptField]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: the field, what is kept, what the system says now; None where there is none."""

    field: str
    kept: str | None
    now: str | None


def ask(folder: Path) -> Description:
    """What the partner's system tells now. Raises DeclarationError, ConnectorError."""
    with opened(folder) as connector:
        return connector.describe()


@contextmanager
def opened(folder: Path) -> Iterator[Connector]:
    """A connector to the partner of this folder by the environment's credentials, given back in the end. It is no part
    of the exchange: it keeps no evidence, and heeds neither pauses nor the partner's rate."""
    system = load_system(folder)
    credentials = from_environment(system.connection, os.environ)
    if system.renews:
        credentials = with_grants(credentials, system, Ledger.open(Settings.from_environment()), _now)
    connector = connect(system, credentials, clock=_now)
    try:
        yield connector
    finally:
        connector.close()


def _now() -> datetime:
    return datetime.now(UTC)


def kept_of(description: Description) -> Kept:
    """The part of a description that is kept."""
    fields = {name: _kept(one) for name, one in sorted(description.fields.items())}
    return Kept(fingerprint=description.fingerprint, fields=fields)


def _kept(told: FieldDescription) -> KeptField:
    return KeptField(type=told.type, length=told.length, required=told.required, values=told.values)


def kept_in(folder: Path) -> Kept | None:
    """What is kept in a partner's folder; None where nothing is. Raises DeclarationError."""
    path = folder / NAME
    return validated(read(path), Kept) if path.exists() else None


def differences(kept: Kept | None, now: Kept) -> Iterator[Difference]:
    """What changed, field by field."""
    before = kept.fields if kept is not None else {}
    for name in sorted(before.keys() | now.fields.keys()):
        one, other = before.get(name), now.fields.get(name)
        if one != other:
            yield Difference(name, _said(one), _said(other))
    if kept is not None and before == now.fields and kept.fingerprint != now.fingerprint:
        yield Difference("fingerprint", kept.fingerprint, now.fingerprint)


def _said(field: KeptField | None) -> str | None:
    return None if field is None else ", ".join(f"{key} {_words(value)}" for key, value in _shown(field).items())


def _words(value: Any) -> str:
    return " | ".join(value) if isinstance(value, list) else str(value).lower() if value is True else str(value)


def _shown(field: KeptField) -> dict[str, Any]:
    """What is not the default, type first."""
    told: Mapping[str, Any] = {"length": field.length, "required": field.required, "values": list(field.values)}
    return {"type": field.type, **{key: value for key, value in told.items() if value}}


def written(partner: str, kept: Kept) -> str:
    """The file."""
    fields = CommentedMap()
    for name, field in kept.fields.items():
        line = CommentedMap(_shown(field))
        line.fa.set_flow_style()
        fields[name] = line
    yaml = YAML()
    yaml.width, yaml.allow_unicode = 10_000, True
    text = StringIO()
    yaml.dump(CommentedMap({"fingerprint": kept.fingerprint, "fields": fields}), text)
    head = "What its own system says of its fields. Written by `casebridge describe"
    return f"# {head} {partner}`; `casebridge check` reads it.\n{text.getvalue()}"
