"""`casebridge audit`: keep the ledger's head elsewhere, and prove later that nothing was changed. Thin.

Next: `audit.py`, `anchors.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

audit_app = typer.Typer(no_args_is_help=True, help="Prove that the ledger is what was written.")


@audit_app.command()
def verify(
    anchors: Annotated[Path | None, typer.Option(help="The heads that were kept; none: CASEBRIDGE_ANCHORS.")] = None,
    key: Annotated[str, typer.Option(help="Whose signature they bear, base64; none: this installation's.")] = "",
) -> None:
    """Walk the ledger's hash chain and compare it with the heads that were kept elsewhere.

    Finds an edit, a deletion, a reordering, a chain that was made anew, and an end that was cut off. Exit 1 then."""
    from hub.anchors import Signer, read  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.audit import verify as look  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environment()
    console = Console()
    lines = read(anchors or settings.anchors_file)
    found = look(Ledger.open(settings), lines, key or Signer.of(settings.home, os.environ).public)
    for problem in found.problems:
        console.print(escape(problem), style="red", highlight=False, soft_wrap=True)
    if found.problems:
        raise typer.Exit(1)
    console.print(f"{found.entries} entries verify, head {found.head[:16]}", highlight=False)
    against = "against the chain alone: no anchor was kept, so a cut-off end is not seen (`casebridge audit anchor`)"
    if lines:
        against = f"against {found.anchors} anchors, the last of {lines[-1].at}"
    console.print(f"{against}.", highlight=False, soft_wrap=True)


@audit_app.command()
def anchor() -> None:
    """Keep the ledger's head now, signed, as a line of CASEBRIDGE_ANCHORS. Give the line to your partners too."""
    from hub.audit import anchor_here  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    made = anchor_here(Ledger.open(Settings.from_environment()))
    Console().print("Nothing was written since the last anchor." if made is None else made.line, soft_wrap=True,
                    highlight=False, markup=False)  # fmt: skip


@audit_app.command()
def key() -> None:
    """The public key with which anybody can check an anchor's signature (Ed25519, base64)."""
    from hub.anchors import Signer  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    Console().print(Signer.of(Settings.from_environment().home, os.environ).public, highlight=False)
