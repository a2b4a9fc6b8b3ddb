"""What the hub tells a company's agents in their own tool: by a field or private notes, as system.yaml `told` says.

Who holds the case and its number there, what is due when, the last delivery; and what was held back, with the cause and
who acts on it. It is no part of the case: no rule of a mapping reads it, a note of it is private and ours by its ref.
So it is never taken for an agent's edit, and never crosses. What is told to a company comes from its own words, and
from what its link shares anyway. `telling` and `waiting` read in a ledger transaction; the rest is pure.
Next: `telling_words.py` (the sentences), `owing.py` (who lacks it), `telling_changes.py` (how it goes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from connectors.declared import Told
from hub import route
from hub.alliance import Alliance
from hub.edges import shown_reasons
from hub.file_names import safe_name
from hub.noting import TOLD
from hub.rounds import RESOLVED, wanted
from hub.state import CaseState, Link, file_ref
from hub.telling_words import ENGLISH, Sentences, fitted, spoken_in
from hub.transfers import REFUSAL
from hub.writing import Transaction, Waiting
from mappings.case import ENDED
from mappings.errors import MappingError, shown

DUE = ("expectedResolutionDate", "requestedResolutionDate")
"""What is due when: what was promised, else what was asked for."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told now. mark: the digest that the link keeps of a field, or a note's ref."""

    text: str
    mark: str
    date: datetime


def telling(
    tx: Transaction, alliance: Alliance, name: str, state: CaseState, links: Mapping[str, Link]
) -> Telling | None:
    """What this company's agents have to be told and were not yet; None for nothing."""
    partner, link = alliance.partners[name], links.get(name)
    told = partner.system.told
    if told is None or (link is None and told.field is None) or (link is not None and link.state == "gone"):
        return None
    alliance = replace(alliance, agreement=alliance.agreement.without(tx.left)) if tx.left else alliance
    teller = _Teller(alliance, name, state, links, spoken_in(told.language or partner.system.language) or ENGLISH)
    waits = list(teller.waits(waiting(tx, state, links))) if "parked" in told.tells else []
    facts = [*teller.suggests(told), *teller.tasks(told)]
    facts += teller.asks(told) if route.targets(state, links) == [name] else teller.facts(told)
    if told.field is not None:
        text = fitted([*waits, *facts, *teller.last_delivery(told)] if facts else waits, told.length)
        mark = _digest(text) if text else ""
        return None if mark == ("" if link is None else link.told) else Telling(text, mark, state.updated_at)
    assert link is not None
    if name == state.holder or state.holder not in links:  # nor is there a number to tell yet
        facts = [line for line in facts if line != teller.holder()]
    number, waited, before = _last(link)
    mark = _digest("\n".join([*waits, *facts]))
    if before == mark or (before == "" and not waits and not facts):
        return None
    over = [teller.words.over] if waited and not waits else []
    stands = facts or ([] if over or waits else [teller.holder()])
    text = fitted([*over, *waits, *stands, *teller.last_delivery(told)], told.length)
    return Telling(text, f"{TOLD}{number + 1}-{'w' if waits else 's'}-{mark}", state.updated_at)


def of_untaken(alliance: Alliance, link: Link, now: datetime) -> Telling | None:
    """What the agents of a record that is no case yet have to be told of it and were not: which value of it is not
    understood, and who acts. None for nothing."""
    partner = alliance.partners[link.partner]
    told = partner.system.told
    if told is None or "parked" not in told.tells or not (link.is_untaken and link.cause):
        return None
    words = spoken_in(told.language or partner.system.language) or ENGLISH
    line = _not_understood(link, words, _who_acts(alliance, words))
    text = fitted([line], told.length)
    if told.field is not None:
        return None if _digest(text) == link.told else Telling(text, _digest(text), now)
    number, _, before = _last(link)
    return None if before == _digest(line) else Telling(text, f"{TOLD}{number + 1}-w-{_digest(line)}", now)


def waiting(tx: Transaction, state: CaseState, links: Mapping[str, Link]) -> list[Waiting]:
    """What of this case waits for a person, oldest first."""
    return tx.waiting_of(state.id, route.targets(state, links))


