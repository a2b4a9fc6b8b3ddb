"""A person who is forgotten is nowhere any more: here, in files, at whoever had his data; and the chain verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Rejected, Unknown, Unreachable
from connectors.files import Files
from hub import erasing
from hub.acting import By, CannotDo
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.erasing import ask_all, begin, confirm, go_on_here
from hub.erasure import asked, of_case, of_customer
from hub.exchange import Exchange
from hub.keys import KeyLost, Keyring
from hub.ledger import Ledger, engine_for
from hub.partners import Partner
from hub.promises import watch
from hub.reviewing import questions
from hub.spool import Spool
from hub.state import case_id_of
from mappings import lens as lenses

BY = By("ann", "a letter of the customer's")
SEEN = {"internal": "private", "partners": "partners", "customer": "customer"}
MARK = "zqx"
"""Before everything that a customer of these tests said or is called."""


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger on disk, its keys and its files beside it."""
    url = f"sqlite:///{tmp_path}/l.db" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    keyring = Keyring(engine_for(f"sqlite:///{tmp_path}/k.db"), bytes(32))
    made = Ledger(engine_for(url), keyring, spool=Spool(tmp_path / "spool", keyring))
    made.upgrade()
    yield made
    made.engine.dispose()
    keyring.engine.dispose()


@pytest.fixture
def world(ledger: Ledger, worlds: Callable[[Ledger], Any]) -> Any:
    """Three companies with files; South lets the hub empty its fields, the others' people do it."""
    made = worlds(ledger)
    partners = {}
    for name, partner in made.exchange.alliance.partners.items():
        content = {**partner.mapping.content}
        content["attachments"] = {**content["attachments"], "visibility": {"from": "audience", "values": SEEN}}
        system = partner.system.model_copy(
            update={"files": Files(largest=2**20), "erasure": "blank" if name == "south" else "person", "picklists": {}}
        )
        made.stores[name].system = system
        document = replace(partner.mapping, content=content)
        partners[name] = Partner(name, system, lenses.compile(content, partner=name), document)
    told = made.exchange.alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["attachments"] = ["partners", "customer"]
    made.exchange = Exchange(
        ledger, Alliance(partners, Agreement.model_validate(told), ledger.spool), made.connect, made.clock
    )
    return made


def customer_of(world: Any, who: str, company: str = "north", **fields: Any) -> str:
    """A case of this customer that South has too; its native id where it began."""
    native_id = world.stores[company].create({
        "title": f"{MARK} {who} title", "details": f"{MARK} {who} details", "state": "Open", "urgency": "P2",
        "customer": {"id": f"{MARK}-{who}", "name": f"{MARK} {who} name"}, **fields,
    })  # fmt: skip
    world.rest()
    return str(native_id)


def handed(world: Any, who: str, **fields: Any) -> str:
    native_id = customer_of(world, who, **fields)
    world.stores["north"].edit(native_id, {"company": "South"})
    world.rest()
    return native_id


def forgotten(world: Any, who: str) -> list[erasing.Step]:
    with world.ledger.look(world.clock()) as tx:
        found = of_customer(tx, f"{MARK}-{who}")
    begin(world.exchange, found, BY)
    return ask_all(world.exchange)


