"""What a company's system says no to. Each protocol renders these in its own manner; the desk in its own language.

    Refusal            the act does not fit the vocabulary
      Stale            the record changed since it was read: carries the record as it is now
      Duplicate        another record bears this hub id: carries that record
      Absent           there is no such record, or it was deleted

Next: `values.py` and `store.py` raise them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sandbox.companies.rows import Record

Code = Literal[
    "unknown_field",
    "unknown_value",
    "unknown_audience",
    "no_files",
    "file_name",
    "file_too_large",
    "no_move",
    "too_long",
    "wrong_type",
    "missing",
    "read_only",
    "stale",
    "duplicate",
    "not_found",
    "deleted",
    "merge_into_itself",
]


class Refusal(Exception):
    """The act was not done. code says why, field and value where, known what would be accepted."""

    def __init__(
        self, code: Code, message: str, *, field: str = "", value: object = None, known: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.field = field
        self.value = value
        self.known = known


class Stale(Refusal):
    """Somebody saved the record after the version that the act was made from."""

    def __init__(self, current: Record, expected: int) -> None:
        super().__init__(
            "stale", f"{current.number} is at version {current.version}, the act was made from version {expected}."
        )
        self.current = current


class Duplicate(Refusal):
    """Another record bears the hub id already."""

    def __init__(self, existing: Record, field: str, value: str) -> None:
        super().__init__(
            "duplicate", f"{field} {value!r} stands on {existing.number} already.", field=field, value=value
        )
        self.existing = existing


class Absent(Refusal):
    """No record of that id or number, or one that was deleted."""

    def __init__(self, wanted: object, *, deleted: bool = False) -> None:
        super().__init__(
            "deleted" if deleted else "not_found",
            f"{wanted} was deleted." if deleted else f"There is no {wanted}.",
            value=wanted,
        )
