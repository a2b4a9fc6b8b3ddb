"""The JSON Schemas that editors complete and check declarations by: what is right passes, what is wrong does not."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from connectors.kinds import KINDS
from hub.declarations import read
from hub.reference.schemas import SCHEMAS
from mappings import lens
from mappings.case import PATHS
from mappings.declare_ops import KEYS
from mappings.errors import Misdeclared
from mappings.ops_catalogue import OPS

ROOT = Path(__file__).parents[2]
MAPPINGS = sorted(ROOT.glob("mappings/*/*/mapping.yaml"))
STATES = {
    "New": "acknowledged", "Open": "inProgress", "Waiting": "pending", "Held": "held", "Solved": "resolved",
    "Closed": "closed", "Withdrawn": "cancelled", "Refused": "rejected",
}  # fmt: skip
GOOD: Mapping[str, Any] = {
    "times": {"bogota": {"format": "%d/%m/%Y %H:%M:%S", "zone": "America/Bogota", "fold": "earlier", "step": "1s"}},
    "tables": {"companies": {"NORTH": "north", "SOUTH": "south"}},
    "case": {
        "name": {"from": "title", "length": 255, "required": True},
        "status": {"from": "state", "values": STATES},
        "creationDate": {"from": "created", "time": "bogota", "read_only": True},
        "priority": {"from": "p", "values": {"1": "low", "2": "medium", "3": "high", "4": "critical"}, "as": "integer"},
        "effort.amount": {"from": "minutes", "number": "integer"},
        "effort.units": {"constant": "min"},
        "test": {"from": "test", "flag": True},
        "holder": {"from": "company", "values": "companies"},
        "feedback.score": {"from": "score", "number": "integer"},
        "characteristic.team": "team",
    },
    "create": {"source": "hub"},
    "notes": {
        "from": "comments", "id": "id", "author": "author", "date": {"from": "at", "time": "iso"}, "text": "body",
        "visibility": {"from": "who", "values": {"internal": "private", "all": "customer"}, "refuse": ["partners"]},
    },
    "feedback": {
        "from": "surveys", "id": "id", "score": {"from": "stars", "values": {"bad": 1, "good": 5}}, "text": "said",
        "date": {"from": "at", "time": "bogota"},
    },
    "attachments": {
        "from": "files", "id": "id", "name": {"from": "file", "length": 80}, "type": {"constant": "text/plain"},
        "size": {"from": "bytes", "number": "integer"}, "author": "by", "date": {"from": "at", "time": "iso"},
        "visibility": {"constant": "private"},
    },
}  # fmt: skip


def validator(name: str) -> Draft7Validator:
    schema = json.loads(SCHEMAS[name]())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def with_(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The good mapping, with one thing replaced; ... takes it away."""
    whole = copy.deepcopy(dict(GOOD))
    inner: Any = whole
    for key in place[:-1]:
        inner = inner.setdefault(key, {})
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return whole


