"""What the agreement's text lets a company have of a case, reckoned from the text alone.

A second reckoning beside `agreement.py` and `route.py`, and on purpose none of their code: where the two differ, the
leak test has found an error in one of them. It is as strict as the text: what no line allows is not allowed.
Pure. Next: `story.py`, which says who came to which case over which edge; `verdict.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.leaks.canaries import Canary

NEVER = ("externalIdentifier", "lastUpdate", "creationDate", "counterpart")
"""Each system's own: these cross over no edge."""
ALWAYS = frozenset({"holder", "test", "channel"})
"""What every company that has the case is told of it, whatever its edge says."""
OF_THE_HUB = frozenset({"id", "accountable", "contactPoint", "holderNumber"})
"""What the hub itself tells a company that has the case."""
READERS = frozenset({"partners", "customer"})


@dataclass(frozen=True, slots=True)
class Text:
    """The agreement as it is written. content: agreement.yaml as plain data."""

    content: Mapping[str, Any]

    @property
    def edges(self) -> Sequence[Mapping[str, Any]]:
        """The edges, as they are written."""
        return tuple(self.content.get("edges") or ())

    def permits(self, giver: str, receiver: str, values: Mapping[str, Any]) -> str:
        """Id of the edge that permits this hand-over of a case with these values; "" for none."""
        for edge in self.edges:
            wanted = (edge.get("when") or {}).items()
            if (edge["from"], edge["to"]) == (giver, receiver) and all(
                values.get(path) in (word if isinstance(word, list | tuple) else [word]) for path, word in wanted
            ):
                return str(edge["id"])
        return ""

    def crosses(self, edge: str) -> Mapping[str, Any]:
        """The sharing of this edge; of none, what the contact point has: all but what is private."""
        if not edge:
            return {"fields": ["*"], "notes": [*READERS], "attachments": [*READERS]}
        name = next(each.get("crosses", "standard") for each in self.edges if each["id"] == edge)
        found: Mapping[str, Any] = self.content["sharing"][name]
        return found

    def gives(self, edge: str, path: str) -> bool:
        """Whether a value of this path crosses over this edge as it is."""
        sharing = self.crosses(edge)
        if path.split(".", 1)[0] in NEVER or path in (sharing.get("pseudonyms") or ()):
            return False
        return path in ALWAYS or any(_covers(line, path) for line in sharing.get("fields") or ())


def _covers(line: str, path: str) -> bool:
    return line in ("*", path) or (line.endswith("*") and path.split(".")[: line.count(".")] == line.split(".")[:-1])


@dataclass(frozen=True, slots=True)
class Reached:
    """Who came to have a case. origin: where it began. by: company -> ids of the edges that it came over."""

    origin: str
    by: dict[str, set[str]] = field(default_factory=dict)

    def edges(self, company: str) -> set[str]:
        """Over which edges this company has it; "" for where it began; none: it has nothing of it."""
        return {""} if company == self.origin else self.by.get(company, set())


def may_have(text: Text, reached: Reached, canary: Canary, company: str) -> bool:
    """Whether this company may be given this word."""
    theirs, ours = reached.edges(canary.company), reached.edges(company)
    if company == canary.company:
        return canary.kind != "secret"
    if not theirs or not ours or canary.kind in {"misfit", "error", "file author", "secret"}:
        return False
    if canary.kind == "number":  # each company that has the case was its holder once, and its number there is told
        return True
    said = canary.kind == "field" and any(
        canary.name in (text.crosses(edge).get("pseudonyms") or ()) for edge in theirs
    )
    return (said or any(_passes(text, edge, canary) for edge in theirs)) and any(
        _passes(text, edge, canary) for edge in ours
    )


def _passes(text: Text, edge: str, canary: Canary) -> bool:
    """Whether a word passes this edge as it is. What a company says where it is given a pseudonym is heard all the
    same."""
    if canary.kind == "field":
        return text.gives(edge, canary.name)
    kind = "notes" if canary.kind in {"note", "note author"} else "attachments"
    return canary.name in READERS and canary.name in (text.crosses(edge).get(kind) or ())


def may_be_told(text: Text, reached: Reached, path: str, company: str) -> bool:
    """Whether anything at all may be written to this company's record for this path."""
    edges = reached.edges(company)
    if company == reached.origin:
        return True
    sent = text.crosses
    named = any(path in (sent(edge).get("pseudonyms") or ()) for edge in edges)
    return bool(edges) and (path in OF_THE_HUB or named or any(text.gives(edge, path) for edge in edges))
