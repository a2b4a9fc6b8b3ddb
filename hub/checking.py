"""`casebridge check`: every declaration read whole, its examples run both ways, before anything goes live.

Opens no connection and no ledger. Next: `declarations.py`, `../mappings/examples.py`, `agreement.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.agreement import load_agreement
from hub.declarations import DeclarationError, Problem, read, shown
from hub.partners import Partner, folders, load_partner
from hub.settings import Settings
from mappings.examples import check_examples
from mappings.explain import EXPLANATIONS, explain

IN_EXAMPLES = frozenset({"M301", "M305"})
"""Codes whose place leads into examples.yaml; the others' leads into mapping.yaml."""

OURS = {
    "D1": "The YAML cannot be read as what it should be: the text says what stands in the way.",
    "D2": "A declaration has a field that its kind does not know, lacks one, or holds a value that does not fit.",
    "A3": "agreement.yaml names something that does not exist, or two edges that one case could match.",
    "A401": "An agent transferred a case where no edge of the agreement permits it; the field was written back.\n"
    "  Fix: transfer it to a company that an edge names, or agree on an edge and add it to agreement.yaml.",
    "L101": "The database's schema is another than this program's.\n  Fix: casebridge ledger upgrade",
    "X201": "Two companies changed one field and neither holds the case: a person decides which value stands.",
    "X301": "A second record bears the hub id of one case: somebody copied it.\n  Fix: clear the hub id in the copy.",
    "X302": "A company deleted the record of a case that it holds or answers for.\n"
    "  Fix: restore it there, or have the contact point transfer the case.",
    "X303": "A company answered that a value was written, and still shows another one.\n"
    "  Fix: look whether the field is locked or the value unknown there; then `casebridge parked retry`.",
    "C1": "The partner's system was not reached; nothing was sent, and sending again is safe.",
    "C2": "The partner's system asks to wait; the hub waits as long as it asks.",
    "C3": "Login, permission or address is wrong: this partner stops until a person mends it.",
    "C4": "A change was sent and no answer came; the hub looks for it before it sends again.",
    "C5": "The record changed since it was read; the hub reads it again and decides anew.",
    "C6": "The partner's system refuses this record; it is parked and the others go on.",
    "R1": "A report was asked for that cannot be written: a period, an indicator or a language that is none.",
}


def check_all(settings: Settings, only: tuple[str, ...], tell: Callable[[str], None]) -> list[Problem]:
    """Problems of these partners (none named: all, and the agreement). tell: one line for each thing that holds."""
    problems: list[Problem] = []
    found = {folder.name: folder for folder in folders(settings.partners_dir)}
    for name in only or tuple(found):
        if name not in found:
            problems.append(
                Problem(f"{shown(settings.partners_dir)}:1:1", "D212", f"no partner {name!r}.", name, tuple(found))
            )
            continue
        problems += _of_partner(found[name], tell)
    if not only:
        problems += _of_agreement(settings, tuple(found), tell)
    return problems


def _of_partner(folder: Path, tell: Callable[[str], None]) -> list[Problem]:
    try:
        partner = load_partner(folder)
        examples = read(folder / "examples.yaml")
    except DeclarationError as error:
        return list(error.problems)
    problems = []
    for fault in check_examples(partner.lens, examples.content):
        document = examples if fault.code in IN_EXAMPLES else partner.mapping
        problems.append(document.problem(fault.place, fault.code, fault.message, fault.value, fault.known))
    if not problems:
        tell(_holds(partner, len(examples.content)))
    return problems


def _holds(partner: Partner, examples: int) -> str:
    return (
        f"[green]✓[/] {partner.name}: {partner.system.kind}, {len(partner.lens.paths)} paths read, "
        f"{len(partner.lens.told)} told, {examples} examples hold both ways, mapping {partner.lens.hash}"
    )


def _of_agreement(settings: Settings, partners: tuple[str, ...], tell: Callable[[str], None]) -> list[Problem]:
    try:
        agreement = load_agreement(settings.agreement_file, partners)
    except DeclarationError as error:
        return list(error.problems)
    tell(
        f"[green]✓[/] agreement {agreement.version}: {len(agreement.partners)} partners, {len(agreement.edges)} edges, "
        f"closes from {agreement.closing.threshold} of 5"
    )
    return []


def explain_code(code: str) -> str:
    """Rationale, example and fix of an error code; a sentence that begins with "No code" where there is none."""
    code = code.upper()
    for length in (4, 2):
        if code[:length] in OURS and code[1:].isdigit():
            return f"{code}\n  {OURS[code[:length]]}"
    if code in EXPLANATIONS:
        return explain(code)
    return f"No code {code}. They begin with D (YAML), M (mapping), A (agreement), C (connector), X, R."
