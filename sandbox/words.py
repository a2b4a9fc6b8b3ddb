"""How an agent of each company would say it: the fields and words of their desks, for the demo and the replay.

Written apart from mappings/ on purpose: what the drivers put in, in these words, is what the mappings are tried on.
Times go in as ISO 8601 with an offset, which every desk takes. Next: `desks.py`, which sends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

COMPANIES = ("northcable", "telvoz", "brightnet")

FIELDS: Mapping[str, tuple[str, str, str]] = {
    "title": ("title", "asunto", "Subject"),
    "details": ("details", "descripcion", "Description"),
    "kind": ("kind", "tipo", "Type"),
    "severity": ("severity", "gravedad", "Severity__c"),
    "priority": ("priority", "prioridad", "Priority"),
    "channel": ("channel", "canal", "Origin"),
    "status": ("state", "estado", "Status"),
    "sub_status": ("sub_state", "subestado", "Sub_Status__c"),
    "status_at": ("state_changed_at", "fechaEstado", "Status_Changed_At__c"),
    "due": ("due_at", "vence", "Due_At__c"),
    "reason": ("state_reason", "motivo", "Status_Reason__c"),
    "reference": ("reference", "referencia", "Reference__c"),
    "holder": ("assigned_company", "empresaResponsable", "Holder__c"),
    "holder_number": ("assigned_number", "numeroResponsable", "Holder_Number__c"),
    "team": ("team", "equipo", "Team__c"),
    "level": ("team_level", "nivel", "Team_Level__c"),
    "division": ("division", "division", "Division__c"),
    "agent": ("agent", "agente", "Agent__c"),
    "country": ("country", "pais", "Country__c"),
    "agent_country": ("agent_country", "paisAgente", "Agent_Country__c"),
    "customer_id": ("customer.id", "clienteId", "Customer_Id__c"),
    "customer": ("customer.name", "clienteNombre", "SuppliedName"),
    "phone": ("customer.phone", "clienteTelefono", "SuppliedPhone"),
    "product": ("product.code", "productoCodigo", "Product_Code__c"),
    "product_name": ("product.name", "productoNombre", "Product_Name__c"),
    "score": ("satisfaction.score", "satisfaccion", "Satisfaction__c"),
    "comment": ("satisfaction.comment", "satisfaccionComentario", "Satisfaction_Comment__c"),
    "preference": ("preference", "preferencia", "Preference__c"),
    "minutes": ("minutes_spent", "minutos", "Minutes_Spent__c"),
}

VALUES: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "status": {
        "acknowledged": ("New", "Registrado", "Новое"),
        "inProgress": ("Open", "En curso", "В работе"),
        "pending": ("Waiting for customer", "En espera del cliente", "Ожидание клиента"),
        "held": ("On hold", "Detenido", "Приостановлено"),
        "resolved": ("Solved", "Solucionado", "Решено"),
        "closed": ("Closed", "Cerrado", "Закрыто"),
        "cancelled": ("Withdrawn", "Anulado", "Отменено"),
    },
    "priority": {
        "low": ("P4", "4 - Baja", "Низкий"),
        "medium": ("P3", "3 - Media", "Средний"),
        "high": ("P2", "2 - Alta", "Высокий"),
        "critical": ("P1", "1 - Crítica", "Критический"),
    },
    "severity": {
        "moderate": ("Moderate", "moderada", "Умеренная"),
        "extensive": ("Extensive", "crítica", "Обширная"),
    },
    "kind": {
        "assistance": ("Help", "Asistencia", "Помощь"),
        "installation": ("Installation", "Instalación", "Подключение"),
        "complaint": ("Complaint", "Reclamación", "Жалоба"),
    },
    "channel": {
        "phone": ("Phone", "Teléfono", "Телефон"),
        "web": ("Web", "Web", "Сайт"),
        "shop": ("Shop", "Tienda", "Магазин"),
        "log": ("Log", "Registro", "Журнал"),
    },
    "holder": {
        "northcable": ("Northcable", "NORTHCABLE", "Норткейбл"),
        "telvoz": ("Telvoz", "TELVOZ", "Телвоз"),
        "brightnet": ("Brightnet", "BRIGHTNET", "Брайтнет"),
    },
    "audience": {
        "private": ("internal", "interna", "private"),
        "partners": ("partners", "empresas", "partners"),
        "customer": ("customer", "cliente", "customer"),
    },
}


def field(company: str, key: str) -> str:
    """What this company's desk calls a field."""
    return FIELDS[key][COMPANIES.index(company)]


def word(company: str, key: str, value: str) -> str:
    """What this company's desk calls a value of a field with a list."""
    return VALUES[key][value][COMPANIES.index(company)]


def fields(company: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What an agent says, in this company's fields and words. Keys of FIELDS; None empties a field."""
    spoken: dict[str, Any] = {}
    for key, value in said.items():
        if isinstance(value, datetime):
            spoken[field(company, key)] = value.isoformat()
        elif key in VALUES and value is not None:
            spoken[field(company, key)] = word(company, key, value)
        else:
            spoken[field(company, key)] = value
    return spoken


def shown(company: str, body: Mapping[str, Any], key: str) -> Any:
    """The value that a case's body shows for a key, in the company's own words."""
    here: Any = body
    for part in field(company, key).split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here
