"""Promises and working hours as the printed agreement tells them. Pure. Next: `content.py`, which places them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_percent

from hub.agreement import Agreement
from hub.agreement_page.words import Words
from hub.calendars import DAYS
from hub.commitments import ALL, EACH, told


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment. times: of critical, high, medium and low cases."""

    whose: str
    what: str
    times: tuple[str, ...]
    target: str
    otherwise: str


def promises(agreement: Agreement, words: Words, locale: str) -> Iterator[Promise]:
    """Each commitment, in the agreement's order."""
    for each in agreement.commitments:
        company = agreement.partners.get(each.of)
        whose = {EACH: words.each, ALL: words.all_together}.get(each.of, company.title if company else each.of)
        edge = agreement.edge_named(each.edge)
        if edge is not None:
            ends = f"{agreement.partners[edge.giver].title} → {agreement.partners[edge.receiver].title}"
            whose = f"{whose}, {words.over.format(edge=ends)}"
        times = tuple(told(each.within[name]) for name in ("critical", "high", "medium", "low"))
        share = words.target.format(share=format_percent(each.target, locale=locale))
        yield Promise(whose, words.clocks[each.clock], times, share, each.otherwise)


def hours_of(agreement: Agreement, name: str, words: Words, locale: str) -> str:
    """The working hours of a calendar, with its zone and the days on which nobody works."""
    hours = agreement.calendars.get(name)
    if hours is None:
        return words.always
    names = get_day_names("abbreviated", locale=locale)
    spans = []
    for days, said in hours.hours.items():
        ends = [names[DAYS.index(day)] for day in days.split("-")]
        spans.append(f"{'–'.join(ends)} {', '.join((said,) if isinstance(said, str) else said)}")
    closed = [format_date(day, "medium", locale) for day in sorted(hours.holidays)]
    told_days = f"; {words.holidays.format(days=format_list(closed, locale=locale))}" if closed else ""
    return f"{'; '.join(spans)} ({hours.zone}){told_days}"
