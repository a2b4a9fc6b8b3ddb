"""The DAG `review`: what waits for a person is put before one, in Airflow's own list of required actions.

Every five minutes, a question for each thing that was not asked about for a day; who answers, and why, stands in the
ledger. A run waits for its answers and holds no worker meanwhile. Next: hub/reviewing.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Param, task

from hub.reviewing_words import LEAVE
from hub.runtime import arguments, ask_people, carry_answer

DOC = """
### Review

Conflicts, transfers and refusals without a way on, values that no mapping knows, writes that were not kept, files that
did not go on: each is a *required action* of this DAG, with what it is, what can be done, what each choice does, and a
suggestion. The words of a case do not stand there: the board and `casebridge parked show` have them. Say why; it
stands in the ledger with your name. What is not answered in a day is asked about again, and the operator's escalation
climbs. What was answered elsewhere is let be.

Nothing else waits for an answer: the case goes on, and so do the others.

**When it is red**, nothing is lost: what waits goes on waiting, and is asked about again.
- `A...`, `D...`, `M...`: a declaration is wrong; the text names line and column. `casebridge check` repeats it.
- `C...`: the company could not be spoken to; clear the task, or leave it: the question comes again in a day.
- `L...`: the ledger is not there or behind this program; the text says what to do.
"""


@task(multiple_outputs=False)
def ask() -> list[dict[str, Any]]:
    """What a person has to be asked now. Returns numbers, codes and fixed sentences: no word of a case."""
    return ask_people()


@task(multiple_outputs=False)
def carry(pair: Any) -> str:
    """Do what was chosen. Returns what was done, in words without a case's content."""
    asked, answered = pair
    return carry_answer(asked["no"], answered)


def shown(asked: dict[str, Any]) -> dict[str, Any]:
    """The part of a question that the form is made of."""
    return {name: asked[name] for name in ("subject", "body", "options")}


with DAG(
    "review",
    description="What waits for a person is put before one",
    schedule=timedelta(minutes=5),
    **arguments("review", None, deadline=timedelta(days=2), doc=DOC) | {"max_active_runs": 64},
):
    asked = ask()
    decided = HITLOperator.partial(
        task_id="decide",
        defaults=LEAVE,
        execution_timeout=None,
        response_timeout=timedelta(hours=23),
        params={
            "why": Param("", type=["null", "string"], description="Why: it stands in the ledger beside your name."),
            "values": Param(
                "", type=["null", "string"], format="multiline",
                description="For `set values` of a case: path=value, one a line, such as priority=high.",
            ),
        },
    ).expand_kwargs(asked.map(shown))  # fmt: skip
    carry.expand(pair=asked.zip(decided.output))
