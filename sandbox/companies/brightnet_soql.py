"""SOQL, the part that integrations use: text in, a frozen Query out, or the MALFORMED_QUERY that Salesforce would say.

    SELECT Id, CreatedBy.Name, (SELECT CommentBody FROM CaseComments ORDER BY CreatedDate) FROM Case
    WHERE SystemModstamp >= 2026-11-21T10:00:00Z AND (Status IN ('Новое') OR NOT ...) ORDER BY ... LIMIT .. OFFSET ..

Strict where Salesforce is: AND and OR do not mix without parentheses, nor does NOT follow AND or OR without them.
Left out: GROUP BY, aggregates but COUNT(), TYPEOF, semi-joins, relative dates (LAST_N_DAYS:n), aliases. Knows no
schema and no rows: whether a field exists is `brightnet_query.py`'s to say. Source: the public SOQL reference.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_tokens import END, Token, Written, pointed, read, tokens


@dataclass(frozen=True, slots=True)
class Path:
    """A field as written, dotted where it goes through a parent: ("CreatedBy", "Name")."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """field op values. op is one of = != < <= > >= LIKE IN NOT IN."""

    path: Path
    op: str
    values: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """All of the terms (AND), or any of them (OR)."""

    any: bool
    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    term: Condition


Condition = Compare | Every | Not


@dataclass(frozen=True, slots=True)
class Order:
    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT. count: SELECT COUNT(). children: the subqueries, whose source is a relationship's name."""

    text: str
    paths: tuple[Path, ...]
    children: tuple[Query, ...]
    count: bool
    source: str
    source_at: int
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


LONGEST = 100_000
DEEPEST = 20


def parse(text: str) -> Query:
    """The query that the text says. Raises Fault 400 MALFORMED_QUERY with the place marked by a caret."""
    if len(text) > LONGEST:
        raise Fault(400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST} characters.")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.next, self.depth = text, tokens(text), 0, 0

    def whole(self) -> Query:
        query = self.select(inner=False)
        if self.peek() is not END:
            raise self.unexpected()
        return query

    def select(self, *, inner: bool) -> Query:
        self.word("SELECT")
        paths, children, count = self.fields(inner=inner)
        self.word("FROM")
        source = self.take("name")
        if self.peek().kind == "name" and not self.at_word("WHERE", "ORDER", "LIMIT", "OFFSET", "ALL"):
            raise self.unexpected()  # an alias: this org's integrations write none
        where = self.condition() if self.skip("WHERE") else None
        order = self.orders() if self.skip("ORDER") else ()
        limit = self.whole_number() if self.skip("LIMIT") else None
        offset = self.whole_number() if self.skip("OFFSET") else 0
        return Query(self.text, paths, children, count, source.text, source.at, where, order, limit, offset)

    def fields(self, *, inner: bool) -> tuple[tuple[Path, ...], tuple[Query, ...], bool]:
        if self.at_word("COUNT") and not inner:
            self.take("name")
            self.mark("(")
            self.mark(")")
            return (), (), True
        paths, children = [], []
        while True:
            if self.peek().text == "(" and not inner:
                self.mark("(")
                children.append(self.select(inner=True))
                self.mark(")")
            else:
                paths.append(self.path())
            if self.peek().text != ",":
                return tuple(paths), tuple(children), False
            self.mark(",")

    def path(self) -> Path:
        if self.at_word("FROM", "WHERE", "SELECT"):
            raise self.unexpected()
        token = self.take("name")
        return Path(tuple(token.text.split(".")), token.at)

    def condition(self) -> Condition:
        """Terms joined by one kind of word; NOT only opens a condition."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Fault(400, "MALFORMED_QUERY", "Condition is nested too deeply")
        if self.skip("NOT"):
            first: Condition = Not(self.term())
        else:
            first = self.term()
        terms = [first]
        joint = self.peek().text.upper() if self.at_word("AND", "OR") else ""
        while joint and self.skip(joint):
            terms.append(self.term())
        if self.at_word("AND", "OR"):
            raise self.unexpected()
        self.depth -= 1
        return first if len(terms) == 1 else Every(joint == "OR", tuple(terms))

    def term(self) -> Condition:
        if self.peek().text == "(":
            self.mark("(")
            inside = self.condition()
            self.mark(")")
            return inside
        if self.at_word("NOT"):
            raise self.unexpected()
        path = self.path()
        op = self.operator()
        if not op.endswith("IN"):
            return Compare(path, op, (self.value(),))
        self.mark("(")
        values = [self.value()]
        while self.peek().text == ",":
            self.mark(",")
            values.append(self.value())
        self.mark(")")
        return Compare(path, op, tuple(values))

    def operator(self) -> str:
        if self.skip("NOT"):
            self.word("IN")
            return "NOT IN"
        for word in ("LIKE", "IN"):
            if self.skip(word):
                return word
        token = self.peek()
        if token.kind != "mark" or token.text in "(),":
            raise self.unexpected()
        self.next += 1
        return "!=" if token.text == "<>" else token.text

    def value(self) -> Written:
        token = self.peek()
        written = read(token, self.text)
        if written is None:
            raise self.unexpected()
        self.next += 1
        return written

    def orders(self) -> tuple[Order, ...]:
        self.word("BY")
        found = []
        while True:
            path = self.path()
            descending = self.skip("DESC") or (self.skip("ASC") and False)
            nulls_last = False
            if self.skip("NULLS"):
                nulls_last = self.skip("LAST")
                if not nulls_last:
                    self.word("FIRST")
            found.append(Order(path, descending, nulls_last))
            if self.peek().text != ",":
                return tuple(found)
            self.mark(",")

    def whole_number(self) -> int:
        token = self.take("number")
        if not token.text.isdigit() or len(token.text) > 9:
            raise self.unexpected(token)
        return int(token.text)

    def peek(self) -> Token:
        return self.tokens[self.next] if self.next < len(self.tokens) else END

    def at_word(self, *words: str) -> bool:
        token = self.peek()
        return token.kind == "name" and token.text.upper() in words

    def skip(self, word: str) -> bool:
        found = self.at_word(word)
        self.next += found
        return found

    def word(self, word: str) -> None:
        if not self.skip(word):
            raise self.unexpected()

    def take(self, kind: str) -> Token:
        token = self.peek()
        if token.kind != kind:
            raise self.unexpected()
        self.next += 1
        return token

    def mark(self, text: str) -> None:
        if self.take("mark").text != text:
            self.next -= 1
            raise self.unexpected()

    def unexpected(self, token: Token | None = None) -> Fault:
        token = token or self.peek()
        at = len(self.text) if token is END else token.at
        return Fault(400, "MALFORMED_QUERY", pointed(self.text, at) + f"unexpected token: '{token.text}'")
