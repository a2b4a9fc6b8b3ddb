"""`casebridge check` of the agreement: each version by itself, the signatures under it, and what the partners' mappings
have to have for it.

Opens no connection and no ledger. Next: `versions.py`, `edge_checks.py`, `edge_reach.py`, `crossing.py`; `checking.py`,
which checks all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from hub.agreement import Agreement
from hub.crossing import check_crossing
from hub.declarations import DeclarationError, Problem, read
from hub.edge_reach import check_reach
from hub.partners import Partner, folders, load_partner
from hub.settings import Settings
from hub.versions import in_force, load_versions


def check_agreement(settings: Settings, partners: tuple[str, ...], tell: Callable[[str], None]) -> list[Problem]:
    """What does not hold in any version of the agreement, and between the one in force and the partners' mappings.
    tell: a line for each version that holds, or is to."""
    today = datetime.now(UTC).date()
    try:
        versions = load_versions(settings.agreement_file, partners)
        agreement = in_force(versions, today, settings.agreement_file)
    except DeclarationError as error:
        return list(error.problems)
    apart = list(_between(settings, agreement))
    if apart:
        return apart
    tell(
        f"[green]✓[/] agreement {agreement.version}: {len(agreement.partners)} partners, {len(agreement.edges)} edges, "
        f"{sum(len(edge.examples) for edge in agreement.edges)} examples, "
        f"{len(agreement.commitments)} commitments, closes from {agreement.closing.threshold} of 5; "
        f"{_signed(agreement)}"
    )
    for other in versions:
        if other.effective > agreement.effective:
            when = f"from {other.effective} on" if other.effective > today else "not yet"
            tell(f"[yellow]·[/] agreement {other.version} holds {when}: {_signed(other)}")
    return []


def _signed(agreement: Agreement) -> str:
    lacks = agreement.unsigned
    if not lacks:
        return f"signed by all, text {agreement.text[:12]}"
    return "nobody has signed it" if len(lacks) == len(agreement.partners) else f"not signed by {', '.join(lacks)}"


def _between(settings: Settings, agreement: Agreement) -> Iterator[Problem]:
    """What does not hold between the agreement and the mappings; one that is wrong already has been told of."""
    partners: dict[str, Partner] = {}
    for folder in folders(settings.partners_dir):
        with suppress(DeclarationError):
            partners[folder.name] = load_partner(folder)
    yield from check_crossing(agreement, partners)
    yield from check_reach(read(settings.agreement_file), agreement, partners)
