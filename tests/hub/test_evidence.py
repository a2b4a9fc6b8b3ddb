"""Evidence of calls over real sockets, REST, SOAP and Salesforce: what was said stands under the case, its digest in
the receipt; one case never holds another's words, no secret is in any byte; erased it is unreadable, old it is gone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import System
from connectors.errors import ConnectorError
from hub.evidence import EvidenceRow
from hub.evidence_words import CallLine, lines_of, pages_of, proven, run_line
from hub.ledger import Ledger
from hub.tables import evidence
from sandbox.companies.logins import API_LOGINS
from sandbox.hostile.alliance import World, alliance
from sandbox.hostile.answers import Asked
from sandbox.hostile.front import Answer, Meddle, Through, leave
from sandbox.words import COMPANIES

DEADLINE = 3.0
PRODUCTS = {"northcable": "CABLE-TV", "telvoz": "TEL-HOME", "brightnet": "NET-100"}
DAY = timedelta(days=1)
FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
    b"<faultstring>Eso no</faultstring></s:Fault></s:Body></s:Envelope>"
)
REFUSALS: dict[str, Callable[[Asked], Answer]] = {
    "northcable": lambda asked: Answer(
        422, {"error": {"code": "bad", "message": "Eso no", "field": "title", "known": []}}
    ),
    "telvoz": lambda asked: Answer(500, FAULT, {"content-type": "text/xml"}),
    "brightnet": lambda asked: Answer(400, [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Eso no"}]),
}


def unwatched(system: System) -> System:
    return system.model_copy(update={"watch": 1e9})


@dataclass
class Kept:
    """The alliance, and what is kept of one of its cases."""

    world: World

    def cross(self, receiver: str, reference: str, count: int = 1) -> list[str]:
        """So many cases, opened and read and owed to that company; their hub ids."""
        giver, product = "telvoz" if receiver == "northcable" else "northcable", PRODUCTS[receiver]
        for n in range(count):
            self.world.open(giver, f"{reference}-{n}", product=product, holder=receiver)
        self.world.exchange.intake(giver)
        found = self.world.ledger.cases(limit=200)
        return sorted(one.id for one in found if one.name.startswith(f"Case {reference}-"))

    def rows(self, case_id: str, since: timedelta = DAY) -> list[EvidenceRow]:
        return self.world.ledger.evidence(case_id, self.world.now - since)

    def lines(self, case_id: str) -> list[CallLine]:
        return lines_of(self.rows(case_id))

    def text(self, case_id: str) -> str:
        return "\n".join(page for row in self.rows(case_id) for page in pages_of(row))

    def meddle(self, name: str, answer: Callable[[Asked], Answer | None]) -> None:
        async def meddle(asked: Asked, through: Through) -> Answer:
            return answer(asked) or await through(asked)

        as_meddle: Meddle = meddle
        self.world.fronts[name].meddle = as_meddle

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Its calls, logins apart, are answered after the hub has gone, which waits for a little only."""
        partner = self.world.exchange.alliance.partners[name]
        declared = partner.system
        object.__setattr__(partner, "system", declared.model_copy(update={"deadline": DEADLINE}))
        self.world.exchange.close(name)
        self.world.misbehave(name, "answer_late", with_={"seconds": DEADLINE * 1.5})
        yield
        object.__setattr__(partner, "system", declared)
        self.world.exchange.close(name)
        self.world.behave(name)

    def deliver(self, name: str) -> None:
        try:
            self.world.exchange.deliver(name)
        except ConnectorError:
            return


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with alliance(tmp_path_factory.mktemp("alliance"), **dict.fromkeys(COMPANIES, unwatched)) as world:
        world.rest()
        yield world


@pytest.fixture
def kept(running: World) -> Iterator[Kept]:
    yield Kept(running)
    for front in running.fronts.values():
        front.meddle = leave
    running.behave()
    running.later(7200)
    running.rest()


