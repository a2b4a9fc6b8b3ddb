"""`casebridge serve`: the hub's own doors for HTTP, one ASGI process beside the scheduler.

Each door is a router of its own; `app.py` puts them together, `process.py` runs them. Doors read and write the ledger
and speak to no partner. Start at `app.py`, then `webhooks.py` and `feedback.py`.
"""
