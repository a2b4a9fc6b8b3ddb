"""The certificate of Brightnet's server, by an authority of the sandbox's own; kept in a folder and used again.

server.pem holds the server's key and certificate, ca.pem is what clients trust. The authority's own key is not kept:
where one of the two files is missing, both are made anew. For a sandbox only. Made by trustme.
"""

from __future__ import annotations

import os
from pathlib import Path

import trustme

from sandbox.companies.run import Tls

NAMES = ("localhost", "127.0.0.1", "brightnet")
"""Who the server may be: this machine, and the service of that name in a compose network."""


def certificate(folder: Path) -> Tls:
    """The two files of that folder, made if one is absent."""
    tls = Tls(folder / "server.pem", folder / "ca.pem")
    if not (tls.server.exists() and tls.authority.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="Casebridge sandbox")
        _write(tls.server, authority.issue_cert(*NAMES).private_key_and_cert_chain_pem.bytes(), 0o600)
        _write(tls.authority, authority.cert_pem.bytes(), 0o644)
    return tls


def _write(path: Path, content: bytes, mode: int) -> None:
    """All or nothing: a process that is killed half way leaves no half certificate."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
