"""The part of a REST partner's declaration that says how it is written to, and how many are read by their ids.

One way of writing each: a whole record, changed fields, many at once, a note. What their system wants beside the words
of the mapping is declared here too: constants, and a condition that is read right before the write.
Next: `rest_system.py`, the whole declaration; `rest_push.py`, which keeps to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from connectors.declared import Declared
from connectors.files import Files
from connectors.paging import Paging


class Batch(Declared):
    """Many records by their ids in one call."""

    path: str
    param: str = Field("ids", description="query parameter that takes the ids")
    separator: str | None = Field(",", description="between two ids; null: the parameter stands once for each id")
    most: int = Field(100, gt=0, le=1000, description="ids in one call")
    records: str = Field("", description="path of the records in the answer")
    absent_is_gone: bool = Field(
        False, description="an id that the answer leaves out is of a deleted record; else nothing is known of it"
    )


class Write(Declared):
    """One way of writing."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    path: str
    wrap: str = Field("", description="path under which the body is put; empty: it is sent as it is")
    constants: Mapping[str, Any] = Field(
        default_factory=dict,
        description="put into each body, by path; `{login}` in a text is the connection's login",
    )
    null_as: str | Mapping[str, Any] | None = Field(
        None,
        description="what is sent to empty a field, where null is overlooked; by path where one cannot be empty "
        "(`{priority_id: 2}`)",
    )
    record: str | None = Field(None, description="path of the whole record in the answer; null: it is not answered")
    id: str | None = Field(None, description="path of the native id in the answer, where the record is not answered")


class Create(Write):
    """A whole record."""

    look_first: bool = Field(
        False, description="look for the hub's case id before each create, where nothing refuses a second record"
    )


class Reading(Declared):
    """What is read right before a write, where its condition cannot be made from a version (an ETag of each answer)."""

    path: str = Field(description="path of the record; the fewer of its fields the better")
    header: str | None = Field(
        "ETag",
        description="header of the answer that the write's condition carries, as it stands; null: the system looks at "
        "no condition, and only `version` is compared here",
    )
    version: str = Field(
        "", description="path of its version (or stamp) there; where it moved since it was read, nothing is written"
    )


class Update(Write):
    """Changed fields only."""

    method: Literal["POST", "PUT", "PATCH"] = "PATCH"
    condition: str = Field("", description="header that carries the base version, such as If-Match")
    condition_value: str = Field('"{version}"', description="its value")
    read_first: Reading | None = Field(None, description="null: the condition is made from the base version")
    stale: int = Field(412, description="status that says: changed since it was read")
    version: str = Field("", description="path that takes the base version in the body, where no header does")
    whole: bool = Field(False, description="the whole record is sent: read right before it, the changes put into it")
    leave_out: tuple[str, ...] = Field((), description="whole: paths of the record that are not sent back")

    @model_validator(mode="after")
    def _carried(self) -> Self:
        reading = self.read_first
        if reading and reading.header and not self.condition:
            raise ValueError("condition: name the header that carries what read_first reads")
        if reading and reading.header is None and not reading.version:
            raise ValueError("read_first.version: without a header there is nothing else to look at")
        return self


class NoteLink(Update):
    """The second step of a note: its record is told of it. Adding stays right when the record moved in between, so it
    is read and written again then."""

    ids: str = Field(description="path that takes a list of the new note's id")


