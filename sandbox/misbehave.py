"""`casebridge sandbox misbehave`: tells a running company to misbehave, by the address and token in its state.

Next: `companies/misbehaving.py`, which is told.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from rich.console import Console
from rich.markup import escape

from hub.settings import Settings
from sandbox.companies.misbehaving import FILE, PLACE
from sandbox.words import COMPANIES

TIMEOUT: Final = 30
NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for."""


def tell(company: str, asked: Mapping[str, Any], *, end: bool = False, state: Path | None = None) -> int:
    """Tell it, and print what it says; the program's exit code."""
    console = Console()
    folder = (state or Settings.from_environment().home / "sandbox") / company
    if company not in COMPANIES:
        near = get_close_matches(company, COMPANIES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(COMPANIES)
        console.print(f"There is no company {company!r}. Known: {known}.{hint}", markup=False, soft_wrap=True)
        return 1
    try:
        answer = ask(folder, asked, end=end)
    except (OSError, ValueError) as error:  # requests' own errors are OSErrors
        console.print(
            f"{company} does not run with its store below {folder} ({type(error).__name__}). Start it with "
            "`casebridge sandbox`, or say where with --state.", markup=False, soft_wrap=True,
        )  # fmt: skip
        return 1
    told = answer.json()
    if not answer.ok:
        known = f"\nKnown: {', '.join(told['known'])}." if told.get("known") else ""
        console.print(f"{told['error']}{known}", markup=False, soft_wrap=True)
        return 1
    for line in _lines(told):
        console.print(escape(line), highlight=False, soft_wrap=True)
    return 0


class _AnyTime(HTTPAdapter):
    """Trusts this authority whatever the time: a company that shows an old certificate must hear that it is to stop."""

    def __init__(self, trusted: Path) -> None:
        self._context = ssl.create_default_context(cafile=str(trusted))
        self._context.verify_flags |= NO_CHECK_TIME
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """urllib3's pools, over our context."""
        super().init_poolmanager(*args, **{**more, "ssl_context": self._context})


def door(method: str, url: str, token: str, trusted: Path | None = None, **more: Any) -> requests.Response:
    """What the door of the company at this address says. trusted: the authority of one that speaks TLS."""
    with requests.Session() as session:
        session.trust_env = False
        if trusted is not None:
            session.mount("https://", _AnyTime(trusted))
            session.verify = str(trusted)
        headers = {"Authorization": f"Bearer {token}"}
        return session.request(method, f"{url}{PLACE}", headers=headers, timeout=TIMEOUT, **more)


def ask(folder: Path, asked: Mapping[str, Any], *, end: bool = False) -> requests.Response:
    """The answer of the company whose state this is. Raises OSError, ValueError where it is not there."""
    kept, trusted = json.loads((folder / FILE).read_text()), folder / "tls" / "ca.pem"
    where = (kept["url"], kept["token"], trusted if trusted.exists() else None)
    name = str(asked.get("fault") or "")
    if end:
        return door("DELETE", *where, params={"fault": name} if name else {})
    return door("POST", *where, json=_numbers(asked)) if name else door("GET", *where)


def _numbers(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they were typed, numbers as numbers."""
    return {**asked, "with": {name: _number(value) for name, value in (asked.get("with") or {}).items()}}


def _number(value: Any) -> Any:
    try:
        return float(value) if "." in str(value) else int(value)
    except ValueError:
        return value


def _lines(told: Mapping[str, Any]) -> list[str]:
    if "there" in told:
        there = [f"  {one['name']:<22}{one['does']}" for one in told["there"]]
        return [f"{told['company']} can:", *there, *(_on(one) for one in told["on"])]
    if "ended" in told:
        return [f"ended: {_on(one)}" for one in told["ended"]] or ["nothing was on"]
    return [_on(told)]


def _on(one: Mapping[str, Any]) -> str:
    times = "until it is ended" if one["times"] is None else f"{one['times']} times"
    return f"{one['fault']}, {times}, met {one['met']} calls ({one['where']['call']})"