WRONG = [
    (("cases",), {}, "a part that is none"),
    (("case",), ..., "no case at all"),
    (("case", "status"), ..., "no status"),
    (("case", "titel"), "title", "a path that is none"),
    (("case", "characteristic."), "x", "a characteristic without a name"),
    (("case", "name"), 7, "a field that is no name"),
    (("case", "name"), "", "an empty name"),
    (("case", "name"), {}, "a rule that says nothing"),
    (("case", "name"), {"form": "title"}, "a key that is none"),
    (("case", "name", "length"), 0, "a length below one"),
    (("case", "name", "length"), "255", "a length in quotes"),
    (("case", "name", "required"), "yes", "neither true nor false"),
    (("case", "name", "time"), "iso", "a time where text stands"),
    (("case", "name", "constant"), "x", "a constant with a field"),
    (("case", "status"), "state", "a list of words without a table"),
    (("case", "status"), {"from": "state"}, "the same, written out"),
    (("case", "status", "values", "Solved"), "closedd", "a status that is none"),
    (("case", "status", "values"), {}, "an empty table"),
    (("case", "status", "back"), {"working": "Open"}, "a way back from no status"),
    (("case", "status", "refuse"), ["holding"], "a refusal of no status"),
    (("case", "status", "length"), 3, "a length of a word"),
    (("case", "priority", "as"), "number!", "no way to write a word"),
    (("case", "creationDate"), "created", "a time without its format"),
    (("case", "creationDate", "time"), {"zone": "UTC"}, "a time form without a format"),
    (("case", "creationDate", "time"), {"format": "dd/mm/yyyy"}, "a format that is no pattern"),
    (("case", "creationDate", "read_only"), 1, "read_only that is a number"),
    (("times", "bogota", "fold"), "first", "a fold rule that is none"),
    (("times", "bogota", "step"), "1 second", "a step that is none"),
    (("times", "bogota", "format"), ..., "a named time without a format"),
    (("case", "test"), {"from": "test", "flag": False}, "a flag that is false"),
    (("case", "test"), {"from": "test", "values": {"Y": "yes"}}, "a truth that is a word"),
    (("case", "effort.amount"), {"from": "m", "number": "float"}, "no kind of number"),
    (("case", "effort.amount"), "minutes", "a number without its kind"),
    (("case", "effort.amount", "unit"), "days", "a unit that is none"),
    (("case", "feedback.score"), {"from": "s", "values": {"bad": 0}}, "a score of none"),
    (("tables", "companies"), {}, "a named table without words"),
    (("tables", "companies", "NORTH"), "", "an empty word of ours"),
    (("create", "source"), ["hub"], "a list that is given to a new record"),
    (("notes", "visibility"), ..., "notes without who may read them"),
    (("notes", "visibility", "values", "internal"), "secret", "a visibility that is none"),
    (("notes", "visibility"), {"constant": "everybody"}, "a constant visibility that is none"),
    (("notes", "visibility"), "audience", "a visibility without a table"),
    (("notes", "visibility", "marker"), {"#all ": "private"}, "a mark that lifts to private"),
    (("notes", "date"), "at", "a note's time without its format"),
    (("notes", "title"), "t", "a part of a note that is none"),
    (("feedback", "score"), "stars", "a score without how it is said"),
    (("feedback", "score", "values", "good"), 6, "a score beyond the last"),
    (("feedback", "score"), {"from": "stars", "number": "decimal"}, "a score with a fraction"),
    (("feedback", "date"), ..., "answers without a moment"),
    (("feedback", "visibility"), {"constant": "private"}, "answers that somebody may see"),
    (("attachments", "name"), ..., "files without a name"),
    (("attachments", "size"), "bytes", "a size as text"),
    (("attachments", "size"), {"from": "bytes", "number": "decimal"}, "half a byte"),
    (("attachments", "visibility"), ..., "files without who may see them"),
    (
        ("attachments", "visibility"),
        {"from": "who", "values": {"a": "customer"}, "marker": {"#": "partners"}},
        "a file with a marker",
    ),
    (("attachments", "content"), "bytes", "files with what is in them"),
    (("case", "name", "from"), {"list": "fields"}, "a list without which element"),
    (("case", "name", "from"), {"list": "fields", "where": {"id": 7}, "write": "all"}, "no way to write a list"),
    (("case", "name", "from"), {"field": "caller", "split": "/", "part": 0}, "a part before the first"),
    (("case", "name", "from"), {"join": ["first"]}, "one field, joined"),
    (("case", "description"), {"from": "d", "truncate": {"at": 80}}, "a cut that says nothing of the rest"),
    (("case", "description"), {"from": "d", "format": "rtf"}, "no format of text"),
    (("case", "description"), {"when": {"field": "kind"}}, "turns without rules"),
    (("transitions",), {"New": "Open"}, "a word that follows, not in a list"),
]


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: str(path.parent.name))
def test_every_mapping_that_is_shipped_passes(path: Path) -> None:
    assert [error.message for error in validator("mapping").iter_errors(read(path).content)] == []


