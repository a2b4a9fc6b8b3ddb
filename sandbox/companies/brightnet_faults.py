"""What Brightnet's Salesforce says when it refuses: codes, statuses and wordings of the public REST documents.

A top-level error is an array of {message, errorCode, fields?}; an error of one row of a collection says statusCode in
place of errorCode and always carries fields. Knows no HTTP server and no store. Next: `brightnet_rest.py` raises these,
`brightnet_door.py` turns them into answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PICKLIST = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


class Fault(Exception):
    """One refusal. fields None: the answer has no `fields` at all, as query errors have none."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def answer(self) -> list[dict[str, Any]]:
        """The body of a whole answer."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [body]

    def row(self) -> dict[str, Any]:
        """The result of one row of a collection."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return {"success": False, "errors": [error]}


def no_session() -> Fault:
    return Fault(401, "INVALID_SESSION_ID", "Session expired or invalid")


def over_limit() -> Fault:
    return Fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def no_resource() -> Fault:
    return Fault(404, "NOT_FOUND", "The requested resource does not exist")


def no_method(method: str) -> Fault:
    return Fault(
        405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are HEAD,GET,POST,PATCH,DELETE"
    )


def not_json(why: str) -> Fault:
    return Fault(400, "JSON_PARSER_ERROR", why)


def no_record() -> Fault:
    """GET of an id that never was."""
    return Fault(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")


def no_such_id(record_id: str) -> Fault:
    """A write to an id that never was, or that belongs to another object."""
    return Fault(404, "INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {record_id}", [])


def bad_id(kind: str, record_id: str) -> Fault:
    return Fault(400, "MALFORMED_ID", f"{kind} ID: id value of incorrect type: {record_id}", ["Id"])


def deleted() -> Fault:
    return Fault(404, "ENTITY_IS_DELETED", "entity is deleted", [])


def duplicate(field: str, record_id: str) -> Fault:
    text = f"duplicate value found: {field} duplicates value on record with id: {record_id}"
    return Fault(400, "DUPLICATE_VALUE", text, [])


def bad_pick(field: str, label: str, value: object) -> Fault:
    return Fault(400, PICKLIST, f"{label}: bad value for restricted picklist field: {value}", [field])


def too_long(field: str, label: str, value: str, length: int) -> Fault:
    text = f"{label}: data value too large: {value[:255]} (max length={length})"
    return Fault(400, "STRING_TOO_LONG", text, [field])


def missing(fields: Sequence[str]) -> Fault:
    return Fault(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields)


def read_only(fields: Sequence[str]) -> Fault:
    names = ", ".join(fields)
    text = (
        f"Unable to create/update fields: {names}. Please check the security settings of this field and verify that "
        "it is read/write for your profile or permission set."
    )
    return Fault(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, fields)


def no_column(field: str, entity: str, context: str = "") -> Fault:
    """An unknown field. context: where it stands in a query, made by `brightnet_soql.pointed`."""
    on = "entity" if context else "sobject of type"
    text = f"No such column '{field}' on {on} '{entity}'"
    if not context:
        return Fault(400, "INVALID_FIELD", f"{text} {entity}".replace(f" '{entity}' ", " "))
    hint = (
        ". If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
        "Please reference your WSDL or the describe call for the appropriate names."
    )
    return Fault(400, "INVALID_FIELD", context + text + hint)
