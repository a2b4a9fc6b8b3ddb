"""What stands on the printed agreement: plain rows of text, made from the agreement for one company's managers.

The same rows are drawn as a page and as a PDF. Pure. Next: `words.py` for the sentences, `drawing.py` for the looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date
from babel.lists import format_list

from hub.agreement import Agreement
from hub.agreement_page.promised import Promise, hours_of, promises
from hub.agreement_page.words import LANGUAGES, LOCALES, Words
from hub.commitments import told
from hub.edges import ANY, CONTACT_POINT, GIVER, Edge, choices


@dataclass(frozen=True, slots=True)
class Example:
    """A case of an edge, in words. says: whether it goes over it."""

    case: str
    goes: bool
    says: str
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """An edge as its agents learn it. rows: (label, text)."""

    giver: str
    receiver: str
    id: str
    mine: bool
    rows: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A company of the agreement. rows: (label, text)."""

    title: str
    mine: bool
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The agreement, whole. signatures: (company, name, role, date), empty where nobody signed yet."""

    language: str
    labels: Mapping[str, str]
    edition: str
    version: str
    text: str
    lead: str
    rules: tuple[str, ...]
    parties: tuple[Party, ...]
    priorities: tuple[str, ...]
    promises: tuple[Promise, ...]
    cards: tuple[Card, ...]
    signatures: tuple[tuple[str, str, str, str], ...]


def content(agreement: Agreement, reader: str, language: str = "") -> Content:
    """The agreement for this company. language: BCP 47; "": the company's first, else English."""
    said = (language or next(iter(agreement.partners[reader].languages), "en")).partition("-")[0].lower()
    words = LANGUAGES.get(said, LANGUAGES["en"])
    return _Writer(agreement, reader, said if said in LANGUAGES else "en", words).whole()


