"""Whether a partner's change history says anything that the mapping reads, found by `casebridge check`.

Reads declarations; opens no connection. Next: `histories.py`, `checking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.rest_system import RestSystem
from hub.declarations import Problem, read
from hub.partners import Partner

MORE = {
    "D218": "The history's name of a field is declared to mean a field that no line of mapping.yaml reads, so its\n"
    "changes would be dropped without a word.\n"
    '  Example:  names: {cf.2: "custom_fields[id=2].value"}\n'
    "  Fix: write the field as mapping.yaml has it; a member of a list with its sign, as above. Or take the name out.",
}


def check_history(folder: Path, partner: Partner) -> Iterator[Problem]:
    """What is wrong with `history`, each at its place in system.yaml."""
    system = partner.system
    if not isinstance(system, RestSystem) or system.history is None:
        return
    known = partner.lens.past_fields
    document = read(folder / "system.yaml")
    for name, field in system.history.names.items():
        if field not in known:
            message = f"history.names.{name}: no line of mapping.yaml reads {field!r}."
            yield document.problem(("history", "names", name), "D218", message, field, tuple(sorted(known)))


def told(partner: Partner) -> str:
    """How its changes are seen, in a clause."""
    system = partner.system
    if system.abilities.change_history:
        return "each change read from its history"
    return f"sampled every {system.poll:g} s, as it tells no change history"
