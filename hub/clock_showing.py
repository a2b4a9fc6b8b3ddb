"""What `casebridge clock` prints: where a case's time went, and how each promise stands in it. Prints only.

Next: `timeline.py`, `clocks.py`, which compute it; `commitments.py`, what was promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.assembly import load_alliance, wall_clock
from hub.clocks import Reading, clocks_of
from hub.commitments import ALL
from hub.ledger import Ledger
from hub.promises import watch
from hub.resync import since_said
from hub.settings import Settings
from hub.showing import the_case
from hub.timeline import EDGE, Stretch, What, stretches
from hub.versions import load_in_force

DOING: Mapping[What, str] = {
    "work": "works on it",
    "customer": "waits for the customer",
    "third party": "waits for another party",
    "transport": "on its way from {giver} to {receiver}",
    "queue": "offered by {giver}, nobody acted yet",
    "decision": "offered by {giver}, not accepted yet",
    "feedback": "resolved, waits for the customer's word",
}
STYLES = {"broken": "bold red", "near": "yellow", "kept": "green", "running": "", "waiting": "dim"}
CLOCKS = {
    "accept": "accept or refuse",
    "firstResponse": "first word",
    "update": "keep informed",
    "resolve": "resolve",
    "endToEnd": "resolve, end to end",
}
WIDTH = 24


def show_clocks(search: str, at: str, console: Console) -> bool:
    """Print one case's time and promises; False, with a sentence, where there is no such case. Raises CannotDo,
    DeclarationError."""
    settings = Settings.from_environment()
    agreement = load_in_force(settings.agreement_file, None, wall_clock().date())
    ledger = Ledger.open(settings)
    now = (since_said(at) or wall_clock()).astimezone(UTC)
    row = the_case(ledger, search, console)
    if row is None:
        return False
    titles = {name: company.title for name, company in agreement.partners.items()} | {"hub": "the hub", ALL: "all"}
    story = [entry for entry in ledger.entries(case_id=row.id) if entry.observed_at <= now]
    rows = stretches(story)
    console.print(f"[bold]{escape(row.name)}[/]  {row.id}", highlight=False)
    console.print(f"as of {now:%Y-%m-%d %H:%M:%S} UTC, agreement {escape(agreement.version)}", highlight=False)
    if not rows:
        console.print("It was not known then.")
        return True
    console.print(_time(rows, now, titles))
    console.print(_promises(clocks_of(story, agreement, now), titles))
    return True


def watch_promises() -> str:
    """Write down what is new about promises; what was found, in a sentence."""
    settings = Settings.from_environment()
    alliance = load_alliance(settings)
    found = watch(Ledger.open(settings), alliance.agreement, wall_clock, alliance)
    return (
        f"{found.looked} cases looked at: {found.due_soon} promises come to their end, {found.overdue} were not kept, "
        f"{found.escalated} times somebody is asked to see to it; {found.asked} times a customer's word is asked for, "
        f"{found.silent} did not answer, {found.corrective} corrective actions begin."
    )


def _time(rows: Sequence[Stretch], now: datetime, titles: Mapping[str, str]) -> Table:
    table = Table("since", "for", "", "whose", "what", "over", box=None, header_style="dim", pad_edge=False)
    whole = sum(((row.end or now) - row.start for row in rows), timedelta()) or timedelta(seconds=1)
    for row in rows:
        took = (row.end or now) - row.start
        bar = "█" * round(WIDTH * (took / whole)) or "▏"
        giver, receiver = titles.get(row.giver, row.giver), titles.get(row.receiver, row.receiver)
        doing = DOING[row.what].format(giver=giver, receiver=receiver)
        still = "" if row.end else ", still"
        table.add_row(f"{row.start:%m-%d %H:%M:%S}", lasting(took), bar, escape(titles.get(row.who, row.who)),
                      escape(doing + still), row.edge if row.what in EDGE else "")  # fmt: skip
    return table


def _promises(found: Sequence[Reading], titles: Mapping[str, str]) -> Table:
    table = Table(
        "promise", "whose", "to", "spent", "of", "due", "stands", box=None, header_style="dim", pad_edge=False
    )
    for reading in found:
        if (reading.commitment.clock, reading.state) == ("update", "kept"):
            continue  # a word in time is what nobody asks about, and there are many
        due = f"{reading.due_at:%m-%d %H:%M:%S}" if reading.due_at and reading.state != "kept" else ""
        style = STYLES[reading.state]
        stands = (
            f"{reading.state}, runs on" if reading.state == "broken" and reading.ended_at is None else reading.state
        )
        whose = titles.get(reading.who, reading.who) + (f", over {reading.edge}" if reading.edge else "")
        table.add_row(reading.commitment.id, escape(whose), CLOCKS[reading.commitment.clock], lasting(reading.spent),
                      lasting(reading.allowed), due, f"[{style}]{stands}[/]" if style else stands)  # fmt: skip
    return table


def lasting(amount: timedelta) -> str:
    """A time as long as it needs to be: `3 d 4 h`, `2 h 5 min`, `40 s`, `0.3 s`."""
    seconds = amount.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    parts, left = [], round(seconds)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2])
