"""Who we are to a SOAP service: HTTP Basic, WS-Security's UsernameToken, or a session that an operation opens.

    auth: {kind: username_token, password: digest, timestamp: 300}
    auth: {kind: session, login: {name: login, arguments: {user: "{login}"}, answer: {session: id}}}

The secret is always the connection's password (and the login its login); a declaration never holds one. Where a service
wants them in places of its own, every template may say `{login}`, `{password}` and, of a session, `{session}`.
Knows no wire. Next: `soap_security.py` (the header), `session.py` (one session for all), `soap_calls.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from connectors.auth_declared import BasicAuth, NoAuth
from connectors.declared import Declared
from connectors.soap_operations import LOGIN, Operation, check_operation


class UsernameToken(Declared):
    """WS-Security 1.1: a UsernameToken and a Timestamp in the SOAP header, made anew for each message."""

    kind: Literal["username_token"] = "username_token"
    password: Literal["text", "digest", "digest_of_hash"] = Field(
        "digest",
        description="text: as it is, so only over TLS; digest: SHA-1 over a nonce, the time and the password; "
        "digest_of_hash: over the password's SHA-1 in its place",
    )
    timestamp: int | None = Field(
        300, gt=0, le=86_400, description="seconds for which a message says that it is good; null: no Timestamp"
    )
    skew: float | Literal["measured"] = Field(
        "measured",
        description="seconds that their clock is before ours; measured: taken from the Date of an answer that refuses "
        "our time, and the message is made once more",
    )
    must_understand: bool = Field(True, description="a service that knows no WS-Security has to say so")


class SessionLogin(Declared):
    """An operation answers a token, which the templates then place as `{session}`: in `arguments`, in an `envelope`, in
    `soap_header` or in `headers`. It is opened by one call for all, and anew where `faults.meaning` says `expired` or
    the answer is 401."""

    kind: Literal["session"] = "session"
    login: Operation = Field(description="the operation that opens one; it is given {login} and {password}")
    basic: bool = Field(False, description="each call bears HTTP Basic besides")

    @field_validator("login")
    @classmethod
    def _fits(cls, login: Operation) -> Operation:
        if "session" in login.names:
            raise ValueError("{session} is what this operation answers; it cannot be sent with it")
        check_operation("login", login, LOGIN)
        return login


SoapAuth = Annotated[NoAuth | BasicAuth | UsernameToken | SessionLogin, Field(discriminator="kind")]
