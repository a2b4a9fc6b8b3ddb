"""`casebridge agreement`: which version holds, who signed it, as a page to sign, and what a new one would change. Thin.

Next: `versions.py`, `signatures.py`, `agreement_page/`, `agreement_diff.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo

agreement_app = typer.Typer(no_args_is_help=True, help="The agreement's versions, and who signed them.")


@agreement_app.command()
def versions() -> None:
    """Which versions there are, from when each holds, who signed it and who has not, and which one is in force."""
    from hub.settings import Settings  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.versions import in_force, load_versions  # noqa: PLC0415

    file, today = Settings.from_environment().agreement_file, datetime.now(UTC).date()
    found = load_versions(file)
    holds = in_force(found, today, file)
    table = Table("version", "from", "signed by", "not yet by", "text", box=None, header_style="bold", pad_edge=False)
    for agreement in found:
        name = f"{agreement.version} [green](in force)[/]" if agreement is holds else agreement.version
        signed = ", ".join(f"{each.partner} ({each.name}, {each.date})" for each in agreement.signed)
        table.add_row(name, f"{agreement.effective}", escape(signed) or "nobody", escape(", ".join(agreement.unsigned)),
                      agreement.text[:12])  # fmt: skip
    Console().print(table)


@agreement_app.command()
def sign(
    partner: Annotated[str, typer.Argument(help="Whose signature it is.")],
    name: Annotated[str, typer.Option(help="Who signs for it.")],
    role: Annotated[str, typer.Option(help="What that person is there.")] = "",
    file: Annotated[Path | None, typer.Option(help="The version that is signed; none: agreement.yaml.")] = None,
) -> None:
    """Write a partner's signature under a version, with the day and the hash of its text.

    What is signed is the text as it stands: a change after that is refused by `casebridge check` and by every run."""
    from hub.agreement import load_agreement  # noqa: PLC0415
    from hub.declarations import read, shown  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415
    from hub.signatures import Signature, put_under  # noqa: PLC0415

    path = file or Settings.from_environment().agreement_file
    agreement = load_agreement(path)
    today = datetime.now(UTC).date()
    put_under(read(path), agreement, Signature(partner=partner, name=name, role=role, date=today, text=agreement.text))
    left = [other for other in agreement.unsigned if other != partner]
    Console().print(
        f"{escape(name)} signed agreement {agreement.version} for {partner}, text {agreement.text[:12]}, in "
        f"{escape(shown(path))}. " + (f"Not signed yet by {', '.join(left)}." if left else "All have signed it."),
        highlight=False, soft_wrap=True,
    )  # fmt: skip


@agreement_app.command("print")
def print_(
    partner: Annotated[list[str] | None, typer.Argument(help="For whose managers; none: all.")] = None,
    language: Annotated[str, typer.Option(help="en, es, ms or ru; none: the company's first.")] = "",
    to: Annotated[Path | None, typer.Option(help="Folder; none: CASEBRIDGE_REPORTS.")] = None,
    file: Annotated[Path | None, typer.Option(help="The version; none: agreement.yaml.")] = None,
) -> None:
    """The agreement as a page and a PDF, in each company's language, with the hash of its text: what managers sign.

    Each of a company's edges is a card, with its examples, for the agents who learn it."""
    from hub.agreement import load_agreement  # noqa: PLC0415
    from hub.agreement_page import content, html, pdf  # noqa: PLC0415
    from hub.declarations import shown  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environment()
    agreement, folder = load_agreement(file or settings.agreement_file), to or settings.reports_dir
    folder.mkdir(parents=True, exist_ok=True)
    for name in partner or agreement.partners:
        _known(name, agreement.partners)
        said = content(agreement, name, language)
        stem = folder / f"agreement-{agreement.version}-{name}-{said.language}"
        stem.with_name(f"{stem.name}.html").write_text(html(said), encoding="utf-8")
        stem.with_name(f"{stem.name}.pdf").write_bytes(pdf(said))
        Console().print(escape(f"{shown(stem)}.html, .pdf"), highlight=False, soft_wrap=True)


@agreement_app.command()
def diff(
    new: Annotated[Path, typer.Argument(help="The other version's file.")],
    old: Annotated[Path | None, typer.Option(help="Compared with; none: the version in force.")] = None,
    days: Annotated[int, typer.Option(help="Cases that began in these last days are tried; 0: none.")] = 30,
) -> None:
    """What another version changes for whom, in words, and what the cases of the last weeks would have done then."""
    from hub.agreement import load_agreement  # noqa: PLC0415
    from hub.agreement_diff_showing import show, show_lived  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415
    from hub.versions import load_in_force  # noqa: PLC0415

    settings, console, now = Settings.from_environment(), Console(), datetime.now(UTC)
    after = load_agreement(new)
    before = load_agreement(old) if old is not None else load_in_force(settings.agreement_file, None, now.date())
    show(before, after, console)
    if days:
        show_lived(Ledger.open(settings), before, after, now, days, console)


def _known(name: str, partners: Iterable[str]) -> None:
    """Raises CannotDo A344 for a partner that the agreement has not."""
    if name not in partners:
        raise CannotDo("A344", f"{name!r} is no partner of this agreement.", value=name, known=tuple(partners))
