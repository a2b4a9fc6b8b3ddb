"""The board inside Airflow: mounted at /casebridge, behind Airflow's own login, with an entry in its navigation.

The only file here: Airflow runs every .py below this folder in each of its processes, so the pages are built when the
API server asks for them and never in a task. A plugin's app has no login of its own; `permitted` below is it.
The scheduler and the parser also load the rooms that tasks need, before they fork: each task would else spend more CPU
on importing them than on its work. Next: hub/board/.
"""

import sys
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/casebridge"
RESOURCE = "Casebridge"
"""Name under which an auth manager grants the board: the custom view that a role may read."""


def pages() -> "FastAPI":
    """The board's app. Anonymous: 401. Logged in without the permission to see it: 403. What was said in calls is shown
    to who may read Airflow's connections."""
    # Imports stand here for the reason given at the top.
    from airflow.api_fastapi.app import get_auth_manager  # noqa: PLC0415
    from airflow.api_fastapi.core_api.security import GetUserDep  # noqa: PLC0415
    from fastapi import Depends, FastAPI, HTTPException  # noqa: PLC0415

    from hub.board import board  # noqa: PLC0415
    from hub.runtime import open_ledger, sampled, titles  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    def permitted(user: GetUserDep) -> None:
        if not get_auth_manager().is_authorized_custom_view(method="GET", resource_name=RESOURCE, user=user):
            raise HTTPException(403, f"Your role may not read {RESOURCE}")

    def engineers(user: GetUserDep) -> None:
        if not get_auth_manager().is_authorized_connection(method="GET", user=user):
            raise HTTPException(403, "Your role may not read connections, so neither what was said over them")

    app = FastAPI(title="Casebridge", docs_url=None, redoc_url=None, openapi_url=None)
    kept_for = Settings.from_environment().evidence_for
    pages_of = board(
        cache(open_ledger), cache(titles), sampled=cache(sampled), engineers=engineers, evidence_for=kept_for
    )
    app.include_router(pages_of, dependencies=[Depends(permitted)])
    return app


class Preload:
    """A listener that hears Airflow's components and tasks start."""

    @hookimpl
    def on_starting(self, component: object) -> None:
        """Loads in a component that forks, told by its command line: the component does not say yet what it is."""
        if type(component).__name__ == "Job" and sys.argv[1:2] in (["scheduler"], ["dag-processor"]):
            from hub.runtime import preload  # noqa: PLC0415  only there

            preload()


class CasebridgePlugin(AirflowPlugin):
    """What Airflow finds here."""

    name = "casebridge"
    listeners = [Preload()]  # noqa: RUF012  Airflow reads these very lists
    external_views = [  # noqa: RUF012
        {
            "name": "Casebridge",
            "href": f"{urlsplit(conf.get('api', 'base_url', fallback='')).path.rstrip('/')}{PREFIX}/cases",
            "destination": "nav",
            "url_route": "casebridge",
            "category": "browse",
        }
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Read by the API server only."""
        return [{"app": pages(), "url_prefix": PREFIX, "name": "Casebridge"}]
