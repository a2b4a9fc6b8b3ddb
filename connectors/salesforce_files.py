"""Files of cases: the links to them ride along with the case, their bytes are streamed out of and into ContentVersion.

A file is known by the id of its newest version, which is what an insert answers; another version is another content.
What the mapping writes stands where it reads it: below `ContentDocument.LatestPublishedVersion` are fields of the
ContentVersion, beside it fields of the link. A new file is published on its case by the one call that brings it, for
our own eyes; fields of the link, such as Visibility, are set by two calls more. If those fail, fewer may see it than
are meant to, never more.
A new file does not move its case's stamp, so ContentVersion's stamps are watched, unless the declaration says
`moves_case`. That an old file was shared to another case moves neither: it is seen with the next change of that case,
or by the night's reconciling.
Sources: "Insert or Update Blob Data" and "sObject Blob Get" of the REST API documents, ContentDocumentLink of the
object reference. Knows no case of ours. Next: `files_sent.py` (the form), `salesforce_children.py`,
`salesforce_calls.py`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any, Final

from connectors import files_sent, paths, strict_json
from connectors.base import Change, Receipt
from connectors.errors import ConnectorError, Rejected, Stale, Unknown
from connectors.evidence import About
from connectors.files import bounded
from connectors.salesforce_calls import Calls
from connectors.salesforce_children import Children
from connectors.salesforce_comments import watched
from connectors.salesforce_receipts import Reader
from connectors.salesforce_soql import among, equals, select
from connectors.salesforce_system import SalesforceFiles

VERSION: Final = "ContentDocument.LatestPublishedVersion"
LINK: Final = "ContentDocumentLink"
VERSIONS: Final = "sobjects/ContentVersion"
CHUNK: Final = 200
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")


class FileShelf:
    """The files of one org; kept None: none are read there or sent to it."""

    def __init__(self, kept: SalesforceFiles | None, calls: Calls, reader: Reader) -> None:
        self._kept, self._calls, self._reader = kept, calls, reader
        self._deadline = calls.system.deadline
        self.children: tuple[Children, ...] = ()
        if kept is not None:
            self.children = (Children(LINK, kept.relationship, "LinkedEntityId", kept.fields, ("Id",)),)

    def watched(self, mark: str | None, overlap: float) -> tuple[str | None, set[str]]:
        """The newest version's stamp, and the ids of what has versions since `mark`: cases among others."""
        if self._kept is None or self._kept.moves_case:
            return None, set()
        watch = ("ContentVersion", "SystemModstamp")
        mark, rows = watched(self._calls, watch, ("ContentDocumentId",), mark, overlap)
        documents = sorted({str(row["ContentDocumentId"]) for row in rows})
        homes = set[str]()
        for start in range(0, len(documents), CHUNK):
            where = among("ContentDocumentId", documents[start : start + CHUNK])
            links = self._calls.rows(select(("LinkedEntityId",), LINK, where), "new files")
            homes |= {str(row["LinkedEntityId"]) for row in links}
        return mark, homes

    def read(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file. Raises Rejected C605 where they have it not."""
        where = f"read_file {native_id} {file_id}"
        kept = self._declared(where)
        if not _ID.match(file_id):
            raise self._absent(where, file_id)
        seconds = kept.seconds(kept.largest if size is None else size, self._deadline)
        pieces = self._calls.open(f"{VERSIONS}/{file_id}/VersionData", where, seconds, About(native_ids=(native_id,)))
        if pieces is None:
            raise self._absent(where, file_id)
        with closing(pieces):
            yield from bounded(pieces, kept.largest, size, f"{self._calls.system.name} {where}")

    def add(self, change: Change) -> Receipt:
        """Add one. Raises the errors of connectors.errors."""
        where, content, native_id = f"add_file {change.native_id}", change.content, change.native_id
        kept = self._declared(where)
        if content is None or native_id is None:
            raise self._reader.homeless(change)
        told = paths.get(change.body, VERSION) or {}
        row = {"Title": _title(content.name), "PathOnClient": content.name, **kept.constants, **told}
        entity = {"entity_content": strict_json.dump({**row, "FirstPublishLocationId": native_id}).decode()}
        body = files_sent.form(content, entity, "VersionData", change.key, self._deadline, of_fields="application/json")
        try:
            answer = self._calls.send(
                VERSIONS, body, where, kept.seconds(content.size, self._deadline), About.of(change)
            )
        except Rejected as error:
            if error.code == "C653":
                raise
            if error.said.startswith("UNABLE_TO_LOCK_ROW"):
                text, fix = "the case stayed locked by another transaction.", "nothing was written; it is tried again."
                raise Stale(text, code="C551", where=error.where, said=error.said, fix=fix) from None
            raise self._reader.refused(change, error) from None
        made = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(made, str) or not _ID.match(made):
            raise Unknown("success without an id.", code="C450", where=f"{self._calls.system.name} {where}")
        if link := {name: word for name, word in change.body.items() if name != "ContentDocument"}:
            self._link(change, made, link, where)
        return Receipt(change.key, native_id, file_id=made)

    def _link(self, change: Change, version: str, told: Mapping[str, Any], where: str) -> None:
        """Set what is told of where the file hangs. Raises Unknown where it fails: the file itself is there."""
        here = f"{equals('LinkedEntityId', change.native_id or '')} AND {equals(f'{VERSION}Id', version)}"
        try:
            about = About.of(change)
            for row in self._calls.rows(select(("Id",), LINK, here), where, about=about):
                self._calls.write("PATCH", f"sobjects/{LINK}/{row['Id']}", strict_json.dump(dict(told)), where, about)
        except ConnectorError as error:
            text = f"the file is there, but not who may see it: {error.message}"
            place = f"{self._calls.system.name} {where}"
            raise Unknown(text, code="C451", where=place, said=error.said) from None

    def _declared(self, where: str) -> SalesforceFiles:
        if self._kept is None:
            place = f"{self._calls.system.name} {where}"
            raise Rejected("the declaration says not that files are carried.", code="C600", where=place)
        return self._kept

    def _absent(self, where: str, file_id: str) -> Rejected:
        place = f"{self._calls.system.name} {where}"
        return Rejected("there is no such file.", code="C605", where=place, value=file_id)


def _title(name: str) -> str:
    """As they show it: without its ending."""
    return (name.rpartition(".")[0] or name)[:255]
