"""What a Salesforce connection holds, wherever it holds it: address, who we are, and the secret of the declared login.

Airflow's own Salesforce connection keeps these as extra fields, of old under names with a prefix
(`extra__salesforce__consumer_key`); a connection of ours may use login and password for them. Pure: nothing is sent.
Next: `salesforce_grants.py`, which logs in with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Credentials
from connectors.errors import Refused
from connectors.salesforce_system import SalesforceSystem

_NEEDED = {
    "client_credentials": "the address of the org, and the consumer key and secret of its connected app.",
    "jwt_bearer": "the address, the user name as login, the connected app's consumer_key, and as `private_key` in the "
    "extra the PEM text of the key whose certificate the connected app has.",
    "password": "the address, user name and password, and the user's `security_token` in the extra, unless its org "
    "trusts our address.",
}


def completed(system: SalesforceSystem, credentials: Credentials) -> Credentials:
    """The credentials with address, login and secret in their places, wherever the connection holds them.

    client_credentials: login is the consumer key, password its secret. jwt_bearer: login is the user name, password the
    private key as PEM, and extra has the consumer_key. password: login and password are the user's own, and extra has
    the security_token (empty where there is none).
    Raises Refused where one of them is missing or the address is not https.
    """
    extra = credentials.extra
    domain = told(extra, "domain")
    url = credentials.url or told(extra, "instance_url") or (f"https://{domain}.salesforce.com" if domain else "")
    found = {"host (or instance_url)": url}
    app, kept = told(extra, "consumer_key", "client_id"), dict(extra)
    match system.login:
        case "client_credentials":
            login = app or credentials.login
            secret = told(extra, "consumer_secret", "client_secret") or credentials.password
            found |= {"login (or consumer_key)": login, "password (or consumer_secret)": secret}
        case "jwt_bearer":
            login, secret = credentials.login or told(extra, "username"), _key(extra)
            found |= {"login (the user name)": login, "consumer_key": app, "private_key": secret}
            kept["consumer_key"] = app
        case "password":
            login, secret = credentials.login or told(extra, "username"), credentials.password
            found |= {"login (the user name)": login, "password": secret}
            kept["security_token"] = told(extra, "security_token")
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise Refused(
            f"the connection {system.connection!r} lacks {' and '.join(missing)}.", code="C356", where=system.name,
            fix=f"fill in {_NEEDED[system.login]}",
        )  # fmt: skip
    if urlsplit(url).scheme != "https":
        raise Refused(
            "a Salesforce org is spoken to over https only.", code="C356", where=system.name, value=url,
            fix=f"put https://... into the connection {system.connection!r}.",
        )  # fmt: skip
    return replace(credentials, url=url.rstrip("/"), login=login, password=secret, extra=kept)


def told(extra: Mapping[str, Any], *names: str) -> str:
    """The first of these extra fields that holds something, under its own name or the provider's old one."""
    for name in names:
        value = extra.get(name) or extra.get(f"extra__salesforce__{name}")
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _key(extra: Mapping[str, Any]) -> str:
    """The private key. Forms of one line hold its line ends as backslash and n."""
    return told(extra, "private_key").replace("\\n", "\n")


def belongs(instance: str, credentials: Credentials) -> bool:
    """Whether the token may be sent there: the connection's own host, the one it names, or Salesforce among itself."""
    parts, base = urlsplit(instance), urlsplit(credentials.url)
    named = urlsplit(told(credentials.extra, "instance_url"))
    hosts = {base.netloc.lower(), named.netloc.lower()} - {""}
    if parts.scheme != "https" or "@" in parts.netloc:
        return False
    among_itself = all((one.hostname or "").endswith(".salesforce.com") for one in (parts, base))
    return parts.netloc.lower() in hosts or among_itself
