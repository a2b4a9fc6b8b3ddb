"""Figures of the customers' words: as they stand at the end of a period, and whatever the words come in."""

from __future__ import annotations

import pytest

from hub.periods import Period
from hub.rollup import Scope, rollup
from hub.worked import worked

TELVOZ = Scope("company", "telvoz")
CORRECTIVE = (
    "a 09:00 opened northcable",
    "a 09:10 offered northcable>telvoz",
    "a 09:20 accepted telvoz",
    "a 10:00 resolved telvoz",
    "a 10:01 asked northcable",
    "a 11:00 fed_back northcable score=1",
    "a 11:00 reopened hub score=1",
    "a 11:01 corrective telvoz",
)


def figure(lines: tuple[str, ...], key: str, scope: Scope = TELVOZ) -> int | float | None:
    return rollup(worked(*lines), Period.parse("all")).row(key, scope).value


def test_a_corrective_action_is_open_until_it_is_done() -> None:
    assert figure(CORRECTIVE, "correctives_open") == 1
    assert figure((*CORRECTIVE, "a 12:00 resolved telvoz", "a 12:01 corrected telvoz"), "correctives_open") == 0
    again = ("a 12:01 corrected telvoz", "a 13:00 ineffective telvoz", "a 13:00 corrective telvoz")
    assert figure((*CORRECTIVE, *again), "correctives_open") == 1
    assert figure((*CORRECTIVE, *again), "correctives_begun") == 2
    assert figure((*CORRECTIVE, *again), "correctives_effective") == 0


def test_what_is_open_at_the_end_of_a_period_counts_in_it_and_not_before() -> None:
    entries = worked(*CORRECTIVE)
    day = rollup(entries, Period.parse("2026-11-02")).row("correctives_open", TELVOZ)
    later = rollup(entries, Period.parse("2026-11-03")).row("correctives_open", TELVOZ)
    before = rollup(entries, Period.parse("2026-11-01")).row("correctives_open", TELVOZ)
    assert (day.value, later.value, before.value) == (1, 1, 0)


def test_a_word_that_comes_after_the_silence_leaves_the_asking_unanswered_in_time() -> None:
    asked = ("a 09:00 opened telvoz", "a 10:00 resolved telvoz", "a 10:01 asked telvoz", "a 11:01 asked telvoz times=2")
    assert figure(asked, "silence_rate") is None  # nothing has become of it yet
    late = (*asked, "a 12:00 silent telvoz", "a 13:00 fed_back telvoz score=5", "a 13:00 closed hub score=5")
    assert figure(late, "silence_rate") == 100
    assert figure(late, "positive_closure_rate") == 100
    assert figure(late, "asked") == 1


def test_a_reopening_by_an_agent_is_no_word_of_the_customers() -> None:
    lines = ("a 09:00 opened telvoz", "a 10:00 resolved telvoz", "a 11:00 reopened telvoz")
    assert figure(lines, "positive_closure_rate") is None


@pytest.mark.parametrize("kind", ["signal=reopen", "signal=score"])
def test_only_a_repeat_is_a_repeated_contact(kind: str) -> None:
    assert figure(("a 09:00 opened telvoz", f"a 09:01 signal telvoz {kind}"), "repeat_contacts") == 0
