"""The doors put together: GET /health, POST /webhooks/NAME, and the customer's page at /feedback/TOKEN.

Next: `webhooks.py` and `feedback.py` (the doors), `process.py` (the server).
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from hub.serve import feedback, webhooks
from hub.serve.feedback import Customers
from hub.serve.webhooks import Senders


def application(senders: Senders, customers: Customers) -> FastAPI:
    """The ASGI application. It describes itself to nobody."""
    app = FastAPI(title="Casebridge", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    @app.get("/health")
    def health() -> JSONResponse:
        """200 once the ledger answers."""
        return JSONResponse({"ledger": senders.ledger.newest()})

    app.include_router(webhooks.door(senders))
    app.include_router(feedback.door(customers))
    return app
