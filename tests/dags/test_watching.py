"""What the triggerer watches: a hint of a webhook fires once, and a ledger that is away for a while is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub import hints
from hub.ledger import Ledger
from hub.runtime import wall_clock
from hub.settings import Settings
from hub.watching import Hints


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    return Ledger.open(Settings.from_environment())


def note(ledger: Ledger, webhook: str) -> None:
    with ledger.transaction(wall_clock()) as tx:
        hints.note(tx, "north", webhook, "7")


def test_a_hint_fires_once_and_a_newer_one_again(ledger: Ledger) -> None:
    async def watched() -> list[object]:
        events = Hints("north", every=0.01).run()
        fired: list[object] = []
        for webhook in ("msg_1", "msg_2"):
            waiting = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0.2)
            fired.append(waiting.done())
            await asyncio.to_thread(note, ledger, webhook)
            fired.append((await asyncio.wait_for(waiting, 5)).payload)
        await events.aclose()
        return fired

    assert asyncio.run(watched()) == [False, {"partner": "north"}, False, {"partner": "north"}]


def test_a_ledger_that_cannot_be_read_for_a_while_ends_no_watch(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, failures = Ledger.look, [1, 1, 1]

    def failing(self: Ledger, now: object) -> object:
        if failures:
            failures.pop()
            raise sa.exc.OperationalError("SELECT", {}, Exception("database is locked"))
        return look(self, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "look", failing)
    note(ledger, "msg_1")

    async def first() -> object:
        return await asyncio.wait_for(anext(Hints("north", every=0.01).run()), 5)

    assert asyncio.run(first()).payload == {"partner": "north"}  # type: ignore[attr-defined]
    assert failures == []
