"""What Airflow is told about the hub's connection types: two forms, drawn by Airflow itself from this plain mapping.

Found by the entry point `apache_airflow_provider`, which every Airflow process loads at its start. An import error here
kills all of them, so this module imports nothing at all. It knows no connector and no Airflow.
Next: `provider_hooks.py`, the two hooks behind the Test button; `credentials.py`, which reads what the forms keep.
The shape is what Airflow's providers manager reads: connection-types with conn-fields and ui-field-behaviour.
"""

CA_FILE: dict[str, object] = {
    "label": "CA file",
    "description": "PEM file of the authority that signed the partner's certificate. Empty: the public authorities.",
    "schema": {"type": ["string", "null"]},
}


def get_provider_info() -> dict[str, object]:
    """The mapping that Airflow's providers manager reads."""
    return {
        "package-name": "casebridge",
        "name": "Casebridge",
        "description": "Cases that cross between companies: connections to the partners' own systems.",
        "connection-types": [
            connection_type("casebridge_rest", "RestHook", "Casebridge partner (REST)", "https://cases.example.net"),
            connection_type("casebridge_soap", "SoapHook", "Casebridge partner (SOAP)", "https://cases.example.net"),
        ],
    }


def connection_type(name: str, hook: str, title: str, example: str) -> dict[str, object]:
    """One form: host holds the whole base address, so port and schema are not asked for."""
    return {
        "connection-type": name,
        "hook-class-name": f"hub.provider_hooks.{hook}",
        "hook-name": title,
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {"host": "Base address", "login": "API user", "password": "API password"},
            "placeholders": {"host": example, "login": "casebridge"},
        },
        "conn-fields": {"ca_file": CA_FILE},
    }
