"""Brightnet, the internet company: Russian, Asia/Almaty, a Salesforce org (REST API v60.0) over HTTPS.

    python -m sandbox.companies.brightnet --port 8103 --state DIR --tls-dir DIR
        [--session-seconds 7200] [--daily-limit 100000] [--app-certificate FILE] [--bulk-pace 0]

Clients trust ca.pem of the TLS folder. --rate, which all companies take, does nothing here: an org counts calls a day.
Next: `brightnet_words.py` (its words), `brightnet_door.py` (the API), `desk.py` and `pages.py` (the people).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sandbox.companies.brightnet_door import application
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.misbehaving import Misbehaving, tell_where
from sandbox.companies.run import flags, run
from sandbox.companies.store import Store


def main(argv: Sequence[str] | None = None) -> None:
    """The process."""
    chosen = flags(
        "brightnet",
        8103,
        argv,
        ("--tls-dir", "", "folder of server.pem and ca.pem, made if absent (default: STATE/tls)"),
        ("--session-seconds", "7200", "seconds that a session of the API lives"),
        ("--app-certificate", "", "PEM file of the connected app's certificate, for logins by JWT bearer"),
        ("--bulk-pace", "0", "seconds that 200 rows of a bulk job take"),
        ("--daily-limit", "100000", "calls that the API takes in 24 hours"),
    )
    tls = certificate(Path(chosen.tls_dir) if chosen.tls_dir else chosen.state / "tls")
    app_certificate = Path(chosen.app_certificate).read_text() if chosen.app_certificate else None
    store = Store(chosen.state / "brightnet.db", BRIGHTNET)
    try:
        make = partial(
            application,
            session_seconds=float(chosen.session_seconds),
            daily_limit=int(chosen.daily_limit),
            certificate=app_certificate,
            bulk_pace=float(chosen.bulk_pace),
        )
        app = Misbehaving("brightnet", store, make)
        run(app, chosen.port, host=chosen.host, tls=tls, tell=tell_where(app, chosen.state, tls))
    finally:
        store.close()


if __name__ == "__main__":
    main()