def cause_of(error: MappingError) -> tuple[str, str, str]:
    """(code, their field, their value on one line) of a record that is not understood, as the link keeps it."""
    return error.code, error.field, "" if error.value is None else shown(error.value).strip("'\"")


@dataclass(frozen=True, slots=True)
class _Teller:
    """One case as one company's agents are told of it."""

    alliance: Alliance
    name: str
    state: CaseState
    links: Mapping[str, Link]
    words: Sentences

    def holder(self) -> str:
        """Who holds it, and its number there."""
        state, title = self.state, self.alliance.title
        if state.holder == self.name:
            return self.words.yours.format(company=title(state.contact_point))
        link = self.links.get(state.holder)
        said = self.words.held_numbered if link is not None and link.number else self.words.held
        return said.format(company=title(state.holder), number=link.number if link is not None else "")

    def facts(self, told: Told) -> Iterator[str]:
        """What holds of it now, but for the last delivery."""
        yield from self.asks(told)
        if "feedback" in told.tells and self.state.corrective is not None and self.state.corrective[1] == self.name:
            yield self.words.corrective.format(who=self.state.corrective[2], when=self._when(self.state.corrective[3]))
        if "holder" in told.tells:
            yield self.holder()
        edge = self.state.edges.get(self.name, "")
        sharing = self.alliance.agreement.sharing_of(self.name, self.state.contact_point, edge)
        due = next((self.state.values[path] for path in DUE if sharing.allows(path) and self.state.values.get(path)), 0)
        if "due" in told.tells and isinstance(due, datetime):
            yield self.words.due.format(when=self._when(due))
        if "due" in told.tells and self.state.urged is not None:
            yield from self.urged(*self.state.urged)
        if "due" in told.tells and self.state.due is not None:
            when, clock, who = self.state.due
            company = self.alliance.title(who) if who in self.alliance.partners else self.words.each
            said = self.words.accept_by if clock == "accept" else self.words.resolve_by
            yield said.format(company=company, when=self._when(when))

    def suggests(self, told: Told) -> Iterator[str]:
        """To whom the agreement says that they should give it, where it was not there before."""
        state, agreement = self.state, self.alliance.agreement
        if (
            "holder" not in told.tells
            or state.holder != self.name
            or state.status in {RESOLVED, *ENDED}
            or state.parent
        ):
            return
        for edge in agreement.edges_from(self.name, state.values, "suggested"):
            if edge.receiver not in state.edges:
                yield self.words.suggested.format(company=self.alliance.title(edge.receiver))

    def urged(self, until: datetime, who: str, company: str) -> Iterator[str]:
        """Who has to answer the contact point's escalation: to that company, and to the contact point."""
        contact, title = self.state.contact_point, self.alliance.title
        said = {company: self.words.urged, contact: self.words.urges}.get(self.name)
        if said is not None:
            yield said.format(company=title(contact if self.name == company else company), who=who,
                              when=self._when(until))  # fmt: skip

    def tasks(self, told: Told) -> Iterator[str]:
        """For which tasks the case has to wait."""
        if "holder" in told.tells and self.name in (self.state.accountable, self.state.holder):
            open_ones = (task.receiver for task in self.state.tasks if task.waits and task.is_open)
            yield from (self.words.task_open.format(company=self.alliance.title(one)) for one in open_ones)

    def asks(self, told: Told) -> Iterator[str]:
        """That the customer's word is to be obtained, once the case is resolved."""
        asked, words = wanted(self.state), self.words
        if asked is None or "feedback" not in told.tells or self.name != self.state.contact_point:
            return
        said = words.ask if asked.times == 1 else words.ask_again.format(times=asked.times)
        yield words.silent if asked.silent else said
        if asked.link:  # a line of its own: it goes whole or not at all
            yield words.ask_link.format(when=self._when(asked.until), link=asked.link)

    def last_delivery(self, told: Told) -> Iterator[str]:
        """When the other side last got something of it: the holder, and for the holder the contact point."""
        state = self.state
        other = state.holder if state.holder != self.name else state.contact_point
        link = self.links.get(other)
        if "delivery" in told.tells and other != self.name and link is not None and link.reached is not None:
            yield self.words.delivered.format(company=self.alliance.title(other), when=self._when(link.reached))

    def waits(self, rows: list[Waiting]) -> Iterator[str]:
        """What of their words was held back, why, and who acts on it."""
        words, link, who = self.words, self.links.get(self.name), _who_acts(self.alliance, self.words)
        if link is not None and link.unread and link.cause:
            yield _not_understood(link, words, who)
        for row in rows:
            if row.place == REFUSAL and row.partner == self.name and row.subject == "transfer":
                agreement = self.alliance.agreement
                reasons = shown_reasons(agreement.reasons_of(self.state.edges.get(self.name, "")))
                yield f"{words.waits}: {words.no_reason.format(code=row.code)} {words.name_one.format(reasons=reasons)}"
            elif row.subject == "transfer" and row.partner == self.name:
                yield _line(words, words.transfer.format(code=row.code), words.acts_on_transfer, who)
            elif cause := self._cause(row):
                yield _line(words, cause, words.acts, who)

    def _cause(self, row: Waiting) -> str:
        """Why something waits that this company's agents said; nothing where others did."""
        words, company = self.words, self.alliance.title(row.partner)
        if row.subject == "file":
            name = next((f.name for f in self.state.files if row.place == f"file {file_ref(f)}"
                         and f.partner == self.name), None)  # fmt: skip
            return words.file.format(file=safe_name(name), code=row.code) if name is not None else ""
        if row.subject == "conflict":
            mine = self.name in {row.partner, self.state.setters.get(row.place)}
            return words.conflict.format(field=self._field(row.place), code=row.code) if mine else ""
        if row.subject != "delivery" or row.partner == self.name:
            return ""
        path = row.place if row.code == "X303" else self._path(row)
        if not path:
            return words.refused.format(company=company, code=row.code)
        said = words.ignored if row.code == "X303" else words.unfit
        mine = self.state.setters.get(path) == self.name
        return said.format(company=company, field=self._field(path), code=row.code) if mine else ""

    def _path(self, row: Waiting) -> str:
        """The path that has no words at the company that does not take the case; "" where it is none."""
        partner, link = self.alliance.partners.get(row.partner), self.links.get(row.partner)
        if partner is None or not row.code.startswith("M"):
            return ""
        try:
            base = partner.lens.to_case(link.base).values if link is not None and link.base else {}
            route.owed_to(row.partner, self.state, self.links, partner.lens, self.alliance.agreement, base)
        except MappingError as error:
            return str(error.place[1]) if len(error.place) > 1 and error.place[0] == "case" else ""
        return ""

    def _field(self, path: str) -> str:
        """Their own name of the field of this path."""
        rules = self.alliance.partners[self.name].lens.rules
        return next((rule.field for rule in rules if rule.path == path and rule.field), path)

    def _when(self, moment: datetime) -> str:
        zone = ZoneInfo(self.alliance.partners[self.name].system.zone)
        return moment.astimezone(zone).strftime(self.words.moment)


def _who_acts(alliance: Alliance, words: Sentences) -> str:
    operator = alliance.agreement.operator
    return operator.told() if operator is not None else words.desk


def _line(words: Sentences, cause: str, acts: str, who: str) -> str:
    return f"{words.waits}: {cause} {acts.format(who=who)}"


def _not_understood(link: Link, words: Sentences, who: str) -> str:
    """What of their record is not understood."""
    code, field, value = link.cause
    said = words.unknown_value if value else words.unread
    return _line(words, said.format(value=value, field=field, code=code), words.acts_or_correct, who)


def _last(link: Link) -> tuple[int, bool, str]:
    """(number, whether something waited then, digest) of the note that was told last; of none, (0, False, "")."""
    found = [ref.removeprefix(TOLD).split("-") for ref in link.notes if ref.startswith(TOLD)]
    number, waited, mark = max(found, key=lambda parts: int(parts[0]), default=["0", "s", ""])
    return int(number), waited == "w", mark


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
