"""The contact point is asked to obtain the customer's word: once a round, in its own tool, in its working time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.declared import Told
from hub.agreement import Company, load_agreement
from hub.closing import Closing
from hub.commitments import WorkingHours
from hub.declarations import DeclarationError, Document
from hub.promises import Watched, watch
from hub.state import Asked
from mappings import lens as lenses

BASE = "https://care.example"
CLOSING = {"ask_again": ["2 h", "6 h"], "silent_after": "12 h"}
ROOT = Path(__file__).parents[2]


def agreed(world: Any, closing: dict[str, Any] | None = None, **changed: Any) -> None:
    """What the companies agreed on about asking; customers reach the page."""
    alliance = world.exchange.alliance
    closing_of = Closing.model_validate(CLOSING if closing is None else closing)
    agreement = alliance.agreement.model_copy(update={"closing": closing_of, **changed})
    alliance = replace(alliance, agreement=agreement, feedback_url=BASE)
    world.exchange = replace(world.exchange, alliance=alliance)


def told_in(world: Any, name: str, language: str = "en", **told: Any) -> None:
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update={"told": Told(**told), "language": language})
    partners[name] = replace(partners[name], system=store.system)


def look(world: Any) -> Watched:
    """What the DAG does each minute, and the exchange after it."""
    alliance = world.exchange.alliance
    found = watch(world.ledger, alliance.agreement, world.clock, alliance)
    world.rest()
    return found


def resolved(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()


def asked(world: Any) -> list[tuple[str, Any]]:
    return [
        (entry.kind, entry.detail["times"]) for entry in world.ledger.entries() if entry.kind in ("asked", "silent")
    ]


def state(world: Any) -> Any:
    (row,) = world.ledger.cases()
    with world.ledger.look(world.clock()) as tx:
        return tx.case(row.id)


def hub_says(world: Any, name: str = "north") -> str:
    return str(world.only(name).get("hub_says") or "")


def test_once_it_is_resolved_the_contact_point_reads_in_its_own_tool_that_the_customer_is_to_be_asked(
    world: Any,
) -> None:
    agreed(world)
    told_in(world, "north", field="hub_says")
    told_in(world, "south", field="hub_says")
    world.hand_over()
    look(world)
    assert "RESOLVED" not in hub_says(world)
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    assert look(world).asked == 1
    first, second = hub_says(world).splitlines()[:2]
    assert first == "RESOLVED: please ask the customer how satisfied he is (1 to 5), and enter it here."
    assert second.startswith("The customer can answer by this link, once, until 2026-04-30 09:")
    assert second.endswith(state(world).asked.link)
    assert "RESOLVED" not in hub_says(world, "south")  # it is not its customer
    before = world.written()
    assert look(world).asked == 0
    assert world.written() == before  # at rest
    assert asked(world) == [("asked", 1)]


def test_a_company_that_is_told_by_notes_is_asked_by_one_in_its_language(world: Any) -> None:
    agreed(world)
    told_in(world, "north", "es-CO", note="private")
    resolved(world)
    look(world)
    bodies = [note["body"] for note in world.only("north")["comments"]]
    (note,) = [body for body in bodies if "RESUELTO: pregunte al cliente" in body]
    assert f"{BASE}/feedback/" in note
    assert {note["audience"] for note in world.only("north")["comments"]} == {"internal"}
    look(world)
    assert len(world.only("north")["comments"]) == len(bodies)


def test_fields_of_its_own_say_whether_to_ask_and_by_which_link_and_only_at_the_contact_point(world: Any) -> None:
    agreed(world)
    for name in ("north", "south"):
        partner = world.exchange.alliance.partners[name]
        content = {**partner.mapping.content}
        values = {"none": "no", "due": "asked", "reminder": "again", "given up": "silent"}
        content["case"] = {
            **content["case"],
            "feedbackAsked": {"from": "survey", "values": values},
            "feedbackLink": {"from": "survey_link", "length": 255},
        }
        document = Document(partner.mapping.path, content, {(): (1, 1)})
        lens = lenses.compile(content, partner=name)
        world.exchange.alliance.partners[name] = replace(partner, lens=lens, mapping=document)
    resolved(world)
    assert world.only("north").get("survey") is None
    look(world)
    link = world.only("north")["survey_link"]
    assert (world.only("north")["survey"], link.startswith(f"{BASE}/feedback/")) == ("due", True)
    assert "survey" not in world.only("south")
    world.later(2 * 3600)
    look(world)
    assert (world.only("north")["survey"], world.only("north")["survey_link"]) == ("reminder", link)
    world.later(12 * 3600)
    look(world)
    assert world.only("north")["survey"] == "given up"
    world.stores["north"].edit("1", {"score": 5})
    world.rest()
    assert (world.only("north")["survey"], world.only("north").get("survey_link")) == ("none", None)
    assert world.only("north")["state"] == "Closed"


def test_silence_is_asked_again_as_agreed_then_marked_and_stays_resolved(world: Any) -> None:
    agreed(world)
    told_in(world, "north", field="hub_says")
    resolved(world)
    look(world)
    counted = []
    for _ in range(16):
        world.later(3600)
        found = look(world)
        counted.append((found.asked, found.silent))
    assert [place for place, one in enumerate(counted, start=1) if one != (0, 0)] == [2, 6, 12]
    assert asked(world) == [("asked", 1), ("asked", 2), ("asked", 3), ("silent", 3)]
    assert "the customer has not answered, and is not waited for any more" in hub_says(world)
    assert [world.only(name)["state"] for name in ("north", "south")] == ["Solved", "Solved"]
    assert state(world).asked.silent is not None
    assert world.ledger.broken_at() is None


def test_who_did_not_look_for_long_asks_once_and_not_for_each_time_that_passed(world: Any) -> None:
    agreed(world)
    resolved(world)
    look(world)
    world.later(7 * 3600)
    assert look(world).asked == 1
    assert asked(world) == [("asked", 1), ("asked", 3)]
    world.later(24 * 3600)
    assert (look(world).silent, look(world).silent) == (1, 0)


def test_a_late_word_counts_and_ends_the_silence(world: Any) -> None:
    agreed(world)
    resolved(world)
    look(world)
    world.later(13 * 3600)
    look(world)
    world.stores["north"].edit("1", {"score": 5})
    world.rest()
    assert [world.only(name)["state"] for name in ("north", "south")] == ["Closed", "Closed"]
    world.later(24 * 3600)
    assert look(world).asked == 0


def test_times_are_the_contact_points_working_time(world: Any) -> None:
    hours = WorkingHours(zone="UTC", hours={"mon-fri": "09:00-17:00"})
    companies = {
        name: Company(title=name.title(), calendar="desk" if name == "north" else "always")
        for name in ("north", "south", "east")
    }
    agreed(world, calendars={"desk": hours}, partners=companies)
    world.now = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)  # a Friday
    resolved(world)
    look(world)
    world.now = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # Monday: an hour and a half of work later
    assert look(world).asked == 0
    world.now = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
    assert look(world).asked == 1


def test_each_round_is_asked_for_anew(world: Any) -> None:
    agreed(world)
    resolved(world)
    look(world)
    first = state(world).asked
    world.stores["north"].edit("1", {"score": 2})
    world.rest()
    assert look(world).asked == 0  # it is worked on again
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    assert look(world).asked == 1
    second = state(world).asked
    assert (first.round, second.round, second.times) == (1, 2, 1)
    assert first.link != second.link


def test_a_case_that_stayed_with_its_company_is_its_own_and_nobody_is_asked(world: Any) -> None:
    agreed(world)
    told_in(world, "north", field="hub_says")
    world.stores["north"].create({"title": "stays here", "state": "Solved"})
    world.rest()
    assert look(world).asked == 0
    assert hub_says(world) == ""


def test_where_all_are_asked_so_is_whose_case_stayed_if_his_company_declares_where_it_reads_so(world: Any) -> None:
    agreed(world, {**CLOSING, "ask": "all"})
    world.stores["north"].create({"title": "stays here", "state": "Solved"})
    world.rest()
    assert look(world).asked == 0
    told_in(world, "north", field="hub_says")
    world.stores["north"].edit("1", {"title": "stays here, still"})
    world.rest()
    assert look(world).asked == 1
    assert hub_says(world).splitlines()[0].startswith("RESOLVED: please ask the customer")
    world.stores["north"].edit("1", {"score": 5})
    world.rest()
    assert (world.only("north")["state"], hub_says(world)) == ("Closed", "")


def test_imported_history_is_not_asked_about(world: Any) -> None:
    agreed(world)
    world.hand_over(channel="Log")
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    assert look(world).asked == 0


def test_without_a_page_the_contact_point_is_asked_without_a_link(world: Any) -> None:
    agreed(world)
    world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, feedback_url=""))
    told_in(world, "north", field="hub_says")
    resolved(world)
    look(world)
    assert hub_says(world).splitlines()[0].endswith("and enter it here.")
    assert state(world).asked == Asked(1, state(world).asked.since, state(world).asked.until, "", 1)


@pytest.mark.parametrize(
    "declared",
    ["{ask_again: [72 h, 24 h]}", "{ask_again: [24 h], silent_after: 24 h}", "{silent_after: 1 h, ask_again: [2 h]}"],
)
def test_times_that_come_in_no_order_are_told_with_their_place(tmp_path: Path, declared: str) -> None:
    text = (ROOT / "agreement.yaml").read_text(encoding="utf-8")
    file = tmp_path / "agreement.yaml"
    file.write_text(text[: text.index("closing:")] + f"closing: {declared}\n", encoding="utf-8")
    with pytest.raises(
        DeclarationError, match=r"agreement\.yaml:\d+:1 D203 closing: .*silent_after is the last of all"
    ):
        load_agreement(file)
