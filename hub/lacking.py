"""Which files of a case one company lacks: those that may go there now, those still to be read, those that cannot.

A file goes where its visibility crosses, and never back. What a company has already, under any name, by its own hand
or ours, is not sent again: contents are compared by hash, and a file of its own of the same size that was not read yet
is waited for. A file that does not go into a system is told to a person once, with where it can be had; nothing else
of the case waits for it. `lacking` is pure; `bar` works inside a ledger transaction. Next: `owing.py`, `planning.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from connectors.files import told_size
from hub import files
from hub.alliance import Alliance
from hub.entries import ParkedRow
from hub.file_names import LONGEST, safe_name
from hub.lanes import Misfit
from hub.state import CaseState, Link, file_ref
from hub.writing import Transaction
from mappings.case import Attachment
from mappings.errors import MappingError
from mappings.lens import Lens

SUBJECT = "file"
NO_PLACE = "X308"
SHORTER = (LONGEST, 80, 40)
"""Lengths to which a name is cut where a longer one does not fit."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that may be sent. name: safe, as it is sent. body: what is told of it, in their words."""

    file: Attachment
    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lacking:
    """What one company lacks. ready: here, to be sent. missing: refs of what has to be read first. barred: ref -> why
    it does not go in there."""

    ready: tuple[Ready, ...]
    missing: frozenset[str]
    barred: Mapping[str, Misfit]

    @property
    def needed(self) -> frozenset[str]:
        """Refs of all whose bytes it takes to serve them."""
        return self.missing | {file_ref(one.file) for one in self.ready}


NOTHING = Lacking((), frozenset(), {})


def lacking(
    alliance: Alliance, name: str, state: CaseState, links: Mapping[str, Link], rows: Mapping[str, files.FileRow]
) -> Lacking:
    """What this company lacks of the case's files. rows: as the ledger has them."""
    if alliance.spool is None or not state.files:
        return NOTHING
    link = links.get(name)
    ready: dict[str, Ready] = {}
    missing, barred = set[str](), dict[str, Misfit]()
    for file in _wanting(alliance, name, state, links):
        ref = file_ref(file)
        fits = _fitted(alliance, name, file, links)
        if isinstance(fits, Misfit):
            barred[ref] = fits
        elif rows.get(ref) is None or rows[ref].state in {"wanted", "spent"}:
            missing.add(ref)
        elif rows[ref].state == "kept" and not _may_have(name, file, state, rows):
            ready.setdefault(file.sha256 or ref, fits)
        elif rows[ref].state == "kept":
            missing.add(ref)
    return Lacking(tuple(ready.values()) if link is not None else (), frozenset(missing | _early(ready, link)), barred)


def _early(ready: Mapping[str, Ready], link: Link | None) -> set[str]:
    """What waits for its counterpart to be made is kept meanwhile."""
    return {file_ref(one.file) for one in ready.values()} if link is None else set()


def _wanting(alliance: Alliance, name: str, state: CaseState, links: Mapping[str, Link]) -> Iterator[Attachment]:
    """Files that this company may have and has not got."""
    link, edge = links.get(name), state.edges.get(name, "")
    allowed = alliance.agreement.sharing_of(name, state.contact_point, edge).attachments
    there = frozenset(link.files) if link is not None else frozenset()
    has = {file.sha256 for file in state.files if file.partner == name or file_ref(file) in there} - {None}
    for file in state.files:
        home = links.get(file.partner)
        may = file.partner != name and file.visibility in allowed and file.sha256 not in has
        if not may or file_ref(file) in there or home is None or home.unread:
            continue  # of an unread record: the file may be private by now
        said_no = link is not None and link.barred.get(file_ref(file), "").startswith("C")
        if not said_no:
            yield file


def _may_have(name: str, file: Attachment, state: CaseState, rows: Mapping[str, files.FileRow]) -> bool:
    """Whether a file of their own, on its way here, may be the same one."""
    return any(
        own.partner == name
        and own.sha256 is None
        and own.size in {None, file.size}
        and (row := rows.get(file_ref(own))) is not None
        and row.state == "wanted"
        for own in state.files
    )


