"""What stands on a partner's passport, reckoned from the declarations.

A field of theirs may go to whoever may come to have a case that began there or passed through, as far as its edge lets
it cross, and to the contact point of a case that it was handed. Next: `page.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from connectors.base import System
from connectors.files import told_size
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.edges import Edge, Sharing
from hub.passports.rights import rights
from hub.route import ALWAYS, TOLD
from mappings.lens import Lens


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field of theirs. path: what it means. read, written: by the hub. to: titles of the companies it may go to."""

    field: str
    path: str
    read: bool
    written: bool
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """One edge that this company's data may cross. fields: of theirs, how many cross; withheld: paths that do not."""

    id: str
    giver: str
    receiver: str
    sharing: str
    fields: int
    withheld: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passport:
    """All of it. hash: of everything here but itself: what is signed."""

    partner: str
    title: str
    agreement: str
    effective: str
    kind: str
    host: str
    auth: str
    budget: tuple[str, ...]
    fields: tuple[FieldFact, ...]
    edges: tuple[EdgeFact, ...]
    rights: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[str, ...]
    kept: tuple[str, ...]
    retention: tuple[str, ...]
    mapping: str

    @property
    def hash(self) -> str:
        """SHA-256, hex, of these facts in one fixed form."""
        return sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def passport(alliance: Alliance, name: str, host: str) -> Passport:
    """This partner's. host: where its system is; "" where that is not known here."""
    partner, agreement = alliance.partners[name], alliance.agreement
    crossed = [*_crossed(agreement, name)]
    return Passport(
        partner=name,
        title=alliance.title(name),
        agreement=agreement.version,
        effective=agreement.effective.isoformat(),
        kind=partner.system.kind,
        host=host or f"as the connection {partner.system.connection!r} says",
        auth=_auth(partner.system),
        budget=tuple(_budget(partner.system)),
        fields=tuple(_fields(alliance, name, crossed)),
        edges=tuple(_edge(alliance, partner.lens, edge) for edge in crossed),
        rights=rights(partner.system, partner.lens),
        notes=tuple(_notes(partner.lens)),
        files=tuple(_files(partner.system, partner.lens)),
        kept=(_asked(partner.system), *_kept()),
        retention=tuple(_retention(agreement)),
        mapping=partner.lens.hash,
    )


def _crossed(agreement: Agreement, name: str) -> Iterator[Edge]:
    """The edges that words of this company may cross, near ones first: whoever has a case is told what others say of
    it, so all edges that hang together with one of its own."""
    reached, known = {name}, list[Edge]()
    while found := [each for each in agreement.edges if each not in known and reached & {each.giver, each.receiver}]:
        known += found
        reached |= {company for edge in found for company in (edge.giver, edge.receiver)}
    yield from known


def _before(agreement: Agreement, name: str) -> set[str]:
    """Companies whose cases may come to this one: the contact point of such a case sees all that it may say of it."""
    found = {name}
    while more := {each.giver for each in agreement.edges if each.receiver in found} - found:
        found |= more
    return found - {name}


def _sharing(agreement: Agreement, edge: Edge) -> Sharing:
    return agreement.sharing[edge.crosses]


def _fields(alliance: Alliance, name: str, crossed: list[Edge]) -> Iterator[FieldFact]:
    lens, agreement = alliance.partners[name].lens, alliance.agreement
    before = _before(agreement, name)
    for rule in lens.rules:
        over = [each for each in crossed if rule.path in ALWAYS or _sharing(agreement, each).allows(rule.path)]
        to = {edge.receiver for edge in over} - {name}
        to |= before if any(edge.receiver == name for edge in over) else set()
        told = () if rule.told or rule.path in TOLD else tuple(sorted(alliance.title(each) for each in to))
        for branch in rule.branches:
            if branch.field:
                yield FieldFact(branch.field, rule.path, not rule.told, bool(branch.writes), told)


def _edge(alliance: Alliance, lens: Lens, edge: Edge) -> EdgeFact:
    sharing = _sharing(alliance.agreement, edge)
    theirs = sorted(path for path in lens.paths if path not in ALWAYS)
    crosses = [path for path in theirs if sharing.allows(path)]
    return EdgeFact(
        edge.id, alliance.title(edge.giver), alliance.title(edge.receiver), edge.crosses, len(crosses),
        tuple(path for path in theirs if path not in crosses), sharing.pseudonyms,
        tuple(str(kind) for kind in sharing.notes), tuple(str(kind) for kind in sharing.attachments),
    )  # fmt: skip


def _auth(system: System) -> str:
    """Which kind of login; the secret stands in the connection alone."""
    auth = getattr(system, "auth", None)
    found = getattr(auth, "kind", None) or getattr(system, "login", None)
    return f"{str(found or 'of the kind').replace('_', ' ')}; its secret stands in the connection only"


def _budget(system: System) -> Iterator[str]:
    yield f"read every {system.poll:g} s, at most {86_400 / system.poll:,.0f} times a day, and whole once a night"
    yield f"at most {system.rate.calls:g} calls a second" if system.rate is not None else "no bound on calls a second"
    if system.quota is None:
        yield "no bound on calls a day"
    else:
        calls = f"{system.quota.calls:,} calls" if system.quota.calls is not None else "calls that it tells"
        yield f"at most {system.quota.share:.0%} of the {calls} in {system.quota.per / 3600:g} h"


def _notes(lens: Lens) -> Iterator[str]:
    if lens.notes is None:
        yield "notes are not read"
        return
    yield "a private note, one whose visibility is not known, and one that no edge lets cross: counted, not kept"
    yield from _words(lens.notes.seen, lens.notes.audience)


def _files(system: System, lens: Lens) -> Iterator[str]:
    if lens.attachments is None or system.tells is None:
        yield "files are not read"
        return
    size = told_size(system.tells.largest)
    yield f"up to {size} each, kept under the customer's key until all have it, then removed"
    yield from _words(lens.attachments.seen, lens.attachments.audience)


def _words(seen: Sequence[str], audience: Any) -> Iterator[str]:
    words: Mapping[Any, Any] = audience.table.words
    for visibility in ("partners", "customer"):
        theirs = [str(word) for word, ours in words.items() if ours == visibility]
        theirs += [f"{mark.strip()} before the text" for mark, ours in audience.markers.items() if ours == visibility]
        yield f"for {visibility}: {'.'.join(seen)} {', '.join(theirs) or 'none'}"


def _asked(system: System) -> str:
    """How much of a record comes here at all."""
    if system.kind == "salesforce":
        return "asked for: the mapped fields by name, and no other"
    return "asked for: records as its answers hold them; what is not mapped is kept with them and goes nowhere"


def _kept() -> Iterator[str]:
    yield "each record as it was last read, without its notes and files, and what of it changed when; notes that cross"
    yield "all under a key of each customer (AES-256-GCM); keys are kept apart from the ledger"
    yield "in the clear: ids and numbers of cases, times, statuses, who holds a case, names of changed fields, what "
    "figures tell cases apart by (priority, type, channel, product, service, region)"
    yield "an erased customer's key is destroyed; the chain of entries still verifies"


def _retention(agreement: Agreement) -> Iterator[str]:
    told = () if agreement.retention is None else tuple(agreement.retention.told())
    yield from told or ("not agreed: kept until it is erased on request",)