def everything(world: Any, tmp_path: Path) -> str:
    """All that is kept here: every value of every table, opened where a key opens it; every file as it is."""
    found: list[str] = []
    for engine in (world.ledger.engine, world.ledger.keyring.engine):
        with engine.connect() as connection:
            for name in sa.inspect(engine).get_table_names():
                for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings():
                    found.append(repr(dict(row)))
                    for column in ("body", "sealed"):
                        if row.get(column) is not None and row.get("subject"):
                            try:
                                found.append(repr(world.ledger.keyring.open(row["subject"], bytes(row[column]))))
                            except KeyLost:
                                found.append("no key")
    found += [path.read_bytes().decode("latin-1") for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    return "\n".join(found)


def lived(world: Any, who: str) -> str:
    """A case with notes both ways, files, a word that parks, a refused write, and feedback."""
    native_id = handed(world, who)
    north, south = world.stores["north"], world.stores["south"]
    theirs = next(str(b["id"]) for b in south.bodies() if b["title"].startswith(f"{MARK} {who}"))
    for audience in ("internal", "partners", "customer"):
        north.note(native_id, f"{MARK} {who} note {audience}", audience, author=f"{MARK} {who} agent")
    south.note(theirs, f"{MARK} {who} answer", "partners", author="Ben")
    north.attach(native_id, f"{MARK} {who} in the file".encode() * 50, name=f"{MARK} {who}.txt", type="text/plain",
                 audience="partners")  # fmt: skip
    world.exchange.intake("north")
    world.rest()
    north.edit(native_id, {"urgency": f"{MARK} {who} urgency"})
    south.edit(theirs, {"reason": f"{MARK} {who} reason", "state": "Waiting"})
    world.rest()
    north.edit(native_id, {"urgency": "P1", "title": f"{MARK} {who} other title"})
    south.fail(Rejected("too long.", said=f"{MARK} {who} is too long", value=f"{MARK} {who}"))
    world.rest()
    south.heal()
    north.edit(native_id, {"score": 2, "details": f"{MARK} {who} more"})
    world.rest()
    return native_id


def test_nothing_of_a_forgotten_person_is_left_and_the_chain_verifies(world: Any, tmp_path: Path) -> None:
    for who in ("ann", "bob"):
        lived(world, who)
    assert f"{MARK} ann" in everything(world, tmp_path)
    before = world.ledger.count_cases()
    forgotten(world, "ann")
    left = everything(world, tmp_path)
    assert f"{MARK} ann" not in left
    assert f"{MARK}-ann" not in left
    assert f"{MARK} bob other title" in left  # the others are whole
    assert world.ledger.count_cases() == before - 1
    assert world.ledger.broken_at() is None
    assert list((tmp_path / "spool").glob("*")) == []


def test_every_company_that_had_it_is_asked_and_each_receipt_is_kept(world: Any) -> None:
    native_id = lived(world, "ann")
    case_id = case_id_of("north", native_id)
    steps = {step.partner: step for step in forgotten(world, "ann")}
    assert {name: step.state for name, step in steps.items()} == {"north": "waiting", "south": "waiting"}
    assert "what stands in it by the hub's hand (2 notes, 1 file)" in steps["south"].told
    (body,) = world.stores["south"].bodies()
    told = [body[name] for name in ("title", "details", "reason")] + [body["customer"][name] for name in ("id", "name")]
    assert told == ["(erased)", None, None, None, None]
    for name in ("north", "south"):
        assert confirm(world.exchange, name, case_id, By("ben", "purged today")) == 1
    receipts = {e.partner: e.detail["how"] for e in world.ledger.entries(case_id=case_id) if e.kind == "erased"}
    assert receipts == {"hub": "removed", "north": "confirmed", "south": "confirmed"}
    assert [row for row in world.ledger.parked() if row.subject == "erasure"] == []
    with pytest.raises(CannotDo, match=r"X532 nothing of case .* waits for south to be erased"):
        confirm(world.exchange, "south", case_id, By("ben", "again"))


def test_a_copy_with_nothing_but_our_fields_is_emptied_without_a_person(world: Any) -> None:
    handed(world, "ann")
    steps = {step.partner: step.state for step in forgotten(world, "ann")}
    assert steps == {"north": "waiting", "south": "done"}  # where it began, the record is their own
    (body,) = world.stores["south"].bodies()
    assert MARK not in repr(body)
    assert MARK in repr(world.only("north"))


def test_what_is_pulled_again_is_not_brought_back(world: Any, tmp_path: Path) -> None:
    native_id = lived(world, "ann")
    forgotten(world, "ann")
    world.stores["north"].edit(native_id, {"details": f"{MARK} ann once more", "company": "South"})
    world.rest()
    for name in ("north", "south"):
        assert world.exchange.reconcile(name).news == 0
    with world.ledger.transaction(world.clock()) as tx:
        tx.note_partner("north", cursor=None)
    world.rest()  # read whole
    assert world.ledger.count_cases() == 0
    assert f"{MARK} ann" not in everything(world, tmp_path)
    assert len(world.stores["south"].bodies()) == 1


def test_who_comes_back_later_is_a_new_person_under_a_new_key(world: Any, tmp_path: Path) -> None:
    old = lived(world, "ann")
    forgotten(world, "ann")
    again = handed(world, "ann", title="back again")
    assert (world.ledger.count_cases(), old != again) == (1, True)
    case = world.ledger.case(case_id_of("north", again))
    assert case is not None
    assert case.name == "back again"
    assert f"{MARK} ann more" not in everything(world, tmp_path)


def test_a_create_that_nobody_knows_of_is_looked_for_and_emptied(world: Any) -> None:
    native_id = customer_of(world, "ann")
    world.stores["south"].fail(Unknown("no answer"), on="push", after=True)
    world.stores["north"].edit(native_id, {"company": "South"})
    world.exchange.intake("north")
    world.exchange.deliver("south")  # made there, and nobody here knows
    assert {step.partner: step.state for step in forgotten(world, "ann")}["south"] == "done"
    assert MARK not in repr(world.only("south"))
    world.rest()
    assert world.ledger.count_cases() == 0


def test_a_company_that_is_not_reached_is_asked_again(world: Any) -> None:
    handed(world, "ann")
    world.stores["south"].fail(Unreachable("no way there"), on="fetch")
    steps = {step.partner: step for step in forgotten(world, "ann")}
    assert steps["south"].state == "planned"
    assert "asked again later" in steps["south"].told
    world.now = world.now.replace(hour=23)
    assert [(step.partner, step.state) for step in ask_all(world.exchange)] == [("south", "done")]
    assert ask_all(world.exchange) == []
    assert MARK not in repr(world.only("south"))


def test_what_a_company_refuses_is_for_one_of_its_people(world: Any) -> None:
    handed(world, "ann")
    world.stores["south"].fail(Rejected("a required field", code="C602"))
    steps = {step.partner: step for step in forgotten(world, "ann")}
    assert steps["south"].state == "waiting"
    assert "The hub was refused (C602)." in steps["south"].told


def test_a_work_under_way_meanwhile_brings_nothing_back(world: Any, tmp_path: Path) -> None:
    """Another worker is in the middle of a delivery when the person is forgotten."""
    native_id = handed(world, "ann")
    world.stores["north"].edit(native_id, {"title": f"{MARK} ann new title"})
    world.exchange.intake("north")
    world.after_push["south"] = lambda: forgotten(world, "ann")
    world.exchange.deliver("south")
    world.rest()
    assert world.ledger.count_cases() == 0
    assert f"{MARK} ann" not in everything(world, tmp_path)
    assert world.ledger.broken_at() is None


class Killed(BaseException):
    """The process dies here."""


@contextmanager
def killed(world: Any, nth: int) -> Iterator[list[int]]:
    """Dies at the nth step that leaves a mark: a commit, before or after it; a file; a key; a write to a partner."""
    count, kept = [0], {}

    def step(called: Callable[..., Any]) -> Callable[..., Any]:
        def then(*given: Any, **named: Any) -> Any:
            for moment in ("before", "after"):
                count[0] += 1
                if count[0] == nth:
                    raise Killed
                if moment == "before":
                    done = called(*given, **named)
            return done

        return then

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.ledger, name)

        @contextmanager
        def transaction(self, now: datetime) -> Iterator[Any]:
            with world.ledger.transaction(now) as tx:
                yield tx
                step(lambda: None)()
            step(lambda: None)()

    kept = {"drop": world.ledger.spool.drop, "forget": world.ledger.keyring.forget, "exchange": world.exchange}
    world.ledger.spool.drop, world.ledger.keyring.forget = step(kept["drop"]), step(kept["forget"])
    world.exchange = replace(world.exchange, ledger=Dying())
    world.after_push["south"] = step(lambda: None)
    try:
        yield count
    finally:
        world.ledger.spool.drop, world.ledger.keyring.forget = kept["drop"], kept["forget"]
        world.exchange = kept["exchange"]
        world.after_push.pop("south", None)


