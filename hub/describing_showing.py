"""`casebridge describe`: asks, shows what changed and what is wanting, and writes unless it was only asked to compare.

Next: `describing.py`.
"""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from hub.declarations import DeclarationError, Problem, shown
from hub.describing import NAME, ask, differences, kept_in, kept_of, written
from hub.partners import folders
from hub.settings import Settings


def describe_partner(partner: str, settings: Settings, console: Console, *, only_diff: bool) -> bool:
    """True where all is as it was, or was written, and nothing that is declared is wanting there.

    Raises DeclarationError, ConnectorError.
    """
    known = {folder.name: folder for folder in folders(settings.partners_dir)}
    if partner not in known:
        at = f"{shown(settings.partners_dir)}:1:1"
        raise DeclarationError([Problem(at, "D212", f"no partner {partner!r}.", partner, tuple(known))])
    folder = known[partner]
    told = ask(folder)
    now = kept_of(told)
    if not now.fields:
        text = "its system tells nothing of its fields. Declare in system.yaml where it does, if it does."
        raise DeclarationError([Problem(f"{shown(folder / 'system.yaml')}:1:1", "D214", f"{partner}: {text}")])
    kept = kept_in(folder)
    changed = list(differences(kept, now))
    for one in changed if kept is not None else ():
        lines = [f"- {one.field}: {one.kept}"] if one.kept is not None else []
        lines += [f"+ {one.field}: {one.now}"] if one.now is not None else []
        console.print(escape("\n".join(lines)), highlight=False, soft_wrap=True)
    for line in told.wanting:
        console.print(escape(f"! {line}"), highlight=False, soft_wrap=True)
    if only_diff:
        word = "nothing is kept yet" if kept is None else f"{len(changed)} changed" if changed else "nothing changed"
        console.print(f"{partner}: {len(now.fields)} fields, {word}.")
        return not changed and not told.wanting
    (folder / NAME).write_text(written(partner, now), encoding="utf-8")
    console.print(f"{partner}: {len(now.fields)} fields in {shown(folder / NAME)}.", soft_wrap=True)
    return not told.wanting
