"""The agreement: what it permits, what crosses, and what is wrong with one that says nonsense, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.agreement import Agreement, load_agreement
from hub.declarations import DeclarationError
from hub.settings import Settings

GOOD = """\
version: "1"
effective: 2026-01-01
partners:
  north: {title: North}
  south: {title: South}
sharing:
  standard: {fields: [name, status, relatedParty.customer.*], notes: [partners]}
edges:
  - id: phones
    from: north
    to: south
    when: {ticketType: [assistance, complaint], priority: high}
    crosses: standard
"""


def load(tmp_path: Path, text: str) -> Agreement:
    path = tmp_path / "agreement.yaml"
    path.write_text(text, encoding="utf-8")
    return load_agreement(path, ("north", "south"))


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path, text)
    return [problem.text().replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_the_projects_own_agreement_holds() -> None:
    agreement = load_agreement(Settings.from_environment({}).agreement_file)
    assert set(agreement.partners) == {"northcable", "telvoz", "brightnet"}


def test_an_edge_permits_what_its_condition_says_and_nothing_else(tmp_path: Path) -> None:
    agreement = load(tmp_path, GOOD)
    fits = {"ticketType": "complaint", "priority": "high"}
    assert agreement.edge("north", "south", fits) is not None
    assert agreement.edge("south", "north", fits) is None
    assert agreement.edge("north", "south", {**fits, "priority": "low"}) is None
    assert agreement.edge("north", "south", {}) is None


def test_sharing_is_an_allow_list_and_its_default_is_nothing(tmp_path: Path) -> None:
    agreement = load(tmp_path, GOOD)
    shared = agreement.sharing_of("south", "north", "phones")
    assert shared.allows("name")
    assert shared.allows("relatedParty.customer.contact")
    assert not shared.allows("relatedParty.solver.name")
    assert not shared.allows("cost.amount")
    assert agreement.sharing_of("south", "north", "an edge that is no more").fields == ()


def test_the_contact_point_sees_all_except_private_notes(tmp_path: Path) -> None:
    everything = load(tmp_path, GOOD).sharing_of("north", "north", "")
    assert everything.allows("cost.amount")
    assert {str(kind) for kind in everything.notes} == {"partners", "customer"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("  south: {title: South}", "  souht: {title: South}"),
            "agreement.yaml:5:3 A301 partners.souht: no such partner folder.\n"
            "  Known: north, south. Did you mean 'south'?  More: casebridge explain A301",
        ),
        (
            ("[name, status", "[nam, status"),
            "agreement.yaml:7:23 A302 'nam' is no case path.\n",
        ),
        (
            ("[name, status", "[id, status"),
            "agreement.yaml:7:23 A303 'id' is told by the hub itself and needs no sharing; take it out.",
        ),
        (
            ("to: south", "to: east"),
            "agreement.yaml:11:5 A304 edge phones: to: 'east' is no partner of this agreement.",
        ),
        (("crosses: standard", "crosses: all"), "agreement.yaml:13:5 A305 edge phones: crosses: 'all' is no sharing"),
        (
            ("priority: high", "priority: urgent"),
            "agreement.yaml:12:49 A306 edge phones: when.priority: 'urgent' is no priority.\n"
            "  Known: low, medium, high, critical.",
        ),
        (("priority: high", "prio: high"), "agreement.yaml:12:49 A302 edge phones: when.prio: is no case path."),
        (("version:", "versoin:"), "agreement.yaml:1:1 D201 versoin: no such field."),
        (("id: phones", "id: Phones!"), "agreement.yaml:9:5 D203 edges.0.id: String should match pattern"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    found = problems(tmp_path, GOOD.replace(*change))
    assert any(text.startswith(expected) for text in found), found


def test_two_edges_that_one_case_could_match_are_refused(tmp_path: Path) -> None:
    again = "  - {id: again, from: north, to: south, when: {ticketType: complaint}, crosses: standard}\n"
    (found,) = problems(tmp_path, GOOD + again)
    assert "A307 edge again: a case can match phones too; at most one transfer edge may match." in found
    apart = "  - {id: apart, from: north, to: south, when: {ticketType: maintenance}, crosses: standard}\n"
    assert len(load(tmp_path, GOOD + apart).edges) == 2


def test_what_is_private_is_listed_nowhere(tmp_path: Path) -> None:
    wrong = GOOD.replace("notes: [partners]", "notes: [private]")
    assert problems(tmp_path, wrong) == [
        "agreement.yaml:7:63 A308 sharing standard: notes: what is private never crosses; take `private` out."
        "  More: casebridge explain A308"
    ]
