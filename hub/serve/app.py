"""The doors put together: GET /health, POST /webhooks/NAME, the customer's page at /feedback/TOKEN, and a company's own
at /partner/TOKEN.

Next: `webhooks.py`, `feedback.py` and `partner.py` (the doors), `process.py` (the server).
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from hub.serve import feedback, partner, webhooks
from hub.serve.feedback import Customers
from hub.serve.partner import Companies
from hub.serve.webhooks import Senders


def application(senders: Senders, customers: Customers, companies: Companies) -> FastAPI:
    """The ASGI application. It describes itself to nobody."""
    app = FastAPI(title="Casebridge", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    @app.get("/health")
    def health() -> JSONResponse:
        """200 once the ledger answers."""
        return JSONResponse({"ledger": senders.ledger.newest()})

    app.include_router(webhooks.door(senders))
    app.include_router(feedback.door(customers))
    app.include_router(partner.door(companies))
    return app