class BatchWrite(Declared):
    """Many writes in one call, whose answer holds one result a record, in the order in which they were sent. In each
    result `errors` looks as in an answer. A call that is refused whole applied nothing: its records go one by one, so
    that a wrong one stops no other."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    path: str
    most: int = Field(100, gt=1, le=1000, description="records in one call")
    wrap: str = Field("records", description="path under which the list of records is put")
    results: str = Field("results", description="path of the list of results in the answer")
    status: str = Field("status", description="in a result: path of a status as HTTP has it; empty: it has none")
    error: str = Field("error", description="in a result: path that holds something where the record was refused")
    record: str | None = Field(None, description="in a result: path of the whole record; null: it is not answered")
    id: str | None = Field(None, description="in a result: path of the native id, where the record is not answered")


class BatchUpdate(BatchWrite):
    """Changed fields of many records."""

    method: Literal["POST", "PUT", "PATCH"] = "PATCH"
    key: str = Field("id", description="in a record: path that takes its native id")
    version: str = Field("", description="in a record: path that takes the version that it must still have")
    stale: int = Field(412, description="status of a result that says: changed since it was read")
    stale_code: str = Field("", description="error code that says so, where results have no status")


class NoteTexts(Declared):
    """What notes say, where that is a list of its own, which goes on as theirs does. A note takes the first that names
    it and is not empty."""

    path: str = Field(
        description="path of the list; `{id}` is the record's native id, `{ids}` those of the notes, where it can be "
        "asked for theirs alone: what else hangs on the record may be large"
    )
    most: int = Field(100, gt=0, le=1000, description="`{ids}`: notes asked for in one call")
    records: str = Field("", description="path of the list in the answer")
    note: str = Field(description="in a member: path of the id of its note")
    take: Mapping[str, str] = Field(description="what the note takes of it: by its path in the note, the path there")


class NoteAdd(Write):
    """One way of writing, or several: where to depends on who may read it."""

    by: str = Field("", description="in a note: path of the word by which the way is chosen")
    paths: Mapping[str, str] = Field(default_factory=dict, description="path by that word; any other goes to `path`")


class Notes(Declared):
    """Notes ride inside the record at `field`; where they are a list of their own, `path` says from where to fetch it,
    and where the record names them by their ids, `by_ids` how."""

    field: str = Field("notes", description="path of the list of notes in the record's body")
    id: str = Field("id", description="in a note: path of its id")
    text: str = Field("text", description="in a note: path of its text")
    path: str | None = Field(None, description="path of a record's notes where the record does not hold them")
    records: str = Field("", description="path of the notes in that answer")
    limit: str = Field("", description="query parameter of that path that takes the page's size")
    paging: Paging | None = Field(None, description="how that list goes on; null: it is whole")
    texts: NoteTexts | None = Field(None, description="null: each note has its text")
    filled: bool = Field(
        False, description="those without a text are left out, where the list tells of changed fields too"
    )
    by_ids: Batch | None = Field(None, description="how notes are read of which the record holds the ids at `field`")
    add: NoteAdd = Field(description="how a note is added; `id` is the new note's id")
    link: NoteLink | None = Field(None, description="null: a note belongs to its record once it is added")

    @property
    def apart(self) -> bool:
        """Whether a record comes without them."""
        return self.path is not None or self.by_ids is not None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.path is not None and self.by_ids is not None:
            raise ValueError("by_ids: notes are read by `path` or by their ids, not both")
        if self.link is not None and self.add.id is None:
            raise ValueError("add.id: `link` needs the new note's id")
        return self


class FileLink(Write):
    """The second step of a file, where its bytes are sent first: its record is told of it, and what it is."""

    files: str = Field(description="path that takes a list of the one file, each with what is told of it")
    given: Mapping[str, str] = Field(
        description="what the answer to the first step gives for it: by the name that is sent, its path there"
    )


class FileAdd(Declared):
    """How a file is added: its bytes in a stream, what is told of it beside them or in a second step."""

    method: Literal["POST", "PUT"] = "POST"
    path: str = Field(description="`{id}` is the record's native id, `{name}` the file's name")
    by: str = Field("", description="in what is told of it: path of the word by which the way is chosen")
    paths: Mapping[str, str] = Field(default_factory=dict, description="path by that word; any other goes to `path`")
    encoding: Literal["multipart", "raw", "json"] = Field(
        "multipart",
        description="multipart: a form with what is told of it as fields; raw: the body is the file, and what is told "
        "of it goes as parameters of the address; json: an object that holds it in base64, beside what is told of it",
    )
    file: str = Field("", description="json: path that takes a list of the one file; empty: the body is the file")
    content: str = Field("content", description="json: in the file, the member that takes its bytes in base64")
    name: str = Field(
        "", description="json: in the file, the member that takes its name; what else is told of it is not sent then"
    )
    name_as: Literal["text", "mime_word"] = Field(
        "text", description="json: mime_word writes a name beyond ASCII as RFC 2047 does, where they take no other"
    )
    mime_type: str = Field("", description="json: in the file, the member that takes its MIME type")
    part: str = Field("file", description="multipart: name of the part that holds the bytes")
    type: str = Field("", description="raw: the Content-Type that is wanted for all; empty: each file's own")
    constants: Mapping[str, str] = Field(default_factory=dict, description="sent beside what is told of each file")
    id: str | None = Field(None, description="path of the new file's id in the answer; null: it is not answered")


class FileList(Declared):
    """The files of a record, where they are a list of their own."""

    path: str = Field(description="path of the list; `{id}` is the record's native id")
    records: str = Field("", description="path of the files in the answer")
    field: str = Field("files", description="path in the record's body at which they are put")
    having: str = Field("", description="in a member: path of what each file has and other members have not")
    limit: str = Field("", description="query parameter that takes the page's size")
    paging: Paging | None = Field(None, description="how that list goes on; null: it is whole")
    note: str = Field("", description="in a member: path of the id of the note that it came with, in `notes.path`")
    take: Mapping[str, str] = Field(
        {}, description="what the file takes of that note: by its path in the file, the path there"
    )


class RestFiles(Files):
    """Files of a record, which its body lists as the mapping's `attachments` say."""

    list: FileList | None = Field(
        None, description="where they are a list of their own, one a record; null: the record's body holds them"
    )
    content: str = Field(
        "", description="member of a JSON answer that holds a file's bytes in base64; empty: the answer is the file"
    )

    get: str | None = Field(
        None, description="path that answers a file's bytes; `{id}` is the record's native id, `{file}` the file's"
    )
    add: FileAdd | None = Field(None, description="null: none is sent to it")
    link: FileLink | None = Field(None, description="null: a file belongs to its record once it is added")
