"""`casebridge passport`: what the hub does with one company's data, on one page for its security officer. Thin.

Next: `passports/`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from hub.acting import partner_named

Partner = Annotated[str, typer.Argument(help="Whose page.")]
Html = Annotated[Path | None, typer.Option(help="Write it there as a page that prints; none: as text, here.")]


def passport(partner: Partner, html: Html = None) -> None:
    """One page for a company's security officer, from the declarations: what is read, kept, sent, and to whom.

    With the least rights of the hub's login, hosts, calls, retention, the last leak test, and a hash to sign."""
    from hub.assembly import load_alliance  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.declarations import read  # noqa: PLC0415
    from hub.leaks.kept import last  # noqa: PLC0415
    from hub.leaks.trial import declared_hash  # noqa: PLC0415
    from hub.passports.facts import passport as facts  # noqa: PLC0415
    from hub.passports.page import LeakTest, as_html, as_text  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environment()
    alliance = load_alliance(settings)
    name = partner_named(partner, alliance.partners)
    of = facts(alliance, name, _host(alliance.partners[name].system.connection))
    leaks = LeakTest(last(settings, name), declared_hash(read(settings.agreement_file).content, alliance))
    if html is None:
        typer.echo(as_text(of, leaks), nl=False)
        return
    html.write_text(as_html(of, leaks), encoding="utf-8")
    typer.echo(f"{html}, to sign: {of.hash}")


def _host(connection: str) -> str:
    """The host of a connection that this prompt knows; "" where it knows none. Nothing else of it is looked at."""
    from connectors.errors import Refused  # noqa: PLC0415
    from hub.credentials import from_environment  # noqa: PLC0415

    try:
        address = urlsplit(from_environment(connection, os.environ).url)
    except Refused:
        return ""
    return f"{address.hostname}:{address.port}" if address.port else address.hostname or ""
