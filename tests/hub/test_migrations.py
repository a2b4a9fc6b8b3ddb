"""Upgrades of the ledger: killed at every statement with work under way, at every third of a new one.

A further migration is made by the test, one that changes a table in which work is under way.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from hub.keys import Keyring
from hub.ledger import Ledger, alembic_config, engine_for
from hub.tables import metadata

HEAD = ScriptDirectory.from_config(alembic_config(engine_for("sqlite://"))).get_current_head() or ""
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NEXT = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{HEAD}", None, None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE deliveries SET urgent = true WHERE attempts > 1")
    op.create_index("deliveries_urgent", "deliveries", ["urgent"])
"""
UPGRADES = """
import json, os, signal, sys
import sqlalchemy as sa
from alembic import command
from hub.keys import Keyring
from hub.ledger import Ledger, alembic_config, engine_for
import hub.ledger

def upgrade(url, nth, moment, versions):
    engine, seen = engine_for(url), [0]
    def passing(*_):
        seen[0] += 1
        if seen[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)
    sa.event.listen(engine, moment, passing)
    def both(engine):
        config = alembic_config(engine)
        home = config.get_main_option("script_location")
        config.set_main_option("version_locations", os.pathsep.join([home + "/versions", versions]))
        config.set_main_option("path_separator", "os")
        return config
    if versions:
        hub.ledger.alembic_config = both
    Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32))).upgrade()

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            upgrade(*json.loads(line))
            status = 0
        finally:
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
Upgrade = Callable[..., int]


@pytest.fixture
def upgrade() -> Iterator[Upgrade]:
    """How a process ends that upgrades this ledger and is killed at its n-th statement or commit; 0: it was done.

    Forked from one that has imported everything, since there are many.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", UPGRADES], stdin=pipe, stdout=pipe, text=True) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        def done(url: str, nth: int, moment: str = "commit", versions: str = "") -> int:
            asked.write(json.dumps([url, nth, moment, versions]) + "\n")
            asked.flush()
            return int(told.readline())

        yield done


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes the address of an empty database."""
    if request.param == "postgresql":
        made: Callable[[], str] = request.getfixturevalue("new_database")
        return made
    numbers: Iterator[int] = iter(range(10_000))
    return lambda: f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"


def under_way(url: str) -> Callable[[], dict[str, list[Any]]]:
    """A ledger with a claimed delivery and an intent of it; gives back how to read all that stands in it."""
    ledger = Ledger(engine_for(url), Keyring(engine_for("sqlite://"), bytes(32)))
    ledger.upgrade()
    with ledger.transaction(NOW) as tx:
        tx.append("owed", "a-case", "south", detail={"version": 1})
        tx.connection.exec_driver_sql(
            "INSERT INTO deliveries (case_id, partner, version, state, fence, lease_until, attempts, owed_at, due_at,"
            " code, reason) VALUES ('a-case', 'south', 1, 'claimed', 7, '2026-03-01T09:02:00.000000Z', 3,"
            " '2026-03-01T09:00:00.000000Z', '2026-03-01T09:00:00.000000Z', '', '')"
        )
        sealed = tx.keyring.seal("case:a-case", b"{}")
        tx.connection.execute(
            sa.insert(metadata.tables["intents"]).values(
                key="a-case/south/create", delivery_id=1, case_id="a-case", partner="south", kind="create",
                state="planned", planned_at=NOW, ref=None, subject="case:a-case", body=sealed,
            )
        )  # fmt: skip
    ledger.engine.dispose()

    def read() -> dict[str, list[Any]]:
        engine = engine_for(url)
        with engine.connect() as connection:
            found = {
                name: [tuple(row) for row in connection.execute(sa.select(table))]
                for name, table in metadata.tables.items()
            }
        engine.dispose()
        return found

    return read


@pytest.mark.journey
@pytest.mark.parametrize("moment", ["before_cursor_execute", "commit"])
@pytest.mark.parametrize("further", [False, True])
def test_an_upgrade_that_is_killed_at_any_point_is_finished_by_the_next_and_loses_no_work_under_way(
    new_url: Callable[[], str], upgrade: Upgrade, tmp_path: Path, moment: str, further: bool
) -> None:
    versions = ""
    if further:
        versions = str(tmp_path / "versions")
        Path(versions).mkdir()
        (Path(versions) / "next_urgent.py").write_text(NEXT)
    step = 1 if further or moment == "commit" else 17  # a new ledger has all statements and nothing to lose
    nth = 1 - step
    while True:
        nth += step
        url = new_url()
        read = under_way(url) if further else None
        before = read() if read else {}
        if upgrade(url, nth, moment, versions) == 0:
            break
        if read:  # all or nothing: what is there is as it was
            assert read() == before
        assert upgrade(url, 0, moment, versions) == 0
        after = read() if read else {}
        assert after == before
        engine = engine_for(url)
        ledger = Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32)))
        assert ledger.revision()[0] == ("next" if further else HEAD)
        assert ledger.broken_at() is None
        if further:
            with engine.connect() as connection:
                assert connection.exec_driver_sql("SELECT urgent FROM deliveries").scalar_one() in (True, 1)
        engine.dispose()
    assert nth > (1 if moment == "commit" else 3)


def test_a_killed_process_is_really_killed(new_url: Callable[[], str], upgrade: Upgrade) -> None:
    assert upgrade(new_url(), 1) == -signal.SIGKILL