@dataclass(frozen=True, slots=True)
class _Writer:
    agreement: Agreement
    reader: str
    language: str
    words: Words

    def whole(self) -> Content:
        """All of it."""
        words, agreement = self.words, self.agreement
        edges = sorted(agreement.edges, key=lambda edge: self.reader not in (edge.giver, edge.receiver))
        day = format_date(agreement.effective, "long", LOCALES[self.language])
        signed = {each.partner: each for each in agreement.signed}
        return Content(
            language=self.language,
            labels={name: getattr(words, name) for name in words.__slots__ if isinstance(getattr(words, name), str)},
            edition=words.edition.format(company=self.title(self.reader)),
            version=words.version.format(version=agreement.version, day=day),
            text=agreement.text,
            lead=words.lead.format(companies=self.listed(self.title(name) for name in agreement.partners)),
            rules=tuple(self._rules()),
            parties=tuple(self.party(name) for name in agreement.partners),
            priorities=tuple(self.named(name) for name in ("critical", "high", "medium", "low")),
            promises=tuple(promises(agreement, words, LOCALES[self.language])),
            cards=tuple(self.card(edge) for edge in edges),
            signatures=tuple(
                (self.title(name), signed[name].name, signed[name].role, f"{signed[name].date}")
                if name in signed else (self.title(name), "", "", "")
                for name in agreement.partners
            ),
        )  # fmt: skip

    def title(self, name: str) -> str:
        """The company's name as people write it."""
        return self.agreement.partners[name].title if name in self.agreement.partners else name

    def named(self, word: object) -> str:
        """A path or word as people say it."""
        return self.words.fields.get(str(word), str(word))

    def listed(self, parts: Iterable[str], style: Any = "standard") -> str:
        """a, b and c, as the language has it."""
        return format_list(list(parts), style=style, locale=LOCALES[self.language])

    def party(self, name: str) -> Party:
        """One company."""
        words, company = self.words, self.agreement.partners[name]
        rows = [
            (words.contact, company.contact),
            (words.teams, "; ".join(f"{self.named(role)}: {team}" for role, team in company.teams.items())),
            (words.hours, hours_of(self.agreement, company.calendar, words, LOCALES[self.language])),
            (words.competent, "; ".join(self.condition(company.competences))),
            (words.escalation, "; ".join(
                f"{words.answers_in.format(role=level.role, time=told(level.answer))}"
                + (f" ({level.contact})" if level.contact else "") for level in company.escalation)),
        ]  # fmt: skip
        return Party(company.title, name == self.reader, tuple((label, text) for label, text in rows if text))

    def condition(self, said: Mapping[str, Any]) -> Iterator[str]:
        """`product: TEL-HOME or TEL-MOBILE`, each path."""
        for path, wanted in said.items():
            values = [self.words.filled if value == ANY else self.named(value) for value in choices(wanted)]
            yield f"{self.named(path)}: {self.listed(values, 'or')}"

    def card(self, edge: Edge) -> Card:
        """One edge."""
        examples = tuple(
            Example("; ".join(self.condition(each.case)), each.goes, self.words.goes if each.goes else self.words.stays,
                    each.why) for each in edge.examples
        )  # fmt: skip
        rows = tuple((label, text) for label, text in self._rows(edge) if text)
        mine = self.reader in (edge.giver, edge.receiver)
        return Card(self.title(edge.giver), self.title(edge.receiver), edge.id, mine, rows, examples)

    def _rows(self, edge: Edge) -> Iterator[tuple[str, str]]:
        words, giver, receiver = self.words, self.title(edge.giver), self.title(edge.receiver)
        yield words.when, "; ".join(self.condition(edge.when)) or words.any_case
        moves = getattr(words, edge.fires if edge.kind == "transfer" else edge.kind).format(
            giver=giver, receiver=receiver
        )
        yield words.moves, f"{moves} {words.waits}" if edge.kind == "assignment" and edge.waits else moves
        if edge.kind != "information":
            yield (
                words.accepts.format(receiver=receiver),
                "; ".join(self.condition(edge.accepted_by)) or words.first_act,
            )
            yield words.refuses, self._refusals(edge)
        if edge.kind == "transfer":
            patience = None if edge.unanswered is None else told(edge.unanswered)
            back = words.goes_back.format(time=patience, receiver=receiver) if patience else words.stands
            yield words.unanswered, back
        yield words.crosses, self._crosses(edge)
        yield words.experts, "; ".join(f"{self.title(name)}: {who}" for name, who in edge.experts.items())
        yield words.language, edge.language or ""
        yield words.why, edge.note

    def _refusals(self, edge: Edge) -> str:
        """Of this edge alone; those of all edges stand with the rules."""
        parts = [self._reasons(edge.refusals)] if edge.refusals else []
        if edge.refused_to != GIVER:
            goes = self.named(CONTACT_POINT) if edge.refused_to == CONTACT_POINT else self.title(edge.refused_to)
            parts.append(self.words.back_to.format(company=goes))
        return "; ".join(parts)

    def _reasons(self, reasons: Mapping[str, tuple[str, ...]]) -> str:
        return "; ".join(" / ".join(f"“{words}”" for words in said or (reason,)) for reason, said in reasons.items())

    def _rules(self) -> Iterator[str]:
        words, agreement = self.words, self.agreement
        yield from (words.one_face, words.one_answers, words.closes.format(threshold=agreement.closing.threshold))
        if agreement.escalated_by:
            yield words.urges.format(how=self.listed(self.condition(agreement.escalated_by), "or"))
        if agreement.refusals:
            yield f"{words.refuses}: {self._reasons(agreement.refusals)}"

    def _crosses(self, edge: Edge) -> str:
        sharing, words = self.agreement.sharing[edge.crosses], self.words
        parts = [self.listed(self.named(path) for path in sharing.fields)] if sharing.fields else []
        for said, kinds in ((words.notes, sharing.notes), (words.files, sharing.attachments)):
            if kinds:
                parts.append(said.format(readers=self.listed(self.named(str(kind)) for kind in kinds)))
        return "; ".join([*parts, words.nothing])
