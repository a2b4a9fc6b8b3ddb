"""What `casebridge partner scan` prints: a partner a paragraph, what is not well first. Next: `scanning.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from hub.scanning import Finding, Scan


def show_scan(scan: Scan, title: str, console: Console) -> None:
    """One partner."""
    mark = "[red]✗[/]" if scan.findings else "[green]✓[/]"
    whom = f"  [dim]as {escape(scan.as_whom)}[/]" if scan.as_whom else ""
    console.print(f"{mark} [bold]{escape(title)}[/]{whom}  {_sum(scan.findings)}", highlight=False)
    for one in scan.findings:
        style = "red" if one.weight == "grave" else "yellow"
        console.print(f"  [{style}]{one.weight}[/]  {escape(one.what)}", highlight=False, soft_wrap=True)
        for word, text in (("why", one.why), ("do", one.do)):
            for line in text.splitlines():
                console.print(f"         [dim]{word}[/] {escape(line.strip())}", highlight=False, soft_wrap=True)


def _sum(findings: Sequence[Finding]) -> str:
    grave = sum(one.weight == "grave" for one in findings)
    if not findings:
        return "is well"
    return f"{grave} grave, {len(findings) - grave} to watch"


def scan_as_json(scan: Scan) -> dict[str, Any]:
    """One partner for machines."""
    return {
        "partner": scan.partner, "at": scan.at.isoformat(), "as": scan.as_whom,
        "findings": [{"weight": one.weight, "what": one.what, "why": one.why, "do": one.do} for one in scan.findings],
    }  # fmt: skip
