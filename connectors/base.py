"""The contract that each kind of partner system keeps: records come out, changes go in, receipts come back.

Nouns. A Record is one case in the partner's own words. A Change is one thing to do in the partner's system. A Receipt
is what became of it. A Cursor says how far a pull has read. All are frozen and plain: a connector knows no canonical
case, no ledger and no Airflow.

Kinds: `rest.py`, `soap.py`, `salesforce.py`, and `memory.py`, the fake that keeps the same contract. One suite,
tests/connectors/test_contract.py, runs over all of them. `kinds.py` finds a kind by its name in system.yaml.
Next: `errors.py` for what may be raised, `wire.py` for how bytes travel.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, Self

from pydantic import Field, model_validator

from connectors.declared import Declared, FirstContact, Quota, Rate, Told, Webhooks
from connectors.errors import ConnectorError
from connectors.files import Content, Files
from connectors.grants import Grants

Body = Mapping[str, Any]
"""A partner's words, JSON-like (dict, list, str, int, Decimal, bool, None), named and nested as they have them."""

SCANNED = "-"
"""The version of each record of a system that cannot say what changed: its content is compared."""

ChangeKind = Literal["create", "update", "add_note", "add_file"]


@dataclass(frozen=True, slots=True)
class Record:
    """One case as a partner's system tells it.

    version sorts as text: of two versions of one native id the later is the greater string; equal where the system's
    clock step did not tell them apart. changed_at is the partner's own stamp, aware, None where it keeps none.
    notes ride inside the body under the key that the declaration names. gone: they deleted it; body may be empty.
    merged_into: native id of the record that they merged this one into; it is gone then. history: its own change
    history as it was read right after the record; None where nobody asked for it.
    """

    partner: str
    native_id: str
    version: str
    body: Body
    changed_at: datetime | None = None
    gone: bool = False
    merged_into: str | None = None
    history: tuple[HistoryLine, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a pull has read; only the connector that made it reads it. Kept with the records it covers."""

    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one answer, oldest change first, and the cursor that is right once they are all kept."""

    records: tuple[Record, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One past change of one field, as the partner's own change history tells it. line_id: the same at each reading,
    and no other line's of the record. ours: the hub wrote it, as far as its author says."""

    native_id: str
    line_id: str
    changed_at: datetime
    author: str
    field: str
    old: Any
    new: Any
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do. `key` is deterministic: the same intent has the same key in every life of the process.

    create: native_id is None, hub_id is written to the field that the system declares as `hub_id`, body is whole.
    update: body holds only what differs, nested as the record is. base_version is the version that the change was
    computed from, for systems that write on a condition.
    add_note: body is one note in the partner's words; `ref` stands in its text and is what find_note looks for.
    add_file: body is what is told of one file in the partner's words, content what is in it.
    lane: changes of one lane are applied in the order given, one at a time (it is the hub's case id).
    """

    key: str
    kind: ChangeKind
    lane: str
    body: Body
    hub_id: str
    native_id: str | None = None
    base_version: str | None = None
    ref: str | None = None
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one Change: exactly one receipt a change. error None means applied.

    record: the read-back, where the answer carried it (else the caller fetches). found: it was there already, from an
    earlier try; nothing was written now. note_id, file_id: the native id of an added note or file.
    """

    key: str
    native_id: str | None = None
    record: Record | None = None
    note_id: str | None = None
    file_id: str | None = None
    found: bool = False
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field as the partner's system describes it. values: the picklist, empty where anything goes."""

    name: str
    label: str = ""
    type: str = "text"
    length: int | None = None
    required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What a system says of itself: fields by name, and a fingerprint that changes when any of them does.

    wanting: what the declaration needs and the system has not, a sentence each.
    """

    fields: Mapping[str, FieldDescription]
    fingerprint: str
    wanting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the system is and who we are there. Secrets live here only; repr shows none.

    url: base address, no trailing slash. extra: what the connection's extra fields hold (client_id, ca_file, ...).
    grants: keeps tokens that take the place of one of these; None: nothing does.
    """

    url: str
    login: str = ""
    password: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    grants: Grants | None = field(default=None, repr=False, compare=False)


class Abilities(Declared):
    """What bounds the promises that can be kept with this system. Nothing is assumed: the default is the weakest."""

    unique_key: bool = Field(False, description="it refuses a second record with the same outside id")
    conditional_write: bool = Field(False, description="it refuses a write when the record changed since it was read")
    change_history: bool = Field(
        False,
        description="it keeps who changed which field when, and tells: each change becomes an entry; else the partner "
        "is sampled at each poll, and its indicators say so",
    )
    index_lag: float = Field(0.0, ge=0, description="seconds until a new record is found by its outside id")
    clock_step: float = Field(1.0, gt=0, description="seconds; two changes within one step bear one stamp")


class System(Declared):
    """How to reach one partner's system: the part of system.yaml that every kind has."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the partner's name; the folder bears it too")
    title: str = Field(description="the company's name as people write it")
    kind: str = Field(description="rest, soap, salesforce or memory")
    connection: str = Field(description="the Airflow connection id that holds address and credentials")
    zone: str = Field("UTC", description="IANA zone in which the company works")
    language: str = Field("en", description="language of its agents, BCP 47")
    poll: float = Field(60.0, gt=0, description="seconds between two pulls")
    overlap: float = Field(60.0, ge=0, description="seconds that a pull reads again behind its cursor")
    page: int = Field(200, gt=0, le=2000, description="records asked for in one answer")
    deadline: float = Field(30.0, gt=0, description="seconds that one call may take in all")
    largest_answer: int = Field(
        6 * 2**20, ge=2**10, le=64 * 2**20, description="bytes of one answer, unpacked; a larger one is not read"
    )
    private_network: bool = Field(False, description="its address may be private or loopback")
    rate: Rate | None = Field(None, description="calls a second that the partner is asked at most; null: no bound")
    quota: Quota | None = Field(None, description="our share of the calls that they let be made; null: no bound")
    watch: float = Field(
        900.0,
        ge=0,
        description="seconds between two looks whether its fields are still those of described.yaml; 0: at each run",
    )
    first_contact: FirstContact = Field(FirstContact(), description="how it goes live")
    webhooks: Webhooks | None = Field(None, description="null: it sends none, or none are taken")
    files: Files | None = Field(None, description="what it takes of files; null: none are read there or sent to it")
    told: Told | None = Field(None, description="where its agents are told what becomes of a case; null: nowhere")
    erasure: Literal["person", "blank"] = Field(
        "person",
        description="what becomes of its copy when a person asks to be forgotten. person: one of its people deletes it "
        "and says so; blank: the hub empties the fields that it wrote itself",
    )
    abilities: Abilities = Abilities()

    tells_quota: ClassVar[bool] = False
    """Whether the system itself tells how many of its calls are used up."""

    @property
    def tells(self) -> Files | None:
        """What may be read there of files; None: nothing."""
        return self.files

    @property
    def takes(self) -> Files | None:
        """What may be sent to it of files; None: nothing."""
        return self.files

    @property
    def renews(self) -> bool:
        """Whether its tokens are kept from one time to the next: who speaks to it needs `Credentials.grants`."""
        return False

    @property
    def at_once(self) -> int:
        """How many cases one push should bring, so that what it costs to write is shared by many."""
        return 100

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.quota is not None and self.quota.calls is None and not self.tells_quota:
            raise ValueError("quota.calls: say how many calls a window has; this kind of system does not tell")
        return self


class Connector(Protocol):
    """What the exchange may ask of any partner's system. Calls raise only the errors of connectors.errors."""

    system: System

    def check(self) -> str:
        """One call that fails for the anonymous; returns who we are there, for people. Raises Refused, Unreachable."""

    def describe(self) -> Description:
        """Fields, picklists and limits, as the system tells them now."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages of records changed since the cursor (None: all), oldest change first, overlap included. Ends when the
        system has no more. At least one page, so that a quiet pull still says where it stands."""

    def since(self, moment: datetime) -> Cursor:
        """Where a pull starts that leaves out nothing changed at this aware time or later. It may read more: a system
        whose changes are a sequence knows no times, and is read from its beginning. Asks nobody."""

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        """The record's own change history, oldest first; empty where the system keeps none."""

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        """The same for many, in as few calls as can be: native id -> lines. One without any may be left out."""

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """These records as they are now, in as few calls as can be; deleted ones come back with gone=True."""

    def find(self, hub_id: str) -> Sequence[Record]:
        """Records that bear this hub id: none, one, or more than one where somebody cloned."""

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """The same for many, in as few calls as can be: hub id -> records. One that nothing bears may be left out."""

    def find_note(self, native_id: str, ref: str) -> str | None:
        """The native id of the note on that record whose text bears this ref, or None."""

    def read_file(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file of that record, a piece at a time. size: as they tell it, None where they do not.
        Raises Rejected where it is not to be had or too large, and what any call raises. To be closed by who does not
        read it to the end."""

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Do them, one receipt each, in any order across lanes. An error that concerns the partner stands in the
        receipt of each change that was not sent because of it; nothing is raised."""

    def close(self) -> None:
        """Give back sockets. The connector is not used again."""
