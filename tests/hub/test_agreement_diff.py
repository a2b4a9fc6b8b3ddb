"""Two versions of the agreement side by side: what changes for whom, and what lived cases would have done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hub.agreement import Agreement, load_agreement
from hub.agreement_diff import changes
from hub.agreement_diff_showing import recent, show, show_lived
from hub.agreement_replay import lived

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "agreement.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
TEXT = "".join(line for line in LINES if "competences:" not in line)  # else a gap is an error before it is a change
BEFORE = Agreement.model_validate(
    load_agreement(ROOT / "agreement.yaml").model_dump(by_alias=True)
    | {"partners": {
        name: company.model_dump() | {"competences": {}}
        for name, company in load_agreement(ROOT / "agreement.yaml").partners.items()
    }}
)  # fmt: skip


def other(tmp_path: Path, *swaps: tuple[str, str]) -> Agreement:
    text = TEXT
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return load_agreement(path)


def told(after: Agreement) -> list[tuple[str, str]]:
    return [(each.place, each.text) for each in changes(BEFORE, after)]


def test_a_version_that_says_the_same_changes_nothing(tmp_path: Path) -> None:
    assert told(other(tmp_path, ("# What crosses with a case.", "# Crossing."))) == []


@pytest.mark.parametrize(
    ("swap", "expected", "whom"),
    [
        (
            ("[TEL-HOME, TEL-MOBILE, BUNDLE]}\n    unanswered", "[TEL-HOME]}\n    unanswered"),
            ("cable-to-telephone", "relatedEntity.product.id: - TEL-MOBILE, BUNDLE."),
            {"northcable", "telvoz"},
        ),
        (
            ("unanswered: 16 h", "unanswered: 90 min"),
            ("telephone-to-internet", "an offer without an answer goes back after 16 h -> 1 h 30 min."),
            {"telvoz", "brightnet"},
        ),
        (
            ("fires: suggested", "fires: auto"),
            ("internet-to-cable", "is moved by suggested -> auto."),
            {"brightnet", "northcable"},
        ),
        (
            ("critical: 8 h, high: 24 h", "critical: 8 h, high: 16 h"),
            ("we-resolve", "high: 24 h -> 16 h."),
            {"northcable", "telvoz", "brightnet"},
        ),
        (
            ("    of: brightnet\n", "    of: brightnet\n    target: 80 %\n"),
            ("brightnet-resolves-telephone-cases", "kept in at least 95% -> 80% of the cases."),
            {"brightnet"},
        ),
        (
            ("threshold: 4", "threshold: 5"),
            ("closing", "feedback is positive from 4 -> 5 of 5."),
            {"northcable", "telvoz", "brightnet"},
        ),
        (
            ("  alreadySolved: [already solved, ya está resuelto, уже решено]\n", ""),
            ("refusals", "a case may be refused for: - alreadySolved."),
            {"northcable", "telvoz", "brightnet"},
        ),
        (
            ("hours: {mon-sun: 09:00-21:00}", "hours: {mon-fri: 09:00-21:00}"),
            ("brightnet", "its working hours or holidays are others: all its clocks run otherwise."),
            {"brightnet"},
        ),
    ],
)
def test_each_change_is_told_of_whom_it_is(
    tmp_path: Path, swap: tuple[str, str], expected: tuple[str, str], whom: set[str]
) -> None:
    (found,) = [each for each in changes(BEFORE, other(tmp_path, swap)) if each.place == expected[0]]
    assert (found.place, found.text) == expected
    assert set(found.whom) == whom


def test_a_field_taken_from_a_sharing_is_told_at_each_edge_that_goes_by_it(tmp_path: Path) -> None:
    found = told(other(tmp_path, ("      - preference\n", "")))
    assert found == [
        (edge.id, "fields that cross: - preference.") for edge in BEFORE.edges if edge.crosses == "standard"
    ]


def test_edges_that_are_new_or_gone_are_told(tmp_path: Path) -> None:
    begins = TEXT.index("  - id: telephone-to-internet")
    ends = TEXT.index("  - id: internet-to-telephone")
    gone = TEXT[begins:ends]
    after = other(
        tmp_path, (gone, ""),
        ("  - id: brightnet-resolves-telephone-cases\n    clock: resolve\n    of: brightnet\n"
         "    edge: telephone-to-internet\n    within: {critical: 4 h, high: 8 h, medium: 12 h, low: 24 h}\n", ""),
    )  # fmt: skip
    assert told(after)[0] == (
        "telephone-to-internet",
        "is gone: telvoz -> brightnet, relatedEntity.product.id: NET-100, NET-1000, BUNDLE.",
    )
    assert changes(after, BEFORE)[0].text.startswith("is new: telvoz -> brightnet")


def test_lived_cases_are_tried_under_the_other_version(world: Any) -> None:
    before = world.exchange.alliance.agreement
    world.hand_over(product="PHONE")
    world.stores["north"].create({"title": "Stays", "product": "TV", "state": "Open"})
    world.rest()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    whole = before.model_dump(by_alias=True)
    edges = [edge for edge in whole["edges"] if edge["id"] != "north-south"]
    edges += [
        {"id": "phones", "from": "north", "to": "south", "when": {"relatedEntity.product.id": "NET"}},
        {
            "id": "televisions",
            "from": "north",
            "to": "east",
            "fires": "auto",
            "when": {"relatedEntity.product.id": "TV"},
        },
    ]  # fmt: skip
    commitments = [{"id": "answers", "clock": "firstResponse", "of": "each", "within": "10 min"}]
    edges = [edge for edge in edges if edge["id"] != "north-east"]
    after = Agreement.model_validate(whole | {"version": "2", "edges": edges, "commitments": commitments})
    now = world.now + timedelta(hours=1)
    found = lived(recent(world.ledger, now, 30), before, after, now)
    assert (found.cases, found.handovers) == (2, 1)
    assert dict(found.forbidden) == {"north-south": 1}
    assert dict(found.alone) == {"televisions": 1}
    assert found.promises["answers"][:2] == [0, 0]
    assert sum(found.promises["answers"]) > 0
    assert list(recent(world.ledger, now + timedelta(days=60), 30)) == []


def test_what_is_printed_reads_well(world: Any, tmp_path: Path) -> None:
    world.hand_over()
    before = world.exchange.alliance.agreement
    after = before.model_copy(update={"version": "next", "edges": before.edges[1:]})
    console = Console(record=True, width=100)
    show(before, after, console)
    show_lived(world.ledger, before, after, world.now, 30, console)
    text = console.export_text()
    assert "for North\n  north-south  is gone: north -> south, every case." in text
    assert "1 of 1 hand-over: over north-south, which would not have been permitted." in text
