"""The cases that every side maps: records of theirs, made up by number, the same in every run, no two alike.

`records` are bodies as a partner's system gives them; `changed` is what an agent of another company made of one since:
a new status with its moment, and one field more. Next: `mapping.py`, which runs the sides over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BOGOTA, MADRID = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)
_YEAR = 365 * 86_400
_STATES = ("Registrado", "Asignado", "En curso", "En espera del cliente", "Detenido", "Solucionado")
_URGENCIES = ("1 - Crítica", "2 - Alta", "3 - Media", "4 - Baja")
_IMPACTS = ("leve", "moderada", "grave", "crítica")
_TITLES = (
    "Router sin señal",
    "No picture on channel 4",
    "Line drops in the evening",
    "Factura duplicada",
    "No dial tone",
)
_DETAILS = (
    "Since Monday the box shows a red light.\nRestarted twice.",
    "El cliente llama por tercera vez.",
    "Cable cut",
)
_NAMES = ("Ana Gómez Peña", "Tom Hardcastle", "Luis Martínez", "Eve Moneypenny", "Iris Koch")
_PRODUCTS = ("Fibra 600", "Basic cable", "Telephone line", "Internet 300")
_AUDIENCES = ("interna", "empresas", "cliente", "otra")
_STATUSES = ("inProgress", "pending", "held", "resolved")
_OTHERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("priority", ("critical", "high", "medium", "low")),
    ("description", ("A technician comes on Friday.", "Resuelto por teléfono")),
    ("relatedParty.customer.contact", ("+34 600 000 001", "+34 600 000 002")),
    ("characteristic.reference", ("PO 7781", "PO 7782")),
)


def records(first: int, number: int) -> Iterator[dict[str, Any]]:
    """So many records from the first on."""
    return (record(each) for each in range(first, first + number))


def record(number: int) -> dict[str, Any]:
    """One record of theirs: 15 fields and two notes, the second of which the hub wrote."""
    opened = _FIRST + timedelta(seconds=number * 7919 % _YEAR)  # a prime: moments are scattered over the year
    changed = opened + timedelta(seconds=number * 104_729 % 999_983)
    return {
        "number": f"TV-{number:07d}",
        "title": f"{_TITLES[number % 5]} ({number % 9973})",
        "details": _DETAILS[number % 3],
        "state": _STATES[number % 6],
        "urgency": _URGENCIES[number % 4],
        "impact": _IMPACTS[number // 4 % 4],
        "opened": f"{opened.astimezone(BOGOTA):%d/%m/%Y %H:%M:%S}",
        "changed": f"{changed.astimezone(BOGOTA):%d/%m/%Y %H:%M:%S}",
        "stateChanged": f"{changed.astimezone(BOGOTA):%d/%m/%Y %H:%M:%S}",
        "promised": f"{(opened + timedelta(days=3)).astimezone(MADRID):%Y-%m-%d %H:%M}",
        "customer": {
            "id": f"C{number % 4096}",
            "name": _NAMES[number % 5],
            "phone": f"+57 601 {number % 10_000_000:07d}",
        },
        "product": {"name": _PRODUCTS[number % 4]},
        "reference": f"REF {number}" if number % 3 else None,
        "notes": [
            {
                "id": 2 * number,
                "author": _NAMES[number // 5 % 5],
                "written": f"{opened.astimezone(MADRID):%Y-%m-%d %H:%M}",
                "text": f"Called the customer, call {number}. Calls back tomorrow.",
                "audience": _AUDIENCES[number % 4],
            },
            {
                "id": 2 * number + 1,
                "author": "hub",
                "written": f"{changed.astimezone(MADRID):%Y-%m-%d %H:%M}",
                "text": f"The signal was measured: {number % 60} dB.\n\n— Tom, Northcable [northcable/{number}]",
                "audience": "empresas",
            },
        ],
    }


def changed(number: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as another company left them."""
    path, words = _OTHERS[number % 4]
    moment = values["lastUpdate"].astimezone(UTC) + timedelta(hours=1, seconds=number % 3600)
    return {
        **values,
        "status": _STATUSES[number % 4],
        "statusChangeDate": moment,
        path: words[number // 4 % len(words)],
    }
