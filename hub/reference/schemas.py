"""The JSON Schemas of what people write: mapping.yaml, system.yaml of each kind, agreement.yaml, history.yaml and
subscriptions.yaml.

An editor that knows YAML schemas finds them by the first line of a file, `# yaml-language-server: $schema=...`. Every
key is explained: by its field's own description, else by its model's, else here. Next: `pages.py`, `__main__.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel

from connectors.kinds import KINDS, system_model
from hub.agreement import Agreement
from hub.mailing.subscriptions import Subscriptions
from hub.past.declared import ABOUT, History
from mappings.schema import DRAFT, mapping_schema
from mappings.schema_rule import Schema

MEANINGS: Mapping[str, str] = {
    "kind": "Which kind it is.",
    "style": "Which style it is.",
    "path": "Address of the call, below the connection's; {id} and the like are filled in.",
    "method": "HTTP verb of the call.",
    "history": "Where a record's change history stands: each change of a mapped field becomes an entry.",
    "paging": "How one page leads to the next.",
    "since": "How it is asked for what changed since a moment.",
    "auth": "How the hub shows who it is.",
    "operations": "The service's operations, by what the hub uses each for.",
    "id": "What it is known by.",
    "Agreement.version": "Which edition this is; it stands on each refusal.",
    "Agreement.effective": "The day from which it holds.",
    "Agreement.partners": "The companies, by the names of their folders.",
    "Agreement.sharing": "What crosses, by name; an edge says which of these.",
    "Agreement.edges": "Where one company's competence ends and the next one's begins.",
    "Edge.id": "The edge's name; it stands on each case that came over it. Never change it.",
    "Edge.from": "The company that may hand a case on.",
    "Edge.to": "The company that may be given it.",
    "Edge.kind": "What the edge permits.",
    "Sharing.fields": "Canonical paths; `relatedParty.customer.*` takes all below it, `*` takes all.",
    "Sharing.notes": "Which notes cross. Private ones never do.",
    "Sharing.attachments": "Which files cross. Private ones never do.",
    "History.name": "The export's name. With a case's number it makes the case's id: a later export keeps it.",
    "History.company": "Whose export it is, where no column says who held a case.",
    "History.zone": "IANA zone of times that name no offset.",
    "History.format": "Of times, as Python's strptime has it; without it they are ISO 8601.",
    "History.delimiter": "What stands between two cells.",
    "Columns.case": "The case's number.",
    "Columns.time": "When the row's change was made.",
    "Columns.status": "How the case stands after it; of several columns the words are joined by `/`.",
    "Columns.company": "Who holds the case after it.",
    "Columns.score": "The customer's word, 1 to 5; empty where he gave none.",
    **{f"Columns.{name}": "Where the case belongs, for figures by it." for name in ABOUT},
    **{f"Meanings.{name}": "What its words mean here; `*` stands for all others." for name in ABOUT},
    "Meanings.status": "Which canonical status each word is; `Accepted/*` for all that begin so, `*` for all others.",
    "Meanings.company": "Which partner each word is; without it `Org line C` is org_line_c.",
}
"""What a key means that no field says: `Model.key`, or the key wherever it stands."""


def schema_of(model: type[BaseModel], title: str) -> Schema:
    """The schema of a declaration that is a pydantic model, each key explained."""
    whole: Schema = model.model_json_schema(by_alias=True)
    inner = whole.get("$defs", {})
    for one in (whole, *inner.values()):
        for key, field in one.get("properties", {}).items():
            field.pop("title", None)
            if "description" not in field:
                field["description"] = _meaning(str(one.get("title")), key, field, inner)
        one.pop("title", None)
    for key in [name for name, field in model.model_fields.items() if field.exclude]:
        whole.get("properties", {}).pop(key, None)
    return {"$schema": DRAFT, "title": title, **whole}


def _meaning(model: str, key: str, field: Schema, inner: Mapping[str, Schema]) -> str:
    """What a key means: said here of this model, by the models that it may be, or said here of any."""
    if f"{model}.{key}" in MEANINGS:
        return MEANINGS[f"{model}.{key}"]
    said = [str(inner[name]["description"]) for name in _named(field) if "description" in inner[name]]
    return said[0] if len(said) == 1 else MEANINGS.get(key) or " Or: ".join(said)


def _named(field: object) -> Iterator[str]:
    """The models that a field's schema refers to."""
    if isinstance(field, dict):
        for key, value in field.items():
            if key == "$ref":
                yield str(value).rsplit("/", 1)[-1]
            elif key != "discriminator":
                yield from _named(value)
    elif isinstance(field, list):
        for value in field:
            yield from _named(value)


def written(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _system(kind: str) -> Callable[[], str]:
    return lambda: written(schema_of(system_model(kind), f"system.yaml, kind {kind}: how to reach a partner"))


def _open() -> dict[str, Callable[[], str]]:
    made: dict[str, Callable[[], str]] = {f"system-{kind}": _system(kind) for kind in KINDS}
    made["agreement"] = lambda: written(schema_of(Agreement, "agreement.yaml: what the companies agreed on"))
    made["history"] = lambda: written(schema_of(History, "history.yaml: what an export of past cases says"))
    made["subscriptions"] = lambda: written(schema_of(Subscriptions, "subscriptions.yaml: who gets which report, when"))
    made["mapping"] = lambda: written(mapping_schema())
    return made


SCHEMAS: Mapping[str, Callable[[], str]] = _open()
"""Name of the file, without its ending, to its text."""
