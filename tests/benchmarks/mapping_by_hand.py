"""The same mapping as `mapping.yaml`, written by hand, twice: plainly, and by somebody who measured.

Both give plain tuples and dicts: a reading is (values by path, notes), a note the eight fields of a ReadNote in their
order; a patch is (what to write, paths in it). Neither looks at whether a text can be kept (NUL, half a surrogate
pair), as the lens does: on these cases there is nothing to find. A word that no table names is a KeyError in both.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

BOGOTA, MADRID = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")
SECONDS, MINUTES = "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M"
STATUS = {
    "Registrado": "acknowledged", "Asignado": "inProgress", "En curso": "inProgress",
    "En espera del cliente": "pending", "Detenido": "held", "Solucionado": "resolved", "Cerrado": "closed",
    "Anulado": "cancelled", "Rechazado": "rejected",
}  # fmt: skip
STATE = {ours: theirs for theirs, ours in STATUS.items()} | {"inProgress": "En curso"}
SEVERITY = {"leve": "minor", "moderada": "moderate", "grave": "significant", "crítica": "extensive", None: None}
IMPACT = {ours: theirs for theirs, ours in SEVERITY.items()}
PRIORITY = {"1 - Crítica": "critical", "2 - Alta": "high", "3 - Media": "medium", "4 - Baja": "low", None: None}
URGENCY = {ours: theirs for theirs, ours in PRIORITY.items()}
VISIBILITY = {"interna": "private", "empresas": "partners", "cliente": "customer"}
_CLOSED = "] \t\r\n"

Reading = tuple[dict[str, Any], tuple[Any, ...]]
Patch = tuple[dict[str, Any], tuple[str, ...]]


def unfooted(text: str) -> tuple[str, str | None]:
    """The text without the hub's last line, and the reference in it."""
    if text[-1:] not in _CLOSED:
        return text, None
    words, mark, line = text.rstrip().rpartition("\n\n— ")
    _, opened, ref = line.rpartition(" [")
    return (words, ref[:-1]) if mark and opened and "\n" not in line else (text, None)


# Plainly: strptime, a zone, strftime, field by field.


def plain_moment(word: str | None, pattern: str, zone: ZoneInfo) -> datetime | None:
    """Their local time with its offset."""
    if not word:
        return None
    moment = datetime.strptime(word, pattern).replace(tzinfo=zone)
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def plain_word(moment: datetime | None, pattern: str, zone: ZoneInfo) -> str | None:
    """A moment in their words."""
    return None if moment is None else moment.astimezone(zone).strftime(pattern)


def plain_to_case(body: dict[str, Any]) -> Reading:
    """Their record in our terms."""
    customer, product = body.get("customer") or {}, body.get("product") or {}
    values = {
        "externalIdentifier": body.get("number"),
        "creationDate": plain_moment(body.get("opened"), SECONDS, BOGOTA),
        "lastUpdate": plain_moment(body.get("changed"), SECONDS, BOGOTA),
        "name": body["title"],
        "description": body.get("details"),
        "status": STATUS[body["state"]],
        "severity": SEVERITY[body.get("impact")],
        "priority": PRIORITY[body.get("urgency")],
        "statusChangeDate": plain_moment(body.get("stateChanged"), SECONDS, BOGOTA),
        "requestedResolutionDate": plain_moment(body.get("promised"), MINUTES, MADRID),
        "relatedParty.customer.id": customer.get("id"),
        "relatedParty.customer.name": customer.get("name"),
        "relatedParty.customer.contact": customer.get("phone"),
        "relatedEntity.product.name": product.get("name"),
        "characteristic.reference": body.get("reference"),
    }
    notes = []
    for note in body.get("notes") or ():
        words, ref = unfooted(note["text"])
        written = plain_moment(note["written"], MINUTES, MADRID)
        visibility = VISIBILITY.get(note["audience"], "private")
        notes.append((str(note["id"]), note["author"], written, words, visibility, None, ref, note["text"]))
    return values, tuple(notes)


def plain_to_partner(values: dict[str, Any], base: dict[str, Any]) -> Patch:
    """The least that must be written so that their record says these values."""
    said, _ = plain_to_case(base)
    patch: dict[str, Any] = {}
    paths = []
    for path, field, word in PLAIN_WRITERS:
        if values[path] != said[path]:
            inner = patch
            for key in field[:-1]:
                inner = inner.setdefault(key, {})
            inner[field[-1]] = word(values[path])
            paths.append(path)
    return patch, tuple(paths)


def _same(value: Any) -> Any:
    return value


PLAIN_WRITERS: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("name", ("title",), _same),
    ("description", ("details",), _same),
    ("status", ("state",), STATE.__getitem__),
    ("severity", ("impact",), IMPACT.__getitem__),
    ("priority", ("urgency",), URGENCY.__getitem__),
    ("statusChangeDate", ("stateChanged",), lambda moment: plain_word(moment, SECONDS, BOGOTA)),
    ("requestedResolutionDate", ("promised",), lambda moment: plain_word(moment, MINUTES, MADRID)),
    ("relatedParty.customer.id", ("customer", "id"), _same),
    ("relatedParty.customer.name", ("customer", "name"), _same),
    ("relatedParty.customer.contact", ("customer", "phone"), _same),
    ("relatedEntity.product.name", ("product", "name"), _same),
    ("characteristic.reference", ("reference",), _same),
)
"""externalIdentifier, creationDate and lastUpdate are theirs to give."""


