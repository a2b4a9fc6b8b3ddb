"""Where a partner's address and secrets come from: an Airflow Connection, or AIRFLOW_CONN_<ID> read by ourselves.

A DAG asks Airflow (`runtime.resolve`); a command line has no Airflow and reads the same environment variable that
Airflow would, in JSON or as a URI. Both end in `credentials()`, so one connection means one thing everywhere.
Secrets stand in the result only and in no error. Knows no connector kind beyond the names of the connection types.
Next: `provider.py` for the forms, `connectors/base.py` for Credentials.

Facts: the two forms of AIRFLOW_CONN_<ID> are those of Airflow 3 (JSON object, or
`type://[protocol://][login[:password]@]host[:port][/schema][?extra]`, each part percent-encoded); the fields of type
`salesforce` are those of its official provider, whose older forms prefix each extra with `extra__salesforce__`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.base import Credentials
from connectors.errors import Refused

PREFIX = "AIRFLOW_CONN_"
TYPES = ("casebridge_rest", "casebridge_soap", "salesforce")
"""Connection types that are understood."""


@dataclass(frozen=True, slots=True)
class Written:
    """A connection as Airflow keeps it, field by field. extra: a JSON object as text."""

    conn_type: str | None = None
    host: str | None = None
    port: int | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = None
    extra: str | None = None


def from_environment(conn_id: str, environ: Mapping[str, str]) -> Credentials:
    """Credentials of AIRFLOW_CONN_<ID>. Raises Refused: C320 it is not there, C321 it cannot be read, C322, C323."""
    return credentials(written_in(environ, conn_id), conn_id=conn_id)


def written_in(environ: Mapping[str, str], conn_id: str) -> Written:
    """AIRFLOW_CONN_<ID>, field by field, of any type. Raises Refused: C320 it is not there, C321 it cannot be read."""
    name = PREFIX + conn_id.upper()
    text = environ.get(name, "").strip()
    if not text:
        raise absent(conn_id, sorted(key[len(PREFIX) :].lower() for key in environ if key.startswith(PREFIX)))
    return from_json(text, name) if text.startswith("{") else from_uri(text, name)


def absent(conn_id: str, known: list[str]) -> Refused:
    """The error of a connection that nobody defined."""
    example = '{"conn_type": "casebridge_rest", "host": "https://…", "login": "…", "password": "…"}'
    return Refused(
        f"there is no connection {conn_id!r}.",
        where=f"connection {conn_id}",
        code="C320",
        value=conn_id,
        known=known,
        fix=f"add it in Airflow under Admin, Connections; or export {PREFIX}{conn_id.upper()}='{example}'",
    )


def from_json(text: str, name: str) -> Written:
    """A connection written as a JSON object. name: of the variable, for errors."""
    try:
        parts = json.loads(text)
    except ValueError:
        raise _unreadable(name, "it starts like JSON and is none") from None  # the cause would quote the secret
    fields = Written.__dataclass_fields__
    unknown = [key for key in parts if key not in fields and key != "description"]
    if unknown:
        raise _unreadable(name, f"it has no field {unknown[0]!r}", unknown[0], tuple(fields))
    extra = parts.get("extra")
    port = parts.get("port")
    if port is not None and not str(port).isdigit():
        raise _unreadable(name, "port is no number")
    return Written(
        conn_type=_type(parts.get("conn_type")),
        host=parts.get("host"),
        port=int(port) if port is not None else None,
        schema=parts.get("schema"),
        login=parts.get("login"),
        password=parts.get("password"),
        extra=extra if extra is None or isinstance(extra, str) else json.dumps(extra),
    )


def from_uri(text: str, name: str) -> Written:
    """A connection written as a URI. A second `://` is the protocol of the host, as Airflow writes it."""
    kind, separator, rest = text.partition("://")
    if not separator:
        raise _unreadable(name, "it is neither a JSON object nor a URI")
    protocol, inner, address = rest.partition("://")
    if not inner or any(mark in protocol for mark in "@/?:"):
        protocol, address = "", rest
    try:
        parts = urlsplit(f"//{address}")
        port = parts.port
    except ValueError:
        raise _unreadable(name, "its host or port cannot be told apart; percent-encode them") from None
    _, _, place = parts.netloc.rpartition("@")
    bare = place.rpartition(":")[0] if port is not None else place.rstrip(":")
    host = unquote(bare)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    extra = query.get("__extra__") or (json.dumps(query) if query else None)
    return Written(
        conn_type=_type(kind),
        host=f"{protocol}://{host}" if protocol else host,
        port=port,
        schema=unquote(parts.path[1:]) or None,
        login=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        extra=extra,
    )


def credentials(connection: Written, *, conn_id: str) -> Credentials:
    """What a connector needs of this connection. Raises Refused C321 (extra), C322 (type), C323 (address)."""
    kind = _type(connection.conn_type) or ""
    where = f"connection {conn_id}"
    if kind not in TYPES:
        raise Refused(
            f"its type {kind!r} is not one of ours.",
            where=where,
            code="C322",
            value=kind,
            known=TYPES,
            fix="edit the connection's type; the partner's system.yaml says which kind it needs",
        )
    extra = _extra(connection.extra, where, prefix=f"extra__{kind}__")
    return Credentials(
        url=_address(connection, kind, extra, where),
        login=connection.login or "",
        password=connection.password or "",
        extra=extra,
    )


def _type(text: str | None) -> str | None:
    """Airflow writes a type's underscores as hyphens in URIs."""
    return text.replace("-", "_").lower() if text else None


def _extra(text: str | None, where: str, *, prefix: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        extra = json.loads(text)
    except ValueError:
        extra = None
    if not isinstance(extra, dict):
        raise _unreadable(where, "its extra is no JSON object")
    return {key.removeprefix(prefix): value for key, value in extra.items()}


def _address(connection: Written, kind: str, extra: Mapping[str, Any], where: str) -> str:
    """The base address without a trailing slash. host may be a whole address; a bare host means https."""
    host = (connection.host or "").strip()
    if kind == "salesforce":
        host = str(extra.get("instance_url") or host or f"https://{extra.get('domain') or 'login'}.salesforce.com")
    if not host:
        raise Refused(
            "it has no address.", where=where, code="C323", fix="write the partner's base address into the field Host"
        )
    url = host if "://" in host else f"https://{host}"
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError:
        parts, has_port = urlsplit("https://"), False
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise Refused(
            "its address is no http or https address without a login.",
            where=where,
            code="C323",
            value=parts.scheme,
            known=("https", "http"),
            fix="write an address like https://tickets.example.net/api; login and password have fields of their own",
        )
    if connection.port and not has_port:
        url = parts._replace(netloc=f"{parts.netloc}:{connection.port}").geturl()
    return url.rstrip("/")


def _unreadable(where: str, why: str, value: str = "", known: tuple[str, ...] = ()) -> Refused:
    return Refused(
        f"the connection cannot be read: {why}.",
        where=where,
        code="C321",
        value=value,
        known=known,
        fix="write it as one JSON object with conn_type, host, login, password and, where needed, extra",
    )
