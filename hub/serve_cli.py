"""`casebridge serve` at a prompt. Next: `serve/`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hub.settings import Settings


def serve(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
) -> None:
    """Take partners' webhooks: POST /webhooks/PARTNER, and GET /health. Until Ctrl-C.

    A webhook is a hint: the record that it names is read again by `reread_PARTNER` within seconds, or by the next pull.
    Secrets: AIRFLOW_CONN_<ID>. Speaks plain HTTP; put a proxy with TLS before it.
    """
    from hub.serve.process import serve as serving  # noqa: PLC0415  a command imports what it needs

    console = Console(soft_wrap=True)
    serving(Settings.from_environment(), host, port, lambda line: console.print(escape(line), highlight=False))