@pytest.mark.parametrize(("place", "value", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_what_is_wrong_is_marked_where_it_stands(place: tuple[str, ...], value: Any, said: str) -> None:
    content = with_(place, value)
    errors = [list(error.absolute_path) for error in validator("mapping").iter_errors(content)]
    assert errors, said
    assert any(list(place)[: len(error)] == error[: len(place)] for error in errors), said
    with pytest.raises(Misdeclared):
        lens.compile(content, partner="acme")


def test_the_good_one_passes_both() -> None:
    assert list(validator("mapping").iter_errors(GOOD)) == []
    assert lens.compile(GOOD, partner="acme").paths


def test_a_mapping_that_extends_a_preset_may_leave_out_and_drop() -> None:
    check = validator("mapping")
    assert check.is_valid({"extends": "redmine", "case": {"preference": None}, "tables": {"statuses": {"Neu": None}}})
    assert check.is_valid({"extends": "redmine", "notes": {"author": "who"}})
    assert not check.is_valid({"case": {}})


@pytest.mark.parametrize("key", sorted(OPS))
def test_the_rule_of_every_op_passes(key: str) -> None:
    rule = dict(OPS[key].rule)
    if key == "visibility":
        content = with_(
            ("notes", "visibility"), {**rule, "values": {str(k).lower(): v for k, v in rule["values"].items()}}
        )
        assert list(validator("mapping").iter_errors(content)) == []
        return
    fits = [path for path in sorted({*PATHS, "characteristic.x"}) if validator_of_line(path).is_valid(_as_read(rule))]
    assert fits, rule


def _as_read(given: Any) -> Any:
    """Keys as hub.declarations reads them: always text."""
    if isinstance(given, Mapping):
        return {str(key).lower() if isinstance(key, bool) else str(key): _as_read(one) for key, one in given.items()}
    return [_as_read(one) for one in given] if isinstance(given, list | tuple) else given


def validator_of_line(path: str) -> Draft7Validator:
    whole = json.loads(SCHEMAS["mapping"]())
    lines = whole["properties"]["case"]
    line = lines["properties"].get(path) or next(iter(lines["patternProperties"].values()))
    return Draft7Validator({**line, "definitions": whole["definitions"]})


def test_every_key_that_the_compiler_knows_is_in_it_and_told() -> None:
    schema = json.loads(SCHEMAS["mapping"]())
    rules = [one for name, one in schema["definitions"].items() if name.endswith("-rule")]
    told = {key for one in rules for key, shape in one["properties"].items() if shape["description"]}
    assert told == set(KEYS) - {"when"}
    assert set(schema["properties"]["case"]["properties"]) == PATHS


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_of_every_schema_is_explained(name: str) -> None:
    assert [place for place in untold(json.loads(SCHEMAS[name]()), name) if "/where/" not in place] == []


def untold(schema: Any, place: str) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from untold(one, place)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties", {})
    for key, inner in properties.items():
        if isinstance(inner, dict) and not inner.get("description") and "required" not in inner:
            yield f"{place}/{key}"
    for key, inner in schema.items():
        if key not in {"default", "examples", "if", "else"}:
            yield from untold(inner, f"{place}/{key}")


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("mappings/partners/*/system.yaml")), ids=lambda path: path.parent.name
)
def test_every_system_that_is_shipped_passes(path: Path) -> None:
    content = read(path).content
    check = validator(f"system-{content['kind']}")
    assert [error.message for error in check.iter_errors(content)] == []
    assert not check.is_valid({**content, "pol": 5})
    assert not check.is_valid({key: value for key, value in content.items() if key != "connection"})


def test_the_agreement_passes_and_an_edge_to_nowhere_does_not() -> None:
    content = read(ROOT / "agreement.yaml").content
    check = validator("agreement")
    assert [error.message for error in check.iter_errors(content)] == []
    assert not check.is_valid({**content, "edges": [{"id": "a-b", "from": "a"}]})
    assert set(SCHEMAS) == {"agreement", "history", "mapping", "subscriptions", *(f"system-{kind}" for kind in KINDS)}


def test_the_files_of_the_sandbox_name_their_schema_and_it_is_there() -> None:
    files = [*ROOT.glob("mappings/partners/*/mapping.yaml"), *ROOT.glob("mappings/partners/*/system.yaml")]
    for path in [*files, ROOT / "agreement.yaml"]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named, path
        assert (path.parent / named[1]).resolve().parent == ROOT / "docs" / "schemas"
        assert (path.parent / named[1]).resolve().stem in SCHEMAS
