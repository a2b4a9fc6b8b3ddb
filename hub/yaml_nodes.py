"""YAML text as nodes that know their line, by libyaml: a declaration is read by each process that parses a DAG file,
and a parser in Python takes up to a hundred times as long.

The words are those of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema): `Yes`, `on` and
2026-11-01 are text. Knows no path and no declaration. Next: `declarations.py`, which makes content of nodes.
"""

from __future__ import annotations

import re

from yaml import CSafeLoader, MarkedYAMLError, Node
from yaml.reader import ReaderError

TAG = "tag:yaml.org,2002:"


class NoYaml(ValueError):
    """The text is no YAML. line, column: where, from 1."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__(why)
        self.line, self.column = line, column


class _Reader(CSafeLoader):
    """libyaml's parser, with the words below in place of YAML 1.1's."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  PyYAML reads it off the class


for _kind, _pattern, _starts in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
):
    _Reader.add_implicit_resolver(TAG + _kind, re.compile(rf"^(?:{_pattern})$"), _starts)


def nodes(text: str) -> Node | None:
    """The one document of this text; None where it is empty. Raises NoYaml."""
    try:
        reader = _Reader(text)
        try:
            return reader.get_single_node()
        finally:
            reader.dispose()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NoYaml(
            str(error.problem or error.context), mark.line + 1 if mark else 1, mark.column + 1 if mark else 1
        ) from error
    except ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        why = f"{error.reason}: U+{ord(error.character):04X}" if isinstance(error.character, str) else error.reason
        raise NoYaml(str(why), before.count("\n") + 1, len(before) - before.rfind("\n")) from error


def scalar(node: Node) -> str | int | float | bool | None:
    """What a scalar says."""
    kind, text = str(node.tag).removeprefix(TAG), str(node.value)
    if kind == "int":
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    if kind == "float":
        return float(text.replace(".", "") if text[-1].isalpha() else text)
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text
