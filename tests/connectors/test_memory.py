"""The in-process company: it promises what its abilities say and no more, and fails as it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Abilities, Change, Cursor
from connectors.errors import Refused, Rejected, Stale, Throttled, Unknown, Unreachable
from connectors.kinds import connect, system_model
from connectors.memory import Memory
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemorySystem


class Hands:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def company(hands: Hands, **declared: Any) -> tuple[MemoryStore, Memory]:
    system = MemorySystem(
        name="acme",
        title="Acme",
        connection="acme",
        picklists={"state": ("New", "Open", "Solved"), "comments.audience": ("internal", "partners")},
        required=("title",),
        lengths={"title": 20},
        defaults={"state": "New"},
        **declared,
    )
    store = MemoryStore(system, clock=hands)
    memory = connect(system, store.credentials(), clock=hands, sleep=lambda _: None)
    assert isinstance(memory, Memory)
    return store, memory


def ids(memory: Memory, cursor: Cursor | None = None) -> list[str]:
    return [record.native_id for page in memory.pull(cursor) for record in page.records]


def create(key: str, hub_id: str, **body: Any) -> Change:
    return Change(key, "create", hub_id, {"title": "No signal", **body}, hub_id)


def test_the_kind_is_found_by_its_name() -> None:
    assert system_model("memory") is MemorySystem


def test_agents_acts_are_pulled_once_each_in_order() -> None:
    store, memory = company(Hands(), page=2)
    first, second, third = (store.create({"title": f"T{n}", "customer.name": "Ann"}) for n in range(3))
    store.edit(first, {"customer": {"phone": "1"}})
    pages = list(memory.pull(None))
    assert [[record.native_id for record in page.records] for page in pages] == [[second, third], [first]]
    assert pages[-1].records[0].body["customer"] == {"name": "Ann", "phone": "1"}
    assert ids(memory, pages[0].cursor) == [first]
    assert ids(memory, pages[-1].cursor) == []
    assert len(list(memory.pull(pages[-1].cursor))) == 1


def test_the_same_acts_give_the_same_store() -> None:
    told = []
    for _ in range(2):
        store, memory = company(Hands())
        native_id = store.create({"title": "T"})
        store.note(native_id, "hello", "partners")
        list(memory.push([create("k", "hub-1")]))
        told.append((store.bodies(), ids(memory)))
    assert told[0] == told[1]


def test_versions_sort_and_the_body_is_a_copy() -> None:
    store, memory = company(Hands())
    native_id = store.create({"title": "T"})
    for n in range(11):
        store.edit(native_id, {"title": f"T{n}"})
    (record,) = memory.fetch([native_id])
    assert record.version == "000000000012"
    assert record.body["version"] == 12
    dict(record.body)["comments"].append("x")
    assert store.body(native_id)["comments"] == []


def test_a_new_status_stamps_itself_unless_somebody_says_when() -> None:
    hands = Hands()
    store, _ = company(hands, zone="Europe/London")
    native_id = store.create({"title": "T"})
    hands.on(60)
    store.edit(native_id, {"title": "U"})
    assert store.body(native_id)["state_changed_at"] == "2026-11-22T10:00:00.000+00:00"
    store.edit(native_id, {"state": "Open"})
    assert store.body(native_id)["state_changed_at"] == "2026-11-22T10:01:00.000+00:00"
    store.edit(native_id, {"state": "Solved", "state_changed_at": "2020-01-01T00:00:00+00:00"})
    assert store.body(native_id)["state_changed_at"] == "2020-01-01T00:00:00+00:00"


def test_with_stamps_the_overlap_is_read_again_and_one_step_has_one_stamp() -> None:
    hands = Hands()
    store, memory = company(hands, changed_by="stamp", overlap=5, page=3)
    made = [store.create({"title": f"T{n}"}) for n in range(8)]
    pages = list(memory.pull(None))
    assert [record.native_id for page in pages for record in page.records] == made
    assert len({record.version for page in pages for record in page.records}) == 1
    assert ids(memory, pages[-1].cursor) == made
    hands.on(60)
    late = store.create({"title": "late"})
    last = list(memory.pull(pages[-1].cursor))[-1].cursor
    assert ids(memory, last) == [late]


def test_a_clock_that_steps_back_moves_no_stamp_back() -> None:
    hands = Hands()
    store, memory = company(hands, changed_by="stamp", overlap=0)
    store.create({"title": "T"})
    hands.on(-3600)
    store.create({"title": "U"})
    stamps = [record.changed_at for page in memory.pull(None) for record in page.records]
    assert stamps == [datetime(2026, 11, 22, 10, 0, tzinfo=UTC)] * 2


def test_only_a_unique_key_refuses_the_duplicate() -> None:
    store, memory = company(Hands(), abilities=Abilities(unique_key=True))
    first, second = memory.push([create("a", "hub-1"), create("b", "hub-1")])
    assert (second.found, second.native_id, len(store.bodies())) == (True, first.native_id, 1)
    store, memory = company(Hands())
    list(memory.push([create("a", "hub-1"), create("b", "hub-1")]))
    assert len(memory.find("hub-1")) == 2


def test_only_a_conditional_write_refuses_the_stale_update() -> None:
    for ability, errors in ((True, Stale), (False, type(None))):
        store, memory = company(Hands(), abilities=Abilities(conditional_write=ability))
        native_id = store.create({"title": "T"})
        base = memory.fetch([native_id])[0].version
        store.edit(native_id, {"title": "U"})
        (receipt,) = memory.push([Change("k", "update", "l", {"state": "Open"}, "h", native_id, base)])
        assert isinstance(receipt.error, errors)


def test_an_index_that_lags_finds_late() -> None:
    hands = Hands()
    _, memory = company(hands, abilities=Abilities(index_lag=10))
    list(memory.push([create("a", "hub-1")]))
    assert memory.find("hub-1") == []
    hands.on(10)
    assert len(memory.find("hub-1")) == 1


def test_history_is_told_only_by_those_who_keep_it() -> None:
    store, memory = company(Hands(), abilities=Abilities(change_history=True))
    native_id = store.create({"title": "T"})
    store.edit(native_id, {"state": "Open"}, by="ann")
    lines = [(line.author, line.field, line.old, line.new) for line in memory.history(native_id)]
    assert lines == [("ann", "state", "New", "Open")]
    store, memory = company(Hands())
    store.edit(store.create({"title": "T"}), {"state": "Open"})
    assert memory.history("1") == ()


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (
            {"state": "Opne"},
            "C601",
            "acme create state: C601 state does not take 'Opne'.\n  Known: New, Open, Solved. Did you mean 'Open'?",
        ),
        ({"title": ""}, "C602", "acme create title: C602 title is missing."),
        ({"title": "x" * 21}, "C603", "acme create title: C603 title takes 20 characters, not 21."),
    ],
)
def test_what_does_not_fit_is_rejected_and_nothing_is_kept(body: dict[str, Any], code: str, said: str) -> None:
    store, memory = company(Hands())
    bad, good = memory.push([create("a", "hub-1", **body), create("b", "hub-2")])
    assert isinstance(bad.error, Rejected)
    assert (bad.error.code, str(bad.error)) == (code, said)
    assert good.error is None
    assert len(store.bodies()) == 1


def test_a_deleted_record_is_told_and_takes_nothing() -> None:
    store, memory = company(Hands())
    native_id = store.create({"title": "T"})
    cursor = list(memory.pull(None))[-1].cursor
    store.delete(native_id)
    (record,) = next(iter(memory.pull(cursor))).records
    assert (record.gone, record.body) == (True, {})
    (receipt,) = memory.push([Change("k", "update", "l", {"state": "Open"}, "h", native_id)])
    assert isinstance(receipt.error, Rejected)
    assert receipt.error.code == "C605"
    store.undelete(native_id)
    assert not memory.fetch([native_id])[0].gone


def test_a_fault_before_and_a_fault_after() -> None:
    store, memory = company(Hands())
    store.fail(Unknown("no answer"), after=True)
    (lost,) = memory.push([create("a", "hub-1")])
    assert isinstance(lost.error, Unknown)
    assert len(memory.find("hub-1")) == 1
    store.fail(Unknown("no answer"))
    list(memory.push([create("b", "hub-2")]))
    assert memory.find("hub-2") == []
    store.fail(Unreachable("down"), on="*", times=3)
    for ask in (memory.check, memory.describe, lambda: memory.fetch(["1"])):
        with pytest.raises(Unreachable):
            ask()
    assert memory.check() == "casebridge"
    store.fail(Unreachable("down"), on="pull")
    store.heal()
    assert ids(memory) == ["1"]


def test_an_error_that_concerns_the_partner_stops_the_push() -> None:
    store, memory = company(Hands())
    store.fail(Throttled("wait", after=9))
    receipts = list(memory.push([create("a", "hub-1"), create("b", "hub-2")]))
    assert [type(receipt.error) for receipt in receipts] == [Throttled, Throttled]
    assert store.bodies() == []


def test_notes_ride_inside_and_are_found_by_their_ref() -> None:
    store, memory = company(Hands())
    native_id = store.create({"title": "T"})
    store.note(native_id, "mine", "internal", author="ann")
    body = {"body": "ours — Bob, Beta [r-17]", "audience": "partners", "author": "Bob"}
    (receipt,) = memory.push([Change("k", "add_note", "l", body, "h", native_id, ref="r-17")])
    assert receipt.note_id == memory.find_note(native_id, "r-17") == "2"
    assert memory.find_note(native_id, "r-18") is None
    assert [note["author"] for note in store.body(native_id)["comments"]] == ["ann", "Bob"]
    (wrong,) = memory.push([Change("k", "add_note", "l", {"body": "x", "audience": "all"}, "h", native_id)])
    assert "C601 a note's audience does not take 'all'" in str(wrong.error)


def test_a_wrong_password_is_refused_everywhere() -> None:
    store, _ = company(Hands())
    memory = connect(store.system, store.credentials("wrong"), clock=Hands(), sleep=lambda _: None)
    with pytest.raises(Refused, match="C301"):
        memory.check()
    (receipt,) = memory.push([create("a", "hub-1")])
    assert isinstance(receipt.error, Refused)


def test_it_plays_an_old_company_with_other_names() -> None:
    names = {
        "id": "numero",
        "hub_id": "casoHub",
        "status": "estado",
        "changed": "fechaModificacion",
        "notes": "notas.nota",
    }
    system = MemorySystem.model_validate(
        {
            "name": "vieja",
            "title": "Vieja",
            "connection": "v",
            "zone": "America/Bogota",
            "names": names,
            "time_format": "%d/%m/%Y %H:%M:%S",
            "changed_by": "stamp",
        }
    )
    store = MemoryStore(system, clock=Hands())
    native_id = store.create({"asunto": "Sin señal"})
    store.note(native_id, "hola", "empresas")
    body = store.body(native_id)
    assert (body["numero"], body["fechaModificacion"], len(body["notas"]["nota"])) == (1, "22/11/2026 05:00:00", 1)
