"""What stands beside a mapping and is named in it: tables in files, and functions of the partner's own.

    lookup: users.csv            a CSV file in UTF-8; its first line is `theirs,ours`, and each of theirs stands once
    python: phones:national      phones.py, in which FUNCTIONS = {"national": (theirs to ours, ours to theirs)}

Only what a mapping names is read or run. The mappings' room opens no file: it is handed what is found here.
Next: `partners.py`, `../mappings/ops_python.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hub.declarations import DeclarationError, Problem, shown

HEADER = ["theirs", "ours"]
REGISTER = "FUNCTIONS"
BROKEN = (ImportError, SyntaxError, OSError, NameError, AttributeError, TypeError, ValueError)
"""What running a partner's module may end in: said with its place instead of a traceback."""

Ways = tuple[Callable[[Any], Any], Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Beside:
    """tables: by file name, theirs to ours. functions: by `module:name`."""

    tables: Mapping[str, Mapping[str, str]]
    functions: Mapping[str, Ways]


def beside(folder: Path, content: object) -> Beside:
    """What this mapping names, from its folder. Raises DeclarationError D230 (a table), D231 (a module).

    Where a table is named, all of the folder's are given, so that an error can say which there are.
    """
    named = list(_named(content, ("lookup", "python")))
    tables = {path.name: table(path) for path in sorted(folder.glob("*.csv"))} if "lookup" in dict(named) else {}
    modules = {str(name).partition(":")[0] for key, name in named if key == "python"}
    functions: dict[str, Ways] = {}
    for module in sorted(modules):
        path = folder / f"{module}.py"
        if module.isidentifier() and path.exists():
            functions |= {f"{module}:{name}": ways for name, ways in registered(path).items()}
    return Beside(tables, functions)


def table(path: Path) -> dict[str, str]:
    """A table of a file, theirs to ours. Raises DeclarationError D230."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(path, csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _wrong(path, 1, "D230", f"cannot be read as a table: {error}") from error


def _rows(path: Path, rows: Any) -> dict[str, str]:
    words: dict[str, str] = {}
    first: list[str] = next(rows, [])
    if first != HEADER:
        raise _wrong(path, 1, "D230", f"the first line of a table is `theirs,ours`; it says {','.join(first)!r}.")
    for row in rows:
        if len(row) != len(HEADER) or not all(row):
            raise _wrong(path, rows.line_num, "D230", f"two words are expected, theirs and ours; it says {row!r}.")
        if row[0] in words:
            raise _wrong(path, rows.line_num, "D230", f"{row[0]!r} stands here twice; the second would hide the first.")
        words[row[0]] = row[1]
    if not words:
        raise _wrong(path, 1, "D230", "there is no word in this table.")
    return words


def registered(path: Path) -> dict[str, Ways]:
    """The functions that a module registers. Raises DeclarationError D231."""
    try:
        found = getattr(_run(path), REGISTER, None)
    except BROKEN as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        raise _wrong(path, line, "D231", f"cannot be run: {type(error).__name__}: {error}") from error
    if not isinstance(found, Mapping) or not all(_pair(ways) for ways in found.values()):
        message = f'it must say {REGISTER} = {{"name": (theirs to ours, ours to theirs)}}.'
        raise _wrong(path, 1, "D231", message)
    return dict(found)


def _run(path: Path) -> ModuleType:
    """The module, run for itself: it is put under no name that others could import."""
    spec = spec_from_file_location(f"casebridge_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path.name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pair(ways: object) -> bool:
    return isinstance(ways, tuple) and len(ways) == len(HEADER) and all(callable(way) for way in ways)


def _named(content: object, keys: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """What stands under these keys, anywhere."""
    if isinstance(content, Mapping):
        for key, inner in content.items():
            if key in keys and isinstance(inner, str):
                yield key, inner
            yield from _named(inner, keys)
    elif isinstance(content, list):
        for inner in content:
            yield from _named(inner, keys)


def _wrong(path: Path, line: int, code: str, message: str) -> DeclarationError:
    return DeclarationError([Problem(f"{shown(path)}:{line}:1", code, message)])