def _fitted(alliance: Alliance, name: str, file: Attachment, links: Mapping[str, Link]) -> Ready | Misfit:
    """The file as it would be sent, or why it does not go in there."""
    partner = alliance.partners[name]
    takes = partner.system.takes
    if takes is None or partner.lens.attachments is None:
        return _misfit(alliance, name, file, links, "takes no files from us")
    if why := takes.against(safe_name(file.name), file.mime_type, file.size):
        return _misfit(alliance, name, file, links, why)
    try:
        return _said(partner.lens, file)
    except MappingError as error:
        text = f"has no words for it: {error.message} ({partner.place(error.place)})"
        return _misfit(alliance, name, file, links, text)


def _said(lens: Lens, file: Attachment) -> Ready:
    """In their words, its name cut until it fits. Raises MappingError."""
    for longest in SHORTER:
        name = safe_name(file.name, longest)
        try:
            body = lens.to_attachment(name=name, mime_type=file.mime_type, visibility=file.visibility)
        except MappingError:
            if longest == SHORTER[-1]:
                raise
        else:
            return Ready(file, name, body)
    raise AssertionError("the shortest name returns or raises")


def _misfit(alliance: Alliance, name: str, file: Attachment, links: Mapping[str, Link], why: str) -> Misfit:
    had = whereabouts(alliance, file, links)
    return Misfit(NO_PLACE, place_of(file), f"{alliance.title(name)} {why}. Not sent: {had}, where it can be had.")


def whereabouts(alliance: Alliance, file: Attachment, links: Mapping[str, Link]) -> str:
    """What the file is and where it is, for a person."""
    link = links.get(file.partner)
    size = f" ({told_size(file.size)})" if file.size is not None else ""
    number = f" in its case {link.number}" if link is not None and link.number else ""
    return f"{safe_name(file.name)}{size} of {alliance.title(file.partner)}{number}"


def place_of(file: Attachment) -> str:
    """Where it stands in the list of what waits for a person."""
    return f"{SUBJECT} {file_ref(file)}"


def bar(tx: Transaction, state: CaseState, link: Link, barred: Mapping[str, Misfit]) -> None:
    """Put before a person, once, what does not go in there; take away what does by now."""
    now = {ref: _digest(why) for ref, why in barred.items()}
    refused = {ref: code for ref, code in link.barred.items() if code.startswith("C")}
    for ref in sorted({*link.barred} - {*now, *refused}):
        tx.unpark(SUBJECT, link.partner, native_id=link.native_id, case_id=None, place=f"{SUBJECT} {ref}")
    for ref, why in barred.items():
        if link.barred.get(ref) != now[ref]:
            park(tx, state, link, why)
    if {**refused, **now} != dict(link.barred):
        tx.keep_link(replace(link, barred={**refused, **now}), state.subject)


def park(tx: Transaction, state: CaseState, link: Link, why: Misfit) -> None:
    """A file waits for a person; the case goes on."""
    detail = {"code": why.code, "where": why.place}
    tx.append("parked", state, link.partner, native_id=link.native_id, detail=detail)
    tx.park(SUBJECT, link.partner, case_id=state.id, native_id=link.native_id, code=why.code, place=why.place,
            why=why.text, each_place=True)  # fmt: skip


def unbarred(tx: Transaction, row: ParkedRow) -> CaseState | None:
    """A person has a file tried once more that waits in this row: the case, where it is still there."""
    state, ref = tx.case(row.case_id or ""), row.place.removeprefix(f"{SUBJECT} ")
    link = tx.link(row.partner, row.native_id or "")
    if state is None:
        return None
    found = files.one(tx, state.id, ref)
    if found is not None and found.partner == row.partner and found.state == "refused":
        files.keep(tx, replace(found, state="wanted", attempts=0, due_at=tx.now))
    if link is not None and ref in link.barred:
        barred = {other: why for other, why in link.barred.items() if other != ref}
        tx.keep_link(replace(link, barred=barred), state.subject)
    return state


def _digest(why: Misfit) -> str:
    return sha256(why.text.encode()).hexdigest()[:16]
