"""`casebridge serve` at a prompt. Next: `serve/`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.base import Credentials
from hub.credentials import from_environment
from hub.settings import Settings


def serve(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
    airflow: Annotated[
        bool, typer.Option("--airflow", help="Secrets from Airflow's connections: its database and secrets backends.")
    ] = False,
) -> None:
    """Take partners' webhooks (POST /webhooks/PARTNER) and customers' answers (/feedback/TOKEN); GET /health. Until
    Ctrl-C.

    A webhook is a hint: the record that it names is read again by `reread_PARTNER` within seconds, or by the next pull.
    Customers reach their page by the links that contact points are told: CASEBRIDGE_FEEDBACK_URL is its address.
    Secrets: AIRFLOW_CONN_<ID>, unless --airflow. Speaks plain HTTP; put a proxy with TLS before it.
    """
    from hub.serve.process import serve as serving  # noqa: PLC0415  a command imports what it needs

    console = Console(soft_wrap=True)
    resolve = _of_airflow() if airflow else lambda conn_id: from_environment(conn_id, os.environ)
    serving(Settings.from_environment(), host, port, lambda line: console.print(escape(line), highlight=False), resolve)


def _of_airflow() -> Callable[[str], Credentials]:
    """Airflow's own way to a connection, for a process that may look into its database."""
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # what its API server sets for itself
    from hub.runtime import resolve  # noqa: PLC0415  heavy, and Airflow itself

    return resolve
