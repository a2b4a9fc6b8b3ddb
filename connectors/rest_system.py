"""The declaration of a REST partner: where its lists, records, notes and errors stand. No Python for a partner.

Paths in `path` fields are below the connection's address, and may end in a query that is sent each time; `{id}` is the
record's native id. Other paths are dotted paths into an answer ("error.message"); the empty path is the whole answer,
and a list is entered by what its member holds or by its place ("custom_fields[id=1].value", "values[0]").
Knows no connection and no secret. Next: `rest_writes.py`, how it is written to; `rest.py`, the connector that keeps to
it; `auth.py`, `paging.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from connectors.auth_declared import Auth, RefreshToken
from connectors.base import System
from connectors.declared import Declared
from connectors.files import Files
from connectors.paging import CursorPaging, Paging
from connectors.rest_feed import Feed
from connectors.rest_history import Lines
from connectors.rest_meaning import Meaning
from connectors.rest_shape import RecordShape
from connectors.rest_writes import Batch, BatchUpdate, BatchWrite, Create, Notes, RestFiles, Update
from connectors.stamps import Stamps


class Check(Declared):
    """A call that fails for the anonymous."""

    path: str = Field(description="`{login}` in it is the connection's login")
    name: str = Field(description="path of our name there; an answer without it is no login")


class Picklist(Declared):
    """What a field may hold, where it is a list of its own (its states, its companies)."""

    path: str
    records: str = Field("", description="path of the list in the answer")
    value: str = Field("id", description="in a member: path of what the field holds for it")


class Described(Declared):
    """Where the system tells its fields; where it lists only what some of them may hold, the others are named here."""

    path: str | None = Field(None, description="path that answers the fields; null: they are not told")
    fields: str = Field("", description="path of the list of fields")
    name: str = Field("name", description="in a field: path of its name")
    label: str = Field("label", description="in a field: path of what people call it")
    type: str = Field("type", description="in a field: path of its type")
    length: str = Field("length", description="in a field: path of its most characters")
    required: str = Field("required", description="in a field: path of whether it must be given")
    values: str = Field("values", description="in a field: path of its picklist, a list of texts")
    picklists: Mapping[str, Picklist] = Field(default_factory=dict, description="by field: where its picklist is")
    untold: tuple[str, ...] = Field((), description="fields that it has and does not tell of")


class Since(Declared):
    """A filter for what changed since a stamp. The list must be sorted by that stamp, oldest first."""

    param: str = Field(description="query parameter that takes the filter")
    template: str = Field("{stamp}", description="the filter; {stamp} is the time, and it must mean `at or after`")
    format: str = Field("", description="strftime format of {stamp}, where times are asked for otherwise than told")
    early: float = Field(0, ge=0, le=3600, description="seconds by which it may answer too much, from before that time")


class Listed(Declared):
    """The list that pulls read. With neither `since`, `newest_first`, `feed` nor cursor paging it is read whole. `scan`
    says that it tells no change at all: records then need neither version nor stamp, their contents are compared."""

    path: str
    params: Mapping[str, str] = Field(default_factory=dict, description="sent with each call, such as the sorting")
    records: str = Field("", description="path of the records in the answer")
    limit: str = Field("limit", description="query parameter that takes the page's size")
    paging: Paging
    since: Since | None = None
    newest_first: bool = Field(
        False, description="sorted by the stamp, newest change first, and not filtered: read until nothing is new"
    )
    feed: Feed | None = Field(None, description="what changed, by events that name records; null: the list says it")
    scan: bool = Field(False, description="read whole at each pull; what changed is found by comparing contents")


class Found(Declared):
    """Records by the hub's case id."""

    path: str
    param: str = Field(description="query parameter that takes the filter")
    template: str = Field("{hub_id}", description="the filter; a brace of its own is written twice")
    escaped: str = Field("", description="characters before which a backslash is put, such as quotes")
    records: str = Field("", description="path of the records in the answer")


class Errors(Declared):
    """Where an answer of 400 and above says what is wrong, and which good answers are none."""

    code: str = Field("code", description="path of the error's code")
    message: str = Field("message", description="path of the text")
    field: str = Field("field", description="path of the field that is complained about")
    value: str = Field("value", description="path of the value that was sent")
    known: str = Field("known", description="path of the values that would be accepted")
    duplicate: int | None = Field(
        409, description="status that says: a record with this hub id exists; null: none does, a second one is taken"
    )
    duplicate_code: str = Field("", description="the code that must stand with it; empty: any")
    in_success: tuple[Meaning, ...] = Field((), description="what in a good answer's body means an error after all")
    existing: str = Field("", description="path of the existing record's native id; else it is looked for")


