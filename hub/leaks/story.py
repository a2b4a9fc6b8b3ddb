"""What happens in a leak test: agents work, refuse, reopen and hand on; records and systems fail; notes come and go.

All cases take each step together, and between two steps the exchange runs until it rests.
Next: `tales.py`, `verdict.py`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError, Rejected, Unknown, Unreachable
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.leaks.allowed import Text
from hub.leaks.canaries import Aviary
from hub.leaks.planting import Planter
from hub.leaks.standins import Given, StandIn
from hub.leaks.tales import Tale, tales
from hub.ledger import Ledger
from hub.own_log import own_log
from hub.state import case_id_of
from mappings.case import Visibility

ROUNDS = 6
"""Of all companies between two steps, at most; a record that waits for a person moves no more."""


@dataclass(slots=True)
class Story:
    """The world of one leak test. shared: what is given to nobody in particular, by name: logs, returns, errors."""

    ledger: Ledger
    alliance: Alliance
    text: Text
    aviary: Aviary
    stands: Mapping[str, StandIn]
    exchange: Exchange
    clock: Callable[[], datetime]
    later: Callable[[float], None]
    tales: list[Tale] = field(default_factory=list)
    shared: dict[str, list[str]] = field(default_factory=dict)
    _was: dict[str, dict[str, Any]] = field(default_factory=dict)

    def play(self) -> None:
        """All of it."""
        lived = Text(self.alliance.agreement.model_dump(mode="json", by_alias=True))
        self.tales = [*tales(self.text, lived, tuple(self.stands))]
        with self._heard():
            for step in (
                self._open,
                self._hand_over,
                self._answer,
                self._resolve,
                self._reopen,
                self._misfit,
                self._mend,
                self._fail,
                self._heal,
                self._hand_on,
                self._answer_again,
                self._give_back,
            ):
                for tale in self.tales:
                    step(tale)
                self._rest()

    # what people do

    def _open(self, tale: Tale) -> None:
        planter = self._planter(tale.origin)
        native_id = planter.create(tale.name, tale.values[0] if tale.values else {})
        planter.notes(tale.name, native_id)
        planter.files(tale.name, native_id)
        tale.native[tale.origin], tale.case_id = native_id, case_id_of(tale.origin, native_id)

    def _hand_over(self, tale: Tale) -> None:
        if tale.fate == "denied":
            self._edit(tale, tale.origin, {"holder": tale.to})
        elif tale.via:
            self._offer(tale, 0)

    def _answer(self, tale: Tale) -> None:
        self._work(tale, tale.via[0]["to"] if tale.via else "", refuse=tale.fate == "refused")

    def _resolve(self, tale: Tale) -> None:
        if tale.fate == "worked":
            self._edit(tale, tale.via[0]["to"], {"status": "resolved"})

    def _reopen(self, tale: Tale) -> None:
        self._edit(tale, tale.origin, {"status": "inProgress", "feedback.score": 2})
        self._say(tale, tale.origin)
        self._turn_note(tale)

    def _misfit(self, tale: Tale) -> None:
        tale.to = ""
        if (native_id := tale.native.get(tale.origin)) is not None:
            self._was[tale.name] = self._planter(tale.origin).unknown_word(tale.name, native_id)
            self._say(tale, tale.origin)

    def _mend(self, tale: Tale) -> None:
        before = self._was.pop(tale.name, {})
        if before:
            self.stands[tale.origin].store.edit(tale.native[tale.origin], before)

    def _fail(self, tale: Tale) -> None:
        for company in (tale.origin, *tale.reached.by):
            said = self.aviary.word(company, tale.name, "error")
            errors = (
                Rejected("it does not go in.", said=said, value=said),
                Unreachable("not reached.", value=said),
                Unknown("no answer.", value=said),
            )
            self.stands[company].store.fail(errors[self.tales.index(tale) % 3], after=False)
            self._say(tale, company)

    def _heal(self, tale: Tale) -> None:
        for stand in self.stands.values():
            stand.store.heal()
        for company in (tale.origin, *tale.reached.by):
            self._say(tale, company)

    def _hand_on(self, tale: Tale) -> None:
        if len(tale.via) > 1:
            self._edit(tale, tale.via[1]["from"], tale.values[1])
            self._offer(tale, 1)

    def _answer_again(self, tale: Tale) -> None:
        if len(tale.via) > 1:
            self._work(tale, tale.via[1]["to"])

    def _give_back(self, tale: Tale) -> None:
        if tale.via:
            self._edit(tale, tale.via[-1]["to"], {"holder": tale.origin, "statusChangeReason": "done here"})
        self._say(tale, tale.origin)

    def _offer(self, tale: Tale, number: int) -> None:
        """Hand it over on this edge, where it does not go by itself; who has it then is reckoned from the text."""
        edge = tale.via[number]
        if not edge.get("auto"):
            self._edit(tale, edge["from"], {"holder": edge["to"]})
        if permitted := self.text.permits(edge["from"], edge["to"], tale.values[number]):
            tale.reached.by.setdefault(edge["to"], set()).add(permitted)

    def _work(self, tale: Tale, company: str, *, refuse: bool = False) -> None:
        native_id = tale.native.get(company)
        if native_id is None:
            return
        planter = self._planter(company)
        planter.number(tale.name, native_id)
        planter.notes(tale.name, native_id)
        planter.files(tale.name, native_id)
        self._say(tale, company)
        self._edit(tale, company, {"holder": tale.origin} if refuse else {"status": "inProgress"})

    def _say(self, tale: Tale, company: str) -> None:
        """New words in all its fields, but for what the edges look at."""
        if (native_id := tale.native.get(company)) is not None:
            fixed = {path for values in tale.values for path in values}
            planter = self._planter(company)
            values = planter.values(tale.name, {})
            planter.edit(native_id, {path: value for path, value in values.items() if path not in fixed})

    def _turn_note(self, tale: Tale) -> None:
        """A note for partners that is private a moment later: nobody may have got it."""
        native_id, stand = tale.native.get(tale.origin), self.stands[tale.origin]
        if native_id is None or stand.partner.lens.notes is None:
            return
        self._planter(tale.origin).notes(tale.name, native_id)
        if stand.partner.lens.notes.audience.takes(Visibility.PARTNERS):
            notes = stand.partner.lens.to_case(stand.store.body(native_id)).notes
            last = [note for note in notes if note.visibility is Visibility.PARTNERS][-1:]
            for note in last:
                stand.store.drop_note(native_id, note.native_id)

    def _edit(self, tale: Tale, company: str, values: Mapping[str, Any]) -> None:
        if (native_id := tale.native.get(company)) is not None:
            self._planter(company).edit(native_id, values)

    def _planter(self, company: str) -> Planter:
        return Planter(self.aviary, self.stands[company])

    # the exchange

    def _rest(self) -> None:
        for _ in range(ROUNDS):
            before = self._written()
            for verb in (self.exchange.intake, self.exchange.deliver):
                for company in self.stands:
                    self._step(verb, company)
            self.later(timedelta(hours=2).total_seconds())
            if self._written() == before:
                break
        for company, stand in self.stands.items():
            told = {str(number): str(line) for number, line in enumerate(own_log(self.ledger, company))}
            stand.given.append(Given(company, "", "its own log", told))
        for tale in self.tales:
            found = self.ledger.links(tale.case_id)
            tale.native.update({link.partner: link.native_id for link in found if link.state == "linked"})

    def _step(self, verb: Callable[[str], Any], company: str) -> None:
        """One step as a task takes it: what it gives back and what it raises reach Airflow."""
        try:
            done = json.dumps(asdict(verb(company)), default=sorted)
            self.shared.setdefault("a task's return", []).append(done)
        except ConnectorError as error:
            self.shared.setdefault("a task's error", []).append(error.text())

    def _written(self) -> tuple[int, ...]:
        return (*(stand.store.writes for stand in self.stands.values()), self.ledger.head()[0])

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """What is logged meanwhile, at every level, is kept."""
        root, lines = logging.getLogger(), self.shared.setdefault("the log", [])
        listener, level = _Lines(lines), root.level
        root.addHandler(listener)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(listener)
            root.setLevel(level)


class _Lines(logging.Handler):
    """Keeps each line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))
