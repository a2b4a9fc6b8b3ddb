"""The exchange under faults drawn by hypothesis: whatever happened, once all is healed the laws hold.

The oracle is outside the hub: it remembers every edit that a person made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError, Stale, Throttled, Unknown, Unreachable

HOLDING = ("north", "south")
PATHS = {"title": "name", "details": "description", "urgency": "priority", "reason": "statusChangeReason"}
TAKEN_IN = ("opened", "changed")
ERRORS = (Unknown("no answer"), Unreachable("no route"), Throttled("slow", after=3.0), Stale("changed since"))

edits = st.tuples(
    st.just("edit"),
    st.sampled_from(HOLDING),
    st.sampled_from(["title", "details", "urgency", "reason"]),
    st.integers(0, 3),
)
notes = st.tuples(st.just("note"), st.sampled_from(HOLDING), st.sampled_from(["internal", "partners", "customer"]))
steps = st.tuples(st.sampled_from(["pull", "push"]), st.sampled_from(HOLDING))
faults = st.tuples(
    st.just("fault"),
    st.sampled_from(HOLDING),
    st.sampled_from(["push", "pull", "fetch", "find", "find_note"]),
    st.integers(0, len(ERRORS) - 1),
    st.booleans(),
)
waits = st.tuples(st.just("wait"), st.sampled_from([1.0, 10.0, 200.0]))
histories = st.lists(st.one_of(edits, notes, steps, steps, faults, waits), min_size=4, max_size=30)


def play(world: Any, history: list[Any]) -> list[tuple[str, str, str]]:
    """Do it all; (company, field, value) of each edit that a person made and that changed something."""
    made: list[tuple[str, str, str]] = []
    for number, (what, *rest) in enumerate(history):
        if what == "edit":
            name, field, choice = rest
            value = f"P{choice + 1}" if field == "urgency" else f"{field} {number}"
            if not world.stores[name].bodies() or world.only(name).get(field) == value:
                continue
            world.stores[name].edit("1", {field: value})
            made.append((name, field, value))
        elif what == "note":
            name, audience = rest
            if world.stores[name].bodies():
                world.stores[name].note("1", f"note {number}", audience, author="Ann")
        elif what == "fault":
            name, on, error, after = rest
            world.stores[name].fail(ERRORS[error], on=on, after=after)
        elif what == "wait":
            world.later(rest[0])
        else:
            try:
                world.exchange.intake(rest[0]) if what == "pull" else world.exchange.deliver(rest[0])
            except ConnectorError:
                continue
    return made


def heal(world: Any) -> None:
    """Faults over, time passes, everything is carried."""
    for store in world.stores.values():
        store.heal()
    for _ in range(6):
        world.later(1000)
        world.round()
    world.rest()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_after_healing_the_laws_hold(new_world: Callable[[], Any], history: list[Any]) -> None:
    world = new_world()
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": "South", "urgency": "P2"})
    made = play(world, history)
    heal(world)

    north, south = world.only("north"), world.only("south")  # L2: one counterpart each
    assert world.stores["east"].bodies() == []  # L6: nobody else
    shared = (*PATHS, "state")
    assert {f: north.get(f) for f in shared} == {f: south.get(f) for f in shared}  # L3: equal at rest
    entries = list(world.ledger.entries())
    for field, path in PATHS.items():  # L1 and L5: each side's last word was taken in, and one of them stands
        last = {name: value for name, edited, value in made if edited == field}
        taken = {entry.partner for entry in entries if entry.kind in TAKEN_IN and path in entry.fields}
        assert set(last) <= taken, (field, last, taken)
        assert not last or north.get(field) in last.values()
    texts = [note["body"].splitlines()[0] for note in south["comments"]]
    assert len(texts) == len(set(texts))  # L2 for notes: none twice
    private = [note["body"] for note in north["comments"] if note["audience"] == "internal"]
    assert not set(private) & set(texts)  # L6
    crossing = {note["body"].splitlines()[0] for note in north["comments"] if note["audience"] != "internal"}
    assert crossing == {t for t, note in zip(texts, south["comments"], strict=True) if note["audience"] != "internal"}
    before = world.written()
    for _ in range(3):
        world.round()
    assert world.written() == before  # L4: quiet
    assert world.ledger.broken_at() is None  # the chain verifies
