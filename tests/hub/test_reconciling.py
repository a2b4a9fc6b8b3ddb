"""The daily reconciliation: what polling missed is repaired, what is gone is found, a quiet night writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Page, Record
from connectors.errors import Unreachable
from hub import pausing, resync
from hub.reconciling import Reconciled


def crossed(world: Any, many: int = 4) -> None:
    """Cases of North that South works."""
    for number in range(many):
        world.stores["north"].create({"title": f"case {number}", "company": "South"})
    world.rest()


def declare(world: Any, name: str, **changed: Any) -> None:
    """This company's system is another one."""
    world.stores[name].system = world.stores[name].system.model_copy(update=changed)


def counted(found: Reconciled) -> tuple[int, int, int, int]:
    return (found.read, found.repaired, found.gone, found.missing)


def reconciled(world: Any, name: str) -> Any:
    return next(row for row in world.ledger.partners() if row.name == name).reconciled_at


def cursors(world: Any) -> list[str | None]:
    return [world.ledger.cursor(name) for name in world.stores]


def listed_late(world: Any) -> None:
    """A change that is listed with its old stamp once the pull's cursor stands behind it."""
    declare(world, "north", changed_by="stamp")
    crossed(world)
    north = world.stores["north"]
    north.listing_lag = lambda: 60.0
    north.edit("1", {"urgency": "P1"})
    north.listing_lag = lambda: 0.0
    world.later(10)
    north.edit("2", {"urgency": "P2"})
    world.rest()
    world.later(60)
    world.rest()
    assert world.stores["south"].body("1").get("urgency") is None


def test_a_change_that_polling_missed_is_repaired_and_crosses(world: Any) -> None:
    listed_late(world)
    before = cursors(world)
    found = world.exchange.reconcile("north")
    assert (counted(found), found.named) == ((4, 1, 0, 0), (("repaired", "1"),))
    assert found.owed == {"south"}
    assert cursors(world) == before
    world.rest()
    assert world.stores["south"].body("1")["urgency"] == "P1"
    (entry,) = [entry for entry in world.ledger.entries() if entry.kind == "reconciled"]
    assert (entry.partner, dict(entry.detail)) == ("north", {"read": 4, "repaired": 1, "gone": 0, "missing": 0})


def test_a_new_record_that_polling_missed_is_a_case_as_any_other(world: Any) -> None:
    declare(world, "north", changed_by="stamp")
    crossed(world, 1)
    world.stores["north"].listing_lag = lambda: 60.0
    world.stores["north"].create({"title": "late", "company": "South"})
    world.stores["north"].listing_lag = lambda: 0.0
    world.later(10)
    world.stores["north"].create({"title": "in time"})
    world.rest()
    world.later(60)
    world.rest()
    assert world.ledger.count_cases() == 2
    assert counted(world.exchange.reconcile("north")) == (3, 1, 0, 0)
    world.rest()
    assert [body["title"] for body in world.stores["south"].bodies()] == ["case 0", "late"]


@pytest.mark.parametrize("changed_by", ["sequence", "stamp", "scan"])
def test_a_quiet_night_writes_when_it_was_and_nothing_else(world: Any, changed_by: str) -> None:
    for name in world.stores:
        declare(world, name, changed_by=changed_by)
    crossed(world)
    world.stores["south"].delete("2")
    world.rest()
    before, stood = world.written(), cursors(world)
    for name, read in (("north", 4), ("south", 4), ("east", 0)):
        began = world.now
        assert counted(world.exchange.reconcile(name)) == (read, 0, 0, 0)
        assert reconciled(world, name) > began
    assert (world.written(), cursors(world)) == (before, stood)


def test_a_deletion_that_no_pull_tells_is_found_by_asking_for_the_record(world: Any) -> None:
    declare(world, "south", tells_deletions=False)
    crossed(world)
    world.stores["south"].delete("2")
    world.rest()
    assert "gone" not in world.kinds()
    assert counted(world.exchange.reconcile("south")) == (3, 0, 1, 0)
    assert [(row.code, row.native_id) for row in world.ledger.parked()] == [("X302", "2")]
    world.rest()
    assert len(world.stores["south"].bodies()) == 3
    assert counted(world.exchange.reconcile("south")) == (3, 0, 0, 0)


