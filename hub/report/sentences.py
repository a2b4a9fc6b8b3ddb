"""What happened in a period and what stands out, in sentences of the reader's language: each with its evidence.

Pure: from a rollup's figures alone. Next: `words.py` for how a figure is said; `page.py` and `mail.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.report.words import MARK, Words, capital
from hub.rollup import Rollup, Row


def headline(rollup: Rollup, words: Words) -> tuple[str, ...]:
    """What happened, in a few sentences."""
    say = words.say
    value = {row.indicator: row.value for row in rollup.rows if row.scope.kind == "whole"}
    opened, resolved, held = value["opened"] or 0, value["resolved"] or 0, value["open_at_end"] or 0
    if any(rollup.row(key).held_back for key in ("opened", "resolved", "open_at_end")):
        return (say("There were few cases; figures on fewer than five are held back."),)
    if not any((opened, resolved, held, value["changes"])):
        return (say("Nothing happened in this period."),)
    came = say.many("{n} case came in", "{n} cases came in", opened) if opened else say("no case came in")
    done = say.many("{n} was resolved", "{n} were resolved", resolved)
    left = say.many("{n} is open at the end", "{n} are open at the end", held)
    said = [capital(say("{came} and {resolved}; {open}.", came=came, resolved=done, open=left))]
    if crossing := value["crossing_cases"]:
        crossed = say.many(
            "{n} case crossed from company to company in {handovers}",
            "{n} cases crossed from company to company in {handovers}",
            crossing,
            handovers=words.handovers(value["handovers_in"]),
        )
        back = say.many("{n} came straight back", "{n} came straight back", value["pingpong_cases"] or 0)
        said.append(f"{capital(crossed)}; {back}.")
    if (typical := value["time_to_resolve_median"]) is not None:
        said.append(say("Half of the resolved cases took at most {time}.", time=words.duration(typical)))
    return tuple(said)


def findings(rollup: Rollup, words: Words) -> tuple[str, ...]:
    """What stands out at the edges, each with its evidence: the busiest, the one that sends back most, the slowest."""
    said = []
    if busiest := _most(rollup, "handovers_in"):
        share = 100 * (busiest.value or 0) / (rollup.row("handovers_in").value or 1)
        said.append(
            words.say(
                "The busiest edge is {edge}: {handovers}, {share} of all.",
                edge=words.edge(busiest.scope),
                handovers=words.handovers(busiest.value),
                share=words.amount(share, "%"),
            )
        )
    if returned := _most(rollup, "bounces"):
        said.append(
            words.say(
                "Most came back over {edge}: {n} of its {handovers} returned a case to where it had just come from.",
                edge=words.edge(returned.scope),
                n=words.number(returned.value or 0),
                handovers=words.handovers(rollup.row("handovers_in", returned.scope).value),
            )
        )
    if slowest := _most(rollup, "transport_worst"):
        said.append(
            words.say(
                "The slowest arrival took {time}, over {edge} (median there: {median}).",
                time=words.duration(slowest.value or 0),
                edge=words.edge(slowest.scope),
                median=words.figure(rollup.row("transport_median", slowest.scope)),
            )
        )
    return tuple(said)


def sampled(rollup: Rollup, words: Words) -> str:
    """What the mark means, in sentences; nothing where no company is sampled."""
    say = words.say
    told = [
        say("{company} every {time}", company=words.title(name), time=words.duration(seconds))
        for name, seconds in rollup.sampled
    ]
    if not told:
        return ""
    whose = say.many(
        "Its system tells no change history, so what comes and goes there between two polls is not counted, and times "
        "go by what was seen.",
        "Their systems tell no change history, so what comes and goes there between two polls is not counted, and "
        "times go by what was seen.",
        len(told),
    )
    return say("{mark} Sampled: {companies}. {whose}", mark=MARK, companies=", ".join(told), whose=whose)


def _most(rollup: Rollup, indicator: str) -> Row | None:
    rows: Sequence[Row] = [row for row in rollup.rows if row.indicator == indicator and row.scope.kind == "edge"]
    return max((row for row in rows if row.value), key=lambda row: row.value or 0, default=None)


def restated(rollup: Rollup, words: Words) -> str:
    """How many figures of this period were told otherwise before, and up to which entry."""
    figures = len({(note.scope, note.indicator) for note in rollup.restated})
    return words.say.many(
        "{n} figure was told otherwise in a report up to entry {entry}: events came late",
        "{n} figures were told otherwise in a report up to entry {entry}: events came late",
        figures,
        entry=words.number(min(note.head_before for note in rollup.restated)),
    )
