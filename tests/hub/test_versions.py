"""Versions of the agreement: which one holds, what a signature is good for, and that open cases keep theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.acting import CannotDo
from hub.agreement import Agreement, load_agreement
from hub.declarations import DeclarationError, read
from hub.signatures import Signature, put_under
from hub.versions import load_in_force, load_versions

TEXT = """\
# What holds between us.
version: "{version}"
effective: {effective}
partners:
  north: {{title: North}}
  south: {{title: South}}
sharing:
  standard: {{fields: [{fields}], notes: [partners]}}
edges:
  - {{id: phones, from: north, to: south, crosses: standard}}
"""


def written(path: Path, version: str, effective: str, fields: str = "name, status") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT.format(version=version, effective=effective, fields=fields), encoding="utf-8")
    return path


def signed(path: Path, *partners: str) -> None:
    for partner in partners:
        agreement = load_agreement(path)
        signature = Signature(partner=partner, name='Ann "A" Ibarra', date=date(2026, 1, 5), text=agreement.text)
        put_under(read(path), agreement, signature)


def holds(path: Path, day: str) -> str:
    return load_in_force(path, None, date.fromisoformat(day)).version


def test_a_signature_is_written_at_the_end_and_all_else_stays_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "agreement.yaml", "1", "2026-01-01")
    before, text = path.read_text(encoding="utf-8"), load_agreement(path).text
    signed(path, "north", "south")
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after.count("# Who signed this text.") == 1
    agreement = load_agreement(path)
    assert (agreement.text, agreement.unsigned) == (text, ())
    assert [(each.partner, each.name) for each in agreement.signed] == [
        ("north", 'Ann "A" Ibarra'), ("south", 'Ann "A" Ibarra')
    ]  # fmt: skip


def test_what_was_signed_may_be_written_otherwise_and_not_say_anything_else(tmp_path: Path) -> None:
    path = written(tmp_path / "agreement.yaml", "1", "2026-01-01")
    signed(path, "north")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# What holds between us.", "# Ours.").replace("{title: North}", "{'title':  North}"))
    load_agreement(path)
    path.write_text(text.replace("[name, status]", "[name, status, description]"), encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"agreement.yaml:14:\d+ A341 signed by Ann .* for north: under another"):
        load_agreement(path)


@pytest.mark.parametrize(
    ("partner", "expected"),
    [
        ("north", "A340 north has signed agreement 1 already."),
        ("west", "A340 'west' is no partner of agreement 1.\n  Known: north, south."),
    ],
)
def test_a_signature_that_means_nothing_is_refused(tmp_path: Path, partner: str, expected: str) -> None:
    path = written(tmp_path / "agreement.yaml", "1", "2026-01-01")
    signed(path, "north")
    with pytest.raises(CannotDo) as refused:
        signed(path, partner)
    assert str(refused.value).startswith(expected)


def test_a_version_holds_from_its_day_on_once_all_have_signed_it(tmp_path: Path) -> None:
    path = written(tmp_path / "agreement.yaml", "2", "2026-06-01")
    first = written(tmp_path / "agreements" / "1.yaml", "1", "2026-01-01")
    signed(first, "north", "south")
    assert [agreement.version for agreement in load_versions(path)] == ["1", "2"]
    assert (holds(path, "2026-05-31"), holds(path, "2026-06-01")) == ("1", "1")
    signed(path, "north")
    assert holds(path, "2026-06-01") == "1"
    signed(path, "south")
    assert (holds(path, "2026-05-31"), holds(path, "2026-06-01")) == ("1", "2")


def test_where_nobody_ever_signed_the_newest_that_has_begun_holds(tmp_path: Path) -> None:
    path = written(tmp_path / "agreement.yaml", "2", "2026-06-01")
    written(tmp_path / "agreements" / "1.yaml", "1", "2026-01-01")
    assert (holds(path, "2026-05-31"), holds(path, "2026-06-01")) == ("1", "2")
    with pytest.raises(DeclarationError, match="A343 agreement 1 holds from 2026-01-01 on, and none"):
        holds(path, "2025-12-31")


def test_two_versions_of_one_name_or_day_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "agreement.yaml", "2", "2026-06-01")
    written(tmp_path / "agreements" / "1.yaml", "1", "2026-06-01")
    with pytest.raises(DeclarationError, match=r"1.yaml:3:1 A342 effective: 2026-06-01 is that of .*agreement.yaml"):
        load_versions(path)


def test_a_case_keeps_the_version_it_was_handed_over_under(world: Any) -> None:
    """What crosses, and whether it may be refused without a reason, is as it was when the case was given away."""
    first = world.exchange.alliance.agreement
    second = Agreement.model_validate(
        {**first.model_dump(by_alias=True), "version": "second", "effective": "2026-02-01",
         "sharing": {"standard": {"fields": ["name", "status"]}}, "refusals": ["never"]}
    )  # fmt: skip
    world.hand_over()
    agreed = second.among((first, second))
    world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, agreement=agreed))
    world.stores["north"].create({"title": "Later", "company": "South", "state": "Open"})
    for native_id in ("1", "2"):
        world.stores["north"].edit(native_id, {"details": "The line is dead."})
        world.stores["north"].note(native_id, "Ring before six.", "partners")
    world.rest()
    bodies = {body["title"]: body for body in world.stores["south"].bodies()}
    assert {title: (body.get("details"), len(body["comments"])) for title, body in bodies.items()} == {
        "No signal": ("The line is dead.", 1), "Later": (None, 0)
    }  # fmt: skip
    offered = [entry.detail["agreement"] for entry in world.ledger.entries() if entry.kind == "offered"]
    assert offered == ["test", "second"]
    for native_id in ("1", "2"):
        world.stores["south"].edit(native_id, {"company": "North"})
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["A402"]
    assert {body["title"]: body["company"] for body in world.stores["south"].bodies()} == {
        "No signal": "North", "Later": "South"
    }  # fmt: skip
