"""The doors put together: GET /health, and POST /webhooks/NAME.

Next: `webhooks.py` (a door), `process.py` (the server).
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from hub.serve.webhooks import Senders, door


def application(senders: Senders) -> FastAPI:
    """The ASGI application. It describes itself to nobody."""
    app = FastAPI(title="Casebridge", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    @app.get("/health")
    def health() -> JSONResponse:
        """200 once the ledger answers."""
        return JSONResponse({"ledger": senders.ledger.newest()})

    app.include_router(door(senders))
    return app
