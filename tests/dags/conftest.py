"""Airflow reads its environment when it is first imported, so it is set here, before any test module of this folder."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="casebridge-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

PASSWORDS = HOME / "passwords.json"
PASSWORDS.write_text('{"admin": "admin-of-the-tests", "vera": "vera-of-the-tests"}')

os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__CORE__FERNET_KEY": "",
    "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-the-tests, " * 4,
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,vera:viewer",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(PASSWORDS),
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
}

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Airflow and its dependencies say of themselves when they are imported
    import airflow.dag_processing.dagbag
    import airflow.sdk  # noqa: F401
    import starlette.testclient  # noqa: F401  (Airflow runs its Execution API with it)

AIRFLOWS_OWN = ("ignore:GitWildMatchPattern:DeprecationWarning",)
"""Warnings that Airflow raises about itself while it runs; everything else is an error here too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            for warning in AIRFLOWS_OWN:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's own database, made once."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.utils.db import initdb

    initdb()
    DagBundlesManager().sync_bundles_to_db()
