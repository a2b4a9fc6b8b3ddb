"""The certificate of Brightnet's server, by an authority of the sandbox's own; kept in a folder and used again.

server.pem holds the server's key and certificate, expired.pem the same of a time that is over, ca.pem is what clients
trust. The authority's own key is not kept:
where one of the files is missing, all are made anew. For a sandbox only. Made by trustme.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from sandbox.companies.run import Tls

NAMES = ("localhost", "127.0.0.1", "brightnet")
"""Who the server may be: this machine, and the service of that name in a compose network."""


def certificate(folder: Path) -> Tls:
    """The files of that folder, made if one is absent."""
    tls = Tls(folder / "server.pem", folder / "ca.pem", folder / "expired.pem")
    if not all(path.exists() for path in (folder / "server.pem", folder / "ca.pem", folder / "expired.pem")):
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="Casebridge sandbox")
        _write(tls.server, authority.issue_cert(*NAMES).private_key_and_cert_chain_pem.bytes(), 0o600)
        over = datetime.now(UTC) - timedelta(days=1)
        old = authority.issue_cert(*NAMES, not_before=over - timedelta(days=90), not_after=over)
        _write(folder / "expired.pem", old.private_key_and_cert_chain_pem.bytes(), 0o600)
        _write(tls.authority, authority.cert_pem.bytes(), 0o644)
    return tls


def _write(path: Path, content: bytes, mode: int) -> None:
    """All or nothing: a process that is killed half way leaves no half certificate."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