def test_a_deletion_that_is_taken_back_relinks_and_asks_no_more(world: Any) -> None:
    declare(world, "south", tells_deletions=False)
    crossed(world, 2)
    world.stores["south"].delete("2")
    world.exchange.reconcile("south")
    world.stores["north"].edit("2", {"urgency": "P1"})
    world.rest()
    world.stores["south"].undelete("2")
    world.rest()
    assert world.stores["south"].body("2")["urgency"] == "P1"
    assert world.ledger.parked() == []
    assert counted(world.exchange.reconcile("south")) == (2, 0, 0, 0)


def test_a_merge_that_no_pull_tells_takes_the_case_along(world: Any) -> None:
    declare(world, "south", tells_deletions=False)
    crossed(world, 1)
    case_id = world.ledger.cases()[0].id
    world.stores["south"].create({"title": "a case of its own once it is read", "channel": "Carrier pigeon"})
    world.rest()
    world.stores["south"].merge("1", "2")
    world.rest()
    assert "gone" not in world.kinds()
    assert counted(world.exchange.reconcile("south")) == (1, 0, 1, 0)
    linked = {link.native_id: link.state for link in world.ledger.links(case_id) if link.partner == "south"}
    assert linked == {"1": "merged", "2": "linked"}
    (gone,) = [entry for entry in world.ledger.entries() if entry.kind == "gone"]
    assert gone.detail["merged_into"] == "2"


def test_a_merge_into_another_case_that_no_pull_tells_is_put_before_a_person(world: Any) -> None:
    declare(world, "south", tells_deletions=False)
    crossed(world, 2)
    world.stores["south"].merge("2", "1")
    assert counted(world.exchange.reconcile("south")) == (1, 0, 1, 0)
    assert [row.code for row in world.ledger.parked()] == ["X304"]
    before = world.written()
    assert counted(world.exchange.reconcile("south")) == (1, 0, 0, 0)
    assert world.written() == before


def test_a_record_that_they_do_not_know_at_all_is_put_before_a_person_once(world: Any) -> None:
    crossed(world)
    purged = world.stores["south"].rows.pop("3")
    assert counted(world.exchange.reconcile("south")) == (3, 0, 0, 1)
    for _ in range(2):
        world.stores["north"].edit("3", {"urgency": "P1"})
        world.rest()
        assert counted(world.exchange.reconcile("south")) == (3, 0, 0, 0)
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.subject, waiting.native_id) == ("X305", "deletion", "3")
    assert waiting.message == (
        "South does not know S-3 any more: purged, moved out of our sight, or lost. Nothing is made again there; seen "
        "again, it belongs to its case again."
    )
    assert len(world.stores["south"].bodies()) == 3
    world.stores["south"].rows["3"] = purged
    assert counted(world.exchange.reconcile("south")) == (4, 1, 0, 0)
    world.rest()
    assert world.ledger.parked() == []
    assert world.stores["south"].body("3")["urgency"] == "P1"


def test_a_record_that_was_written_since_the_run_began_is_not_missing(world: Any) -> None:
    crossed(world, 1)
    world.stores["north"].create({"title": "on its way", "company": "South"})
    world.exchange.intake("north")
    inner = world.connect("south")
    young: list[str] = []

    def fetch(native_ids: list[str]) -> list[Record]:
        return [record for record in inner.fetch(native_ids) if record.native_id not in young]

    def pull(cursor: Any) -> Iterator[Page]:
        yield from list(inner.pull(cursor))
        world.exchange.close("south")
        world.exchange.deliver("south")
        young.append("2")

    class Lagging:
        system = inner.system
        close, histories = inner.close, inner.histories

    Lagging.pull, Lagging.fetch = staticmethod(pull), staticmethod(fetch)  # type: ignore[attr-defined]
    world.exchange.kept["south"] = Lagging()
    assert counted(world.exchange.reconcile("south")) == (1, 0, 0, 0)
    assert len(world.stores["south"].bodies()) == 2
    assert world.ledger.parked() == []