@pytest.fixture
def kept_anywhere(ledger: Ledger, tmp_path: Path) -> Iterator[Kept]:
    """The same over an empty ledger of each database."""
    with alliance(tmp_path, ledger=ledger, **dict.fromkeys(COMPANIES, unwatched)) as world:
        world.rest()
        yield Kept(world)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("northcable", "POST /api/tickets"), ("telvoz", "POST /soap"), ("brightnet", "POST /services/data/v60.0/")],
)
def test_a_create_is_kept_with_what_was_said_and_its_receipt_proves_it(kept: Kept, name: str, asked: str) -> None:
    (case_id,) = kept.cross(name, f"made-{name}")
    kept.world.exchange.deliver(name)
    line = next(line for line in kept.lines(case_id) if line.partner == name)
    assert line.asked.startswith(asked)
    assert (line.outcome, line.tries, line.good) == ("ok", 1, True)
    row = next(row for row in kept.rows(case_id) if row.partner == name)
    sent, _, answered = pages_of(row)[0].partition("\n< 20")
    assert f"Case made-{name}-0" in sent
    native = next(link.native_id for link in kept.world.ledger.links(case_id) if link.partner == name)
    assert native in answered
    assert "ms in all, 1 try" in sent
    entries = list(kept.world.ledger.entries(case_id=case_id))
    receipt = next(entry for entry in entries if entry.kind == "delivered" and entry.partner == name)
    assert receipt.detail["evidence"] == row.digest
    assert proven(row, entries) == f"as in the receipt of entry {receipt.seq}"


@pytest.mark.parametrize("name", COMPANIES)
def test_a_refused_create_is_kept_with_their_words(kept: Kept, name: str) -> None:
    (case_id,) = kept.cross(name, f"refused-{name}")
    kept.meddle(name, lambda asked: None if "token" in asked.path else REFUSALS[name](asked))
    kept.deliver(name)
    line = next(line for line in kept.lines(case_id) if line.partner == name)
    assert not line.good
    assert line.status in ("422", "500", "400")
    text = kept.text(case_id)
    assert f"Case refused-{name}-0" in text
    assert "Eso no" in text
    entries = list(kept.world.ledger.entries(case_id=case_id))
    assert [e.detail["evidence"] for e in entries if e.kind == "parked"] == [kept.rows(case_id)[-1].digest]


@pytest.mark.parametrize("name", COMPANIES)
def test_no_answer_says_after_how_long_and_the_look_that_follows_stands_beside(kept: Kept, name: str) -> None:
    (case_id,) = kept.cross(name, f"lost-{name}")
    with kept.held(name):
        kept.deliver(name)
    line = next(line for line in kept.lines(case_id) if line.partner == name)
    assert line.status == "none"
    assert line.outcome.startswith("no answer after 3.")
    assert line.outcome.endswith("s (C401)")
    assert f"Case lost-{name}-0" in kept.text(case_id)
    entries = list(kept.world.ledger.entries(case_id=case_id))
    assert next(e for e in entries if e.kind == "unknown").detail["evidence"] == kept.rows(case_id)[-1].digest

    kept.world.misbehave(name, "gateway_error", times=1)
    kept.world.later(600)
    kept.deliver(name)
    looked = [line for line in kept.lines(case_id) if line.partner == name][1]
    assert (looked.partner, looked.tries, looked.good) == (name, 2, True)
    assert [row.state for row in kept.world.ledger.deliveries(case_id=case_id) if row.partner == name] == ["delivered"]


def test_a_call_that_was_told_to_wait_stands_beside_the_one_that_went_through(kept: Kept) -> None:
    (case_id,) = kept.cross("northcable", "waited")
    kept.world.misbehave("northcable", "rate_limit", times=1)
    kept.deliver("northcable")
    kept.world.later(600)
    kept.deliver("northcable")
    lines = [line for line in kept.lines(case_id) if line.partner == "northcable"]
    assert [(line.status, line.outcome) for line in lines[:2]] == [("429", "refused with 429"), ("201", "ok")]
    assert "< retry-after: 3" in kept.text(case_id).lower()


@pytest.mark.parametrize("name", ["northcable", "brightnet"])
def test_of_a_call_for_many_each_case_keeps_its_own_part(kept: Kept, name: str) -> None:
    if name == "northcable":
        _in_batches(kept.world)
    case_ids = kept.cross(name, f"many-{name}", 3)
    kept.world.exchange.deliver(name)
    titles = [f"Case many-{name}-{n}" for n in range(3)]
    for case_id in case_ids:
        row = next(row for row in kept.rows(case_id) if row.partner == name)
        assert lines_of([row])[0].outcome == "ok; one call for 3"
        pages = "\n".join(pages_of(row))
        told = [title for title in titles if title in pages]
        assert told == [next(one.name for one in kept.world.ledger.cases(limit=200) if one.id == case_id)]
        native = next(link.native_id for link in kept.world.ledger.links(case_id) if link.partner == name)
        assert f'"id": {native}' in pages or f'"id": "{native}"' in pages


