"""L12: whatever is said, asked, answered twice, left silent or reopened, only a good word closes a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import answering, asking
from hub.closing import Closing
from hub.promises import watch
from hub.state import CaseState

THRESHOLD = 4
ACTS = st.sampled_from(
    [("south", "Solved")] * 3
    + [("north", "Open"), ("north", "Closed"), ("south", "Waiting")]
    + [("north score", 2), ("north score", 4), ("north score", 5), ("wait", 300)]
    + [("page", (2, -1)), ("page", (5, -1)), ("page", (5, 0))]
)
"""page: a score by one of the links that were ever given out: the newest, or the first."""


class Told:
    """A case, the links that were ever given out for it, and the best word since it was last worked on."""

    def __init__(self, world: Any) -> None:
        self.world = world
        closing = Closing.model_validate({"ask_again": ["24 h"], "silent_after": "72 h", "threshold": THRESHOLD})
        alliance = world.exchange.alliance
        agreement = alliance.agreement.model_copy(update={"closing": closing})
        self.alliance = replace(alliance, agreement=agreement, feedback_url="https://care.example")
        world.exchange = replace(world.exchange, alliance=self.alliance)
        world.hand_over()
        self.links: list[str] = []
        self.best = 0

    def state(self) -> CaseState:
        (row,) = self.world.ledger.cases()
        with self.world.ledger.look(self.world.clock()) as tx:
            found = tx.case(row.id)
        assert found is not None
        return found

    def act(self, who: str, what: Any) -> None:
        before = self.state()
        if who == "wait":
            self.world.later(what * 3600)
        elif who == "north score":
            if self.world.only("north").get("score") != what:
                self.best = max(self.best, what)
            self.world.stores["north"].edit("1", {"score": what})
        elif who == "page":
            self.answer(*what)
        else:
            self.world.stores[who].edit("1", {"state": what})
        self.world.round()
        watch(self.world.ledger, self.alliance.agreement, self.world.clock, self.alliance)
        self.world.round()
        after = self.state()
        if after.asked is not None and after.asked.link not in self.links:
            self.links.append(after.asked.link)
        if after.status == "closed" and before.status != "closed":
            assert self.best >= THRESHOLD, f"{who} {what} closed it, and the best word was {self.best}"
        if after.status not in ("resolved", "closed") and before.status in ("resolved", "closed"):
            self.best = 0  # it is worked on again: what was said of the work before says nothing of this
        assert len(after.feedback) >= len(before.feedback)

    def answer(self, score: int, which: int) -> None:
        if not self.links:
            return
        token = self.links[which % len(self.links)].rpartition("/")[2]
        heard = len(self.state().feedback)
        with self.world.ledger.transaction(self.world.clock()) as tx:
            stands, _ = answering.answer(tx, self.alliance, token, answering.Answer(score, None, "en"))
            again, _ = answering.answer(tx, self.alliance, token, answering.Answer(5, None, "en"))
        assert again != "open"  # the second one never counts
        assert len(self.state().feedback) == heard + (stands == "open")
        if stands == "open":
            self.best = max(self.best, score)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_no_sequence_closes_a_case_without_a_good_word_on_how_it_stands(
    new_world: Callable[[], Any], acts: list[tuple[str, Any]]
) -> None:
    told = Told(new_world())
    for who, what in acts:
        told.act(who, what)
    closed = [entry for entry in told.world.ledger.entries() if entry.kind == "closed"]
    assert all(entry.detail["score"] >= THRESHOLD for entry in closed)
    assert told.world.ledger.broken_at() is None
    told.world.ledger.engine.dispose()


def test_a_good_word_of_before_it_was_reopened_closes_it_no_more(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    world.stores["north"].edit("1", {"score": 5})
    world.rest()
    assert world.only("south")["state"] == "Closed"
    world.stores["north"].edit("1", {"state": "Open", "reason": "it failed again"})
    world.rest()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    assert [world.only(name)["state"] for name in ("north", "south")] == ["Solved", "Solved"]
    world.stores["south"].edit("1", {"state": "Closed"})  # nor is a company's own closing heard for that word
    world.rest()
    assert world.only("north")["state"] == "Solved"
    world.stores["north"].edit("1", {"score": 4})
    world.rest()
    assert world.only("north")["state"] == "Closed"


def test_of_two_words_at_once_the_later_good_one_still_counts_once_it_is_resolved_again(world: Any) -> None:
    """A customer who was angry and then content, before anybody looked."""
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    surveys = [
        {"id": "a", "stars": 1, "said": None, "answered_at": "2026-03-01T10:00:00+00:00"},
        {"id": "b", "stars": 5, "said": None, "answered_at": "2026-03-01T11:00:00+00:00"},
    ]
    world.stores["north"].edit("1", {"surveys": surveys})
    world.rest()
    assert world.only("south")["state"] == "Open"
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    assert world.only("south")["state"] == "Closed"


def test_a_round_is_asked_for_once_however_often_it_is(world: Any) -> None:
    told = Told(world)
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    case_id = told.state().id
    with world.ledger.transaction(world.clock()) as tx:
        state = asking.ask(tx, told.alliance, tx.case(case_id))
        first = asking.link_of(tx, told.alliance, state)
    watch(world.ledger, told.alliance.agreement, world.clock, told.alliance)
    with world.ledger.look(world.clock()) as tx:
        assert asking.link_of(tx, told.alliance, tx.case(case_id)) == first
    assert world.kinds().count("asked") == 1
