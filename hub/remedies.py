"""What a person can do about something that waits: for each kind of it, the way out and what each command means for it.

Words only; the board and the command line show the same. Next: `repair.py`, which does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.entries import ParkedRow


@dataclass(frozen=True, slots=True)
class Remedy:
    """suggestion: what helps most often, with {name} of the company. The others: what the command does, or why not."""

    suggestion: str
    retry: str
    fix: str
    drop: str
    can: tuple[str, ...] = ("retry", "fix", "drop")


SENT_BY_NEXT = "as the hub's word, and sends what follows from it to every company that lacks it"

REMEDIES: Mapping[str, Remedy] = {
    "record": Remedy(
        "Correct the record in {name}'s system: the next pull takes it. Or correct its line in mapping.yaml.",
        "reads this record from {name} now and takes it as if it were new",
        "reads this record from {name} now and takes it as if it were new; its values are set in {name}'s system",
        "leaves this version of the record out for good; the next change in {name}'s system is taken as usual",
    ),
    "delivery": Remedy(
        "Correct the value in the case, in any company's system: a newer version goes out. Or correct the mapping.",
        "owes it to {name} again; a value that {name} ignored is sent once more",
        f"sets a value of the case {SENT_BY_NEXT}",
        "does not send the values and notes that {name} lacks now; each of them is sent once it changes. A record that "
        "was to be created is not, until the case changes",
    ),
    "conflict": Remedy(
        "Two sides changed one field. If the wrong word was kept, write the right one once more.",
        "means nothing for a conflict: nothing was left undone; `fix` decides, `drop` keeps the value that stands",
        f"sets the value that is right {SENT_BY_NEXT}",
        "lets the value that stands stand, and takes the question away",
        ("fix", "drop"),
    ),
    "transfer": Remedy(
        "Let the giver hand it to a company that an edge allows, or add the edge to the agreement.",
        "means nothing for a transfer: an agent transfers the case again once an edge permits it",
        "means nothing for a transfer: who holds a case is an act of a company, not a value",
        "leaves the case where it is, and takes the question away",
        ("drop",),
    ),
    "refusal": Remedy(
        "Nobody is left whom the agreement gives it to: solve it where it stands, or agree with who refused it.",
        "means nothing for a refusal: an agent hands the case over again",
        "means nothing for a refusal: who holds a case is an act of a company, not a value",
        "leaves the case where it is, and takes the question away",
        ("drop",),
    ),
    "deletion": Remedy(
        "{name} has the case's record no more: restore it there, or let another company take the case over.",
        "reads the record from {name} now: restored, it belongs to its case again",
        "means nothing for a deletion: no value is wrong",
        "leaves the case without a record in {name}'s system; nothing is made again there",
        ("retry", "drop"),
    ),
    "file": Remedy(
        "Take the file from where it is, or have what stands in its way mended: the limit in {name}'s system.yaml, or "
        "the file itself.",
        "reads or sends the file once more, as if it had not been refused",
        "means nothing for a file: no value is wrong",
        "does not carry the file to or from {name}; it stays where it is",
        ("retry", "drop"),
    ),
    "erasure": Remedy(
        "Have the record deleted or emptied in {name}'s system; then `casebridge erase --confirm {partner}`.",
        "means nothing for an erasure: `casebridge erase --pending` asks again what can be asked",
        "means nothing for an erasure: no value is wrong",
        "means nothing for an erasure: it stays asked for until {name} has confirmed it",
        (),
    ),
    "feedback": Remedy(
        "Say who at {name} sees to it: answer with that role as the reason. So that nobody is asked next time, name "
        "one in `closing.corrective.owners` of the agreement.",
        "means nothing for feedback: the customer has said it",
        "means nothing for feedback: no value is wrong",
        "takes the question away: somebody sees to it, as you say; who and why stand in the ledger",
        ("drop",),
    ),
    "first contact": Remedy(
        "Look at `casebridge push {partner} --dry-run`, then `casebridge partner sign-off {partner} --why ...`.",
        "means nothing for a first contact: the next push asks by itself",
        "means nothing for a first contact: no value is wrong",
        "means nothing for a first contact: sign it off, or pause {name}",
        (),
    ),
}
OTHER = Remedy("A person decides.", "takes it off the list", "means nothing for it", "takes it off the list", ("drop",))


def remedy(row: ParkedRow, title: str) -> Remedy:
    """The remedies of a row, the company's name filled in. title: as people write it."""
    found = REMEDIES.get(row.subject, OTHER)
    told = (
        text.format(name=title, partner=row.partner) for text in (found.suggestion, found.retry, found.fix, found.drop)
    )
    suggestion, retry, fix, drop = told
    return Remedy(suggestion, retry, fix, drop, found.can)
