"""What a lens is written out in gives what its long way gives: the same values, notes, patches and errors, whatever
stands in a record. For every partner, every preset, and a mapping that has each kind of rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.partners import compiled
from hub.presets import PRESETS, names, read_mapping
from mappings import lens as lenses
from mappings.errors import MappingError
from mappings.generate import CORNERS, records
from mappings.lens import Lens
from mappings.paths import getter

PARTNERS = Path(__file__).parents[2] / "mappings" / "partners"
FOLDERS = [*(PARTNERS / name for name in ("northcable", "telvoz", "brightnet")), *(PRESETS / name for name in names())]
RECORDS = 120
REFUSED = ["acknowledged", "inProgress", "pending", "resolved", "closed", "cancelled", "rejected"]
EVERY_KIND: Mapping[str, Any] = {
    "times": {
        "minutes": {"format": "%d/%m/%Y %H:%M", "zone": "Europe/Madrid", "fold": "refuse", "step": "1min"},
        "hours": {"format": "%d/%m/%Y %H:%M", "zone": "Europe/Madrid", "fold": "later", "step": "1h"},
        "odd": {"format": "%H:%M %% %d.%m.%Y", "zone": "Australia/Lord_Howe", "fold": "earlier", "step": "1min"},
        "finest": {"format": "%Y%m%dT%H%M%S.%f%z", "step": "1ms"},
    },
    "case": {
        "status": {"from": "state", "values": {"On hold": "held", "Done": "resolved"},
                   "refuse": [*REFUSED[:3], *REFUSED[4:]]},
        "name": {"from": "name", "bytes": 30, "required": True},
        "description": {"from": "text", "format": "html"},
        "severity": {"from": "impact", "values": {1: "minor", 2: "moderate"}, "default": "minor",
                     "refuse": ["significant", "extensive"]},
        "priority": {"from": "urgency", "values": {1: "high", 2: "low"}, "nearest": {"critical": 1},
                     "lossy": "no word", "refuse": ["medium"]},
        "test": {"from": "test", "flag": True},
        "creationDate": {"from": "made.at", "time": "minutes", "read_only": True},
        "statusChangeDate": {"from": "changed", "time": "minutes"},
        "requestedResolutionDate": {"from": "due", "time": "hours"},
        "expectedResolutionDate": {"from": "hoped", "time": "odd"},
        "resolutionDate": {"from": "solved", "time": "finest"},
        "feedback.date": {"from": "rated", "time": "epoch"},
        "feedback.score": {"from": "score", "number": "integer"},
        "feedback.text": {"when": {"field": "kind", "is": {"Complaint": "said"}, "else": "comment"}},
        "preference": {"from": "short", "truncate": {"at": 12, "rest": "drop"}, "lossy": "short"},
        "effort.amount": {"from": "hours", "number": "decimal", "unit": "hours", "places": 2},
        "effort.units": {"constant": "min"},
        "cost.amount": {"from": "cost.amount", "number": "decimal", "as": "text"},
        "cost.units": {"constant": "EUR"},
        "relatedParty.solver.name": {"from": "owner", "lookup": "t.csv", "unknown": "keep"},
        "relatedParty.customer.name": {"from": {"join": ["first", "last"], "with": " "}},
        "relatedParty.customer.id": {"from": {"field": "caller", "split": " / ", "part": 1, "of": 2}},
        "relatedParty.customer.contact": {"from": "cost.phone", "to": "phone"},
        "characteristic.list": {"from": {"list": "fields", "where": {"id": 7}, "value": "value", "write": "whole"}},
        "characteristic.always": {"constant": True},
        "characteristic.function": {"from": "number", "python": "m:f"},
    },
    "notes": {
        "from": "notes", "id": "id", "author": {"constant": "Acme"}, "date": {"from": "at", "time": "odd"},
        "text": {"from": "body.text", "format": "html"}, "visibility": {"constant": "partners"},
    },
    "feedback": {
        "from": "survey.answers", "id": "id.number", "score": {"from": "stars", "number": "integer", "as": "text"},
        "text": "said.text", "date": {"from": "at", "time": "iso"},
    },
    "attachments": {
        "from": "files", "id": "id", "name": {"from": "file.name", "length": 20}, "type": "file.type",
        "size": {"from": "file.bytes", "number": "integer"}, "author": "by", "date": {"from": "at", "time": "minutes"},
        "visibility": {"from": "who", "values": {True: "customer", False: "private"}, "refuse": ["partners"]},
    },
}  # fmt: skip
"""A rule of each kind."""


class Word(str):
    """A text of another type, as XML libraries give it."""


ODD: tuple[Any, ...] = (
    None, "", " ", "x", "Ana Gómez", "e\u0301", "é", "a\0b", "é\0", "\ud800", "é\ud800", 0, 1, -1, True, False, 1.5,
    float("nan"), 10**5000, Decimal("12.50"), [], ["x"], {}, {"x": 1}, b"x", Word("x"), Word("New"), "x" * 256,
    "x" * 40_000, "24:00", "31/12/2026 24:00:00", "31/12/2026 08:15+01", "29/03/2026 02:30:00", "25/10/2026 02:30:00",
    "29/02/2026 08:00:00", "01/01/0001 00:00:00", "31/12/9999 23:59:59", "٠١/٠١/2026 08:00:00", "2026-07-01T09:30:00Z",
    "2026-07-01T09:30:00+01:00", "2026-07-01T09:30:00.250+01:00", "2026-W01-1T09:30:00Z", "2026-07-01 09:30",
    "2026-07-01T09:30:00Z00", "2026-07-01T09:30:00+01:", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-10-25 02:30:00", "2026-03-29 01:30", "text\n\n— Ana, Acme [acme/1]", "#partners text", object,
    datetime(2026, 7, 1, 9, 30, tzinfo=UTC), datetime(2026, 7, 1, 9, 30), datetime(1, 1, 1, tzinfo=UTC),  # noqa: DTZ001
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14))),
    datetime(2026, 10, 25, 1, 30, 15, 250_000, timezone(timedelta(hours=1))), "resolved", "inProgress", "held",
)  # fmt: skip


@pytest.fixture(scope="module", params=[*FOLDERS, None], ids=lambda folder: folder.name if folder else "every kind")
def lens(request: pytest.FixtureRequest) -> Lens:
    if request.param is None:
        ways = (lambda word: int(word) + 1, lambda value: str(value - 1))
        return lenses.compile(EVERY_KIND, partner="every", tables={"t.csv": {"tom": "Tom"}}, functions={"m:f": ways})
    return compiled(read_mapping(request.param / "mapping.yaml"), request.param.name)


def outcome(act: Callable[[], Any]) -> Any:
    """What comes of it, errors and types and offsets included."""
    try:
        return exact(act())
    except MappingError as error:
        return error.code, error.place, error.field, error.message, type(error.value), error.value, error.known
    except (AttributeError, TypeError, ValueError) as error:
        return (type(error), str(error))


def exact(found: Any) -> Any:
    """A value with all that its equality overlooks."""
    if isinstance(found, Mapping):
        return [(key, exact(value)) for key, value in found.items()]
    if isinstance(found, (list, tuple)):
        return [exact(value) for value in found]
    return (type(found), found.isoformat(), found.fold) if isinstance(found, datetime) else (type(found), repr(found))


def bodies(lens: Lens, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Records as they are drawn from the declaration, and each again with something odd in one of its fields."""
    for body in records(lens, chance, RECORDS, {}, []):
        notes = [note(lens, chance) for _ in range(chance.randrange(3))]
        whole = {**body} if lens.notes is None else placed(body, lens.notes.at, notes)
        yield whole
        rule = chance.choice([each for rule in lens.rules for each in rule.branches if each.at])
        yield placed(whole, rule.at[: chance.randint(1, len(rule.at))], chance.choice(ODD))
        for listing in lens.lists.declared:
            yield placed(whole, listing.at[: chance.randint(1, len(listing.at))], chance.choice(ODD))
        for listing in (lens.feedback, lens.attachments):
            if listing is not None and (members := getter(listing.at)(body)):
                seen = () if listing.readers is None else listing.readers[0]
                ways = [listing.id, seen, *(part.at for part in listing.parts.values())]
                odd = placed(members[0], chance.choice([at for at in ways if at]), chance.choice(ODD))
                yield placed(whole, listing.at, [odd, *members[1:]])


