"""What the org tells of itself: an object's fields and picklists, the list of objects, the versions and resources.

The parts that clients read are there; the rest of Salesforce's long answers is left out. Next: `brightnet_schema.py`.
"""

from __future__ import annotations

from typing import Any

from sandbox.companies.brightnet_columns import Column, Entity
from sandbox.companies.brightnet_schema import ENTITIES, QUERIED

OLDEST, NEWEST = 31, 60
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "double": "xsd:double",
    "int": "xsd:int",
    "base64": "xsd:base64Binary",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
}


def base(version: str) -> str:
    return f"/services/data/v{version}"


def versions() -> list[dict[str, str]]:
    """The answer of /services/data."""
    return [{"label": f"v{one}.0", "url": base(f"{one}.0"), "version": f"{one}.0"} for one in range(OLDEST, NEWEST + 1)]


def resources(version: str) -> dict[str, str]:
    """The answer of /services/data/vNN.0/."""
    return {
        name: f"{base(version)}/{name}" for name in ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
    }


def sobjects(version: str) -> dict[str, Any]:
    """The list of objects."""
    listed = [summary(ENTITIES[name], version) for name in QUERIED]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}


def summary(entity: Entity, version: str) -> dict[str, Any]:
    """One object as the list has it."""
    url = f"{base(version)}/sobjects/{entity.name}"
    written = entity.name == "Case"
    made = any(one.writable for one in entity.columns.values())
    return {
        "name": entity.name,
        "label": entity.label,
        "labelPlural": entity.label,
        "keyPrefix": entity.prefix,
        "custom": False,
        "queryable": True,
        "retrieveable": True,
        "replicateable": True,
        "createable": made and entity.name != "ContentDocumentLink",
        "updateable": written or entity.name == "ContentDocumentLink",
        "deletable": written,
        "undeletable": False,
        "searchable": False,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def describe(entity: Entity, version: str) -> dict[str, Any]:
    """The whole description of an object."""
    below = [
        {"relationshipName": name, "childSObject": one.entity, "field": one.key, "cascadeDelete": True}
        for name, one in entity.children.items()
    ]
    fields = [_field(entity, one) for one in entity.columns.values()]
    return {**summary(entity, version), "fields": fields, "childRelationships": below, "recordTypeInfos": []}


def _field(entity: Entity, column: Column) -> dict[str, Any]:
    custom = column.name.endswith("__c")
    parent = column.name.removesuffix("Id") if column.type == "reference" else None
    leads_to = entity.parents[parent].entity if parent and parent in entity.parents else None
    may_be_empty = not column.required and column.type != "boolean" and (column.writable or column.name == "ClosedDate")
    picks = [
        {"active": True, "defaultValue": False, "label": one, "validFor": None, "value": one} for one in column.values
    ]
    return {
        "name": column.name,
        "label": column.label,
        "type": column.type,
        "length": column.length,
        "byteLength": column.length * 3,
        "precision": 18 if column.type == "double" else 0,
        "scale": column.scale,
        "digits": 0,
        "soapType": _SOAP.get(column.type, "xsd:string"),
        "nillable": may_be_empty,
        "defaultedOnCreate": column.type == "boolean" or column.name in ("Status", "Holder__c"),
        "createable": column.writable,
        "updateable": column.writable and entity.name in ("Case", "ContentDocumentLink"),
        "filterable": column.filterable,
        "sortable": column.filterable,
        "groupable": column.filterable,
        "custom": custom,
        "externalId": column.unique,
        "unique": column.unique,
        "caseSensitive": False,
        "idLookup": column.unique or column.type == "id",
        "autoNumber": column.name == "CaseNumber",
        "calculated": False,
        "restrictedPicklist": bool(picks),
        "picklistValues": picks,
        "referenceTo": [leads_to] if leads_to else [],
        "relationshipName": parent if leads_to else None,
    }
