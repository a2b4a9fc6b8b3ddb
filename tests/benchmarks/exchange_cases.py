"""The cases that every side carries: records of the origin, made up by number, and what they are in the target's words.

`mapped` is the mapping by hand that the sides without a lens use, and the yardstick by which the server looks at what
arrived. No two alike, the same in every run. Needs nothing but Python. Next: `exchange_server.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MADRID = ZoneInfo("Europe/Madrid")
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)
STATES = {"Registrado": "New", "Asignado": "Open", "En espera": "Waiting", "Solucionado": "Solved"}
URGENCIES = {"1 - Crítica": "P1", "2 - Alta": "P2", "3 - Media": "P3", "4 - Baja": "P4"}
IMPACTS = {"leve": "Minor", "moderada": "Moderate", "grave": "Significant", "crítica": "Extensive"}
_TITLES = ("Router sin señal", "No picture on channel 4", "Line drops in the evening", "Factura duplicada")
_DETAILS = (
    "Since Monday the box shows a red light.\nRestarted twice, the cable was changed, and nothing helped so far.",
    "El cliente llama por tercera vez. Pide que un técnico vaya por la tarde, porque por la mañana no hay nadie.",
    "Cable cut at the street cabinet; the neighbours have the same.",
)
_NAMES = ("Ana Gómez Peña", "Tom Hardcastle", "Luis Martínez", "Eve Moneypenny", "Iris Koch")
_PRODUCTS = ("Fibra 600", "Basic cable", "Telephone line", "Internet 300")


def record(number: int, edits: int = 0) -> dict[str, Any]:
    """One case in the origin's words, after so many edits of its agents: title and urgency."""
    moment = _FIRST + timedelta(seconds=number * 7919 % (300 * 86_400))
    edited = f", visit {edits}" if edits else ""
    return {
        "number": f"OR-{number:07d}",
        "title": f"{_TITLES[number % 4]} ({number % 9973}){edited}",
        "details": _DETAILS[number % 3],
        "state": tuple(STATES)[number % 4],
        "stateChanged": moment.isoformat(),
        "urgency": tuple(URGENCIES)[(number + edits) % 4],
        "impact": tuple(IMPACTS)[number // 4 % 4],
        "customer": {"id": f"C-{number}", "name": _NAMES[number % 5], "phone": f"+34 600 {number % 1000:03d} 001"},
        "product": {"name": _PRODUCTS[number % 4]},
    }


@lru_cache(maxsize=4096)
def _in_madrid(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(MADRID).strftime("%Y-%m-%d %H:%M:%S")


def mapped(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same case in the target's words, without its outside id."""
    customer = body["customer"]
    return {
        "reference": body["number"],
        "subject": body["title"],
        "description": body["details"],
        "status": STATES[body["state"]],
        "statusSince": _in_madrid(body["stateChanged"]),
        "priority": URGENCIES[body["urgency"]],
        "severity": IMPACTS[body["impact"]],
        "customerId": customer["id"],
        "customerName": customer["name"],
        "customerPhone": customer["phone"],
        "product": body["product"]["name"],
    }
