"""The ledger is edited, shortened, put in another order or made anew: against its anchors it is found, each time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.acting import CannotDo
from hub.anchors import Signer, read
from hub.audit import Verdict, anchor, verify
from hub.ledger import Ledger
from hub.sealing import START, link_digest
from hub.tables import chain, entries

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIGNER = Signer(bytes(range(32)))


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "anchors.jsonl"


def write(ledger: Ledger, many: int = 3) -> None:
    for number in range(many):
        with ledger.transaction(NOW) as tx:
            tx.append("opened", "case", "north", detail={"number": number}, body={"name": "Ann"}, subject="customer:7")
            tx.append("noted", "case", "north")


def sql(ledger: Ledger, *said: str) -> None:
    with ledger.engine.connect().execution_options(writer=True) as connection, connection.begin():
        for statement in said:
            connection.execute(sa.text(statement))


def make_anew(ledger: Ledger) -> None:
    """A chain that fits whatever the entries say now: what somebody who knows the program would do."""
    with ledger.engine.connect().execution_options(writer=True) as connection, connection.begin():
        previous = START
        for link in connection.execute(sa.select(chain).order_by(chain.c.tx)).mappings().all():
            covered = sa.select(entries).where(entries.c.seq.between(link["first_seq"], link["last_seq"]))
            rows = connection.execute(covered.order_by(entries.c.seq)).mappings().all()
            previous = link_digest(previous, rows)
            connection.execute(sa.update(chain).where(chain.c.tx == link["tx"]).values(digest=previous))


def look(ledger: Ledger, anchors: Path) -> Verdict:
    return verify(ledger, read(anchors), SIGNER.public)


def test_a_ledger_that_nobody_touched_verifies_and_an_anchor_is_kept_once(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    first = anchor(ledger, SIGNER, anchors, NOW)
    assert first is not None
    assert anchor(ledger, SIGNER, anchors, NOW) is None
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    write(ledger)
    found = look(ledger, anchors)
    assert (found.entries, found.anchors, found.problems) == (18, 2, ())


TAMPERED: dict[str, tuple[str, ...]] = {
    "edited": ("UPDATE entries SET detail = '{}' WHERE seq = 3",),
    "its body": ("UPDATE entries SET body = NULL WHERE seq = 3",),
    "deleted": ("DELETE FROM entries WHERE seq = 3",),
    "put in another order": (
        "UPDATE entries SET seq = -3 WHERE seq = 3",
        "UPDATE entries SET seq = 3 WHERE seq = 4",
        "UPDATE entries SET seq = 4 WHERE seq = -3",
    ),
    "a link deleted": ("DELETE FROM chain WHERE tx = 2",),
    "added": (
        "INSERT INTO entries (seq, tx, case_id, kind, partner, observed_at, fields, detail, history, test, "
        "mapping_hash, code_version) SELECT seq + 100, tx + 100, case_id, kind, partner, observed_at, fields, detail, "
        "history, test, mapping_hash, code_version FROM entries WHERE seq = 3",
    ),
}


@pytest.mark.parametrize("said", TAMPERED.values(), ids=TAMPERED)
def test_what_was_done_to_the_entries_is_found(ledger: Ledger, anchors: Path, said: tuple[str, ...]) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    sql(ledger, *said)
    [problem] = look(ledger, anchors).problems
    place = "transaction 4, entries 7 to 103" if "100" in said[0] else "transaction 2, entries 3 to"
    assert problem.startswith("A501 the ledger does not fit its chain at " + place)


def test_a_cut_off_end_is_found(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    sql(ledger, "DELETE FROM entries WHERE seq > 4", "DELETE FROM chain WHERE tx > 2")
    told = "A503 the ledger's end was cut off: on 2026-11-20T12:00:00+00:00 it had 6 entries, 4 are left."
    assert look(ledger, anchors).problems == (told,)
    assert verify(ledger, (), SIGNER.public).problems == ()  # without an anchor nobody can tell
    with pytest.raises(CannotDo, match="A503 the ledger's end is not the one that was kept on 2026-11-20"):
        anchor(ledger, SIGNER, anchors, NOW)


def test_an_end_that_was_cut_off_and_written_again_is_found(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    sql(ledger, "DELETE FROM entries WHERE seq > 4", "DELETE FROM chain WHERE tx > 2")
    write(ledger)
    assert look(ledger, anchors).problems[0].startswith("A502 the ledger was made anew: its head at transaction 3")
    with pytest.raises(CannotDo, match="A501 the ledger does not go on from its anchor of 2026-11-20"):
        anchor(ledger, SIGNER, anchors, NOW)


def test_a_chain_that_was_made_anew_is_found_and_since_when(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW.replace(hour=13))
    sql(ledger, "UPDATE entries SET partner = 'south' WHERE seq = 9")
    make_anew(ledger)
    assert ledger.broken_at() is None
    told = (
        "A502 the ledger was made anew: its head at transaction 6 is not the one that was kept on "
        "2026-11-20T13:00:00+00:00; all fits up to the one of 2026-11-20T12:00:00+00:00."
    )
    assert look(ledger, anchors).problems == (told,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [*lines[:1], lines[1].replace('"seq": 12', '"seq": 11')], "A504 anchor 2, of 2026-11-20"),
        (lambda lines: lines[1:], "A505 anchor 1, of 2026-11-20"),
        (lambda lines: [json.dumps({**json.loads(lines[0]), "signature": "AAAA"}), lines[1]], "A504 anchor 1"),
    ],
)
def test_anchors_that_were_forged_or_left_out_are_found(
    ledger: Ledger, anchors: Path, change: Callable[[list[str]], list[str]], told: str
) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    anchors.write_text("".join(f"{line}\n" for line in change(anchors.read_text().splitlines())))
    assert any(problem.startswith(told) for problem in look(ledger, anchors).problems)
    assert verify(ledger, read(anchors), Signer(bytes(32)).public).problems[0].startswith("A504")


def test_a_line_that_is_no_anchor_is_named_and_one_that_a_crash_cut_short_is_not(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    made = anchor(ledger, SIGNER, anchors, NOW)
    with anchors.open("a") as file:
        file.write('{"tx": 6, "se')
    assert read(anchors) == [made]
    with anchors.open("a") as file:
        file.write("\n")
    with pytest.raises(CannotDo, match=r"A506 .*anchors.jsonl:2: this is no anchor"):
        read(anchors)


def test_a_person_who_is_forgotten_leaves_a_ledger_that_verifies(ledger: Ledger, anchors: Path) -> None:
    write(ledger)
    anchor(ledger, SIGNER, anchors, NOW)
    assert ledger.keyring.forget("customer:7")
    assert look(ledger, anchors).problems == ()


COLUMNS = [column.name for column in entries.columns if column.name != "seq"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_column_of_no_entry_can_be_changed_unseen(tmp_path_factory: Any, data: st.DataObject) -> None:
    ledger = Ledger.in_memory()
    write(ledger, 2)
    path = tmp_path_factory.mktemp("kept") / "anchors.jsonl"
    anchor(ledger, SIGNER, path, NOW)
    column, seq = data.draw(st.sampled_from(COLUMNS)), data.draw(st.integers(1, 4))
    with ledger.connected() as connection:
        was = connection.execute(sa.select(entries.c[column]).where(entries.c.seq == seq)).scalar_one()
    value: Any = {"history": True, "test": True, "tx": 77, "body": b"x"}.get(column, "2020-01-01T00:00:00.000000Z")
    with ledger.connected(writer=True) as connection, connection.begin():
        if column.endswith("_at"):
            value = datetime(2020, 1, 1, tzinfo=UTC)
        connection.execute(sa.update(entries).where(entries.c.seq == seq).values({column: value}))
    if was != value:
        assert look(ledger, path).problems
    ledger.engine.dispose()
