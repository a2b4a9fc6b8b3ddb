"""Rollups out of a real ledger: what came since is taken in, a past one comes out again, one process has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from hub.acting import CannotDo
from hub.agreement import Agreement
from hub.fact_store import FactStore, ListSource
from hub.fact_store.ledger_source import LedgerSource
from hub.ledger import code_version
from hub.periods import Period
from hub.rolling_up import as_of, rollups
from hub.rollup import rollup
from hub.worked import worked

ALL = Period.parse("all")
HOLDER = "import sys, duckdb\nheld = duckdb.connect(sys.argv[1])\nprint('held', flush=True)\nsys.stdin.read()"


def test_a_run_takes_in_what_came_since_and_a_past_one_comes_out_again(world, tmp_path: Path) -> None:
    agreed, source, store = world.exchange.alliance.agreement, LedgerSource(world.ledger), tmp_path / "facts.duckdb"
    names, sampled = tuple(agreed.partners), {"south": 60.0}

    def in_full():
        return rollup(
            world.ledger.entries(), ALL, names, agreement=agreed, code_version=code_version(), sampled=sampled
        )

    world.hand_over(priority="high")
    (first,) = rollups(source, [ALL], agreed, sampled, store)
    assert first == in_full()
    (number,) = (link.native_id for case in world.ledger.cases() for link in case.links if link.partner == "south")
    world.stores["south"].edit(number, {"state": "Solved"})
    world.rest()
    (second,) = rollups(source, [ALL], agreed, sampled, store)
    assert second == in_full()
    assert second.row("resolved").value == 1
    past, then = as_of(source, first.head, lambda day: agreed)
    assert rollups(past, [ALL], then, sampled) == [first]
    with pytest.raises(
        CannotDo, match=rf"R122 there is no entry 9999 in the ledger\.\n  Fix: take one from 1 to {second.head}"
    ):
        as_of(source, 9999, lambda day: agreed)


def test_a_store_that_another_process_is_at_is_told(tmp_path: Path) -> None:
    path = tmp_path / "facts.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as held:
        assert held.stdout is not None
        assert held.stdin is not None
        held.stdout.readline()
        with pytest.raises(CannotDo, match=r"R121 .*facts\.duckdb: the store of facts cannot be opened"):
            FactStore(path)
        Timer(0.2, held.stdin.close).start()
        FactStore(path, patience=60).close()  # who has patience comes after it
        held.wait()
    store = FactStore(path)
    assert store.bring_up(ListSource([])).head == 0
    store.close()


def test_a_product_that_the_agreement_does_not_name_is_in_the_whole_and_nowhere_by_name() -> None:
    entries = worked("a 09:00 opened north product=CABLE", "b 09:00 opened north product=secret priority=high")
    competent = {"title": "North", "competences": {"relatedEntity.product.id": ["CABLE"]}}
    text = {"version": "1", "effective": "2026-01-01", "sharing": {}, "partners": {"north": competent}}
    (made,) = rollups(ListSource(entries), [ALL], Agreement.model_validate(text), {})
    assert made.row("opened").value == 2
    assert {row.scope.key for row in made.rows if row.indicator == "opened"} == {
        "whole", "north", "product:CABLE", "priority:high", "contact:north",
    }  # fmt: skip
