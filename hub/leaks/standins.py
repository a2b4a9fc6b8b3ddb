"""Companies inside this process that stand for the real ones: their own words and agreement, a store in memory.

A stand-in has the real partner's mapping, its language, its files and where its agents are told. What its own system
does by itself (ids, numbers, stamps) is put where the mapping reads it. All that the hub gives it is kept.
Next: `story.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from connectors.base import Abilities, Change, Connector, Receipt, System
from connectors.declared import FirstContact
from connectors.memory import Memory
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemoryNames, MemorySystem
from hub.partners import Partner
from mappings.lens import Lens
from mappings.ops import Op


class StandInSystem(MemorySystem):
    """moment: a time -> the word for it in this company's records."""

    moment: Callable[[datetime], Any]

    def time(self, moment: datetime) -> Any:
        """A time as it stands in this company's bodies."""
        return self.moment(moment)


@dataclass(slots=True)
class Given:
    """One thing that a company was given. hub_id: of the case. told: the body, as it was sent. raw: a file's bytes."""

    company: str
    hub_id: str
    kind: str
    told: Mapping[str, Any]
    raw: bytes = b""


@dataclass(slots=True)
class StandIn:
    """One company in this process, and all that it was given."""

    partner: Partner
    store: MemoryStore
    clock: Callable[[], datetime]
    later: Callable[[float], None]
    given: list[Given] = field(default_factory=list)

    def connect(self) -> Connector:
        """A connector to it."""
        monotonic = lambda: self.clock().timestamp()  # noqa: E731  one line says it
        memory = Memory(self.store.system, self.store.credentials(), clock=self.clock, sleep=self.later,
                        monotonic=monotonic)  # fmt: skip
        return cast("Connector", _Kept(memory, self))


class _Kept:
    """A connector as it is, that keeps what is given to it."""

    def __init__(self, memory: Memory, to: StandIn) -> None:
        self.system: System = memory.system
        self._memory, self._to = memory, to

    def __getattr__(self, called: str) -> Any:
        return getattr(self._memory, called)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """What is sent is kept before it is answered: a refused write was given all the same."""
        for change in changes:
            raw = b""
            if change.content is not None:
                raw = change.content.name.encode() + b"\n" + b"".join(change.content.read())
            name = self._to.partner.name
            self._to.given.append(Given(name, change.hub_id, change.kind, change.body, raw))
        yield from self._memory.push(changes)


def stand_in(partner: Partner, clock: Callable[[], datetime], later: Callable[[float], None], secret: str) -> StandIn:
    """An empty company in the place of this one. secret: of our login there."""
    lens, system = partner.lens, partner.system
    dated = _time_op(lens)
    made = StandInSystem(
        name=partner.name,
        title=system.title,
        connection=partner.name,
        zone=system.zone,
        language=system.language,
        overlap=0,
        names=_names(lens, dated),
        number_format="N-{}",
        files=system.files,
        told=system.told,
        first_contact=FirstContact(guard="none"),
        watch=1e9,  # it is no system whose fields could change
        abilities=Abilities(
            unique_key=system.abilities.unique_key, conditional_write=system.abilities.conditional_write
        ),
        moment=datetime.isoformat if dated is None else dated.inverse,
    )
    return StandIn(
        Partner(partner.name, made, lens, partner.mapping),
        MemoryStore(made, clock=clock, password=secret),
        clock,
        later,
    )


def _time_op(lens: Lens) -> Op | None:
    """How a time stands in their records: as their notes have it, else their stamps; None where none is mapped."""
    found: list[Op] = [] if lens.notes is None else [lens.notes.date.op]
    times = ("lastUpdate", "creationDate", "statusChangeDate")
    found += [rule.op for rule in lens.rules if rule.path in times]
    return found[0] if found else None


def _names(lens: Lens, dated: Op | None) -> MemoryNames:
    """What their system fills in by itself, where the mapping reads it; else beside it, where nobody looks."""
    plain = {rule.path: rule for rule in lens.rules if rule.at and rule.slot is None and rule.choice is None}

    def of(path: str, *, time: bool = False) -> str:
        rule = plain.get(path)
        return f"memory_{path}" if rule is None or (time and rule.op != dated) else rule.field

    names = {
        "id": "memory_id", "version": "memory_version", "hub_id": "memory_hub",
        "number": of("externalIdentifier"), "created": of("creationDate", time=True),
        "changed": of("lastUpdate", time=True), "status": of("status"),
        "status_changed": of("statusChangeDate", time=True),
    }  # fmt: skip
    if lens.notes is not None:
        names |= {
            "notes": lens.notes.field, "note_id": ".".join(lens.notes.id), "note_author": _at(lens.notes.author.at),
            "note_text": _at(lens.notes.text.at), "note_created": _at(lens.notes.date.at),
            "note_visibility": _at(lens.notes.seen),
        }  # fmt: skip
    if lens.attachments is not None:
        size = lens.attachments.size
        names |= {
            "files": lens.attachments.field, "file_id": ".".join(lens.attachments.id),
            "file_author": _at(lens.attachments.author.at), "file_size": _at(size.at if size is not None else ()),
        }  # fmt: skip
    return MemoryNames(**names)


def _at(at: Sequence[str]) -> str:
    return ".".join(at) or "memory_unread"
