"""What the lines of the script mean: each says what an agent does, and a scene works out who must see it.

The rule: an act shows at every other company that has the case by then; a private note nowhere; feedback only in what
the hub makes of it. Next: `story.py` reads best first; `acts.py` has what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.acts import NOTE, Act, Script
from sandbox.demo.people import People

PRIVATE, PARTNERS, CUSTOMER = "private", "partners", "customer"
PRODUCTS: Mapping[str, str] = {
    "TEL-HOME": "Home telephone",
    "TEL-MOBILE": "Mobile telephone",
    "NET-100": "Internet 100",
    "NET-1000": "Internet 1000",
    "CABLE-TV": "Cable television",
    "CABLE-BOX": "Cable box",
    "BUNDLE": "Cable, telephone and internet",
}
NARROW = frozenset({("telvoz", "brightnet"), ("brightnet", "northcable")})
"""(giver, receiver) of the edges over which the customer's telephone number does not go."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act, before it is known who has the case. shows: at whom (None: at all others that have it) and what
    (None: what was said). to: the company that it hands the case to. agent: whether the agent signs it."""

    at: str
    does: str
    said: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    audience: str = ""
    to: str = ""
    agent: bool = False
    shows: tuple[str, ...] | None = None
    what: Mapping[str, Any] | None = None
    everywhere: bool = False


def opens(at: str, *, details: str, to: str = "") -> Line:
    """Takes the call; `to`: and hands it on with the same act."""
    does = f"opens it for {to.capitalize()}" if to else "opens it"
    return Line(at, does, {"details": details, "channel": "phone"}, to=to)


def works(at: str) -> Line:
    """Starts, or goes on; the first such act at a company that was offered the case accepts it."""
    return Line(at, "starts work", {"status": "inProgress"}, agent=True)


def pauses(at: str, status: str, why: str) -> Line:
    """Waits for somebody."""
    return Line(at, "waits", {"status": status, "reason": why}, agent=True)


def says(at: str, audience: str, text: str) -> Line:
    """Writes a note."""
    shows = () if audience == PRIVATE else None
    return Line(at, f"writes a {audience} note" if audience != PARTNERS else "writes to the partners", note=text,
                audience=audience, shows=shows)  # fmt: skip


def edits(at: str, said: Mapping[str, Any], shows: tuple[str, ...] | None = None) -> Line:
    """Changes fields."""
    return Line(at, f"changes {' and '.join(said)}", said, shows=shows)


def hands(at: str, to: str, why: str = "", *, permitted: bool = True) -> Line:
    """Hands the case over in the transfer field. Not permitted: the field goes back, and a person is asked."""
    said = {"reason": why} if why else {}
    if permitted:
        return Line(at, f"hands it to {to.capitalize()}", said, to=to)
    does = f"tries {to.capitalize()}, no edge"
    return Line(at, does, {"holder": to}, shows=(at,), what={"holder": at})


def gives_back(at: str, to: str, why: str) -> Line:
    """Refuses what was offered."""
    return Line(at, f"gives it back to {to.capitalize()}", {"reason": why}, to=to)


def resolves(at: str, how: str, minutes: int) -> Line:
    """Done, as the agent sees it."""
    return Line(at, "resolves it", {"status": "resolved", "reason": how, "minutes": minutes})


def reopens(at: str, why: str) -> Line:
    """Not done, as another sees it."""
    return Line(at, "reopens it", {"status": "inProgress", "reason": why})


def escalates(at: str, holder: str, who: str) -> Line:
    """The contact point asks with authority that the case moves; the agents of who has it read that `who` answers."""
    return Line(at, "escalates it", {"severity": "extensive"}, shows=(holder,), what={NOTE: who})


def closes(at: str, how: str) -> Line:
    """Sets its own record to closed, which asks for closing and does not do it."""
    said = {"status": "closed", "reason": how}
    return Line(at, "closes its own", said, what={"status": "resolved", "reason": how})


def scores(at: str, score: int, comment: str, *, then: str) -> Line:
    """Records the customer's word; then: the status that the hub gives the case everywhere."""
    said = {"score": score, "comment": comment}
    return Line(at, f"records {score} of 5", said, what={"status": then}, everywhere=True)


@dataclass(frozen=True, slots=True)
class Scene:
    """One case as it is written in the script. The first line opens it."""

    title: str
    product: str
    kind: str
    priority: str
    lines: tuple[Line, ...]

    def script(self, reference: str, people: People) -> Script:
        """With its people, and with who must see what."""
        origin = self.lines[0].at
        customer = people.customer(origin)
        opening = {
            "title": self.title, "reference": reference, "kind": self.kind, "priority": self.priority,
            "customer_id": customer.id, "customer": customer.name, "phone": customer.phone, "product": self.product,
            "product_name": PRODUCTS[self.product],
        }  # fmt: skip
        path, agents = [origin], {origin: people.agent(origin)}
        acts: list[Act] = []
        private: dict[str, str] = {}
        hidden: list[tuple[str, str]] = []
        for line in self.lines:
            said = dict(line.said)
            if not acts:
                said = {**opening, **said}
            if line.to:
                said["holder"] = line.to
                if (path[-1], line.to) in NARROW and line.to not in path:
                    hidden.append((line.to, customer.phone))
                path.append(line.to)
            agent = agents.setdefault(line.at, people.agent(line.at))
            if line.agent:
                said["agent"] = agent
            if line.audience == PRIVATE:
                private[line.note] = line.at
            author = agent if line.note else ""
            seen = _seen(line, said, tuple(dict.fromkeys(path)))
            acts.append(Act(line.at, line.does, said, line.note, line.audience, author, seen))
        planned = ("A401",) if any(line.does.endswith("no edge") for line in self.lines) else ()
        return Script(reference, self.title, tuple(acts), tuple(path), private, tuple(hidden), planned)


CROSSING = frozenset({"title", "details", "status", "reason", "holder", "agent", "minutes", "priority", "reference"})
"""Keys whose values every edge lets cross."""


def _seen(line: Line, said: Mapping[str, Any], companies: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    what: Mapping[str, Any] = {NOTE: line.note} if line.note else line.what or {
        key: value for key, value in said.items() if key in CROSSING
    }  # fmt: skip
    others = tuple(name for name in companies if name != line.at or line.everywhere)
    crossed = len(companies) > 1
    at = line.shows if line.shows is not None else others if crossed else ()
    return dict.fromkeys(at, what)
