"""An example of each list with identity, as it stands in mapping.yaml: what tests run and docs show.

Next: `declare_lists.py`, which has the rules; `ops_catalogue.py` for what stands in a part of a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ListExample:
    """A list as it is declared, a record of theirs, and what its members mean, by the keys of an example.

    says: what becomes of it. written: what the hub writes of the first member, where it writes any.
    """

    says: str
    declared: Mapping[str, Any]
    theirs: Mapping[str, Any]
    ours: tuple[Mapping[str, Any], ...]
    written: Mapping[str, Any] | None = None


WHO: Mapping[str, Any] = {
    "from": "audience",
    "values": {"internal": "private", "partners": "partners", "customer": "customer"},
}

NOTES = ListExample(
    "A note crosses once, by its identity, to those who may read it; its text is never cut. What the hub writes ends "
    "in a line with its author and company. A word that the table of `visibility` does not name means private. "
    "Where notes stand in several lists, such as comments and mails, `notes` is a list of them: "
    "`notes: [{from: comments, ...}, {from: mails, ...}]`. The hub writes to the first; the others are read alone, and "
    "their ids begin with their field. There a text may be looked for elsewhere where nothing stands in its field: "
    "`text: {from: plain, else: {from: html, format: html}}`.",
    {
        "from": "comments",
        "id": "id",
        "author": "author",
        "date": {"from": "created_at", "time": "iso"},
        "text": {"from": "body", "length": 4000},
        "language": "language",
        "visibility": WHO,
    },
    {
        "comments": [
            {"id": 7, "author": "Ana", "created_at": "2026-11-20T09:15:00Z", "body": "No light at all.",
             "language": "en", "audience": "partners"},
        ]
    },
    (
        {"id": "7", "author": "Ana", "date": "2026-11-20T09:15:00+00:00", "text": "No light at all.",
         "visibility": "partners", "language": "en"},
    ),
    {"audience": "partners", "body": "No light at all.\n\n— Ana, Acme [acme/7]", "language": "en"},
)  # fmt: skip

FEEDBACK = ListExample(
    "What customers answered. Each answer is one word of the customer's, taken once by its identity and in the order "
    "of the dates: a good one closes a resolved case, a bad one reopens it. One without a score is not answered yet. "
    "An answer that is changed later under the same id is not taken again. The list is only read: customers answer in "
    "their company's own system. What other companies collected is told through the paths `feedback.score`, "
    "`feedback.text` and `feedback.date`, which may stand beside the list, in fields of their own: the newest word is "
    "written there. As with these paths, a word counts where the agreement lets `feedback.score` cross from them; "
    "what came before it did stays theirs.",
    {
        "from": "surveys",
        "id": "id",
        "score": {"from": "face", "values": {"sad": 1, "so so": 3, "glad": 5}},
        "text": "comment",
        "date": {"from": "answered_at", "time": "iso"},
    },
    {
        "surveys": [
            {"id": 31, "face": "glad", "comment": "Quick and kind.", "answered_at": "2026-11-21T18:02:00Z"},
            {"id": 32, "face": None, "comment": None, "answered_at": None},
        ]
    },
    ({"id": "31", "score": 5, "text": "Quick and kind.", "date": "2026-11-21T18:02:00+00:00"},),
)

ATTACHMENTS = ListExample(
    "A file whose visibility crosses (`attachments` of the agreement's sharing) is carried, bytes and all, to each "
    "company that has the case and whose system.yaml says how files are added (`files`). A name is kept as it is, and "
    "made safe where it is sent. A word that the table of `visibility` does not name means private. Of a file `name`, "
    "`type` and `visibility` are written; the rest is their system's to give. With `size`, a file that was cut off is "
    "told from a whole one, and ours from theirs where an answer was lost.",
    {
        "from": "files",
        "id": "id",
        "name": {"from": "filename", "length": 255},
        "type": "content_type",
        "size": {"from": "bytes", "number": "integer"},
        "author": "author",
        "date": {"from": "created_at", "time": "iso"},
        "visibility": WHO,
    },
    {
        "files": [
            {"id": 9, "filename": "bill.pdf", "content_type": "application/pdf", "bytes": 1024, "author": "Ana",
             "created_at": "2026-11-20T09:20:00Z", "audience": "customer"},
        ]
    },
    (
        {"id": "9", "name": "bill.pdf", "type": "application/pdf", "size": 1024, "author": "Ana",
         "date": "2026-11-20T09:20:00+00:00", "visibility": "customer"},
    ),
    {"audience": "customer", "filename": "bill.pdf", "content_type": "application/pdf"},
)  # fmt: skip

LISTS: Mapping[str, ListExample] = {"notes": NOTES, "feedback": FEEDBACK, "attachments": ATTACHMENTS}
