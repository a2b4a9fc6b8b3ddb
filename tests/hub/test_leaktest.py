"""The leak test finds nothing in the hub as it is, and each wrong hub and each wider agreement by name."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.errors import ConnectorError
from connectors.files import Files
from connectors.memory import Memory
from hub import edges, exchange, folding, owing, own_log, planning, route, telling
from hub.acting import CannotDo
from hub.agreement import EVERYTHING, OPEN, Agreement
from hub.alliance import Alliance
from hub.cli import app
from hub.edges import Sharing
from hub.leaks.trial import Verdict, leak_test
from hub.ledger import Ledger, engine_for
from hub.partners import Partner
from hub.settings import Settings
from mappings import lens as lenses
from mappings.case import Visibility

FIELDS = ["name", "priority", "status", "relatedParty.customer.id", "relatedEntity.*"]
SEEN = {"internal": "private", "partners": "partners", "customer": "customer"}


@pytest.fixture
def alliance(new_world: Callable[[], Any]) -> Alliance:
    """Three companies with files, and an agreement of two edges that share little."""
    partners = {}
    for name, partner in new_world().exchange.alliance.partners.items():
        content = {**partner.mapping.content}
        content["case"] = {**content["case"], "relatedParty.customer.contact": "customer.phone"}
        content["attachments"] = {**content["attachments"], "visibility": {"from": "audience", "values": SEEN}}
        system = partner.system.model_copy(update={"files": Files(largest=2**20)})
        partners[name] = Partner(name, system, lenses.compile(content, partner=name), partner.mapping)
    return Alliance(partners, Agreement.model_validate(text()))


def text() -> dict[str, Any]:
    return {
        "version": "test",
        "effective": "2026-01-01",
        "partners": {name: {"title": name.title()} for name in ("north", "south", "east")},
        "sharing": {
            "some": {"fields": FIELDS, "pseudonyms": ["relatedParty.customer.name"], "notes": ["partners", "customer"],
                     "attachments": ["customer"]},
            "less": {"fields": ["name", "status"], "notes": ["customer"]},
        },
        "edges": [
            {"id": "north-south", "from": "north", "to": "south", "crosses": "some",
             "when": {"relatedEntity.product.id": ["TV", "NET"]}},
            {"id": "south-east", "from": "south", "to": "east", "crosses": "less"},
        ],
    }  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "agreement.yaml"
    path.write_text(json.dumps(text()))
    return Settings.from_environment({"CASEBRIDGE_HOME": str(tmp_path), "CASEBRIDGE_AGREEMENT": str(path)})


@pytest.fixture
def tried(settings: Settings, alliance: Alliance) -> Callable[..., Verdict]:
    """A whole leak test of these three; by: the agreement that the hub lives by."""

    def trial(by: dict[str, Any] | None = None, url: str = "") -> Verdict:
        lives = replace(alliance, agreement=Agreement.model_validate(by or text()))
        return leak_test(settings, lives, text(), tuple(alliance.partners), chance=Random(1), url=url)

    return trial


def found(verdict: Verdict) -> set[tuple[str, str]]:
    return {(leak.to, leak.what) for leak in verdict.leaks}


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_nothing_leaks_and_everything_is_tried(
    tried: Callable[..., Verdict], where: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("new_database")() if where == "postgresql" else ""
    verdict = tried(url=url)
    assert (verdict.leaks, verdict.untried) == ((), ())
    figures = {one.company: one for one in verdict.looked}
    assert all(0 < one.has <= one.may < one.others for one in figures.values()), figures
    assert figures["east"].may < figures["south"].may  # it is given less, and has less


def test_the_sandbox_companies_hold_as_they_are_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, ["leaktest", "--all", "--seed", "7"])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()[1:]]
    assert {line[0] for line in lines} == {"brightnet", "northcable", "telvoz"}
    assert all(line[-1] == "0" and int(line[3]) > 500 for line in lines), lines
    (kept,) = (tmp_path / "leaktests.jsonl").read_text().splitlines()
    assert json.loads(kept)["holds"] is True


def wider_fields(told: dict[str, Any]) -> None:
    told["sharing"]["less"]["fields"].append("relatedParty.customer.*")


def all_fields(told: dict[str, Any]) -> None:
    told["sharing"]["some"]["fields"] = ["*"]


def private_notes(told: dict[str, Any]) -> None:
    for one in told["sharing"].values():
        one["notes"] = ["private", "partners", "customer"]


def wider_notes(told: dict[str, Any]) -> None:
    told["sharing"]["less"]["notes"].append("partners")


def wider_files(told: dict[str, Any]) -> None:
    told["sharing"]["some"]["attachments"] = ["partners", "customer"]


def another_sharing(told: dict[str, Any]) -> None:
    told["edges"][1]["crosses"] = "some"


def one_more_edge(told: dict[str, Any]) -> None:
    told["edges"].append({"id": "north-east", "from": "north", "to": "east", "crosses": "less"})


def without_condition(told: dict[str, Any]) -> None:
    del told["edges"][0]["when"]


WIDER = {
    wider_fields: ("east", "field relatedParty.customer.contact"),
    all_fields: ("south", "field cost.amount"),
    private_notes: ("east", "note private"),
    wider_notes: ("east", "note partners"),
    wider_files: ("south", "file partners"),
    another_sharing: ("east", "field relatedParty.customer.id"),
    one_more_edge: ("east", "field name"),
    without_condition: ("south", "field name"),
}


@pytest.mark.parametrize("mutant", WIDER, ids=lambda one: one.__name__)
def test_an_agreement_that_is_wider_than_what_was_agreed_is_found_out(
    tried: Callable[..., Verdict], mutant: Callable[[dict[str, Any]], None]
) -> None:
    told = text()
    mutant(told)
    assert WIDER[mutant] in found(tried(told))


def sharing_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Agreement, "sharing_of", lambda *_: EVERYTHING)


def sharing_of_the_first_edge(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Agreement, "sharing_of", lambda self, *_: self.sharing["some"])


def list_read_as_beginnings(patch: pytest.MonkeyPatch) -> None:
    """`relatedParty.customer.id` read as all of `relatedParty`."""
    begins = lambda fields, path: any(one == "*" or one.split(".")[0] == path.split(".")[0] for one in fields)  # noqa: E731
    patch.setattr(edges, "_crosses", begins)


def everybody_has_it(patch: pytest.MonkeyPatch) -> None:
    everybody = lambda state, links: ["east", "north", "south"]  # noqa: E731
    for room in (route, owing, planning.route):
        patch.setattr(room, "targets", everybody, raising=False)


def private_is_for_partners(patch: pytest.MonkeyPatch) -> None:
    every = Sharing(fields=("*",), notes=(*OPEN, Visibility.PRIVATE), attachments=(*OPEN, Visibility.PRIVATE))
    patch.setattr(Agreement, "sharing_of", lambda *_: every)
    patch.setattr(Agreement, "crossing_notes", frozenset(Visibility))  # else such a note is not even taken in


def agents_are_told_the_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(telling._Teller, "holder", lambda self: f"{self.state.values.get('relatedParty.customer.name')}")


def pseudonyms_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The name goes out as it is, where it was agreed that a pseudonym does."""
    patch.setattr(route, "shown", lambda sharing, secret, partner, path, value: value)