class RestSystem(System):
    """One REST service that speaks JSON."""

    kind: Literal["rest"] = "rest"
    auth: Auth
    headers: Mapping[str, str] = Field(
        default_factory=dict,
        description="sent with each call; no secret. `{origin}` is the connection's scheme, host and port",
    )
    concurrency: int = Field(4, ge=1, le=32, description="writes under way at once, each for another case")
    stamps: Stamps = Stamps()
    record: RecordShape
    check: Check
    describe: Described | None = Field(None, description="null where the system does not tell")
    list: Listed
    one: str = Field(description="path of one record")
    one_record: str = Field("", description="path of the record in that answer")
    one_follows: bool = Field(
        False, description="asked for a record that was merged, it answers the one that this one was merged into"
    )
    batch: Batch | None = Field(None, description="null: records are fetched one by one")
    find: Found
    create: Create
    update: Update
    create_batch: BatchWrite | None = Field(None, description="null: records are created one by one")
    update_batch: BatchUpdate | None = Field(None, description="null: records are updated one by one")
    notes: Notes
    files: RestFiles | None = Field(None, description="null: none are read there or sent to it")
    history: Lines | None = Field(None, description="its change history; null: it keeps none, or does not tell it")
    errors: Errors = Errors()

    @model_validator(mode="after")
    def _fits(self) -> RestSystem:
        self.stamps.check(self.zone)
        if not self.record.version and not self.record.stamp and not self.list.scan:
            raise ValueError(
                "record: give `version` or `stamp`; where the system has neither, `list.scan: true` compares contents"
            )
        if self.list.since and self.list.scan:
            raise ValueError("list.scan: the list is read whole, so leave out `since`")
        ways = [self.list.since is not None, self.list.newest_first, self.list.feed is not None, self.list.scan]
        if sum(ways) > 1:
            raise ValueError("list: give one of `since`, `newest_first`, `feed` and `scan`")
        if self.list.newest_first and not self.record.stamp:
            raise ValueError("list.newest_first: needs record.stamp, which says how far to read")
        if self.list.since and not self.record.stamp:
            raise ValueError("list.since: needs record.stamp, from which the next pull's filter is made")
        if self.abilities.conditional_write and not (self.update.condition or self.update.version):
            raise ValueError(
                "update.condition: abilities say conditional_write, so name the header that carries it; or, where the "
                "body does, the path of update.version"
            )
        if self.abilities.conditional_write and self.update_batch and not self.update_batch.version:
            raise ValueError("update_batch.version: abilities say conditional_write, so name where the version stands")
        reading = self.update.read_first
        if self.abilities.conditional_write and reading and not reading.version:
            raise ValueError("update.read_first.version: abilities say conditional_write, so say where the version is")
        if self.create_batch and self.create.look_first:
            raise ValueError("create.look_first: leave out `create_batch`, whose records nobody would look for first")
        if self.create_batch and self.create_batch.record is None and self.create_batch.id is None:
            raise ValueError("create_batch: give `record` or `id`; else nobody knows what was created")
        if self.abilities.change_history and self.history is None:
            raise ValueError("history: abilities say change_history, so say where it stands")
        if self.history is not None and not self.abilities.change_history:
            raise ValueError("abilities.change_history: `history` says where one stands, so say true; or leave it out")
        return self

    @property
    def tells(self) -> Files | None:
        """What may be read there of files, where it is said how."""
        return self.files if self.files is not None and self.files.get is not None else None

    @property
    def takes(self) -> Files | None:
        """What may be sent to it of files, where it is said how."""
        return self.files if self.files is not None and self.files.add is not None else None

    @property
    def in_parts(self) -> bool:
        """Whether a record comes without its notes, or without its files."""
        return self.notes.apart or self.lists_files

    @property
    def lists_files(self) -> bool:
        """Whether the files of a record are a list of their own."""
        return self.files is not None and self.files.list is not None

    @property
    def renews(self) -> bool:
        """Whether its tokens are kept from one time to the next."""
        return isinstance(self.auth, RefreshToken)

    @property
    def at_once(self) -> int:
        """As many as the largest batch takes, so that its calls are full."""
        batches = [one.most for one in (self.create_batch, self.update_batch) if one is not None]
        return max([super().at_once, *batches])

    @property
    def by_sequence(self) -> bool:
        """The list itself is a change sequence, and its cursor the pull's."""
        other = self.list.since is not None or self.list.scan or self.list.newest_first or self.list.feed is not None
        return not other and isinstance(self.list.paging, CursorPaging)

    def instant(self, text: Any) -> datetime:
        """One of their times, aware. Raises ValueError for what the format does not fit."""
        return self.stamps.instant(text, self.zone)

    def stamp(self, moment: datetime) -> str:
        """An instant as they want it asked for; iso in UTC. In the hour that a zone repeats in autumn the hour's first
        pass, so that a list since then misses nothing."""
        asked = self.list.since.format if self.list.since else ""
        stamps = self.stamps.model_copy(update={"format": asked}) if asked else self.stamps
        return stamps.utc(moment, self.zone)
