"""Telvoz's service on the web: POST /soap, SOAP 1.1 document/literal with HTTP Basic; GET /soap?wsdl is its contract.

Faults are HTTP 500 with a typed detail, as the contract says: Cliente.Validacion, Cliente.Esquema, Cliente.XML,
Duplicado (with the numero), NoExiste, Acceso, Ocupado (with the seconds to wait), Servidor. Without a known login: 401.
Next: `telvoz_acts.py` (the operations), `telvoz_xml.py` (envelopes and the strict parser), `telvoz_bodies.py`.
"""

from __future__ import annotations

import time
from typing import Final

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from sandbox.companies.desk import add_desk
from sandbox.companies.logins import API_LOGINS, DESK_LOGINS, basic, knows
from sandbox.companies.northcable_gate import BadCall, Bucket
from sandbox.companies.refusals import Absent, Duplicate, Refusal
from sandbox.companies.store import Store
from sandbox.companies.telvoz_acts import ACTS, written
from sandbox.companies.telvoz_bodies import case
from sandbox.companies.telvoz_xml import MOST_BYTES, Contract, Fallo, answer, fault, local, opened

XML: Final = "text/xml; charset=utf-8"


def application(store: Store, *, rate: float = 200.0) -> FastAPI:
    """Telvoz's app over its store. rate: calls of the service a second, 0 for no limit."""
    app = FastAPI(title="Telvoz", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    service = Service(store, Contract(), Bucket(rate, time.monotonic))

    @app.get("/soap")
    def contract(request: Request) -> Response:
        if [name.lower() for name in request.query_params] != ["wsdl"]:
            raise HTTPException(405, "POST un sobre SOAP, o GET /soap?wsdl.", {"Allow": "POST"})
        return Response(service.contract.served(str(request.url.replace(query=""))), media_type=XML)

    @app.post("/soap")
    async def soap(request: Request) -> Response:
        who = caller(request.headers.get("authorization"))
        raw = await body(request)
        return await run_in_threadpool(service.answer, who, raw)

    add_desk(app, store, lambda record: case(store.vocabulary, record))
    return app


def caller(authorization: str | None) -> tuple[str, bool]:
    """The name that knocks, and whether it may use the service. 401 for a stranger."""
    login = basic(authorization)
    if login and knows(API_LOGINS, *login):
        return login[0], True
    if login and knows(DESK_LOGINS, *login):
        return login[0], False
    raise HTTPException(401, "Usuario o contraseña incorrectos.", {"WWW-Authenticate": 'Basic realm="casos"'})


async def body(request: Request) -> bytes:
    """The request's bytes. 413 over MOST_BYTES, 415 for anything but text/xml."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
        raise HTTPException(415, "Envíe text/xml.")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise HTTPException(413, f"Como máximo {MOST_BYTES} bytes.")
    return bytes(raw)


class Service:
    """From bytes to bytes: opens the envelope, does the operation, says no in the contract's words."""

    def __init__(self, store: Store, contract: Contract, bucket: Bucket) -> None:
        self.contract = contract
        self._store, self._bucket = store, bucket

    def answer(self, who: tuple[str, bool], raw: bytes) -> Response:
        """The whole answer to one call."""
        try:
            return Response(self._done(who, raw), 200, media_type=XML)
        except Refusal as refusal:
            return Response(fault(self._spoken(refusal)), 500, media_type=XML)
        except Fallo as fallo:
            return Response(fault(fallo), 500, media_type=XML)

    def _done(self, who: tuple[str, bool], raw: bytes) -> bytes:
        name, permitted = who
        if not permitted:
            raise Fallo("Acceso", f"La cuenta {name} no puede usar este servicio.")
        try:
            self._bucket.take()
        except BadCall as busy:
            text = f"Demasiadas llamadas; espere {busy.after} s."
            raise Fallo("Ocupado", text, espera=busy.after, side="Server") from None
        asked = opened(raw)
        operation = local(asked)
        act = ACTS.get(operation)
        if act is None:
            raise Fallo("Cliente.Esquema", "No existe esa operación.", valor=operation, conocidos=tuple(ACTS))
        written(self._store.vocabulary, asked)  # a wrong field is named before the schema speaks of it
        self.contract.hold(asked)
        return answer(operation, act(self._store, asked, name))

    def _spoken(self, refusal: Refusal) -> Fallo:
        """A refusal in Telvoz's language and codes."""
        said = self._store.vocabulary.labels.refusals[refusal.code]
        text = said.format(field=refusal.field, value=refusal.value, known=", ".join(refusal.known))
        if isinstance(refusal, Duplicate):
            number = refusal.existing.number
            return Fallo("Duplicado", text, campo=refusal.field, valor=refusal.value, numero=number)
        code = "NoExiste" if isinstance(refusal, Absent) else "Cliente.Validacion"
        return Fallo(code, text, campo=refusal.field, valor=refusal.value, conocidos=refusal.known)
