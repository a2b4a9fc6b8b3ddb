"""The only reader of YAML: plain content, and for each part of it the file, line and column it stands at.

YAML 1.2: `Yes`, `No` and `on` are words, dates stay text; a key given twice and a tag are errors. What a room makes of
a declaration (a system, a mapping, the agreement) is that room's business; it answers with places in the content, and
here a place becomes `file:line:column` in an error that a person can act on. Next: `partners.py`, `agreement.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from hub.yaml_nodes import TAG, NoYaml, nodes, scalar

Place = tuple[str | int, ...]
PLAIN = frozenset(TAG + kind for kind in ("str", "int", "float", "bool", "null"))
DEEPEST = 64
"""Parts within parts: more than any declaration has."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a declaration, and where."""

    at: str
    code: str
    message: str
    value: object = None
    known: tuple[str, ...] = ()

    def text(self) -> str:
        """`file:line:column CODE message`, then what is known and the nearest of it."""
        lines = [f"{self.at} {self.code} {self.message}"]
        if self.known:
            near = get_close_matches(str(self.value), self.known, n=1)
            lines.append(f"  Known: {', '.join(self.known)}." + (f" Did you mean '{near[0]}'?" if near else ""))
        lines[-1] += f"  More: casebridge explain {self.code}"
        return "\n".join(lines)


class DeclarationError(Exception):
    """The YAML is wrong. Raised by `casebridge check` and at start, never in the middle of a run."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text() for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its plain content and where each part of it stands."""

    path: Path
    content: Any
    marks: Mapping[Place, tuple[int, int]]

    def at(self, place: Sequence[str | int]) -> str:
        """`file:line:column` of a place in the content, or of the nearest part above it that exists."""
        for length in range(len(place), -1, -1):
            mark = self.marks.get(tuple(place[:length]))
            if mark is not None:
                return f"{shown(self.path)}:{mark[0]}:{mark[1]}"
        return f"{shown(self.path)}:1:1"

    def problem(
        self, place: Sequence[str | int], code: str, message: str, value: object = None, known: Iterable[str] = ()
    ) -> Problem:
        """A problem that stands at this place."""
        return Problem(self.at(place), code, message, value, tuple(known))


def shown(path: Path) -> str:
    """The path as a person at this prompt would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read(path: Path) -> Document:
    """Read one YAML file. Raises DeclarationError D101 (not there), D102 (no YAML), D103 (key twice), D104 (a tag)."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeclarationError([Problem(f"{shown(path)}:1:1", "D101", f"cannot be read: {error}")]) from error
    try:
        node = nodes(text)
    except NoYaml as error:
        at = f"{shown(path)}:{error.line}:{error.column}"
        raise DeclarationError([Problem(at, "D102", f"is no YAML: {error}")]) from error
    marks: dict[Place, tuple[int, int]] = {(): (1, 1)}
    problems: list[Problem] = []
    content = _plain(node, (), marks, problems, path) if node is not None else {}
    if problems:
        raise DeclarationError(problems)
    return Document(path, content, marks)


def _plain(node: Node, place: Place, marks: dict[Place, tuple[int, int]], problems: list[Problem], path: Path) -> Any:
    marks.setdefault(place, (node.start_mark.line + 1, node.start_mark.column + 1))
    if len(place) > DEEPEST:
        at = f"{shown(path)}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
        problems.append(Problem(at, "D102", f"is nested more than {DEEPEST} deep; does an alias stand within itself?"))
        return None
    if isinstance(node, MappingNode):
        whole: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = scalar(key_node) if isinstance(key_node, ScalarNode) else None
            here = (*place, key if isinstance(key, int) and not isinstance(key, bool) else str(key_node.value))
            marks[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            name = str(key_node.value)
            if name in whole:
                at = f"{shown(path)}:{marks[here][0]}:{marks[here][1]}"
                problems.append(Problem(at, "D103", f"{name!r} stands here twice; the second would hide the first"))
            whole[name] = _plain(value_node, (*place, name), marks, problems, path)
        return whole
    if isinstance(node, SequenceNode):
        return [_plain(child, (*place, i), marks, problems, path) for i, child in enumerate(node.value)]
    if str(node.tag) not in PLAIN:
        at = f"{shown(path)}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
        problems.append(Problem(at, "D104", f"the tag {node.tag} is not allowed; write plain values"))
    return scalar(node) if isinstance(node, ScalarNode) else None


def validated(document: Document, model: type[Model], content: Any = None) -> Model:
    """The content as this model. Raises DeclarationError with a problem (D2xx) for each field that does not fit."""
    try:
        return model.model_validate(document.content if content is None else content)
    except ValidationError as error:
        raise DeclarationError(_problems(document, model, error)) from error


def _problems(document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    problems = []
    for fault in error.errors():
        place = tuple(fault["loc"])
        name = ".".join(str(part) for part in place) or "(whole file)"
        if fault["type"] == "extra_forbidden":
            known = _fields_at(model, place[:-1])
            problems.append(document.problem(place, "D201", f"{name}: no such field.", place[-1], known))
        elif fault["type"] == "missing":
            problems.append(document.problem(place, "D202", f"{name}: is required and is not there."))
        else:
            problems.append(document.problem(place, "D203", f"{name}: {fault['msg']}; it says {fault['input']!r}."))
    return problems


def _fields_at(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """Names of the fields that a nested model at this place knows; empty where it cannot be told."""
    here: Any = model
    for part in place:
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            return []
        field = here.model_fields.get(str(part))
        if field is None:
            return []
        arguments = getattr(field.annotation, "__args__", ())
        candidates = (field.annotation, *arguments)
        here = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return [field.alias or name for name, field in here.model_fields.items()]