@pytest.mark.parametrize("changed_by", ["sequence", "stamp", "scan"])
def test_a_page_that_a_pull_has_overtaken_takes_nothing_back(world: Any, changed_by: str) -> None:
    declare(world, "north", changed_by=changed_by)
    crossed(world, 1)
    inner = world.connect("north")

    class Slow:
        system = inner.system
        close, histories = inner.close, inner.histories

        def pull(self, cursor: Any) -> Iterator[Page]:
            """Its page is read, then their agent edits, and the pull that runs beside takes that."""
            pages = list(inner.pull(cursor))
            world.stores["north"].edit("1", {"urgency": "P1"})
            world.exchange.kept["north"] = inner
            world.exchange.intake("north")
            yield from pages

    world.exchange.kept["north"] = Slow()
    assert counted(world.exchange.reconcile("north")) == (1, 0, 0, 0)
    world.rest()
    assert world.only("south")["urgency"] == "P1"
    assert [e.fields for e in world.ledger.entries() if e.kind == "changed" and e.partner == "north"][-1] == (
        "priority",
    )


def test_a_dry_run_tells_the_same_and_writes_nothing(world: Any) -> None:
    declare(world, "south", tells_deletions=False)
    listed_late(world)
    world.stores["south"].delete("2")
    world.stores["south"].rows.pop("3")
    before = world.written()
    assert counted(world.exchange.reconcile("north", dry=True)) == (4, 1, 0, 0)
    assert counted(world.exchange.reconcile("south", dry=True)) == (2, 0, 1, 1)
    assert (world.written(), reconciled(world, "north")) == (before, None)
    assert counted(world.exchange.reconcile("south")) == (2, 0, 1, 1)


def test_a_partner_that_is_paused_or_was_never_pulled_is_not_read(world: Any) -> None:
    assert world.exchange.reconcile("south").held == "south was not pulled yet: the pull reads everything first"
    crossed(world, 1)
    with world.ledger.transaction(world.clock()) as tx:
        pausing.pause(tx, "partner", "south", "ann", "they move house")
    world.stores["south"].fail(AssertionError("it was spoken to"), on="*", times=9)
    assert "south was paused by ann at " in world.exchange.reconcile("south").held
    assert reconciled(world, "south") is None


def test_a_pause_between_two_pages_stops_it(world: Any) -> None:
    crossed(world, 7)
    inner = world.connect("south")

    class Paused:
        system = inner.system
        close, histories = inner.close, inner.histories

        def pull(self, cursor: Any) -> Iterator[Page]:
            for page in inner.pull(cursor):
                with world.ledger.transaction(world.clock()) as tx:
                    pausing.pause(tx, "partner", "south", "ann", "enough")
                yield page

    world.exchange.kept["south"] = Paused()
    found = world.exchange.reconcile("south")
    assert (found.read, found.missing) == (3, 0)
    assert found.held.endswith("enough")
    assert reconciled(world, "south") is None


def test_a_run_that_breaks_off_keeps_what_it_repaired_and_was_not_done(world: Any) -> None:
    declare(world, "north", page=1)
    listed_late(world)
    inner = world.connect("north")

    class Breaking:
        system = inner.system
        close, histories = inner.close, inner.histories

        def pull(self, cursor: Any) -> Iterator[Page]:
            for page in inner.pull(cursor):
                yield page
                if any(record.native_id == "1" for record in page.records):
                    raise Unreachable("no route", where="north")

    world.exchange.kept["north"] = Breaking()
    with pytest.raises(Unreachable):
        world.exchange.reconcile("north")
    assert reconciled(world, "north") is None
    world.rest()
    assert world.stores["south"].body("1")["urgency"] == "P1"


def test_more_links_than_one_step_walks_are_all_asked_for(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.reconciling.WALKED", 2)
    monkeypatch.setattr("hub.reconciling.ASKED", 2)
    declare(world, "south", tells_deletions=False)
    crossed(world, 7)
    for native_id in ("1", "4", "5", "7"):
        world.stores["south"].delete(native_id)
    assert counted(world.exchange.reconcile("south")) == (3, 0, 4, 0)


def test_a_merged_record_is_as_the_ledger_has_it(world: Any) -> None:
    crossed(world, 2)
    world.stores["south"].merge("2", "1")
    world.rest()
    assert resync.look(world.exchange, "south", None).named == ()
    assert world.exchange.reconcile("south", dry=True).named == ()