def denied_and_done(patch: pytest.MonkeyPatch) -> None:
    """A hand-over that no edge permits goes through over whatever edge there is."""
    patch.setattr(Agreement, "edge", lambda self, giver, receiver, values: self.edges[0])


def records_are_logged(patch: pytest.MonkeyPatch) -> None:
    kept = exchange.take

    def take(tx: Any, alliance: Any, record: Any, **more: Any) -> Any:
        logging.getLogger("casebridge").debug("took %s", json.dumps(record.body, default=str).encode().hex())
        return kept(tx, alliance, record, **more)

    patch.setattr(exchange, "take", take)


def logins_are_logged(patch: pytest.MonkeyPatch) -> None:
    def pull(self: Memory, cursor: Any) -> Any:
        logging.getLogger("casebridge").info("as %s", base64.b64encode(self._credentials.password.encode()))
        return told(self, cursor)

    told = Memory.pull
    patch.setattr(Memory, "pull", pull)


def values_in_errors(patch: pytest.MonkeyPatch) -> None:
    kept = ConnectorError.text
    patch.setattr(ConnectorError, "text", lambda self: f"{kept(self)} Value: {self.value}")


def names_in_the_clear(patch: pytest.MonkeyPatch) -> None:
    told = lambda values, changed=None: {"who": values.get("relatedParty.customer.name")}  # noqa: E731
    patch.setattr(folding, "about", told)