def test_killed_anywhere_it_is_gone_on_with(world: Any, tmp_path: Path) -> None:
    nth, done = 0, False
    while not done:
        nth += 1
        who = f"c{nth}"
        native_id = handed(world, who)
        with killed(world, nth):
            try:
                forgotten(world, who)
                done = True
            except Killed:
                pass
        with world.ledger.look(world.clock()) as tx:
            begun = bool(asked(tx, "planned", "waiting", "done", case_id=case_id_of("north", native_id)))
        if begun:
            go_on_here(world.exchange)
            ask_all(world.exchange)
        else:
            forgotten(world, who)  # nothing was done, and nothing was half done
        left = everything(world, tmp_path)
        assert f"{MARK} {who} " not in left, nth
        case_id = case_id_of("north", native_id)
        receipts = [e.partner for e in world.ledger.entries(case_id=case_id) if e.kind == "erased"]
        assert sorted(receipts) == ["hub", "south"], (nth, receipts)
        assert MARK not in repr([body for body in world.stores["south"].bodies() if body["hub_case"] == case_id])
    assert nth > 10
    assert world.ledger.broken_at() is None


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_said_nothing_of_one_person_is_left(world: Any, tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    people = ["ann", "bob", "cid"]
    natives = {(who, n): handed(world, who) for who in people for n in range(chance.randint(1, 2))}
    for number in range(25):
        who, n = chance.choice(sorted(natives))
        north, word = world.stores["north"], f"{MARK} {who} {number}"
        act = chance.randrange(7)
        native_id = natives[who, n]
        if act < 2:
            north.edit(native_id, {chance.choice(["title", "details", "reason"]): word})
        elif act == 2:
            north.note(native_id, word, chance.choice(list(SEEN)), author=word)
        elif act == 3:
            north.attach(native_id, word.encode(), name=word, audience="partners")
        elif act == 4:
            north.edit(native_id, {"urgency": chance.choice([word, "P1", "P3"])})
        elif act == 5:
            world.stores["south"].fail(chance.choice([Rejected, Unknown])("no.", said="whose it is, chance says"))
        else:
            world.round()
    north.edit(natives[chance.choice(sorted(natives))], {"urgency": "P2"})
    world.round()
    forgotten(world, "bob")
    left = everything(world, tmp_path)
    assert not [line for line in left.splitlines() if f"{MARK} bob" in line or f"{MARK}-bob" in line]
    assert f"{MARK} ann" in left
    world.later(3600)
    for _ in range(3):
        world.round()
    assert f"{MARK} bob" not in everything(world, tmp_path)
    assert world.ledger.broken_at() is None


def test_one_case_of_several_under_one_key_is_found_with_the_others(world: Any) -> None:
    first, second = handed(world, "ann"), handed(world, "ann")
    with world.ledger.look(world.clock()) as tx:
        found = of_case(tx, case_id_of("north", first))
    assert {state.id for state in found.cases} == {case_id_of("north", first), case_id_of("north", second)}
    assert len(found.subjects) == 1
    assert "ann" not in found.subjects[0]


def test_what_looks_at_cases_by_itself_is_at_ease_with_a_forgotten_one(world: Any, tmp_path: Path) -> None:
    """Promises, feedback, review and evidence go on for the others, and bring nothing back."""
    native_id = lived(world, "ann")
    lived(world, "bob")
    alliance = world.exchange.alliance
    watch(world.ledger, alliance.agreement, world.clock, alliance)
    forgotten(world, "ann")
    world.later(30 * 86400)
    world.stores["north"].edit(native_id, {"urgency": "P3"})
    world.rest()
    assert watch(world.ledger, alliance.agreement, world.clock, alliance).looked >= 1
    asked_about = questions(world.ledger, alliance.agreement, {}, world.clock())
    assert f"{MARK} ann" not in str(asked_about)
    assert f"{MARK} ann" not in everything(world, tmp_path)
    assert world.ledger.broken_at() is None
