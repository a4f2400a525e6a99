"""Writes `openapi.json`: the contract of the pinned reference, and what Sluice adds to it. Run it with the
Python of `scripts/python-environment`; `--check` only says whether the file is up to date.

Facts are taken over (paths, parameters, fields, defaults, bounds, codes), sentences are not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "openapi.json"
SENTENCES = {"description", "title", "summary", "example", "examples", "externalDocs", "x-logo"}

# What a 422 really is; the reference's own document shows the framework's.
REFUSAL = {
    "type": "object",
    "properties": {
        "exception_message": {"type": "string"},
        "exception_detail": {"type": "array", "items": {"$ref": "#/components/schemas/ValidationError"}},
        "request_body": {},
    },
    "required": ["exception_message", "exception_detail", "request_body"],
}
TEXT = {"type": "string"}
ADDED_SCHEMAS = {
    "MetricTrigger": {
        "type": "object",
        "properties": {
            "type": {"const": "metric", "type": "string", "default": "metric"},
            "posture": {"const": "Metric", "type": "string", "default": "Metric"},
            "match": {"$ref": "#/components/schemas/ResourceSpecification"},
            "match_related": {},
            "metric": {"type": "object", "additionalProperties": True},
        },
        "required": ["metric"],
    },
    "DeclareIncident": {
        "type": "object",
        "properties": {"type": {"const": "declare-incident", "type": "string"}},
        "required": ["type"],
        "additionalProperties": True,
    },
    "SendEmailNotification": {
        "type": "object",
        "properties": {
            "type": {"const": "send-email-notification", "type": "string"},
            "emails": {"type": "array", "items": TEXT},
            "subject": TEXT,
            "body": TEXT,
        },
        "required": ["type", "emails"],
    },
}
ADDED_CHOICES = {
    "DoNothing": ["DeclareIncident", "SendEmailNotification"],
    "EventTrigger": ["MetricTrigger"],
}
SEVERITY = {"type": "string", "enum": ["minor", "moderate", "major", "critical"]}
INCIDENT_STATUS = {"type": "string", "enum": ["open", "resolved"]}
UUID = {"type": "string", "format": "uuid"}
TIME = {"type": "string", "format": "date-time"}


def nullable(schema: dict) -> dict:
    return {"anyOf": [schema, {"type": "null"}]}


def any_of(schema: dict) -> dict:
    """A criterion: the field has one of these values."""
    return {"type": "object", "properties": {"any_": nullable({"type": "array", "items": schema})}}


ADDED_SCHEMAS |= {
    "Incident": {
        "type": "object",
        "properties": {
            "id": UUID,
            "created": TIME,
            "updated": TIME,
            "workspace_id": UUID,
            "name": TEXT,
            "summary": TEXT,
            "severity": SEVERITY,
            "status": INCIDENT_STATUS,
            "automation_id": nullable(UUID),
            "resources": {"type": "array", "items": {"type": "object", "additionalProperties": TEXT}},
            "triggering_event_id": nullable(UUID),
        },
    },
    "IncidentUpdate": {
        "type": "object",
        "properties": {
            "summary": nullable(TEXT),
            "severity": nullable(SEVERITY),
            "status": nullable(INCIDENT_STATUS),
        },
        "additionalProperties": False,
    },
    "IncidentFilter": {
        "type": "object",
        "properties": {
            "operator": {"type": "string", "enum": ["and_", "or_"], "default": "and_"},
            "id": nullable(any_of(UUID)),
            "severity": nullable(any_of(SEVERITY)),
            "status": nullable(any_of(INCIDENT_STATUS)),
            "automation_id": nullable(any_of(UUID)),
        },
        "additionalProperties": False,
    },
    "IncidentFilterRequest": {
        "type": "object",
        "properties": {
            "incidents": nullable({"$ref": "#/components/schemas/IncidentFilter"}),
            "limit": nullable({"type": "integer"}),
            "offset": {"type": "integer", "minimum": 0, "default": 0},
        },
    },
}


def json_of(schema: dict) -> dict:
    return {"content": {"application/json": {"schema": schema}}}


INCIDENT = {"$ref": "#/components/schemas/Incident"}
INCIDENT_ID = {"name": "id", "in": "path", "required": True, "schema": UUID}
REFUSED = {"description": "422", **json_of({"$ref": "#/components/schemas/HTTPValidationError"})}
ADDED_PATHS = {
    "/incidents/count": {
        "post": {
            "operationId": "post_incidents_count",
            "tags": ["Incidents"],
            "requestBody": json_of({"$ref": "#/components/schemas/IncidentFilterRequest"}),
            "responses": {"200": {"description": "200", **json_of({"type": "integer"})}, "422": REFUSED},
        }
    },
    "/incidents/filter": {
        "post": {
            "operationId": "post_incidents_filter",
            "tags": ["Incidents"],
            "requestBody": json_of({"$ref": "#/components/schemas/IncidentFilterRequest"}),
            "responses": {
                "200": {"description": "200", **json_of({"type": "array", "items": INCIDENT})},
                "422": REFUSED,
            },
        }
    },
    "/incidents/{id}": {
        "get": {
            "operationId": "get_incidents_by_id",
            "tags": ["Incidents"],
            "parameters": [INCIDENT_ID],
            "responses": {"200": {"description": "200", **json_of(INCIDENT)}, "422": REFUSED},
        },
        "patch": {
            "operationId": "patch_incidents_by_id",
            "tags": ["Incidents"],
            "parameters": [INCIDENT_ID],
            "requestBody": {"required": True, **json_of({"$ref": "#/components/schemas/IncidentUpdate"})},
            "responses": {"200": {"description": "200", **json_of(INCIDENT)}, "422": REFUSED},
        },
        "delete": {
            "operationId": "delete_incidents_by_id",
            "tags": ["Incidents"],
            "parameters": [INCIDENT_ID],
            "responses": {"204": {"description": "204"}, "422": REFUSED},
        },
    },
    "/metrics": {
        "get": {
            "operationId": "get_metrics",
            "tags": ["Root"],
            "responses": {"200": {"description": "200", "content": {"text/plain": {"schema": TEXT}}}},
        }
    }
}


def reference() -> dict:
    """The document that the installed reference makes of itself."""
    from prefect.server.api.server import create_app

    return create_app(ephemeral=True).openapi()


def without_sentences(value: Any, is_names: bool = False) -> Any:
    """The value without texts for people; `is_names`: its keys are names that somebody chose."""
    if isinstance(value, list):
        return [without_sentences(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in ("default", "enum", "const") else without_sentences(item, key in ("properties", "schemas"))
        for key, item in value.items()
        if is_names or key not in SENTENCES or isinstance(item, (dict, list)) and key not in ("examples", "x-logo")
    }


def operation_id(method: str, path: str) -> str:
    words = path.replace("{", "by_").replace("}", "").replace("-", "_").strip("/").replace("/", "_")
    return f"{method}_{words or 'root'}"


def with_additions(value: Any) -> Any:
    """Puts the choices that Sluice adds beside those that they are like."""
    if isinstance(value, list):
        return [with_additions(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: with_additions(item) for key, item in value.items()}
    names = [choice.get("$ref", "").rpartition("/")[2] for choice in value.get("anyOf", []) if isinstance(choice, dict)]
    for like, added in ADDED_CHOICES.items():
        if like in names and len(names) > 2:
            value["anyOf"] += [{"$ref": f"#/components/schemas/{name}"} for name in added]
    return value


def used(document: dict) -> set[str]:
    """The components that some path leads to."""
    found: set[str] = set()
    waiting = [json.dumps(document["paths"])]
    while waiting:
        text = waiting.pop()
        for name in document["components"]["schemas"]:
            if name not in found and f'"#/components/schemas/{name}"' in text:
                found.add(name)
                waiting.append(json.dumps(document["components"]["schemas"][name]))
    return found


def document() -> dict:
    made = with_additions(without_sentences(reference()))
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            operation["operationId"] = operation_id(method, path)
            for status, response in operation["responses"].items():
                # The format of the document asks for one.
                response["description"] = status
    # What concerns clients, and that only.
    made["paths"]["/admin/settings"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "object",
        "additionalProperties": True,
    }
    made["paths"] |= ADDED_PATHS
    schemas = made["components"]["schemas"]
    schemas |= ADDED_SCHEMAS
    schemas["HTTPValidationError"] = REFUSAL
    names = used(made)
    made["components"]["schemas"] = {name: schema for name, schema in sorted(schemas.items()) if name in names}
    made["paths"] = dict(sorted(made["paths"].items()))
    made["info"] = {"title": "Sluice", "version": "3.8.8"}
    made["servers"] = [{"url": "/api"}]
    return made


def main() -> None:
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        FILE.write_text(text)
    elif not FILE.exists() or FILE.read_text() != text:
        sys.exit("openapi.json is stale: run scripts/openapi.py with the Python of scripts/python-environment")


if __name__ == "__main__":
    main()
