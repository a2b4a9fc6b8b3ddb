"""The board inside Airflow's API server: behind its login, under its permissions, in its navigation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow import plugins_manager
from airflow.api_fastapi.app import create_app, purge_cached_app
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from starlette.testclient import TestClient

from hub.ledger import Ledger
from hub.settings import Settings

PAGES = ("/casebridge/", "/casebridge/cases", "/casebridge/case?id=1", "/casebridge/waiting", "/casebridge/partners")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, airflow_database: None) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBRIDGE_HOME", str(tmp_path_factory.mktemp("home")))
        now = datetime(2026, 11, 21, tzinfo=UTC)
        with Ledger.open(Settings.from_environment()).transaction(now) as tx:
            tx.note_partner("telvoz", pulled_at=now, error="")
        purge_cached_app()
        with TestClient(create_app()) as client:
            yield client


def login(api: TestClient, name: str) -> dict[str, str]:
    answer = api.post("/auth/token", json={"username": name, "password": f"{name}-of-the-tests"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_the_board_without_a_login(api: TestClient, page: str) -> None:
    assert api.get(page).status_code == 401
    assert api.get(page, headers={"Authorization": "Bearer nonsense"}).status_code == 403


def test_who_may_look_sees_the_pages(api: TestClient) -> None:
    for name in ("admin", "vera"):
        answer = api.get("/casebridge/partners", headers=login(api, name))
        assert answer.status_code == 200
        assert "Telvoz" in answer.text


def test_what_was_said_in_calls_is_for_who_may_read_connections(api: TestClient) -> None:
    assert api.get("/casebridge/calls?id=c-1").status_code == 401
    assert api.get("/casebridge/calls?id=c-1", headers=login(api, "vera")).status_code == 403
    assert api.get("/casebridge/calls?id=c-1", headers=login(api, "admin")).status_code == 404  # no such case


def test_who_lacks_the_permission_is_refused(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def never(_: object, *, method: str, resource_name: str, user: object) -> bool:
        asked.append((method, resource_name))
        return False

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_custom_view", never)
    assert api.get("/casebridge/cases", headers=login(api, "vera")).status_code == 403
    assert asked == [("GET", "Casebridge")]


def test_the_navigation_leads_to_it(api: TestClient) -> None:
    listed = api.get("/api/v2/plugins", headers=login(api, "admin")).json()["plugins"]
    (plugin,) = [plugin for plugin in listed if plugin["name"] == "casebridge"]
    (view,) = plugin["external_views"]
    assert (view["href"], view["destination"]) == ("/casebridge/cases", "nav")


def test_the_plugins_folder_holds_one_python_file() -> None:
    folder = Path(__file__).resolve().parents[2] / "plugins"
    assert [path.name for path in folder.rglob("*.py")] == ["hub_plugin.py"]
    assert plugins_manager._get_plugins()[1] == {}
