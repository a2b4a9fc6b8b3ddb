"""Ours: the transport by itself, and the REST and SOAP connectors over it, every guard on.

The transport is `SignedWire.send` and the strict reading of its answer, paced, its secret hidden. The connectors are
what the hub calls: changes in, receipts with records out. Next: `wire_peers.py`, what they are measured beside.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wire_peers import beside, pages
from wire_side import BATCH, CONNECTIONS, PAGE, Bodies, Side, parts, run

from connectors.auth import BearerToken, SignedWire
from connectors.base import Change, Connector, Credentials
from connectors.kinds import connect
from connectors.pacing import Grant, Pace
from connectors.soap import Soap
from connectors.soap_system import SoapSystem
from connectors.wire import Wire
from hub.partners import load_system

DECLARED = Path(__file__).with_name("declared") / "partners"
TELVOZ = Path(__file__).resolve().parents[2] / "mappings" / "partners" / "telvoz"
SECRET = "benchmark-secret"


def now() -> datetime:
    """The wires' clock. The hub's own comes with all of Airflow, through whose objects the collector would go."""
    return datetime.now(UTC)


class Plenty:
    """A purse that is never empty and yet asked for."""

    def take(self) -> Grant:
        """Fifty calls."""
        return Grant(50)

    def give_back(self, calls: int) -> None:
        """They are not missed."""


def transport(url: str) -> Side:
    """The wire alone."""
    credentials = Credentials(url, "casebridge", SECRET)
    wire = Wire(
        load_system(DECLARED / "target"), credentials, monotonic=time.monotonic, sleep=time.sleep, random=random.random,
        before=Pace(Plenty(), time.sleep),
    )  # fmt: skip
    signed = SignedWire(wire, BearerToken(), credentials, clock=now, sleep=time.sleep, monotonic=time.monotonic)

    def get(at: str, query: Mapping[str, str]) -> Any:
        return signed.send("GET", at, safe=True, params=query).json()

    def one(body: dict[str, Any]) -> int:
        return bool(signed.send("POST", "/target/cases", safe=False, json=body).json()["id"])

    def many(some: Bodies) -> int:
        answer = signed.send("POST", "/target/cases/batch", safe=False, json={"records": some})
        return len(answer.json()["results"])

    return Side(
        lambda cases: pages(get, url, cases), lambda all_: beside(one, all_), lambda all_: beside(many, parts(all_))
    )


def changes(all_: Bodies) -> list[Change]:
    """A create each."""
    made = ({name: value for name, value in body.items() if name not in ("outside", "casoHub")} for body in all_)
    named = (str(body.get("outside") or body["casoHub"]) for body in all_)
    return [Change(name, "create", name, body, name) for name, body in zip(named, made, strict=True)]


def written(connector: Connector, all_: Sequence[Change]) -> int:
    """How many were taken, each with its record."""
    done = 0
    for receipt in connector.push(all_):
        if receipt.error is not None:
            raise receipt.error
        done += receipt.record is not None
    return done


def rest(url: str) -> Side:
    """The REST connector; one by one the target has no batches."""
    credentials = Credentials(url, "casebridge", SECRET)
    pace, signs = Pace(Plenty(), time.sleep), {"auth": BearerToken(), "concurrency": CONNECTIONS, "page": PAGE}
    origin, target = (load_system(DECLARED / name).model_copy(update=signs) for name in ("origin", "target"))
    single = target.model_copy(update={"create_batch": None, "update_batch": None})
    reads, ones, batches = (connect(one, credentials, clock=now, before=pace) for one in (origin, single, target))
    assert BATCH == 200
    return Side(
        lambda cases: sum(len(page.records) for page in reads.pull(None)),
        lambda all_: written(ones, all_),
        lambda all_: written(batches, all_),
        changes,
    )


def soap(url: str) -> Side:
    """The SOAP connector, with Telvoz's contract."""
    system = load_system(TELVOZ)
    assert isinstance(system, SoapSystem)
    system = system.model_copy(update={"concurrency": CONNECTIONS, "page": PAGE})
    credentials = replace(Credentials(url), login="casebridge", password=SECRET)
    connector = Soap(system, credentials, before=Pace(Plenty(), time.sleep))

    def pull(cases: int) -> int:
        read = 0
        while read < cases:
            told = connector.told("list", {"since": None, "offset": read, "limit": PAGE})
            read += len([connector.record(one, "list") for one in told["casos"]["caso"]])
        return read

    return Side(pull, lambda all_: written(connector, all_), ready=changes)


if __name__ == "__main__":
    run({"transport": transport, "rest": rest, "soap": soap})
