"""`casebridge map` and `casebridge mapping`: try a mapping on a record, on a new version of itself, on live cases.

Thin: each command reads what it was given, calls a room and prints. `map` and `diff` without `--ledger` touch no
ledger and no partner. Next: `mapping_map.py`, `mapping_diff.py`, `mapping_replay.py`, `mapping_showing.py`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from hub.settings import Settings

mapping_app = typer.Typer(no_args_is_help=True, help="What would change with another version of a mapping.")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]


def map_record(
    partner: Annotated[str, typer.Argument(help="Whose mapping.")],
    record: Annotated[str, typer.Argument(help="A record of theirs as JSON; - reads it from stdin.")] = "",
    to_partner: Annotated[
        str, typer.Option("--to-partner", metavar="FILE", help="The way back: a case as JSON, path by path.")
    ] = "",
    base: Annotated[str, typer.Option(metavar="FILE", help="With --to-partner: their record as it stands now.")] = "",
    as_json: AsJson = False,
) -> None:
    """One record through a partner's mapping, field by field: what each word means, and what would be lost."""
    from connectors.strict_json import dump  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.mapping_map import look_in, look_out, values_of  # noqa: PLC0415
    from hub.mapping_showing import look_as_json, show_look  # noqa: PLC0415
    from hub.mapping_version import standing  # noqa: PLC0415

    if bool(record) == bool(to_partner) or (base and not to_partner):
        _stop("Give either a record, or --to-partner with a case (and --base with their record, if there is one).")
    known = standing(partner, Settings.from_environment())
    if record:
        look = look_in(known, _object(record))
    else:
        try:
            values = values_of(_json(to_partner))
        except ValueError as error:
            _stop(f"{to_partner}: {error}")
        look = look_out(known, values, _object(base) if base else None)
    if as_json:
        sys.stdout.write(dump(look_as_json(look)).decode() + "\n")
    else:
        console = Console()
        show_look(look, console)
        if look.patch is not None and not look.problems:
            console.print_json(dump(look.patch).decode(), ensure_ascii=False)
    if look.problems:
        raise typer.Exit(1)


@mapping_app.command("diff")
def mapping_diff(
    old: Annotated[str, typer.Argument(help="A mapping.yaml, or a git revision of the partner's own.")],
    new: Annotated[str, typer.Argument(help="Another one; left out: the partner's own as it stands.")] = "",
    partner: Annotated[str, typer.Option("--partner", "-p", help="Whose examples and cases.")] = "",
    ledger: Annotated[bool, typer.Option("--ledger", help="Against the records of its open cases, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """What another version of a mapping would change: for the examples, and with --ledger for live cases."""
    from connectors.strict_json import dump  # noqa: PLC0415
    from hub.mapping_diff import compare, samples  # noqa: PLC0415
    from hub.mapping_diff_showing import diff_as_json, show_diff  # noqa: PLC0415
    from hub.mapping_version import standing, version_of  # noqa: PLC0415

    if not partner:
        _stop("Whose mapping? Say --partner NAME.")
    known = standing(partner, Settings.from_environment())
    try:
        before, after = version_of(known, old), version_of(known, new) if new else known
    except LookupError as error:
        _stop(str(error.args[0]))
    found = compare(before, after, samples(known, _ledger() if ledger else None))
    if as_json:
        sys.stdout.write(dump(diff_as_json(found)).decode() + "\n")
    else:
        show_diff(found, Console())


@mapping_app.command("replay")
def mapping_replay(
    partner: Annotated[str, typer.Argument(help="Whose mapping changed.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without it nothing is written.")] = False,
    who: Annotated[str, typer.Option(help="With --apply: who does it; stands on each entry.")] = "",
    why: Annotated[str, typer.Option(help="With --apply: why; stands on each entry.")] = "",
) -> None:
    """After a mapping changed: try its parked records again, and bring its open cases to what they read now."""
    from hub.assembly import load_alliance, wall_clock  # noqa: PLC0415
    from hub.mapping_replay import Replay  # noqa: PLC0415
    from hub.mapping_replay_showing import show_replay  # noqa: PLC0415

    if apply and not (who.strip() and why.strip()):
        _stop("--apply writes entries that name a person and a reason: add --who NAME --why TEXT.")
    alliance = load_alliance(Settings.from_environment())
    if partner not in alliance.partners:
        _stop(f"There is no partner {partner!r}. Known: {', '.join(sorted(alliance.partners))}.")
    ledger = _ledger()
    alliance = replace(alliance, spool=ledger.spool)
    replay = Replay(ledger, alliance, alliance.partners[partner], wall_clock, who.strip(), why.strip(), really=apply)
    show_replay(replay, Console())


def _ledger() -> Any:
    from hub.ledger import Ledger  # noqa: PLC0415

    return Ledger.open(Settings.from_environment())


def _object(name: str) -> dict[str, Any]:
    content = _json(name)
    if not isinstance(content, dict):
        kind = "a list: give one record of it" if isinstance(content, list) else "one value"
        _stop(f"{name}: a record is a JSON object, and this is {kind}.")
    return content


def _json(name: str) -> Any:
    """The JSON of a file, or of stdin, by the parser that partners' answers go through."""
    from connectors.strict_json import BadJson, parse  # noqa: PLC0415

    try:
        return parse(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        _stop(f"{name}: cannot be read: {error.strerror}. Give a JSON file, or - for stdin.")
    except BadJson as error:
        _stop(f"{name}: {error}. The hub would refuse it from a partner, too; mend the JSON and try again.")


def _stop(text: str) -> NoReturn:
    Console(stderr=True).print(escape(text), style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(2)
