"""The ways to a token of the org: OAuth client credentials and JWT bearer, and SOAP login with a security token.

The connected app is `casebridge`; its certificate is what the org was
started with, and without one no assertion is taken. The OAuth password flow is blocked, as in each org since 2023.

Sources: errors of the token endpoint from public threads (400 with error and error_description); a login fault is HTTP
500 with sf:exceptionCode, simple-salesforce reads it so; INVALID_OPERATION from version 65.0 on. Not verified: what a
real org says of an assertion that is too old. Next: `brightnet_session.py`, the tokens; `brightnet_door.py`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import jwt
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_session import LOGIN, ORG, USERNAME, Tokens
from sandbox.companies.logins import API_LOGINS, basic, knows

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SECURITY_TOKEN = "Vx7mTq2LbR9sKd4W"  # noqa: S105  it opens the sandbox only
AUDIENCE = "https://login.salesforce.com"
BLOCKED = frozenset({"password", "authorization_code", "refresh_token"})
LAST_SOAP_LOGIN = 64
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER, _FAULTS = "urn:partner.soap.sforce.com", "urn:fault.partner.soap.sforce.com"


class NoToken(Exception):
    """Why there is no token, as OAuth says it: status 400 with error and error_description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class NoLogin(Exception):
    """Why a SOAP login is refused: code and words of its fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Logins:
    """Lets people and apps in. certificate: the app's, as PEM; None: it has none."""

    tokens: Tokens
    certificate: str | None = None

    def oauth(self, form: Mapping[str, str], authorization: str | None, instance: str) -> dict[str, str]:
        """The answer of the token endpoint. instance: scheme and host that the client reached us at. Raises NoToken."""
        grant = form.get("grant_type", "")
        if grant in BLOCKED:
            raise NoToken("invalid_grant", "authentication failure")
        if grant == JWT_BEARER:
            return self.tokens.issue(self._assured(form.get("assertion", ""), instance), instance)
        if grant != "client_credentials":
            raise NoToken("unsupported_grant_type", "grant type not supported")
        client, secret = basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if client not in API_LOGINS:
            raise NoToken("invalid_client_id", "client identifier invalid")
        if not knows(API_LOGINS, client, secret):
            raise NoToken("invalid_client", "invalid client credentials")
        return self.tokens.issue(ids.user(client), instance)

    def _assured(self, assertion: str, instance: str) -> str:
        """The id of the user whom the assertion names. Raises NoToken."""
        try:
            claimed = jwt.decode(assertion, options={"verify_signature": False})
            if claimed.get("iss") not in API_LOGINS:
                raise NoToken("invalid_client_id", "client identifier invalid")
            proven = jwt.decode(
                assertion,
                self._key(),
                algorithms=["RS256"],
                audience=[AUDIENCE, instance],
                options={"require": ["iss", "sub", "aud", "exp"]},
            )
        except jwt.InvalidAudienceError:
            raise NoToken("invalid_grant", "audience is invalid") from None
        except jwt.PyJWTError:
            raise NoToken("invalid_grant", "invalid assertion") from None
        if proven["sub"] != USERNAME:
            raise NoToken("invalid_grant", "user hasn't approved this consumer")
        return ids.user(LOGIN)

    def _key(self) -> Any:
        if self.certificate is None:
            raise NoToken("invalid_grant", "invalid assertion")
        return load_pem_x509_certificate(self.certificate.encode()).public_key()

    def soap(self, raw: bytes, version: str, instance: str) -> tuple[int, str]:
        """Status and envelope of the answer to a SOAP login."""
        try:
            user, secret = _asked(raw)
            major = int(version.removesuffix(".0")) if version.removesuffix(".0").isdigit() else 0
            if major > LAST_SOAP_LOGIN:
                message = f"The SOAP Login operation is not available in the API version specified ({version})."
                raise NoLogin("INVALID_OPERATION", message)
            self._let_in(user, secret)
        except NoLogin as why:
            return 500, _fault(why)
        token = self.tokens.issue(ids.user(LOGIN), instance)["access_token"]
        return 200, _welcome(token, f"{instance}/services/Soap/u/{version}/{ORG[:15]}")

    @staticmethod
    def _let_in(user: str, secret: str) -> None:
        password = API_LOGINS[LOGIN]
        if user == USERNAME and hmac.compare_digest(secret.encode(), password.encode()):
            message = "Invalid username, password, security token; or user locked out. Are you at a new location?"
            raise NoLogin("LOGIN_MUST_USE_SECURITY_TOKEN", f"LOGIN_MUST_USE_SECURITY_TOKEN: {message}")
        if user != USERNAME or not hmac.compare_digest(secret.encode(), (password + SECURITY_TOKEN).encode()):
            message = "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
            raise NoLogin("INVALID_LOGIN", message)


def _asked(raw: bytes) -> tuple[str, str]:
    """User name and password of a login's envelope. Raises NoLogin for anything else."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        if b"<!DOCTYPE" in raw:
            raise NoLogin("soapenv:Client", "DTD was found in the message, and it is not supported")
        login = etree.fromstring(raw, parser).find(f"{{{_SOAP}}}Body/{{{_PARTNER}}}login")
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NoLogin("soapenv:Client", "The message is no well-formed XML") from error
    if login is None:
        raise NoLogin("soapenv:Client", "No operation available for request, please check the WSDL for the service.")
    return tuple(login.findtext(f"{{{_PARTNER}}}{name}") or "" for name in ("username", "password"))  # type: ignore[return-value] # two names


def _welcome(token: str, server: str) -> str:
    user = ids.user(LOGIN)
    return _envelope(
        f'<loginResponse xmlns="{_PARTNER}"><result><metadataServerUrl>{escape(server.replace("/u/", "/m/"))}'
        f"</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>{escape(server)}"
        f"</serverUrl><sessionId>{escape(token)}</sessionId><userId>{user}</userId><userInfo><organizationId>{ORG}"
        f"</organizationId><userId>{user}</userId><userName>{USERNAME}</userName></userInfo></result></loginResponse>"
    )


def _fault(why: NoLogin) -> str:
    message = escape(why.message)
    if ":" in why.code:
        return _envelope(
            f"<soapenv:Fault><faultcode>{why.code}</faultcode><faultstring>{message}</faultstring></soapenv:Fault>"
        )
    return _envelope(
        f'<soapenv:Fault><faultcode xmlns:sf="{_FAULTS}">sf:{why.code}</faultcode><faultstring>{message}</faultstring>'
        f'<detail><sf:LoginFault xmlns:sf="{_FAULTS}"><sf:exceptionCode>{why.code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{message.partition(': ')[2] or message}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault>"
    )


def _envelope(inside: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_SOAP}"><soapenv:Body>{inside}'
        "</soapenv:Body></soapenv:Envelope>"
    )
