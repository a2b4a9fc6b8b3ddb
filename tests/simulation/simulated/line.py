"""The line between one process of the hub and one company: a connector over which anything can go wrong.

Each call asks the world what happens before and after it. A write may be lost, applied with its answer lost, applied
late, refused for the moment; a read may fail either way. What the line answers keeps the connectors' contract: changes
of one lane stay in order, and none overtakes one whose outcome is not known (`connectors/lanes.py` itself).
Next: `world.py`, which decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from connectors import lanes
from connectors.base import Change, Cursor, Description, HistoryLine, Page, Receipt, Record
from connectors.errors import ConnectorError, Stale, Throttled, Unknown, Unreachable
from connectors.memory import Memory
from simulated.scenario import Ability


class Weather(Protocol):
    """What the world does to a line."""

    def between(self, process: str, where: str, at: tuple[str, Change] | None = None) -> None:
        """Something may happen here: a person acts, another worker steps, time passes, this process dies. at: the
        company and the change at hand."""

    def strikes(self, fault: str) -> bool:
        """Whether this fault happens now."""

    def within(self, low: float, high: float) -> float:
        """A drawn number."""

    def read(self, process: str, record: Record) -> None:
        """This process now knows this record as it stands."""

    def later(self, process: str, company: str, change: Change, seconds: float) -> None:
        """The change will be applied then."""

    def sending(self, process: str, company: str, change: Change) -> None:
        """The change is about to be sent by this process."""

    def answered(self, process: str) -> None:
        """The process has what became of a change in hand, and may look whether it is still to go on."""


class Line:
    """A Connector. process: whose it is."""

    def __init__(self, memory: Memory, ability: Ability, process: str, weather: Weather) -> None:
        self.system = memory.system
        self._memory, self._ability, self._process, self._weather = memory, ability, process, weather

    def check(self) -> str:
        return self._memory.check()

    def describe(self) -> Description:
        return self._memory.describe()

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        return self._memory.history(native_id)

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        self._before("histories")
        return self._memory.histories(native_ids)

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        pages = self._memory.pull(cursor)
        while True:
            self._before("pull")
            page = next(pages, None)
            if page is None:
                return
            self._after("pull", page.records)
            yield page

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        self._before("fetch")
        records = self._memory.fetch(native_ids)
        self._after("fetch", records)
        return records

    def find(self, hub_id: str) -> Sequence[Record]:
        self._before("find")
        records = self._memory.find(hub_id)
        self._after("find", records)
        return records

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        return {hub_id: self.find(hub_id) for hub_id in hub_ids}

    def find_note(self, native_id: str, ref: str) -> str | None:
        self._before("find_note")
        found = self._memory.find_note(native_id, ref)
        self._after("find_note", ())
        return found

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for receipt in lanes.run(changes, self._push_one, concurrency=1, name=self.system.name):
            self._weather.answered(self._process)
            yield receipt

    def close(self) -> None:
        self._memory.close()

    def _push_one(self, change: Change) -> Receipt:
        weather, where = self._weather, f"{self.system.name} {change.kind}"
        weather.between(self._process, f"before {where}", (self.system.name, change))
        weather.sending(self._process, self.system.name, change)
        self._fail_before(where)
        if weather.strikes("row_locked"):
            raise Stale("the record is locked.", where=where)
        if weather.strikes("request_lost"):
            raise Unknown("no answer.", where=where)
        if weather.strikes("applied_late"):
            most = 60.0 if self._ability.unique_key and change.kind == "create" else 3.0
            weather.later(self._process, self.system.name, change, weather.within(0.1, most))
            raise Unknown("no answer.", where=where)
        (receipt,) = self._memory.push([self.kept(change)])
        if weather.strikes("answer_lost"):
            raise Unknown("no answer.", where=where)
        weather.between(self._process, f"after {where}", (self.system.name, change))
        if receipt.error is not None:
            raise receipt.error
        if receipt.record is not None:
            weather.read(self._process, receipt.record)
        return receipt

    def kept(self, change: Change) -> Change:
        """The change without what this company ignores of an update."""
        return ignoring(change, self._ability.ignores)

    def _fail_before(self, where: str) -> None:
        error: ConnectorError | None = None
        if self._weather.strikes("unreachable"):
            error = Unreachable("no route.", where=where)
        elif self._weather.strikes("rate_limit"):
            error = Throttled("slow down.", after=self._weather.within(1, 60), where=where)
        if error is not None:
            raise error

    def _before(self, call: str) -> None:
        where = f"{self.system.name} {call}"
        self._weather.between(self._process, f"before {where}")
        self._fail_before(where)

    def _after(self, call: str, records: Sequence[Record]) -> None:
        where = f"{self.system.name} {call}"
        if self._weather.strikes("answer_lost"):
            raise Unknown("no answer.", where=where)
        for record in records:
            self._weather.read(self._process, record)
        self._weather.between(self._process, f"after {where}")


def ignoring(change: Change, field: str) -> Change:
    """The change as a company applies it that answers for this field of an update and does not keep it."""
    if not field or change.kind != "update" or field not in change.body:
        return change
    body = {name: value for name, value in change.body.items() if name != field}
    return Change(change.key, change.kind, change.lane, body, change.hub_id, change.native_id, change.base_version)