def own_log_of_all(patch: pytest.MonkeyPatch) -> None:
    """What waits is told whole, whoever's it is."""

    def lines(ledger: Ledger, partner: str) -> Iterator[Any]:
        for row in ledger.parked():
            yield own_log.OwnLine(row.since, "", row.message)

    patch.setattr(own_log, "_waiting", lines)


WRONG: dict[Callable[[pytest.MonkeyPatch], None], tuple[str, str]] = {
    sharing_skipped: ("east", "field relatedParty.customer.contact"),
    sharing_of_the_first_edge: ("east", "note partners"),
    list_read_as_beginnings: ("south", "field relatedParty.customer.contact"),
    everybody_has_it: ("east", "a value of contactPoint"),
    private_is_for_partners: ("south", "note private"),
    pseudonyms_forgotten: ("south", "field relatedParty.customer.name"),
    denied_and_done: ("east", "field relatedParty.customer.id"),
    records_are_logged: ("the log", "note private"),
    logins_are_logged: ("the log", "secret"),
    values_in_errors: ("a task's error", "error"),
    names_in_the_clear: ("an entry's envelope", "field relatedParty.customer.name"),
    own_log_of_all: ("east", "error"),
}


@pytest.mark.parametrize("mutant", WRONG, ids=lambda one: one.__name__)
def test_a_hub_that_lets_something_out_is_found_out(
    tried: Callable[..., Verdict], mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    assert WRONG[mutant] in found(tried()), sorted(found(tried()))


def test_what_agents_are_told_is_looked_at_too(
    tried: Callable[..., Verdict], alliance: Alliance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.declared import Told

    for name, told in (("north", Told(field="hub_says")), ("south", Told(note="private"))):
        one = alliance.partners[name]
        alliance.partners[name] = replace(one, system=one.system.model_copy(update={"told": told}))  # type: ignore[index]
    assert found(tried()) == set()
    agents_are_told_the_name(monkeypatch)
    assert ("south", "field relatedParty.customer.name") in found(tried())


def test_a_leak_is_told_with_its_place_its_way_and_the_fix(tried: Callable[..., Verdict]) -> None:
    told = text()
    wider_fields(told)
    (leak, *_) = (one for one in tried(told).leaks if one.what == "field relatedParty.customer.contact"
                  and (one.to, one.whose) == ("east", "north"))  # fmt: skip
    assert leak.where in {"create customer.phone", "update customer.phone"}
    assert leak.path == "north-south, then south-east"
    assert leak.fix == (
        "sharing less as agreed does not let relatedParty.customer.contact cross: take it out of agreement.yaml, or "
        "have it agreed."
    )


def test_an_edge_over_which_nothing_came_is_not_proven(
    tried: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Agreement, "edge", lambda *_: None)
    verdict = tried()
    assert not verdict.holds
    assert "north-south: nothing came to south over north-south: north transferred it" in verdict.untried[0]


@pytest.mark.parametrize("kind", ["ledger", "keys"])
def test_it_is_never_run_where_the_installation_keeps_its_own(
    settings: Settings, alliance: Alliance, kind: str
) -> None:
    url = {"ledger": settings.ledger_url, "keys": settings.keys_url}[kind]
    for written in (url, url.replace(f"{settings.home}/", f"{settings.home}/../{settings.home.name}/")):
        with pytest.raises(CannotDo, match="X520 the leak test is never run on the ledger of the installation itself"):
            leak_test(settings, alliance, text(), ("north",), chance=Random(1), url=written)


def test_a_database_in_use_is_refused(settings: Settings, alliance: Alliance, new_database: Callable[[], str]) -> None:
    for url in (new_database(), f"sqlite:///{settings.home / 'other.db'}"):
        engine = engine_for(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
        engine.dispose()
        with pytest.raises(
            CannotDo, match=r"X520 the database at .* is in use: it has theirs\.\n  Fix: leave --ledger"
        ):
            leak_test(settings, alliance, text(), ("north",), chance=Random(1), url=url)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "X521 say whose"),
        (("north", "--all"), "X521 say whose"),
        (("nobody",), "X502 there is no partner 'nobody'"),
    ],
)
def test_whose_share_is_looked_at_has_to_be_said(given: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["leaktest", *given])
    assert done.exit_code == 1
    assert said in str(done.exception)
