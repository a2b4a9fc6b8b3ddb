"""The Salesforce kind: cases of an org come out as Records, changes go in by collections, over simple-salesforce.

A pull asks by key, (stamp, Id), a fresh query for each page and never by a kept locator: a locator may be lost, and
rows that change while it is read may slip past it. Deleted rows come along (queryAll), comments, mails and files
ride in subqueries.
Knows no case of ours and no ledger. Next: `salesforce_system.py` (the declaration), `salesforce_reading.py`,
`salesforce_calls.py` (one call), `salesforce_comments.py`, `salesforce_files.py`, `salesforce_collections.py` (writes),
`salesforce_login.py`.
"""

from __future__ import annotations

import random as chance
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.adapter import Trace
from connectors.base import Change, Credentials, Cursor, Description, HistoryLine, Page, Receipt, Record
from connectors.errors import ConnectorError, Refused
from connectors.evidence import About, Witness
from connectors.pacing import Before, free
from connectors.salesforce_bulk import Bulk
from connectors.salesforce_calls import Calls
from connectors.salesforce_children import ChildRows
from connectors.salesforce_collections import Push
from connectors.salesforce_comments import CommentShelf
from connectors.salesforce_connection import completed
from connectors.salesforce_cursor import Place
from connectors.salesforce_files import FileShelf
from connectors.salesforce_grants import Grants
from connectors.salesforce_login import Login
from connectors.salesforce_queries import rows_of
from connectors.salesforce_reading import CHUNK, Reading
from connectors.salesforce_receipts import Reader
from connectors.salesforce_rows import HISTORY, description, history_line, instant, sortable
from connectors.salesforce_sending import ReadBack, Sending
from connectors.salesforce_soql import among, beyond, select, since
from connectors.salesforce_sweep import Sweep, Swept
from connectors.salesforce_system import SalesforceSystem
from connectors.wire import Wire

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")


