"""A mail server that takes every mail and shows it as a page: where the demo's reports arrive.

    python -m sandbox.mailbox --state DIR [--port 8104] [--smtp 8025]

Nothing is sent on. Knows nothing of the hub. Next: `box.py` (what came), `pages.py` (how it is shown).
"""
