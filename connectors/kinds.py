"""Which kinds of system there are, and how one is made from its declaration and credentials.

A kind's module is imported when its declaration is read or its system is spoken to, so that reading one partner's
declaration does not load the libraries of all kinds (zeep alone costs a third of a second).
Knows no partner. Next: `base.py` for the contract, `rest.py`, `soap.py`, `salesforce.py`, `memory.py` for the kinds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from connectors.base import Connector, Credentials, System
from connectors.evidence import Witness
from connectors.pacing import Before, free


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind's parts stand, each as module:name. declaration: a System. connector: keeps the contract. proof:
    looks whether what is kept beside a declaration fits it, where the kind keeps anything."""

    declaration: str
    connector: str
    proof: str = ""


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "rest": Kind("connectors.rest_system:RestSystem", "connectors.rest:Rest"),
        "soap": Kind("connectors.soap_system:SoapSystem", "connectors.soap:Soap", "connectors.soap_proof:prove"),
        "salesforce": Kind("connectors.salesforce_system:SalesforceSystem", "connectors.salesforce:Salesforce"),
        "memory": Kind("connectors.memory_system:MemorySystem", "connectors.memory:Memory"),
    }
)


def system_model(kind: str) -> type[System]:
    """The declaration model of a kind. Raises KeyError for a kind that is none; KINDS says which there are."""
    return cast("type[System]", _named(KINDS[kind].declaration))


def prove(system: System) -> None:
    """Look at what is kept beside a declaration, such as a contract; nobody is asked. Raises Refused where it does not
    fit."""
    if proof := KINDS[system.kind].proof:
        cast("Callable[[System], None]", _named(proof))(system)


def connect(
    system: System,
    credentials: Credentials,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
    before: Before = free,
    witness: Witness | None = None,
) -> Connector:
    """A connector to this system; nothing is sent yet. Raises Refused where credentials cannot be used at all.

    before: asked ahead of each request, see pacing.py. witness: given the evidence of each call, see evidence.py.
    """
    make = cast("Callable[..., Connector]", _named(KINDS[system.kind].connector))
    return make(system, credentials, clock=clock, sleep=sleep, monotonic=monotonic, before=before, witness=witness)


def _named(place: str) -> object:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
