"""What stands beside a case's row: its change lines, looked up only when a field asks for them, many cases at once.

Rows of what hangs on a case are made here too: Remark (a comment), Past (a change of one field), Paper (a file).
Next: `brightnet_schema.py`, whose columns read these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.companies.rows import DELETED, Filed, Line, Note, Record
from sandbox.companies.store import Store

PART = 500
COMMENTS = "CaseComment"


@dataclass(frozen=True, slots=True)
class Remark:
    """A row of CaseComment, or of EmailMessage where the note is a mail."""

    record: Record
    note: Note

    @property
    def entity(self) -> str:
        return COMMENTS if self.note.mail is None else "EmailMessage"


def remarks(record: Record, entity: str) -> list[Remark]:
    """The case's comments, or its mails."""
    return [one for one in (Remark(record, note) for note in record.notes) if one.entity == entity]


@dataclass(frozen=True, slots=True)
class Past:
    """A row of CaseHistory."""

    record: Record
    line: Line


@dataclass(frozen=True, slots=True)
class Paper:
    """A row of ContentVersion, ContentDocument and ContentDocumentLink: one file of one case is one of each."""

    record: Record
    file: Filed


def told(line: Line) -> bool:
    """Whether Salesforce's history has such a line: a deletion is none."""
    return line.field != DELETED


class Beside:
    """The change lines of these cases, read from the store at the first question; without a store there are none."""

    def __init__(self, store: Store | None, record_ids: Sequence[int]) -> None:
        self._store, self._ids = store, list(dict.fromkeys(record_ids))
        self._lines: dict[int, list[Line]] | None = None

    def lines(self, record_id: int) -> list[Line]:
        """The record's lines, oldest first."""
        if self._lines is None:
            self._lines = {}
            if self._store is None:
                return []
            for start in range(0, len(self._ids), PART):
                for line in self._store.history(self._ids[start : start + PART]):
                    self._lines.setdefault(line.record_id, []).append(line)
        return self._lines.get(record_id, [])


NOTHING = Beside(None, ())
