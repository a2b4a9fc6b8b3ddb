"""Who we are to a REST partner, as system.yaml declares it: nine ways.

    auth: {kind: token_endpoint, path: /api/token}      # POST with Basic, answers a token that expires

A declaration never holds a secret: those stand in the connection, login and password in their fields, others in its
extra. Next: `auth.py`, which signs each call; `auth_tokens.py` (tokens), `auth_hmac.py` (signatures).
"""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.declared import Declared

SIGNED: Final = (
    "method", "path", "query", "target", "host", "date", "body", "body_hash", "content_type", "login",
)  # fmt: skip
"""What a signature's template may hold."""


class NoAuth(Declared):
    """Nothing is sent."""

    kind: Literal["none"] = "none"


class BasicAuth(Declared):
    """HTTP Basic with the connection's login and password."""

    kind: Literal["basic"] = "basic"


class HeaderToken(Declared):
    """The connection's password in a header of its own."""

    kind: Literal["header"] = "header"
    header: str = Field(description="name of the header, such as X-Redmine-API-Key")
    prefix: str = Field("", description="text before the token, such as `token `")


class BearerToken(Declared):
    """The connection's password as `Authorization: Bearer`."""

    kind: Literal["bearer"] = "bearer"


class TokenEndpoint(Declared):
    """POST with HTTP Basic to the system's own endpoint, which answers a token that is then sent as Bearer."""

    kind: Literal["token_endpoint"] = "token_endpoint"
    path: str = Field(description="path of the endpoint")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


class ClientCredentials(Declared):
    """OAuth 2 client credentials (RFC 6749, 4.4): login is the client id, password the client secret."""

    kind: Literal["client_credentials"] = "client_credentials"
    path: str = Field(description="path or whole URL of the token endpoint")
    client: Literal["basic", "body"] = Field(
        "basic", description="where client id and secret go: a header, or the form"
    )
    scope: str = Field("", description="scopes asked for, separated by spaces")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


class RefreshToken(Declared):
    """OAuth 2 refresh token (RFC 6749, 6): the one in the connection's extra is the first. A new one that an answer
    brings is kept in the hub's ledger, sealed, before anything is done with it. One process renews at a time. Another
    first token in the connection takes the place of all. login is the client id, password its secret, if any."""

    kind: Literal["refresh_token"] = "refresh_token"
    path: str = Field(description="path or whole URL of the token endpoint")
    client: Literal["basic", "body"] = Field(
        "basic", description="where client id and secret go: a header, or the form"
    )
    scope: str = Field("", description="scopes asked for, separated by spaces")
    first: str = Field("refresh_token", description="name of the first refresh token in the connection's extra")
    refresh: str = Field("refresh_token", description="path of the next refresh token in the answer")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


class JwtBearer(Declared):
    """OAuth 2 by an assertion that our private key signs (RFC 7523): no secret crosses."""

    kind: Literal["jwt_bearer"] = "jwt_bearer"
    path: str = Field(description="path or whole URL of the token endpoint")
    key: str = Field("private_key", description="name of the PEM key in the connection's extra")
    key_id: str = Field("", description="`kid` of the assertion; empty: none")
    algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"] = Field(
        "RS256", description="how the assertion is signed"
    )
    issuer: str = Field("{login}", description="`iss`; `{login}` is the connection's login")
    subject: str = Field("{login}", description="`sub`, as `iss`")
    audience: str = Field("", description="`aud`; empty: the token endpoint's whole address")
    lives: float = Field(180.0, gt=0, le=3600, description="seconds until the assertion ends")
    scope: str = Field("", description="scopes asked for, separated by spaces")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


class SignedDate(Declared):
    """The time of a call, in a header, and in the signature as `{date}`."""

    header: str = Field("Date", description="name of the header")
    format: Literal["http", "iso", "unix", "unix_ms"] = Field(
        "http", description="http: Sat, 28 Nov 2026 10:00:00 GMT; iso: 2026-11-28T10:00:00Z; unix: seconds since 1970"
    )


class HmacSignature(Declared):
    """Each call bears a signature over parts of it, made with the connection's password. Made anew for each call and
    not for its repeats, which follow within the call's deadline."""

    kind: Literal["hmac"] = "hmac"
    algorithm: Literal["sha1", "sha256", "sha512"] = Field("sha256", description="the hash of the HMAC")
    key: Literal["text", "base64", "hex"] = Field("text", description="how the password holds the key")
    sign: str = Field(
        "{method}\n{target}\n{date}\n{body_hash}",
        description="what is signed: `{method}`, `{path}`, `{query}` as it is sent, `{target}` (path, and its query "
        "after ?), `{host}`, `{date}`, `{body}`, `{body_hash}`, `{content_type}`, `{login}`",
    )
    encoding: Literal["base64", "hex"] = Field("base64", description="how signature and `{body_hash}` are written")
    header: str = Field("Authorization", description="header that bears the signature")
    value: str = Field("HMAC {login}:{signature}", description="its value; `{signature}` and what `sign` may hold")
    date: SignedDate | None = Field(SignedDate(), description="null: no time is sent or signed")
    body_header: str = Field("", description="header that bears `{body_hash}`, such as X-Content-SHA256; empty: none")

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, template, more in (("sign", self.sign, ()), ("value", self.value, ("signature",))):
            for part in parts_of(template):
                if part not in (*SIGNED, *more):
                    raise ValueError(f"{name}: {{{part}}} is no part of a call. Known: {', '.join((*SIGNED, *more))}")
        if "signature" not in parts_of(self.value):
            raise ValueError("value: holds no {signature}")
        if self.date is None and "date" in parts_of(self.sign) + parts_of(self.value):
            raise ValueError("date: {date} is signed, so say in which header it is sent")
        return self


def parts_of(template: str) -> list[str]:
    """The names in braces. Raises ValueError for braces that do not fit."""
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


Tokened = TokenEndpoint | ClientCredentials | RefreshToken | JwtBearer
"""Ways that ask for a token first."""
Auth = Annotated[
    NoAuth | BasicAuth | HeaderToken | BearerToken | TokenEndpoint | ClientCredentials | RefreshToken | JwtBearer
    | HmacSignature,
    Field(discriminator="kind"),
]  # fmt: skip