def note(lens: Lens, chance: random.Random) -> Any:
    """A note that fits, or one with something odd in it."""
    assert lens.notes is not None
    parts = lens.notes
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600))
    words: list[tuple[tuple[str, ...], Any]] = [
        (parts.id, chance.choice([7, "7", "8", chance.randrange(10**6)])),
        (parts.author.at, chance.choice(["Ana", "Ana Gómez", None])),
        (parts.date.at, parts.date.op.inverse(moment)),
        (parts.text.at, chance.choice(["text", "text\n\n— Ana, Acme [acme/1]", "#partners text", "Ж\n"])),
        (parts.seen, chance.choice([*parts.audience.table.words, "unknown", 1])),
        (parts.language.at if parts.language else (), "en"),
    ]
    made: dict[str, Any] = {}
    for at, word in words:
        made = placed(made, at, word) if at else made
    if chance.random() < 0.3:
        at = chance.choice([at for at, _ in words if at])
        return placed(made, at, chance.choice(ODD)) if chance.random() < 0.9 else chance.choice(ODD)
    return made


def placed(body: Mapping[str, Any], at: tuple[str, ...], word: Any) -> dict[str, Any]:
    if not at:
        return dict(body)
    inner = body.get(at[0])
    return {**body, at[0]: placed(inner if isinstance(inner, Mapping) else {}, at[1:], word) if at[1:] else word}