# By somebody who measured: a day's date and offset are looked up once, and nothing is read that need not be.


@cache
def bogota_day(word: str) -> tuple[date, timezone]:
    """A day such as 21/11/2026: Bogotá does not change its clocks."""
    day = datetime.strptime(word, "%d/%m/%Y").replace(tzinfo=BOGOTA)
    return day.date(), timezone(day.utcoffset() or timedelta())


@cache
def madrid_hour(word: str) -> tuple[date, timezone]:
    """An hour such as 2026-11-21 08: Madrid changes its clocks at a full hour."""
    hour = datetime.strptime(word, "%Y-%m-%d %H").replace(tzinfo=MADRID)
    return hour.date(), timezone(hour.utcoffset() or timedelta())


@cache
def bogota_offset(day: date) -> timezone:
    """Of a day in UTC."""
    return timezone(datetime(day.year, day.month, day.day, tzinfo=BOGOTA).utcoffset() or timedelta())


def seconds(word: str | None) -> datetime | None:
    """21/11/2026 08:15:00 in Bogotá."""
    if not word:
        return None
    day, offset = bogota_day(word[:10])
    return datetime.combine(day, time.fromisoformat(word[11:]), offset)


def minutes(word: str | None) -> datetime | None:
    """2026-11-21 08:15 in Madrid."""
    if not word:
        return None
    day, offset = madrid_hour(word[:13])
    return datetime.combine(day, time.fromisoformat(word[11:]), offset)


def seconds_word(moment: datetime | None) -> str | None:
    """A moment as 21/11/2026 08:15:00 in Bogotá."""
    if moment is None:
        return None
    at = moment.astimezone(bogota_offset(moment.date()))
    return f"{at.day:02d}/{at.month:02d}/{at.year:04d} {at.hour:02d}:{at.minute:02d}:{at.second:02d}"


def to_case(body: dict[str, Any]) -> Reading:
    """Their record in our terms."""
    get = body.get
    customer, product = (get("customer") or {}).get, (get("product") or {}).get
    notes = []
    for note in get("notes") or ():
        whole = note["text"]
        words, ref = unfooted(whole)
        visibility = VISIBILITY.get(note["audience"], "private")
        notes.append((str(note["id"]), note["author"], minutes(note["written"]), words, visibility, None, ref, whole))
    return {
        "externalIdentifier": get("number"),
        "creationDate": seconds(get("opened")),
        "lastUpdate": seconds(get("changed")),
        "name": body["title"],
        "description": get("details"),
        "status": STATUS[body["state"]],
        "severity": SEVERITY[get("impact")],
        "priority": PRIORITY[get("urgency")],
        "statusChangeDate": seconds(get("stateChanged")),
        "requestedResolutionDate": minutes(get("promised")),
        "relatedParty.customer.id": customer("id"),
        "relatedParty.customer.name": customer("name"),
        "relatedParty.customer.contact": customer("phone"),
        "relatedEntity.product.name": product("name"),
        "characteristic.reference": get("reference"),
    }, tuple(notes)


def to_partner(values: dict[str, Any], base: dict[str, Any]) -> Patch:
    """The least that must be written so that their record says these values."""
    get, patch, paths = base.get, {}, []
    customer, product = (get("customer") or {}).get, (get("product") or {}).get
    if (value := values["name"]) != get("title"):
        patch["title"] = value
        paths.append("name")
    if (value := values["description"]) != get("details"):
        patch["details"] = value
        paths.append("description")
    if (value := values["status"]) != STATUS[get("state")]:
        patch["state"] = STATE[value]
        paths.append("status")
    if (value := values["severity"]) != SEVERITY[get("impact")]:
        patch["impact"] = IMPACT[value]
        paths.append("severity")
    if (value := values["priority"]) != PRIORITY[get("urgency")]:
        patch["urgency"] = URGENCY[value]
        paths.append("priority")
    if (value := values["statusChangeDate"]) != seconds(get("stateChanged")):
        patch["stateChanged"] = seconds_word(value)
        paths.append("statusChangeDate")
    if (value := values["requestedResolutionDate"]) != minutes(get("promised")):
        patch["promised"] = plain_word(value, MINUTES, MADRID)
        paths.append("requestedResolutionDate")
    if (value := values["relatedParty.customer.id"]) != customer("id"):
        patch.setdefault("customer", {})["id"] = value
        paths.append("relatedParty.customer.id")
    if (value := values["relatedParty.customer.name"]) != customer("name"):
        patch.setdefault("customer", {})["name"] = value
        paths.append("relatedParty.customer.name")
    if (value := values["relatedParty.customer.contact"]) != customer("phone"):
        patch.setdefault("customer", {})["phone"] = value
        paths.append("relatedParty.customer.contact")
    if (value := values["relatedEntity.product.name"]) != product("name"):
        patch.setdefault("product", {})["name"] = value
        paths.append("relatedEntity.product.name")
    if (value := values["characteristic.reference"]) != get("reference"):
        patch["reference"] = value
        paths.append("characteristic.reference")
    return patch, tuple(paths)
