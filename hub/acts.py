"""Acts with a meaning of their own: a status, feedback, closing.

The hub closes only after positive feedback; a partner's own "closed" is kept as its word and read as resolved, a
request to close. Pure: each function takes a Fold and moves it on. Next: `transfers.py` (who holds the case and who
answers for it); `folding.py`, which calls them in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hub.edges import says
from hub.merge import Event, Fold
from hub.rounds import CLOSED, RESOLVED
from hub.state import HUB
from mappings.case import ENDED, Feedback, StatusChange
from mappings.lens import ReadFeedback
from mappings.transitions import is_reopening, may_follow


def read_status(status: Any, *, may_close: bool) -> Any:
    """What a partner's status says to the case: its "closed" is a request until the customer is content."""
    return RESOLVED if status == CLOSED and not may_close else status


def is_content(fold: Fold) -> bool:
    """Whether the customer's last word was positive. What was said before the case was reopened is not of it."""
    words = fold.state.feedback[fold.state.weighed :]
    return bool(words) and words[-1].score >= fold.agreement.closing.threshold


def fold_feedback(fold: Fold, answers: Iterable[ReadFeedback] = (), heard: Collection[str] = ()) -> list[Feedback]:
    """Keep the customer's words that came with the record: the one in its fields, then those of its list that were not
    heard before, by their dates. The new ones, in that order."""
    words = list(_field_word(fold))
    if fold.sharing.allows("feedback.score"):
        for answer in sorted((each for each in answers if each.native_id not in heard), key=_by_date):
            word = Feedback(partner=fold.partner, score=answer.score, text=answer.text, date=answer.date)
            for part in ("score", "text", "date"):  # what other companies are told of it
                fold.put(f"feedback.{part}", getattr(word, part), fold.partner)
            words.append(word)
    if words:
        fold.state = replace(fold.state, feedback=(*fold.state.feedback, *words))
    fold.events += [Event("fed_back", {"score": word.score}) for word in words]
    return words


def _field_word(fold: Fold) -> Iterator[Feedback]:
    score = fold.state.values.get("feedback.score")
    if "feedback.score" in fold.changed and score is not None and score == fold.theirs.get("feedback.score"):
        yield Feedback(
            partner=fold.partner,
            score=int(score),
            text=fold.state.values.get("feedback.text"),
            date=fold.state.values.get("feedback.date") or fold.now,
        )


def _by_date(answer: ReadFeedback) -> tuple[datetime, str]:
    return answer.date.astimezone(UTC), answer.native_id


def fold_status(fold: Fold, title: str) -> None:
    """Apply a status that the partner's agent set."""
    may_close = fold.state.history or is_content(fold)
    status = read_status(fold.theirs.get("status"), may_close=may_close)
    asked = fold.theirs.get("status") == CLOSED and fold.touched("status") and status == RESOLVED
    if asked:
        fold.events.append(Event("asked_to_close", {"by": fold.partner}))
    if not fold.touched("status") or status is None or not fold.sharing.allows("status"):
        return
    fold.changed.append("status")
    waits = [task.case for task in fold.state.tasks if task.waits and task.is_open]
    if waits and status == RESOLVED != fold.state.status:
        fold.events.append(Event("early", {"tasks": waits}))
        return
    if not fold.decide("status", status):
        return
    before = fold.state.status
    fold.synced["status"] = status
    set_status(fold, status, fold.partner)
    if status == before:
        return
    if not may_follow(before, status):
        fold.events.append(Event("irregular", {"before": before, "after": status}))
    if is_reopening(before, status):
        if not fold.touched("statusChangeReason") or not fold.state.values.get("statusChangeReason"):
            fold.put("statusChangeReason", f"reopened in {title}", HUB)
        fold.state = replace(fold.state, weighed=len(fold.state.feedback))
        fold.events.append(Event("reopened", {"before": before}))


def fold_first_status(fold: Fold) -> None:
    """The status that a case is first seen in: its first line of history."""
    _add_line(fold, fold.state.status)


def set_status(fold: Fold, status: str, setter: str) -> None:
    """Move the case's status, with its line of history."""
    before = fold.state.values.get("status")
    fold.put("status", status, setter)
    if setter == HUB:
        fold.put("statusChangeDate", fold.now, HUB)
    if status == before:
        return
    _add_line(fold, status)


def _add_line(fold: Fold, status: str) -> None:
    line = StatusChange(
        status=status,
        status_change_date=fold.state.values.get("statusChangeDate") or fold.now,
        status_change_reason=fold.state.values.get("statusChangeReason"),
    )
    fold.state = replace(fold.state, statuses=(*fold.state.statuses, line))
    if status == RESOLVED:
        fold.events.append(Event("resolved", {}))


def fold_urging(fold: Fold) -> None:
    """The contact point's agent escalates the case, by what the agreement says."""
    state = fold.state
    if fold.partner != state.contact_point or state.history or state.status in {RESOLVED, *ENDED}:
        return
    for path, wanted in fold.agreement.escalated_by.items():
        if fold.touched(path) and says(fold.theirs.get(path), wanted):
            fold.events.append(Event("urged", {"by": path}))
            return


def fold_closing(fold: Fold, new_words: Sequence[Feedback]) -> None:
    """Positive feedback closes a resolved case; a new negative word reopens it. The hub does both, nobody else."""
    if fold.state.history:
        return
    heard = len(fold.state.feedback) - len(new_words)
    for place, word in enumerate(new_words, start=heard + 1):
        _weigh(fold, word.score, place, is_new=True)
    if not new_words and heard > fold.state.weighed:
        _weigh(fold, fold.state.feedback[-1].score, heard, is_new=False)


def _weigh(fold: Fold, score: int, heard: int, *, is_new: bool) -> None:
    status, threshold = fold.state.status, fold.agreement.closing.threshold
    if score >= threshold and status == RESOLVED:
        set_status(fold, CLOSED, HUB)
        fold.events.append(Event("closed", {"score": score, "threshold": threshold}))
    elif is_new and score < threshold and status in {RESOLVED, CLOSED}:
        fold.put("statusChangeReason", f"negative feedback: {score} of 5", HUB)
        set_status(fold, "inProgress", HUB)
        fold.state = replace(fold.state, weighed=heard)
        fold.events.append(Event("reopened", {"before": status, "score": score}))
