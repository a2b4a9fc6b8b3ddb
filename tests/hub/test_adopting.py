"""Cases that two companies had in common before the hub are adopted by declared numbers, and never made again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.declared import FirstContact
from hub.alliance import Alliance
from hub.declarations import Document
from hub.exchange import Exchange
from hub.partners import Partner
from mappings import lens as lenses

Declare = Callable[..., None]


@pytest.fixture
def declare(world: Any) -> Declare:
    """Have a company's mapping name a field with another's number: declare("south", north="ref_north")."""

    def declared(name: str, cut_off: Any = None, **fields: Any) -> None:
        partners = dict(world.exchange.alliance.partners)
        was = partners[name]
        content = copy.deepcopy(was.mapping.content)
        content["case"] |= {f"counterpart.{other}": field for other, field in fields.items()}
        document = Document(was.mapping.path, content, {(): (1, 1)})
        contact = FirstContact(guard="none", cut_off=cut_off)
        system = was.system.model_copy(update={"first_contact": contact})
        partners[name] = Partner(name, system, lenses.compile(content, partner=name), document)
        alliance = Alliance(partners, world.exchange.alliance.agreement)
        world.exchange = Exchange(world.ledger, alliance, world.connect, world.clock)

    return declared


def both(world: Any, **theirs: Any) -> None:
    """A case that both have: North works it under N-1, South holds that number."""
    world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2"})
    world.stores["south"].create({"title": "No signal", "state": "Open", "urgency": "P2", "ref_north": "N-1", **theirs})


def read(world: Any, *names: str) -> None:
    for name in names:
        world.exchange.intake(name)


def made(world: Any) -> tuple[int, int, int]:
    """How many records each company has."""
    north, south, east = (len(store.bodies()) for store in world.stores.values())
    return north, south, east


ORDERS = [("north", "south"), ("south", "north")]


@pytest.mark.parametrize("order", ORDERS)
def test_a_case_that_both_have_is_one_case_whichever_is_read_first(world: Any, declare: Declare, order: Any) -> None:
    declare("south", north="ref_north")
    both(world)
    read(world, *order)
    world.rest()
    assert world.ledger.count_cases() == 1
    assert made(world) == (1, 1, 0)
    (case,) = world.ledger.cases()
    assert {(link.partner, link.number, link.state) for link in case.links} == {
        ("north", "N-1", "linked"),
        ("south", "S-1", "linked"),
    }
    assert [(e.partner, e.detail["how"]) for e in world.ledger.entries() if e.kind == "linked"] == [
        (order[1], "adopted")
    ]
    assert (case.holder, case.accountable, case.contact_point) == (order[0],) * 3
    assert {body["hub_case"] for store in ("north", "south") for body in world.stores[store].bodies()} == {case.id}


@pytest.mark.parametrize("order", ORDERS)
def test_a_note_on_either_side_crosses_once(world: Any, declare: Declare, order: Any) -> None:
    declare("south", north="ref_north")
    both(world)
    read(world, *order)
    world.rest()
    world.stores["north"].note("1", "rang the customer", "partners")
    world.stores["south"].note("1", "line measured", "partners")
    world.stores["south"].note("1", "only for us", "internal")
    world.rest()
    north, south = (
        [note["body"].splitlines()[0] for note in world.only(name)["comments"]] for name in ("north", "south")
    )
    assert sorted(north) == ["line measured", "rang the customer"]
    assert sorted(south) == ["line measured", "only for us", "rang the customer"]
    before = world.written()
    for _ in range(3):
        world.round()
    assert world.written() == before


@pytest.mark.parametrize("order", ORDERS)
def test_where_the_two_differ_the_holder_of_the_case_wins_and_the_loser_is_logged(
    world: Any, declare: Declare, order: Any
) -> None:
    declare("south", north="ref_north")
    both(world, urgency="P4", state="Waiting", details="South alone says this")
    read(world, *order)
    world.rest()
    holder, other = order
    conflicts = [e.detail for e in world.ledger.entries() if e.kind == "conflict"]
    assert {(one["field"], one["winner"], one["loser"]) for one in conflicts} == {
        ("priority", holder, other),
        ("status", holder, other),
    }
    expected = {"north": ("P2", "Open"), "south": ("P4", "Waiting")}[holder]
    for name in order:
        body = world.only(name)
        assert (body["urgency"], body["state"]) == expected
        assert body["details"] == "South alone says this"
    assert world.ledger.parked() == []
    assert "accepted" not in world.kinds()
    assert "irregular" not in world.kinds()


@pytest.mark.parametrize("order", ORDERS)
def test_a_case_that_was_handed_over_before_the_hub_came_is_not_made_again(
    world: Any, declare: Declare, order: Any
) -> None:
    declare("south", north="ref_north")
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.stores["south"].create({"title": "No signal", "company": "South", "ref_north": "N-1"})
    for name in order:
        world.exchange.intake(name)
        for other in ("north", "south"):
            world.exchange.deliver(other)
    world.rest()
    assert made(world) == (1, 1, 0)
    assert world.ledger.cases()[0].holder == "south"


def test_nothing_is_written_to_a_partner_that_was_not_read_to_its_end(world: Any, declare: Declare) -> None:
    declare("south", north="ref_north")
    world.stores["north"].create({"title": "No signal", "company": "South"})
    for number in range(4):
        world.stores["south"].create({"title": f"another {number}"})
    world.stores["south"].create({"title": "No signal", "ref_north": "N-1"})
    read(world, "north")
    done = world.exchange.deliver("south")
    assert done.claimed == 0
    assert done.held == (
        "south was not read to its end yet, and cases may be there already under numbers that the companies declare: "
        "nothing is written before. It goes on after the first whole pull: casebridge pull south"
    )
    first_page = next(iter(world.connect("south").pull(None)))
    with world.ledger.transaction(world.clock()) as tx:  # a pull that was killed after its first page
        tx.note_partner("south", cursor=first_page.cursor.value)
    assert world.exchange.deliver("south").held == done.held
    read(world, "south")
    assert world.exchange.deliver("south").held == ""
    world.rest()
    assert len(world.stores["south"].bodies()) == 5
    assert world.exchange.deliver("east").held == ""


def test_a_number_may_be_the_native_id_and_be_kept_as_a_number(world: Any, declare: Declare) -> None:
    declare("north", south={"from": "ref_south", "number": "integer"}, east="ref_east")
    world.stores["south"].create({"title": "first"})
    world.stores["south"].create({"title": "No signal"})
    world.stores["east"].create({"title": "No signal"})
    world.stores["north"].create({"title": "No signal", "ref_south": 2, "ref_east": " "})
    world.rest()
    assert world.ledger.count_cases() == 3
    assert {link.partner for link in world.ledger.cases(search="S-2")[0].links} == {"north", "south"}


def test_two_companies_that_name_the_same_third_record_have_one_case_with_it(world: Any, declare: Declare) -> None:
    declare("north", south="ref")
    declare("east", south="ref")
    world.stores["north"].create({"title": "No signal", "ref": "S-1"})
    world.stores["east"].create({"title": "No signal", "ref": "S-1"})
    read(world, "north", "east")
    world.stores["south"].create({"title": "No signal"})
    world.rest()
    assert world.ledger.count_cases() == 1
    assert made(world) == (1, 1, 1)


@pytest.mark.parametrize("order", ORDERS)
def test_the_second_record_that_claims_one_counterpart_waits_and_the_others_go_on(
    world: Any, declare: Declare, order: Any
) -> None:
    declare("south", north="ref_north")
    both(world)
    world.stores["south"].create({"title": "copied", "ref_north": "N-1"})
    world.stores["south"].create({"title": "another case"})
    read(world, *order)
    world.rest()
    assert world.ledger.count_cases() == 2
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.partner, waiting.native_id, waiting.place) == ("X306", "south", "2", "counterpart")
    case = world.ledger.cases(search="N-1")[0]
    assert waiting.message == (
        f"S-2 and S-1 both claim the same counterpart, of case {case.id}: a company has one record of a case. Clear "
        "the number in the one that is not it."
    )
    world.stores["south"].edit("2", {"ref_north": ""})
    world.rest()
    assert world.ledger.parked() == []
    assert world.ledger.count_cases() == 3
    assert made(world) == (1, 3, 0)


def test_a_record_whose_numbers_lead_to_two_cases_waits(world: Any, declare: Declare) -> None:
    declare("south", north="ref_north", east="ref_east")
    world.stores["north"].create({"title": "one"})
    world.stores["east"].create({"title": "other"})
    read(world, "north", "east")
    world.stores["south"].create({"title": "both?", "ref_north": "N-1", "ref_east": "E-1"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert waiting.code == "X306"
    assert waiting.message.startswith("S-1 and the numbers that companies declare for it lead to 2 cases, ")
    assert world.ledger.count_cases() == 2


def test_none_is_made_where_a_record_says_that_there_is_one_that_nobody_knows(world: Any, declare: Declare) -> None:
    declare("north", south="ref_south")
    world.stores["north"].create({"title": "No signal", "company": "South", "ref_south": "S-1"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.subject, waiting.place) == ("X307", "delivery", "counterpart.south")
    assert waiting.message == (
        "north's record N-1 says that the case is S-1 at south, and no such record is known: none is made beside it. "
        "Correct the number, or clear it, and it goes on; once that record is read, it is linked."
    )
    world.stores["south"].create({"title": "No signal"})
    world.rest()
    assert world.ledger.parked() == []
    assert made(world) == (1, 1, 0)
    assert world.only("south")["hub_case"] == world.ledger.cases()[0].id


def test_a_wrong_number_that_is_cleared_lets_the_case_cross(world: Any, declare: Declare) -> None:
    declare("north", south="ref_south")
    world.stores["north"].create({"title": "No signal", "company": "South", "ref_south": "S-77"})
    world.rest()
    assert made(world) == (1, 0, 0)
    world.stores["north"].edit("1", {"ref_south": "", "urgency": "P1"})
    world.rest()
    assert world.ledger.parked() == []
    assert made(world) == (1, 1, 0)


@pytest.mark.parametrize("namer", ["north", "south"])
def test_a_record_from_before_the_cut_off_is_linked_and_read_before_it_is_written(
    world: Any, declare: Declare, namer: str
) -> None:
    world.stores["south"].create({"title": "No signal", "urgency": "P4", "details": "theirs", "ref": "N-1"})
    world.later(86_400)
    declare("south", cut_off=world.now - timedelta(hours=1), **({"north": "ref"} if namer == "south" else {}))
    if namer == "north":
        declare("north", south="ref")
    world.rest()
    assert world.ledger.count_cases() == 0
    world.stores["north"].create({"title": "No signal", "urgency": "P2", "ref": "S-1", "company": "South"})
    world.rest()
    assert world.ledger.count_cases() == 1
    assert made(world) == (1, 1, 0)
    assert world.only("north")["details"] == "theirs"
    assert [(e.detail["field"], e.detail["loser"]) for e in world.ledger.entries() if e.kind == "conflict"] == [
        ("priority", "north")
    ]
    assert world.only("north")["urgency"] == "P4"


def test_the_number_itself_is_never_written_and_never_shared(world: Any, declare: Declare) -> None:
    declare("south", north="ref_north")
    declare("north", south="ref_south")
    both(world)
    world.rest()
    world.stores["south"].edit("1", {"ref_north": "N-99"})
    world.rest()
    assert "ref_south" not in world.only("north")
    assert world.only("south")["ref_north"] == "N-99"
    case_id = world.ledger.cases()[0].id
    with world.ledger.look(world.clock()) as tx:
        assert not [path for path in tx.case(case_id).values if path.startswith("counterpart")]
    assert not [e for e in world.ledger.entries() if any(path.startswith("counterpart") for path in e.fields)]
