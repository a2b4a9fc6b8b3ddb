"""What a declaration takes from the connection: its login and its origin, in the place of `{login}` and `{origin}`.

Some systems want to be told who writes, or from which site a call comes; neither belongs into a declaration, which
holds no address and no account. Filled once, when the connector is made, so that nobody else need know of it.
Next: `rest.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.base import Credentials
from connectors.rest_system import RestSystem
from connectors.rest_writes import Write


def filled(system: RestSystem, credentials: Credentials) -> RestSystem:
    """The declaration with the connection's own words in it. A secret is none of them."""
    login, origin = credentials.login, _origin(credentials.url)
    notes = {"add": _write(system.notes.add, login)}
    if system.notes.link is not None:
        notes["link"] = _write(system.notes.link, login)
    past = system.history
    path = system.check.path.replace("{login}", quote(login, safe=""))
    return system.model_copy(
        update={
            "headers": {name: value.replace("{origin}", origin) for name, value in system.headers.items()},
            "check": system.check.model_copy(update={"path": path}),
            "create": _write(system.create, login),
            "update": _write(system.update, login),
            "notes": system.notes.model_copy(update=notes),
            "history": None if past is None else past.model_copy(update={"us": past.us.replace("{login}", login)}),
        }
    )


def _origin(url: str) -> str:
    """As a browser would say it (RFC 6454, 6.1): the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def _write(write: Write, login: str) -> Write:
    return write.model_copy(update={"constants": _told(write.constants, login)})


def _told(constants: Mapping[str, Any], login: str) -> dict[str, Any]:
    return {
        path: value.replace("{login}", login) if isinstance(value, str) else value for path, value in constants.items()
    }
