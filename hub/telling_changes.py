"""What agents are told as a change of its own, and what became of it: cut to what their notes take, sent once, kept.

A note too short for any of it, or a refusal, is put before a person; nothing else waits for that, and it is not tried
again before it says something else. The same for a record that is no case yet (`telling.of_untaken`).
Next: `telling.py` (what is told), `planning.py` (sends), `settling.py` (keeps).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors import paths
from connectors.base import Change, Receipt
from connectors.errors import ConnectorError, Rejected
from hub import lanes, telling
from hub.alliance import Alliance
from hub.intents import Intent
from hub.noting import TOLD
from hub.partners import Partner
from hub.state import HUB, Link
from hub.telling import Telling
from hub.telling_words import ENGLISH, fitted, spoken_in
from hub.writing import Transaction
from mappings.case import Note, Visibility
from mappings.errors import MappingError

SUBJECT = "telling"
TOO_LONG = "M204"
FEWEST = 40
"""Characters of a note in which something can be said."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How it goes. key: of the change that carries it. aside: in a change of its own. alone: nothing else goes with it;
    it says nothing of when the case was last delivered. more: what else is owed waits still. untaken: their record is
    no case yet."""

    key: str
    mark: str
    aside: bool
    alone: bool = False
    more: bool = False
    untaken: bool = False


def in_create(partner: Partner, told: Telling | None) -> Mapping[str, object]:
    """What a new record says of it."""
    return {} if told is None else _in_field(partner, told)


def change(
    tx: Transaction, partner: Partner, told: Telling, claimed: lanes.Claim, link: Link, subject: str
) -> Change | None:
    """What is told as a change of its own, made on no condition: nobody else writes there. None where their notes
    cannot say it, which is put before a person then. subject: under whose key the link is sealed."""
    case_id, native_id = claimed.case_id, link.native_id
    lane = f"{case_id}/{partner.name}"
    if _by_field(partner):
        key = f"{lane}/{claimed.delivery_id}.{claimed.fence}/told"
        return Change(key, "update", case_id, _in_field(partner, told), case_id, native_id)
    try:
        body = as_note(partner, told)
    except MappingError as error:
        _wait(tx, link, error.code, partner.place(error.place), str(error))
        tx.keep_link(replace(link, notes={**link.notes, told.mark: ""}), subject)
        return None
    key = f"{lane}/note/{told.mark}"
    return Change(key, "add_note", case_id, body, case_id, native_id, ref=told.mark)


def as_note(partner: Partner, told: Telling) -> Mapping[str, object]:
    """It as a note of theirs, cut where one takes less. Raises MappingError as `room` does."""
    return _said(partner, told, fitted(told.text.split("\n"), room(partner, told)))


def room(partner: Partner, told: Telling) -> int:
    """Characters of it that go into a note of theirs beside our last line. Raises MappingError where next to none do,
    or it is not to be private."""
    lines, least, most = told.text.split("\n"), FEWEST, len(told.text)
    try:
        _said(partner, told, told.text)
        return most
    except MappingError as error:
        if error.code != TOO_LONG:
            raise
        while least < most:  # `most` is too many, and all below `least` go in
            length = (least + most) // 2
            try:
                _said(partner, told, fitted(lines, length))
                least = length + 1
            except MappingError:
                most = length
        if most <= FEWEST:
            raise
    return most - 1


def _said(partner: Partner, told: Telling, text: str) -> Mapping[str, object]:
    words = spoken_in(partner.system.language) or ENGLISH
    note = Note(partner=HUB, id=told.mark, author=words.hub, date=told.date, text=text,
                visibility=Visibility.PRIVATE)  # fmt: skip
    return partner.lens.to_note(note, company="Casebridge", ref=told.mark)


def kept(tx: Transaction, link: Link, sent: Sent, receipt: Receipt | None, partner: Partner) -> Link:
    """The link once it is known what became of it. What they refuse is told to a person, and not sent again before it
    says something else."""
    if receipt is None or (receipt.error is not None and not refused(sent, receipt.error)) or receipt.found:
        return link
    if receipt.error is not None:
        _wait(tx, link, receipt.error.code, "told", receipt.error.text())
        link = link if _by_field(partner) else replace(link, notes={**link.notes, sent.mark: ""})
    else:
        tx.unpark(SUBJECT, link.partner, native_id=link.native_id, case_id=None)
    return replace(link, told=sent.mark) if _by_field(partner) else link


def owe_untaken(tx: Transaction, alliance: Alliance, link: Link) -> frozenset[str]:
    """Owe the agents of a record that is no case yet what they have to be told of it. Names its partner, or nobody."""
    if link.case_id is None or telling.of_untaken(alliance, link, tx.now) is None:
        return frozenset()
    lanes.wake(tx, link.case_id, link.partner, 0, lanes.open_of(tx, link.case_id).get(link.partner))
    return frozenset({link.partner})


def refused(sent: Sent | None, error: ConnectorError) -> bool:
    """Whether this says of what was told alone that they do not take it: nothing else waits for that."""
    told_of = isinstance(error, Rejected) and sent is not None and sent.aside
    return told_of and (error.code not in lanes.NOT_THERE or (sent is not None and sent.untaken))


def is_telling(intent: Intent) -> bool:
    """Whether what is on its way is what their agents are told, alone."""
    return intent.key.endswith("/told") or (intent.ref or "").startswith(TOLD)


def _wait(tx: Transaction, link: Link, code: str, place: str, why: str) -> None:
    case_id = None if link.is_untaken else link.case_id
    tx.park(SUBJECT, link.partner, case_id=case_id, native_id=link.native_id, code=code, place=place, why=why)


def _by_field(partner: Partner) -> bool:
    return partner.system.told is not None and partner.system.told.field is not None


def _in_field(partner: Partner, told: Telling) -> dict[str, object]:
    body: dict[str, object] = {}
    if partner.system.told is not None and partner.system.told.field is not None:
        paths.put(body, partner.system.told.field, told.text or None)
    return body
