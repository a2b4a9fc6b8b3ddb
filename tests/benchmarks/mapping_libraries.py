"""The same mapping from their record to our terms, with five libraries: each with its own means, as its docs teach.

Each side is a function from a body to (values by path, notes as tuples), like those by hand. Where a library has to
call Python for a time or a table, it is given the quick functions of `mapping_by_hand.py`. None of them can go back:
there is no base in them, and no least that must be written. Next: `mapping.py`, which asserts that all give the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import glom
import jinja2
import jmespath
import jmespath.functions
from jsonata import Jsonata
from mapping_by_hand import PRIORITY, SEVERITY, STATUS, VISIBILITY, Reading, minutes, seconds, unfooted
from pydantic import AliasPath, BaseModel, BeforeValidator, Field

ToCase = Callable[[dict[str, Any]], Reading]
WORDS = {"status": STATUS, "severity": SEVERITY, "priority": PRIORITY}
PATHS = {
    "externalIdentifier": "number", "creationDate": "opened", "lastUpdate": "changed", "name": "title",
    "description": "details", "status": "state", "severity": "impact", "priority": "urgency",
    "statusChangeDate": "stateChanged", "requestedResolutionDate": "promised",
    "relatedParty.customer.id": "customer.id", "relatedParty.customer.name": "customer.name",
    "relatedParty.customer.contact": "customer.phone", "relatedEntity.product.name": "product.name",
    "characteristic.reference": "reference",
}  # fmt: skip
SECONDS, MINUTES = ("creationDate", "lastUpdate", "statusChangeDate"), ("requestedResolutionDate",)


def visible(word: Any) -> str:
    """Who may read a note: unknown means private."""
    return VISIBILITY.get(word, "private")


def _field(theirs: str, ours: str, **more: Any) -> Any:
    return Field(validation_alias=AliasPath(*theirs.split(".")), serialization_alias=ours, **more)


Second, Minute = (
    Annotated[datetime | None, BeforeValidator(seconds)],
    Annotated[datetime | None, BeforeValidator(minutes)],
)


class ModelNote(BaseModel):
    """A note of theirs."""

    id: Annotated[str, BeforeValidator(str)]
    author: str
    written: Minute
    text: str
    audience: Annotated[str, BeforeValidator(visible)]


class Model(BaseModel):
    """A record of theirs; dumped by alias it is values by path."""

    number: str | None = _field("number", "externalIdentifier", default=None)
    opened: Second = _field("opened", "creationDate", default=None)
    changed: Second = _field("changed", "lastUpdate", default=None)
    title: str = _field("title", "name", max_length=255)
    details: str | None = _field("details", "description", default=None)
    state: Annotated[Literal[*STATUS.values()], BeforeValidator(STATUS.get)] = _field("state", "status")
    impact: Annotated[Literal[*SEVERITY.values()], BeforeValidator(SEVERITY.get)] = _field("impact", "severity")
    urgency: Annotated[Literal[*PRIORITY.values()], BeforeValidator(PRIORITY.get)] = _field("urgency", "priority")
    state_changed: Second = _field("stateChanged", "statusChangeDate", default=None)
    promised: Minute = _field("promised", "requestedResolutionDate", default=None)
    customer_id: str | None = _field("customer.id", "relatedParty.customer.id", default=None)
    customer_name: str | None = _field("customer.name", "relatedParty.customer.name", default=None)
    customer_contact: str | None = _field("customer.phone", "relatedParty.customer.contact", default=None)
    product_name: str | None = _field("product.name", "relatedEntity.product.name", default=None)
    reference: str | None = _field("reference", "characteristic.reference", default=None)
    notes: list[ModelNote] = []


def pydantic_model() -> ToCase:
    """A model alone: aliases, validators, dumped."""

    def to_case(body: dict[str, Any]) -> Reading:
        made = Model.model_validate(body)
        notes = []
        for note in made.notes:
            words, ref = unfooted(note.text)
            notes.append((note.id, note.author, note.written, words, note.audience, None, ref, note.text))
        return made.model_dump(by_alias=True, exclude={"notes"}), tuple(notes)

    return to_case


class Means(jmespath.functions.Functions):  # type: ignore[misc]
    """What jmespath needs besides its own functions."""

    @jmespath.functions.signature({"types": ["string", "null"]})
    def _func_seconds(self, word: str | None) -> Any:
        return seconds(word)

    @jmespath.functions.signature({"types": ["string", "null"]})
    def _func_minutes(self, word: str | None) -> Any:
        return minutes(word)

    @jmespath.functions.signature({"types": ["string"]}, {"types": ["string", "null"]})
    def _func_word(self, table: str, word: str | None) -> Any:
        return WORDS[table][word]

    @jmespath.functions.signature({"types": ["string", "null"]})
    def _func_visible(self, word: str | None) -> Any:
        return visible(word)

    @jmespath.functions.signature({"types": ["string"]})
    def _func_unfooted(self, text: str) -> Any:
        return unfooted(text)


def _expression(word: Callable[[str, str], str], quoted: str = "") -> str:
    """The object of all values in a language that has calls."""
    called = []
    for path, field in PATHS.items():
        if path in WORDS:
            said = word(path, field)
        else:
            said = f"{quoted}seconds({field})" if path in SECONDS else field
            said = f"{quoted}minutes({field})" if path in MINUTES else said
        called.append(f'"{path}": {said}')
    return "{" + ", ".join(called) + ", NOTES}"


def _told(found: dict[str, Any]) -> Reading:
    """Rows of notes as the others give them."""
    rows = found.pop("notes")
    return found, tuple((i, a, d, words, v, None, ref, whole) for i, a, d, (words, ref), v, whole in rows)


def jmespath_expression() -> ToCase:
    """One expression, compiled."""
    notes = "notes: notes[].[to_string(id), author, minutes(written), unfooted(text), visible(audience), text]"
    compiled = jmespath.compile(_expression(lambda path, field: f"word('{path}', {field})").replace("NOTES", notes))
    options = jmespath.Options(custom_functions=Means())
    return lambda body: _told(compiled.search(body, options))


def jsonata_expression() -> ToCase:
    """One expression, parsed once. Its lists are flattened where they lie in lists, so a note is an object."""
    notes = '"notes": [notes.{"i": $string(id), "a": author, "d": $minutes(written), "u": $unfooted(text), '
    notes += '"v": $visible(audience), "w": text}]'
    whole = _expression(lambda path, field: f'$word("{path}", {field})', "$").replace("NOTES", notes)
    parsed = Jsonata(whole)
    parsed.register_lambda("seconds", seconds)
    parsed.register_lambda("minutes", minutes)
    parsed.register_lambda("word", lambda table, word: WORDS[table][word])
    parsed.register_lambda("visible", visible)
    parsed.register_lambda("unfooted", lambda text: dict(zip(("words", "ref"), unfooted(text), strict=True)))

    def to_case(body: dict[str, Any]) -> Reading:
        found = parsed.evaluate(body)
        rows = found.pop("notes")
        notes = ((n["i"], n["a"], n["d"], n["u"]["words"], n["v"], None, n["u"]["ref"], n["w"]) for n in rows)
        return found, tuple(notes)

    return to_case


def glom_spec() -> ToCase:
    """One spec. A field that is not there raises; to take it as empty would cost glom half of its speed."""
    spec: dict[str, Any] = {}
    for path, field in PATHS.items():
        if path in WORDS:
            spec[path] = (field, WORDS[path].__getitem__)
        else:
            spec[path] = (field, seconds) if path in SECONDS else (field, minutes) if path in MINUTES else field
    note = {
        "i": ("id", str), "a": "author", "d": ("written", minutes), "u": ("text", unfooted),
        "v": ("audience", visible), "w": "text",
    }  # fmt: skip
    whole = glom.Spec({**spec, "notes": ("notes", [note], [lambda row: tuple(row.values())])})
    return lambda body: _told(whole.glom(body))


NOTES = """"notes": [{% for note in body.notes %}{% set said = note.text|unfooted -%}
[{{ note.id|string|tojson }}, {{ note.author|tojson }}, {{ (note.written|minutes).isoformat()|tojson }},
{{ said|tojson }}, {{ note.audience|visible|tojson }}, {{ note.text|tojson }}]
{{- "," if not loop.last }}{% endfor %}]}"""


def jinja2_template() -> ToCase:
    """A template of JSON text, which is read again; times are texts on the way."""
    environment = jinja2.Environment(autoescape=False)
    means: dict[str, Any] = {"minutes": minutes, "seconds": seconds, "visible": visible, "unfooted": unfooted}
    environment.filters.update(means)
    environment.filters["word"] = lambda word, table: WORDS[table][word]
    lines = []
    for path, field in PATHS.items():
        way = f"body.{field}"
        if path in WORDS:
            way = f"{way}|word('{path}')"
        elif path in (*SECONDS, *MINUTES):
            way = f"({way}|{'seconds' if path in SECONDS else 'minutes'}).isoformat()"
        lines.append(f'"{path}": {{{{ {way}|tojson }}}},')
    template = environment.from_string("{" + "".join(lines) + NOTES)

    def to_case(body: dict[str, Any]) -> Reading:
        found = json.loads(template.render(body=body))
        for path in (*SECONDS, *MINUTES):
            found[path] = datetime.fromisoformat(found[path])
        rows = found.pop("notes")
        return found, tuple((i, a, datetime.fromisoformat(d), u[0], v, None, u[1], w) for i, a, d, u, v, w in rows)

    return to_case


LIBRARIES: dict[str, Callable[[], ToCase]] = {
    "pydantic": pydantic_model,
    "jmespath": jmespath_expression,
    "glom": glom_spec,
    "jinja2": jinja2_template,
    "jsonata-python": jsonata_expression,
}
