"""A partner is one folder: how to reach its system (system.yaml) and what its words mean (mapping.yaml).

`load_systems` reads only system.yaml and imports no connector: it is what the scheduler's parser calls. `load_partners`
compiles the mappings too, each with the preset that it extends. Knows no ledger and no Airflow. Next: `presets.py`
(`extends`), `declarations.py` (places and errors), `exchange.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.base import System
from connectors.kinds import KINDS, system_model
from hub.beside import beside
from hub.declarations import DeclarationError, Document, Problem, read, shown, validated
from hub.presets import read_mapping
from mappings import lens as lenses
from mappings.errors import Misdeclared
from mappings.lens import Lens


@dataclass(frozen=True, slots=True)
class Partner:
    """One company of the alliance, ready to be spoken to and understood."""

    name: str
    system: System
    lens: Lens
    mapping: Document

    def place(self, place: tuple[str | int, ...]) -> str:
        """Where in mapping.yaml something stands, as file:line:column."""
        return self.mapping.at(place)


def folders(partners_dir: Path) -> list[Path]:
    """The partners' folders, by name."""
    return sorted(path.parent for path in partners_dir.glob("*/system.yaml"))


def load_system(folder: Path) -> System:
    """One partner's system.yaml as its kind's declaration. Raises DeclarationError."""
    document = read(folder / "system.yaml")
    content = document.content if isinstance(document.content, dict) else {}
    kind = content.get("kind")
    if kind not in KINDS:
        known = sorted(KINDS)
        raise DeclarationError([document.problem(("kind",), "D210", f"kind: {kind!r} is no kind.", kind, known)])
    system = validated(document, system_model(str(kind)))
    if system.name != folder.name:
        message = f"name: {system.name!r} stands in the folder {folder.name!r}; both must be the same."
        raise DeclarationError([document.problem(("name",), "D211", message)])
    return system.model_copy(update={"folder": folder}) if "folder" in type(system).model_fields else system


def sampled_in(partners_dir: Path) -> dict[str, float]:
    """Seconds between two polls, by partner whose system tells no change history: what comes and goes there between
    two polls is never seen. A declaration that cannot be read says nothing."""
    found: dict[str, float] = {}
    for folder in folders(partners_dir):
        try:
            system = load_system(folder)
        except DeclarationError:
            continue
        if not system.abilities.change_history:
            found[folder.name] = system.poll
    return found


def load_systems(partners_dir: Path) -> dict[str, System]:
    """Every partner's system by name. Raises DeclarationError for the first folder that is wrong."""
    return {folder.name: load_system(folder) for folder in folders(partners_dir)}


def load_partner(folder: Path) -> Partner:
    """One partner whole. Raises DeclarationError with every problem of its mapping."""
    system = load_system(folder)
    document = read_mapping(folder / "mapping.yaml")
    return Partner(folder.name, system, compiled(document, folder.name), document)


def load_known(folder: Path) -> Partner:
    """One partner whole; where its system.yaml cannot be read, its words, over a stand-in that is not spoken to.

    Raises DeclarationError where its mapping cannot be read.
    """
    try:
        return load_partner(folder)
    except DeclarationError as error:
        try:
            document = read_mapping(folder / "mapping.yaml")
            lens = compiled(document, folder.name)
        except DeclarationError:
            raise error from None  # it names every problem with its place
        stand_in = System(name=folder.name, title=folder.name, kind="unread", connection=folder.name)
        return Partner(folder.name, stand_in, lens, document)


def compiled(document: Document, name: str, folder: Path | None = None) -> Lens:
    """The lens of a mapping. folder: where its tables and functions lie, the mapping's own by default.

    Raises DeclarationError with every problem of it, each where its line stands.
    """
    found = beside(folder or document.path.parent, document.content)
    try:
        return lenses.compile(document.content, partner=name, tables=found.tables, functions=found.functions)
    except Misdeclared as error:
        raise DeclarationError(
            document.problem(fault.place, fault.code, fault.message, fault.value, fault.known) for fault in error.faults
        ) from error


def load_partners(partners_dir: Path) -> Mapping[str, Partner]:
    """Every partner by name. Raises DeclarationError with the problems of all of them, and where there is none."""
    partners: dict[str, Partner] = {}
    problems: list[Problem] = []
    for folder in folders(partners_dir):
        try:
            partners[folder.name] = load_partner(folder)
        except DeclarationError as error:
            problems.extend(error.problems)
    if not partners and not problems:
        message = "no partner here: a partner is a folder with a system.yaml and a mapping.yaml"
        problems.append(Problem(f"{shown(partners_dir)}:1:1", "D212", message))
    if problems:
        raise DeclarationError(problems)
    return partners
