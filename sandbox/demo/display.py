"""What you see while it runs: a page that redraws itself in a terminal, plain lines anywhere else.

Knows no process and asks nobody anything; it shows what it is handed. Next: `closing.py` (the end), `command.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sandbox.demo.stage import Arrival, Run, Stage
from sandbox.words import COMPANIES

STYLE = {"northcable": "cyan", "telvoz": "yellow", "brightnet": "magenta"}
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FAILED = "ended here"
EVERY = 5.0
"""Seconds between two plain lines of progress."""
FRAME = 9
"""Lines of the page that are not cases."""


class Display:
    """Phases, then the cases as they cross. Used as a context: it gives the terminal back whatever happens."""

    def __init__(self, console: Console, clock: Callable[[], float], title: str) -> None:
        self._console, self.clock, self._title = console, clock, title
        self._phases: list[tuple[str, str, float]] = []  # what, how it ended ("" while it lasts), when it began
        self._marks: list[tuple[str, str]] = []
        self._stage: Stage | None = None
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._said_at, self._turn = 0.0, 0

    def __enter__(self) -> Display:
        if self._live is not None:
            self._live.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._console.print(self._page(cases=False))

    def begin(self, what: str) -> None:
        """A new phase."""
        self._phases.append((what, "", self.clock()))
        if self._live is None:
            self._line(f"{what} …")
        self.tick()

    def end(self, how: str) -> None:
        """The phase is over."""
        what, _, began = self._phases[-1]
        self._phases[-1] = (what, how, began)
        if self._live is None:
            self._line(f"{what}: {how}")
        self.tick()

    def fail(self) -> None:
        """The phase under way came to nothing."""
        if self._phases and not self._phases[-1][1]:
            what, _, began = self._phases[-1]
            self._phases[-1] = (what, FAILED, began)

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._live is None:
            self._line(text)
        else:
            self._live.console.print(text, highlight=False, markup=False)

    def mark(self, what: str, how: str) -> None:
        """Something worth knowing that is no phase."""
        self._marks.append((what, how))
        if self._live is None:
            self._line(f"{what}: {how}")

    def tick(self, stage: Stage | None = None) -> None:
        """Redraw; without a terminal, a line of progress now and then."""
        self._stage = stage or self._stage
        self._turn += 1
        if self._live is not None:
            self._live.update(self._page(), refresh=True)
        elif stage is not None and self.clock() - self._said_at >= EVERY and not stage.finished:
            self._said_at = self.clock()
            self._line(f"arrived {len(stage.arrivals)} of {stage.expected}{_last(stage)}")

    def _line(self, text: str) -> None:
        self._console.print(f"{self.clock():6.1f} s  {text}", highlight=False, markup=False, soft_wrap=True)

    def _page(self, *, cases: bool = True) -> RenderableType:
        phases = Table.grid(padding=(0, 1))
        for what, how, began in self._phases:
            turning = f"[bold]{SPINNER[self._turn % len(SPINNER)]}[/]"
            mark = {"": turning, FAILED: "[red]✗[/]"}.get(how, "[green]✓[/]")
            took = how or f"{self.clock() - began:.0f} s"
            phases.add_row(mark, escape(what), f"[dim]{escape(took)}[/]")
        for what, how in self._marks:
            phases.add_row("[bold green]→[/]", f"[bold]{escape(what)}[/]", escape(how))
        title = Text.assemble((self._title, "bold"), (f"   {_clock_face(self.clock())}", "dim"))
        parts: list[RenderableType] = [title, phases]
        if cases and self._stage is not None and self._stage.arrivals:
            parts += ["", self._cases(self._stage), "", _progress(self._stage)]
        return Group(*parts)

    def _cases(self, stage: Stage) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
        table.add_column("case", no_wrap=True, ratio=3)
        for name in COMPANIES:
            table.add_column(Text(name.capitalize(), STYLE[name]), no_wrap=True, min_width=9)
        table.add_column("acts", no_wrap=True, justify="right")
        table.add_column("last act", no_wrap=True, ratio=3)
        room = max(3, self._console.height - FRAME - len(self._phases) - len(self._marks))
        shown = stage.runs if len(stage.runs) <= room else sorted(stage.runs, key=lambda run: run.finished)[:room]
        for run in shown:
            table.add_row(*_row(run))
        return table


def _row(run: Run) -> list[Text]:
    title = Text(run.script.title, "dim" if run.finished else "", overflow="ellipsis")
    cells = [_cell(run, name) for name in COMPANIES]
    done = Text("✓" if run.finished else f"{run.done}/{len(run.script.acts)}", "green" if run.finished else "")
    company, _, does = run.last.partition(" ")
    last = Text(overflow="ellipsis").append(company, STYLE.get(company.lower(), "")).append(f" {does}")
    return [title, *cells, done, last]


def _cell(run: Run, company: str) -> Text:
    """The case's number at a company: bold at who holds it; a dot where it is on its way."""
    number = run.numbers.get(company)
    if number is None:
        coming = any(one.company == company for one in run.awaited)
        return Text("…" if coming else "", "dim")
    return Text(number, f"bold {STYLE[company]}" if run.holder == company else "dim")


def _progress(stage: Stage) -> Text:
    done, wanted = len(stage.arrivals), max(1, stage.expected)
    full = 24 * done // wanted
    bar = Text(no_wrap=True, overflow="ellipsis").append("━" * full, "green").append("━" * (24 - full), "bright_black")
    return bar.append(f"  {done} of {stage.expected} arrived").append(_last(stage), "dim")


def _last(stage: Stage) -> str:
    if not stage.arrivals:
        return ""
    return f"; last: {told(stage.arrivals[-1])}"


def told(arrival: Arrival) -> str:
    """An arrival in a few words."""
    does = arrival.act.does
    return (
        f"{arrival.script.reference} {arrival.act.at.capitalize()} {does}, "
        f"seen at {arrival.company.capitalize()} after {arrival.seconds:.1f} s"
    )


def _clock_face(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
