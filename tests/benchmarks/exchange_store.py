"""What one company of the benchmark keeps: records by native id, a sequence of changes, and how often what arrived.

Any words: a record is what was sent, with id, version, seq and stamp added. `outside` is the field of the outside id;
where `unique` says so a second record with the same one is refused. Knows no HTTP. Next: `exchange_server.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Store:
    """One company. sent_again: creates and updates whose whole content stood there already."""

    unique: bool = True
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    by_outside: dict[str, list[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    sent_again: int = 0

    def create(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """(201, the record) or (409, the error)."""
        outside = str(body.get("outside") or "")
        there = self.by_outside.get(outside, []) if outside else []
        self.sent_again += bool(there)
        if there and self.unique:
            return 409, {"code": "duplicate", "message": "this outside id exists", "field": "outside", "id": there[0]}
        if not body.get("subject", body.get("title")):
            return 422, {"code": "required", "message": "a subject is required", "field": "subject"}
        native_id = str(len(self.records) + 1)
        self.by_outside.setdefault(outside, []).append(native_id)
        return 201, self._keep(native_id, {**body, "id": native_id}, 1)

    def update(self, native_id: str, body: Mapping[str, Any], version: str | None) -> tuple[int, dict[str, Any]]:
        """(200, the record), or (404 or 412, the error). version: what it has to be; None: any."""
        present = self.records.get(native_id)
        if present is None:
            return 404, {"code": "absent", "message": "no such record", "id": native_id}
        if version is not None and version != str(present["version"]):
            return 412, {"code": "stale", "message": "it changed since", "id": native_id}
        self.sent_again += all(present.get(name) == value for name, value in body.items())
        return 200, self._keep(native_id, {**present, **body}, present["version"] + 1)

    def _keep(self, native_id: str, body: dict[str, Any], version: int) -> dict[str, Any]:
        self.log.append(native_id)
        kept = {**body, "version": version, "seq": len(self.log), "changed": datetime.now(UTC).isoformat()}
        self.records[native_id] = kept
        return kept

    def page(self, after: int, limit: int) -> dict[str, Any]:
        """Records changed after this place of the sequence, each where it changed last."""
        found: list[dict[str, Any]] = []
        at = after
        while at < len(self.log) and len(found) < limit:
            at += 1
            one = self.records[self.log[at - 1]]
            if one["seq"] == at:
                found.append(one)
        return {"cases": found, "next": str(at), "more": at < len(self.log)}

    def named(self, native_ids: Sequence[str]) -> list[dict[str, Any]]:
        """These records."""
        return [self.records[one] for one in native_ids if one in self.records]

    def bearing(self, outside: str) -> list[dict[str, Any]]:
        """Records with this outside id."""
        return self.named(self.by_outside.get(outside, []))

    def by_reference(self) -> dict[str, list[dict[str, Any]]]:
        """Records by the origin's number in them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.records.values():
            found.setdefault(str(one.get("reference")), []).append(one)
        return found
