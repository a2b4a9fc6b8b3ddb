"""The ledger: one writer, sealed bodies, a chain that sees tampering, a schema that is the sum of its migrations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hub.keys import KeyLost, Keyring, master_key
from hub.ledger import Ledger, LedgerBehind, alembic_config, engine_for
from hub.settings import Settings
from hub.tables import metadata

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def write(ledger: Ledger, *kinds: str, body: Any = None) -> None:
    with ledger.transaction(NOW) as tx:
        for kind in kinds:
            tx.append(kind, "case", "north", body=body, subject="customer:7")


def test_schema_equals_the_sum_of_its_migrations(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert found == []


def test_entries_are_numbered_without_gaps_in_the_order_of_transactions(ledger: Ledger) -> None:
    write(ledger, "opened", "changed")
    write(ledger, "changed")
    assert [(entry.seq, entry.tx) for entry in ledger.entries()] == [(1, 1), (2, 1), (3, 2)]


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.transaction(NOW) as tx:
            tx.append("opened", "case", "north")
            tx.note_partner("north", cursor="7")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(ledger.entries()) == []
    assert ledger.partners() == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE entries SET detail = '{}' WHERE seq = 2",
        "UPDATE entries SET observed_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "UPDATE entries SET seq = 9 WHERE seq = 2",
        "DELETE FROM chain WHERE tx = 1",
    ],
)
def test_the_chain_sees_tampering(ledger: Ledger, tampering: str) -> None:
    write(ledger, "opened", body={"name": "Ann"})
    with ledger.transaction(NOW) as tx:
        tx.append("changed", "case", "north", detail={"a": 1})
    write(ledger, "changed")
    assert ledger.broken_at() is None
    with ledger.engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.execute(sa.text(tampering))
    assert ledger.broken_at() is not None


def test_a_body_is_sealed_and_gone_with_its_subjects_key_while_the_chain_still_verifies(ledger: Ledger) -> None:
    write(ledger, "opened", body={"name": "Ann Lee"})
    with ledger.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT subject, body FROM entries")).one()
    assert b"Ann" not in bytes(row.body)
    assert b"Ann Lee" in ledger.keyring.open(row.subject, bytes(row.body))
    assert ledger.keyring.forget("customer:7")
    with pytest.raises(KeyLost, match="customer:7: no key; the subject was erased"):
        ledger.keyring.open(row.subject, bytes(row.body))
    assert ledger.broken_at() is None


def test_equal_bodies_have_equal_digests_under_one_key_only() -> None:
    one, other = (Keyring(engine_for("sqlite://"), key) for key in (bytes(32), bytes([1] * 32)))
    assert one.digest(b"x") == one.digest(b"x") != other.digest(b"x")


def test_a_body_does_not_open_under_another_subject() -> None:
    keyring = Keyring(engine_for("sqlite://"), bytes(32))
    keyring.seal("b", b"y")
    with pytest.raises(KeyLost, match="the key does not open this body"):
        keyring.open("b", keyring.seal("a", b"x"))


def test_the_master_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = master_key(tmp_path / "home", {})
    assert master_key(tmp_path / "home", {}) == first
    assert len(first) == 32
    assert (tmp_path / "home" / "master.key").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="base64 of 32 bytes is needed, this is 3 bytes"):
        master_key(tmp_path, {"CASEBRIDGE_MASTER_KEY": "YWJj"})


def test_a_sqlite_ledger_is_made_at_first_use_with_the_pragmas_that_survive_a_power_loss(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CASEBRIDGE_HOME": str(tmp_path)})
    ledger = Ledger.open(settings)
    write(ledger, "opened")
    assert [entry.kind for entry in Ledger.open(settings).entries()] == ["opened"]
    with ledger.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_ledger_of_another_schema_is_refused_with_the_fix(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CASEBRIDGE_HOME": str(tmp_path)})
    ledger = Ledger.open(settings)
    with ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(
        LedgerBehind, match=r"L101 .*has schema 0000; this program needs 0018.\n  Fix: casebridge ledger"
    ):
        Ledger.open(settings)


def test_times_come_back_as_they_were_and_sort_as_they_passed(ledger: Ledger) -> None:
    moments = [NOW + timedelta(microseconds=1), NOW, datetime(1970, 1, 1, tzinfo=UTC)]
    for moment in moments:
        with ledger.transaction(moment) as tx:
            tx.append("changed", "case", "north", business_at=moment)
    assert [entry.observed_at for entry in ledger.entries()] == moments
    with ledger.engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT observed_at FROM entries ORDER BY observed_at")).scalars().all()
    assert kept == ["1970-01-01T00:00:00.000000Z", "2026-03-01T09:00:00.000000Z", "2026-03-01T09:00:00.000001Z"]


def test_a_case_is_found_by_any_number_of_any_system(world: Any) -> None:
    native_id = world.stores["north"].create({"title": "No signal", "company": "South"})
    world.rest()
    case_id = world.only("north")["hub_case"]
    for search in (case_id, case_id[:8], f"N-{native_id}", "S-1"):
        assert [row.id for row in world.ledger.cases(search=search)] == [case_id]
        assert world.ledger.count_cases(search) == 1
    assert world.ledger.cases(search="N-99") == []
    (row,) = world.ledger.cases()
    assert [(link.partner, link.number) for link in row.links] == [("north", "N-1"), ("south", "S-1")]


def test_a_partner_that_was_written_to_before_there_was_a_guard_has_had_its_first_contact(tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        config = alembic_config(engine)
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for name, pushed_at in (("north", "2026-03-01T09:00:00.000000Z"), ("south", None)):
            row = {"name": name, "pushed_at": pushed_at}
            connection.execute(sa.text("INSERT INTO partners (name, pushed_at) VALUES (:name, :pushed_at)"), row)
    ledger = Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32)))
    ledger.upgrade()
    assert [(row.name, row.signed_off_at, row.failures) for row in ledger.partners()] == [
        ("north", NOW, 0),
        ("south", None, 0),
    ]
    engine.dispose()


def test_a_ledger_file_is_synced_at_each_commit(tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
    engine.dispose()
