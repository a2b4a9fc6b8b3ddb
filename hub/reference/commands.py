"""The command line as a page: every command's usage, help and parameters, from typer itself.

Commands of rooms above are found by their entry point, as the program finds them. Next: `../cli.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import typer

from hub.cli import app
from hub.reference.markdown import block, code, table


def commands() -> Iterator[str]:
    """Heading, usage, help and parameters of each command, by name."""
    found: dict[str, Any] = {}
    for entry in entry_points(group="casebridge.commands"):
        loaded = entry.load()
        if isinstance(loaded, typer.Typer):
            group: Any = typer.main.get_command(loaded)
            found[entry.name] = group
            _walk(entry.name, group, found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(entry.name)(loaded)
            found[entry.name] = typer.main.get_command(alone)
    _walk("", typer.main.get_command(app), found)
    for name in sorted(found):
        yield from _told(f"casebridge {name}", found[name])


def _walk(prefix: str, group: Any, found: dict[str, Any]) -> None:
    for name, command in group.commands.items():
        whole = f"{prefix} {name}".strip()
        if hasattr(command, "commands"):
            _walk(whole, command, found)
        else:
            found[whole] = command


def _told(name: str, command: Any) -> Iterator[str]:
    parameters = [parameter for parameter in command.params if parameter.name != "help"]
    places = [_place(parameter) for parameter in parameters if parameter.param_type_name == "argument"]
    options = ["[OPTIONS]"] if len(places) < len(parameters) else []
    yield f"## {name}"
    yield block(" ".join([name, *options, *places]), "console")
    yield inspect.cleandoc(command.help or "")
    yield table(("parameter", "default", "meaning"), (_row(parameter) for parameter in parameters))


def _place(parameter: Any) -> str:
    name = str(parameter.name).upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _row(parameter: Any) -> tuple[str, str, str]:
    shown = _place(parameter) if parameter.param_type_name == "argument" else ", ".join(parameter.opts)
    default = "" if parameter.default in (None, False) or callable(parameter.default) else code(str(parameter.default))
    return code(shown), "**required**" if parameter.required else default, getattr(parameter, "help", None) or ""