class Salesforce:
    """See the module; the contract is `base.Connector`. Raises Refused at once where the connection is incomplete.

    clock: for the end of an assertion that logs in, and when a sweep is due; stamps here are the org's own.
    """

    def __init__(
        self,
        system: SalesforceSystem,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float] = chance.random,
        observe: Callable[[Trace], None] = lambda trace: None,
        before: Before = free,
        witness: Witness | None = None,
    ) -> None:
        self.system = system
        credentials = completed(system, credentials)
        self.wire = Wire(
            system,
            credentials,
            monotonic=monotonic,
            sleep=sleep,
            random=random,
            observe=observe,
            before=before,
            witness=witness,
        )
        self._calls = Calls(system, self.wire, Login(Grants(system, credentials, self.wire, clock)))
        self._sweep = Sweep(self._calls, clock)
        self._comments = CommentShelf(system.comments, self._calls)
        self._mails = CommentShelf(system.mails, self._calls)
        self._reader = Reader(system, self._picklist)
        self._bulk = Bulk(self._calls, self._reader, sleep=sleep, monotonic=monotonic)
        self._files = FileShelf(system.files, self._calls, self._reader)
        children = (*self._comments.children, *self._mails.children, *self._files.children)
        self._reading = Reading(self._calls, ChildRows(self._calls, children))
        self._sleep, self._random = sleep, random
        self._described: Description | None = None

    def check(self) -> str:
        """Reads one id of the object: it fails for the anonymous and for who may not see the object."""
        self._calls.query(select(("Id",), self.system.object, limit=1), "check")
        base, _, named = self._calls.identity().rpartition("/id/")
        org, _, user = named.partition("/")
        return f"user {user} of org {org} at {base}" if user else f"a user of {self.wire.credentials.url}"

    def describe(self) -> Description:
        """The object's fields as the org tells them now, and what it lacks of those that are declared."""
        place = f"describe {self.system.object}"
        told = self._calls.get(f"sobjects/{self.system.object}/describe", place)
        self._described = description(self.system, told, f"{self.system.name} {place}")
        return self._described

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """See base. Cases whose comments, mails or files alone are new, and what a sweep named, stand at the end."""
        place = Place.of(cursor, f"{self.system.name} pull")
        mark, noted = self._comments.watched(place.comments, self.system.overlap)
        filed, with_files = self._files.watched(place.files, self.system.overlap)
        mailed, with_mails = self._mails.watched(place.mails, self.system.overlap)
        noted |= with_files | with_mails
        swept = self._sweep.look(place.swept)
        noted |= swept.updated | swept.gone.keys() if swept else frozenset()
        begun = sortable(swept.until) if swept else None
        place = replace(place, comments=place.comments or mark, swept=place.swept or begun)
        place = replace(place, files=place.files or filed, mails=place.mails or mailed)
        last: Record | None = None
        where = ""
        if place.at is not None:
            where = since(self.system.stamp, place.at - timedelta(seconds=self.system.overlap))
        while True:
            records, more = self._reading.page(where)
            shown = {one.native_id for one in records}
            noted -= shown
            if records:
                last = self._next(last, records[-1])
                where = beyond(self.system.stamp, instant(last.version, self.system.name), last.native_id)
                place = place.after(last)
            if not more:
                break
            yield Page(records, place.cursor())
        ended = replace(place, comments=mark, swept=begun or place.swept, files=filed, mails=mailed)
        yield from self._rest(records, sorted(noted), swept, place, ended)

    def _rest(
        self, records: tuple[Record, ...], noted: Sequence[str], swept: Swept | None, place: Place, ended: Place
    ) -> Iterator[Page]:
        """The last page, and behind it what else was named, a page's worth at a time."""
        size = self.system.page
        for start in range(0, max(len(noted), 1), size):
            some = noted[start : start + size]
            found = self.fetch(some)
            buried = swept.buried(self.system.name, some, {one.native_id for one in found}) if swept else []
            yield Page((*records, *found, *buried), (ended if start + size >= len(noted) else place).cursor())
            records = ()

    def since(self, moment: datetime) -> Cursor:
        """The stamp, for cases, for comments, files and mails."""
        stamp = sortable(moment)
        return Place(stamp, "", stamp, files=stamp, mails=stamp).cursor()

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        """The rows of the declared history object; Salesforce keeps no values of long texts there."""
        return self.histories((native_id,)).get(native_id, ())

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        """Up to 1,000 cases a call."""
        kept, asked = self.system.history, [one for one in dict.fromkeys(native_ids) if _ID.match(one)]
        if kept is None or not asked or not self.system.abilities.change_history:
            return {}
        user = self._calls.identity().rpartition("/")[2][:15]
        found: dict[str, list[HistoryLine]] = {one[:15]: [] for one in asked}
        parts = [among(kept.parent, asked[start : start + CHUNK]) for start in range(0, len(asked), CHUNK)]
        soqls = [select((*HISTORY, kept.parent), kept.object, one, order=("CreatedDate", "Id")) for one in parts]
        about = About(native_ids=tuple(asked))
        for row in rows_of(self._calls, soqls, f"history of {len(asked)}", about):
            line = history_line(self.system, row, kept.parent, user)
            found.setdefault(line.native_id[:15], []).append(line)
        return {one: tuple(found[one[:15]]) for one in asked}

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """Up to 1000 a call, in the order asked for; purged ones and those that we may not see are left out."""
        asked = [one for one in dict.fromkeys(native_ids) if _ID.match(one)]
        records = self._reading.among("Id", asked, f"fetch of {len(asked)}", deleted=True) if asked else []
        found = {one.native_id[:15]: one for one in records}
        return tuple(found[one[:15]] for one in asked if one[:15] in found)

    def find(self, hub_id: str) -> Sequence[Record]:
        """Records that bear this hub id; deleted ones are none."""
        return tuple(self._bearing((hub_id,)).get(hub_id, ()))

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Up to 1,000 a call; deleted ones are none."""
        return self._bearing(hub_ids) if hub_ids else {}

    def find_note(self, native_id: str, ref: str) -> str | None:
        """Reads the comments of the case and looks for the ref."""
        return self._comments.find(native_id, ref) if _ID.match(native_id) else None

    def read_file(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """What is in a version of a file, as it comes."""
        yield from self._files.read(native_id, file_id, size)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """See base. Receipts carry the record where `read_back` is declared to come with the write."""
        reading = self._reading
        back = ReadBack(reading.soql_of, reading.in_answer) if self.system.read_back == "with_write" else None
        sending = Sending(self._calls, self._reader, back, self._bulk, sleep=self._sleep, random=self._random)
        return Push(self.system, self._reader, sending, self._bearing, self._files.add).run(changes)

    def close(self) -> None:
        """Give back the sockets."""
        self.wire.close()

    def _next(self, last: Record | None, now: Record) -> Record:
        """The last record of a page. Raises Refused where it does not lie behind the page before: no end in sight."""
        if last is None or (now.version >= last.version and now.native_id != last.native_id):
            return now
        raise Refused(
            f"the rows do not come in the order of {self.system.stamp} that was asked for.", code="C358",
            where=f"{self.system.name} pull", value=now.version,
            fix="declare as `stamp` a field that their system keeps, sorts and filters by.",
        )  # fmt: skip

    def _bearing(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Records by the hub id that they bear."""
        field = self.system.hub_id
        found: dict[str, list[Record]] = {}
        for one in self._reading.among(field, hub_ids, "find"):
            found.setdefault(str(one.body.get(field)), []).append(one)
        return found

    def _picklist(self, field: str) -> tuple[str, ...]:
        """The known values of a field, for an error's text; none where they do not tell."""
        try:
            described = self._described or self.describe()
        except ConnectorError:
            return ()
        return described.fields[field].values if field in described.fields else ()
