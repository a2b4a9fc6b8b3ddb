"""Telvoz, the telephone company: Spanish, America/Bogota, a case system with a SOAP service of its own.

    python -m sandbox.companies.telvoz --port 8102 --state DIR [--rate 200] [--moves own|any]

Its system refuses some moves of a state, to its agents and to the service alike. With `--moves any` it takes all:
the replay of a log asks for that, whose cases moved as they liked.

This module is its words and its process. Next: `telvoz_soap.py` (the service), `desk.py` and `pages.py` (the people).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from sandbox.companies.misbehaving import Misbehaving, tell_where
from sandbox.companies.run import flags, run
from sandbox.companies.store import Store
from sandbox.companies.telvoz_soap import application
from sandbox.companies.tongues import SPANISH
from sandbox.companies.vocabulary import Audience, Colours, Field, Group, Native, Roles, Vocabulary

EMPRESAS = ("NORTHCABLE", "TELVOZ", "BRIGHTNET")
ESTADOS = (
    "Registrado",
    "Asignado",
    "En curso",
    "En espera del cliente",
    "Detenido",
    "Solucionado",
    "Cerrado",
    "Anulado",
    "Rechazado",
)
PASOS = {
    "Registrado": ("Asignado", "En curso", "Anulado", "Rechazado"),
    "Asignado": ("Registrado", "En curso", "En espera del cliente", "Detenido", "Anulado", "Rechazado"),
    "En curso": ("Asignado", "En espera del cliente", "Detenido", "Solucionado", "Anulado"),
    "En espera del cliente": ("En curso", "Solucionado"),
    "Detenido": ("En curso",),
    "Solucionado": ("En curso", "Cerrado"),
    "Cerrado": ("En curso",),
    "Anulado": ("Registrado",),
    "Rechazado": ("Registrado",),
}
"""From a state to those that may follow it: nothing waits before somebody has it, or is solved before it is worked."""
TIPOS = ("Asistencia", "Consulta", "Instalación", "Mantenimiento", "Reclamación")
GRAVEDADES = ("leve", "moderada", "grave", "crítica")
PRIORIDADES = ("1 - Crítica", "2 - Alta", "3 - Media", "4 - Baja")
CANALES = ("Teléfono", "Web", "Correo", "Tienda", "Registro")
AREAS = ("Producto", "Procedimientos", "Instalaciones", "Sistemas", "Información", "Personas")

# The order of the fields is the order of their elements in telvoz.wsdl.
GROUPS = (
    Group(
        "Caso",
        (
            Field("asunto", "Asunto", required=True),
            Field("descripcion", "Descripción", "long text", length=32_000),
            Field("tipo", "Tipo", "picklist", TIPOS),
            Field("gravedad", "Gravedad", "picklist", GRAVEDADES),
            Field("prioridad", "Prioridad", "picklist", PRIORIDADES),
            Field("canal", "Canal", "picklist", CANALES),
            Field("referencia", "Referencia", indexed=True),
            Field("prueba", "Caso de prueba", "flag"),
        ),
    ),
    Group(
        "Estado",
        (
            Field("estado", "Estado", "picklist", ESTADOS, required=True, default="Registrado", indexed=True),
            Field("subestado", "Subestado"),
            Field("fechaEstado", "Fecha del estado", "time"),
            Field("motivo", "Motivo", length=1000),
            Field("vence", "Vence", "time"),
            Field("agente", "Agente"),
            Field("equipo", "Equipo"),
            Field("nivel", "Nivel del equipo"),
            Field("division", "División"),
        ),
    ),
    Group(
        "Cliente",
        (
            Field("clienteId", "Número de cliente", indexed=True),
            Field("clienteNombre", "Nombre"),
            Field("clienteTelefono", "Teléfono"),
            Field("preferencia", "Preferencia"),
            Field("pais", "País"),
            Field("paisAgente", "País del agente"),
        ),
    ),
    Group(
        "Producto",
        (
            Field("productoCodigo", "Código del producto"),
            Field("productoNombre", "Producto"),
            Field("servicio", "Servicio"),
        ),
    ),
    Group(
        "Quién lo lleva",
        (
            Field(
                "empresaResponsable",
                "Empresa responsable",
                "picklist",
                EMPRESAS,
                required=True,
                default="TELVOZ",
                indexed=True,
            ),
            Field("numeroResponsable", "Su número allí", hub_only=True),
            Field("empresaRespondiente", "Responde ante el cliente", "picklist", EMPRESAS, hub_only=True),
            Field("empresaContacto", "Punto de contacto", "picklist", EMPRESAS, hub_only=True),
            Field("casoHub", "Caso del enlace", hub_only=True, length=64),
        ),
    ),
    Group(
        "Opinión y esfuerzo",
        (
            Field("satisfaccion", "Satisfacción, de 1 a 5", "integer"),
            Field("satisfaccionComentario", "Comentario", "long text", length=4000),
            Field("satisfaccionFecha", "Fecha de la opinión", "time"),
            Field("areaMejora", "Área de mejora", "picklist", AREAS),
            Field("minutos", "Minutos dedicados", "integer"),
            Field("costeImporte", "Coste", "decimal"),
            Field("costeMoneda", "Moneda", length=3),
        ),
    ),
)

VOCABULARY = Vocabulary(
    company="telvoz",
    title="Telvoz",
    language="es",
    zone=ZoneInfo("America/Bogota"),
    groups=GROUPS,
    roles=Roles(
        title="asunto",
        details="descripcion",
        status="estado",
        status_changed="fechaEstado",
        priority="prioridad",
        transfer="empresaResponsable",
        hub_id="casoHub",
        holder_number="numeroResponsable",
        accountable="empresaRespondiente",
        contact_point="empresaContacto",
        customer="clienteNombre",
        agent="agente",
    ),
    native=Native(
        id="numero",
        number="numero",
        version="fechaModificacion",
        created="fechaAlta",
        changed="fechaModificacion",
        notes="notas",
    ),
    audiences=(
        Audience("interna", "internal", "Solo Telvoz"),
        Audience("empresas", "partners", "Empresas asociadas"),
        Audience("cliente", "customer", "Cliente y empresas"),
    ),
    labels=SPANISH,
    colours=Colours(light="#8a3b12", dark="#f2a97c"),
    number_format="TV-{:06d}",
    first_id=1,
    time_step="seconds",
    time_shown="%d/%m/%Y %H:%M:%S",
    largest_file=3 * 2**20,
    flag_words=("S", "N"),
    transitions=PASOS,
)


def main(argv: Sequence[str] | None = None) -> None:
    """The process."""
    moves = ("--moves", "own", "own: states move as Telvoz allows; any: as anybody likes")
    chosen = flags("telvoz", 8102, argv, moves)
    words = replace(VOCABULARY, transitions={}) if chosen.moves == "any" else VOCABULARY
    store = Store(chosen.state / "telvoz.db", words)
    try:
        app = Misbehaving("telvoz", store, partial(application, rate=chosen.rate))
        run(app, chosen.port, host=chosen.host, tell=tell_where(app, chosen.state))
    finally:
        store.close()


if __name__ == "__main__":
    main()