def test_a_record_reads_as_on_the_long_way(lens: Lens) -> None:
    quickly = 0
    for body in bodies(lens, random.Random(1)):
        assert outcome(lambda body=body: lens.to_case(body)) == outcome(lambda body=body: lens.read_the_long_way(body))
        try:
            lens._reads(body)
            quickly += 1
        except lenses.UNUSUAL:
            continue
    assert quickly > RECORDS / 2


def test_a_patch_is_that_of_the_long_way(lens: Lens) -> None:
    chance, quickly = random.Random(2), 0
    told = {rule.path: next(iter(getattr(rule.op, "written", ["NC-1042"]))) for rule in lens.rules if rule.told}
    before: Mapping[str, Any] = {}
    read_before: dict[str, Any] = {}
    for body in bodies(lens, chance):
        try:
            values = {**lens.to_case(body).values, **told}
        except MappingError:
            values = {**read_before, chance.choice(sorted(lens.paths)): chance.choice((*ODD, *CORNERS))}
        changed = {**values, chance.choice(sorted(lens.paths)): chance.choice((*ODD, *CORNERS))}
        some = {path: value for path, value in values.items() if chance.random() < 0.5}
        for given in (values, changed, some):
            for base in (body, before):
                quick = outcome(lambda given=given, base=base: parts(lens.to_partner(given, base)))
                assert quick == outcome(lambda given=given, base=base: parts(lens.write_the_long_way(given, base)))
                try:
                    lens._writes(given, base)
                    quickly += 1
                except lenses.UNUSUAL:
                    continue
        before, read_before = body, values
    assert quickly > RECORDS


def parts(patch: lenses.Patch) -> Any:
    return patch.body, patch.paths, dict(patch.rest)


def test_nothing_of_a_declaration_becomes_code() -> None:
    sly = "x') or exit('"
    declaration = {
        "case": {
            "status": {"from": [sly, 'y"]}\n\\'], "values": {sly: "held"}, "refuse": REFUSED},
            "name": {"from": ["__import__('os')", "{0}"]},
            "characteristic.a'b": {"constant": "{exit()}'"},
        }
    }
    lens = lenses.compile(declaration, partner="'sly'\n")
    body = {sly: {'y"]}\n\\': sly}, "__import__('os')": {"{0}": "a"}}
    reading = lens.to_case(body)
    assert reading.values == {"status": "held", "name": "a", "characteristic.a'b": "{exit()}'"}
    assert lens.to_partner({**reading.values, "name": "b"}, body).body == {"__import__('os')": {"{0}": "b"}}
