"""The hooks behind our connection types: the Test button of Airflow's connection form asks the partner's system itself.

A form knows an address and a login, not which partner they are for (Airflow tests under a made-up id), so each declared
partner of the connection's kind is tried against that address until one of them answers to its name.
Loaded only when somebody presses the button. Next: `provider.py`, the forms; `connectors/kinds.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import BaseHook

from connectors.base import System
from connectors.errors import ConnectorError
from connectors.kinds import connect
from hub.declarations import DeclarationError
from hub.partners import folders, load_system
from hub.runtime import resolve
from hub.settings import Settings


class RestHook(BaseHook):  # type: ignore[misc]  # untyped where we stand
    """Connection type casebridge_rest."""

    conn_name_attr = "conn_id"
    conn_type = "casebridge_rest"
    hook_name = "Casebridge partner (REST)"

    def __init__(self, conn_id: str) -> None:
        super().__init__()
        self.conn_id = conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Whether a declared partner of this kind answers there, and as whom it knows us."""
        return test(self.conn_id, "rest")


class SoapHook(BaseHook):  # type: ignore[misc]  # as above
    """Connection type casebridge_soap."""

    conn_name_attr = "conn_id"
    conn_type = "casebridge_soap"
    hook_name = "Casebridge partner (SOAP)"

    def __init__(self, conn_id: str) -> None:
        super().__init__()
        self.conn_id = conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Whether a declared partner of this kind answers there, and as whom it knows us."""
        return test(self.conn_id, "soap")


def test(conn_id: str, kind: str) -> tuple[bool, str]:
    """(it works, what a person should read). Asks once for each candidate; never raises."""
    heard = []
    try:
        candidates = systems_of(kind, conn_id)
        if not candidates:
            return False, f"No partner of kind {kind} is declared: a folder of mappings/partners needs a system.yaml."
        for system in candidates:
            try:
                return True, f"{system.title} answers and knows us as {ask(system, conn_id)}."
            except ConnectorError as error:
                heard.append(f"{system.title}: {error}")
    except DeclarationError as error:
        return False, str(error)
    return False, "\n".join(heard)


def systems_of(kind: str, conn_id: str) -> list[System]:
    """The declared systems of a kind; only that of the connection, where one names it."""
    found = [load_system(folder) for folder in folders(Settings.from_environment().partners_dir)]
    ours = [system for system in found if system.kind == kind]
    return [system for system in ours if system.connection == conn_id] or ours


def ask(system: System, conn_id: str) -> str:
    """Who we are there, as that system says it. Raises ConnectorError."""
    connector = connect(system, resolve(conn_id), clock=lambda: datetime.now(UTC))
    try:
        return connector.check()
    finally:
        connector.close()