def _in_batches(world: World) -> None:
    partner = world.exchange.alliance.partners["northcable"]
    batch = {"path": "/api/tickets/batch", "most": 50, "wrap": "tickets", "record": "ticket"}
    system: Any = type(partner.system).model_validate(partner.system.model_dump() | {"create_batch": batch})
    object.__setattr__(partner, "system", system)
    world.exchange.close("northcable")


def test_a_record_that_is_not_understood_stands_with_the_page_that_brought_it(kept: Kept) -> None:
    record = kept.world.open("telvoz", "odd", product="CABLE-TV")

    kept.world.misbehave("telvoz", "unknown_word", with_={"word": "En curso"})
    kept.world.exchange.intake("telvoz")
    (row,) = [row for row in kept.world.ledger.parked() if row.partner == "telvoz" and row.native_id == record.number]
    found = [e for e in kept.world.ledger.entries() if e.kind == "parked" and e.native_id == record.number]
    (line,) = kept.lines(found[-1].case_id)
    assert (line.asked, line.status, line.delivery) == ("POST /soap", "200", "read")
    assert row.code.startswith("M")


def test_a_run_is_one_line_and_names_what_failed_in_it(kept: Kept) -> None:
    kept.world.misbehave("northcable", "rights_taken", where={"call": "every"})
    kept.world.exchange.close("northcable")
    with pytest.raises(ConnectorError):
        kept.world.exchange.intake("northcable")
    newest = kept.world.ledger.evidence_of_runs("northcable", kept.world.now - DAY, 5)[0]
    assert run_line(newest).startswith("pull: 1 calls in ")
    assert "1 x 403" in run_line(newest)
    assert [failed["status"] for failed in newest.lines[0]["failed"]] == [403]
    assert newest.calls is None


def test_it_is_kept_on_each_database_without_a_secret_until_it_is_erased_or_old(kept_anywhere: Kept) -> None:
    kept, world = kept_anywhere, kept_anywhere.world
    case_ids = [kept.cross(name, f"all-{name}")[0] for name in COMPANIES]
    for name in COMPANIES:
        world.exchange.deliver(name)
    with world.ledger.engine.connect() as connection:
        stored = list(connection.execute(sa.select(evidence)).mappings())
    assert {row["partner"] for row in stored if row["case_id"]} == set(COMPANIES)
    opened = [
        row["lines"].encode() + (_opened(world.ledger, row) if row["body"] is not None else b"") for row in stored
    ]
    secret = API_LOGINS["casebridge"]
    pair = base64.b64encode(f"casebridge:{secret}".encode())
    tokens = {asked.headers.get("authorization", "") for front in world.fronts.values() for asked in front.asked}
    hidden = [secret.encode(), pair, *(token.partition(" ")[2].encode() for token in tokens if token)]
    assert len(hidden) >= 4
    assert not [one for one in hidden for raw in opened if one in raw]
    assert not [row for row in stored for title in (b"Case all-", b"CABLE-TV") if title in (row["body"] or b"")]

    subject = next(row["subject"] for row in stored if row["case_id"] == case_ids[0])
    assert world.ledger.keyring.forget(subject)
    assert set(kept.text(case_ids[0]).splitlines()) == {"cannot be read: its data subject was erased"}
    assert "Case all-telvoz-0" in kept.text(case_ids[1])
    assert world.ledger.broken_at() is None

    world.later(15 * 86400)
    assert kept.rows(case_ids[1]) == []
    assert len(kept.rows(case_ids[1], DAY * 20)) > 0
    world.exchange.intake("brightnet")
    assert kept.rows(case_ids[1], DAY * 20) == []


def _opened(ledger: Ledger, row: Any) -> bytes:
    """All that can be had of a row by who holds the keys."""
    (found,) = [one for one in ledger.evidence(row["case_id"], row["at"] - DAY) if one.id == row["id"]]
    return json.dumps(found.calls, ensure_ascii=False).encode()


def test_evidence_that_was_edited_is_in_no_receipt(kept_anywhere: Kept) -> None:
    kept, ledger = kept_anywhere, kept_anywhere.world.ledger
    (case_id,) = kept.cross("northcable", "edited")
    kept.world.exchange.deliver("northcable")
    (row,) = [row for row in kept.rows(case_id) if row.partner == "northcable"]
    lines = json.dumps([{**row.lines[0], "status": 500}])
    with ledger.engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.execute(sa.update(evidence).where(evidence.c.id == row.id).values(lines=lines))
    (edited,) = [row for row in kept.rows(case_id) if row.partner == "northcable"]
    assert proven(edited, list(ledger.entries(case_id=case_id))).startswith("in no receipt")
