"""Reads the reference's OpenAPI document and makes values of its schemas: right ones, and wrong ones in every way."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import Any

DATE = "2024-01-02T03:04:05Z"
NO_SUCH_ID = "00000000-0000-4000-8000-000000000404"
TOO_DEEP = 7
# Of the values below, each place gets some, drawn with a fixed seed; all places together get all of them often.
VALUES_PER_PLACE = 2

# What a field of this name is given where the schema alone does not tell what would do. `$name` is the id that the
# seed called so, `$unique` is another text in each request.
FIELDS: dict[str, Any] = {
    "flow_id": "$flow",
    "deployment_id": "$deployment",
    "flow_run_id": "$flow_run",
    "task_run_id": "$task_run",
    "parent_task_run_id": "$task_run",
    "block_type_id": "$block_type",
    "block_schema_id": "$block_schema",
    "work_queue_id": "$queue",
    "name": "$unique",
    "idempotency_key": "$unique",
    "checksum": "$unique",
    "timezone": "UTC",
    "cron": "0 * * * *",
    "rrule": "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY",
    "anchor_date": DATE,
    "slug": "$unique",
    "enforce_parameter_schema": False,
    "work_pool_name": "pool",
    "work_queue_name": "queue",
    "parent_deployment_id": None,
    "storage_document_id": None,
    "infrastructure_document_id": None,
}

# Values that fit some types and not others, and their names in the ids of cases.
ANYTHING: dict[str, Any] = {
    "null": None,
    "a text": "text",
    "an empty text": "",
    "a number": 5,
    "a negative number": -1,
    "a fraction": 1.5,
    "true": True,
    "an empty list": [],
    "a list of texts": ["text"],
    "a list of null": [None],
    "an empty object": {},
    "an object": {"key": "value"},
}
BY_TYPE: dict[str, dict[str, Any]] = {
    "integer": {"digits": "5", "more than any column holds": 2**70},
    "number": {"a fraction as text": "1.5", "more than any column holds": 2**70},
    "boolean": {"yes": "yes", "0": 0, "2": 2, "the text false": "false"},
    "string": {"a long text": "x" * 300, "a text with a slash": "a/b"},
    "uuid": {"almost an id": "00000000-0000-4000-8000-00000000000", "no such id": NO_SUCH_ID},
    "date-time": {
        "no date": "2024-13-45T00:00:00Z",
        "a date without zone": "2024-01-02T03:04:05",
        "an instant with an offset": "2024-01-02T03:04:05.123456+02:00",
        "an instant": DATE,
    },
    "enum": {"no choice": "NO_CHOICE"},
}


class Document:
    """An OpenAPI document, with its references followed."""

    def __init__(self, document: dict, values_per_place: int = VALUES_PER_PLACE):
        self._document = document
        self._values_per_place = values_per_place
        # Components whose fields were all tried already, wherever that was.
        self._tried: set[str] = set()

    def operations(self) -> list[tuple[str, str, dict]]:
        """Method, path and description of every operation."""
        return [
            (method.upper(), path, operation)
            for path, operations in sorted(self._document["paths"].items())
            for method, operation in operations.items()
        ]

    def body(self, operation: dict) -> dict | None:
        """The schema of an operation's body."""
        content = operation.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def resolve(self, schema: dict) -> dict:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def types(self, schema: dict) -> set[str]:
        """The types and formats that a schema allows; empty when it allows everything."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            choices = [self.types(choice) for choice in schema["anyOf"]]
            return set() if not all(choices) else set.union(*choices)
        if "enum" in schema or "const" in schema:
            return {"enum"}
        if schema.get("format") in ("uuid", "date-time"):
            return {schema["format"]}
        return {schema["type"]} if "type" in schema else set()

    def sample(self, schema: dict, field: str = "", full: bool = False, depth: int = 0) -> Any:
        """A value that fits; `full` fills in what may be left out, too."""
        schema = self.resolve(schema)
        if "const" in schema:
            return schema["const"]
        if field in FIELDS and "properties" not in schema:
            return FIELDS[field]
        if "anyOf" in schema:
            return self.sample(schema["anyOf"][0], field, full, depth)
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "object" or "properties" in schema:
            return self._object(schema, full, depth)
        if schema.get("type") == "array":
            empty = depth > TOO_DEEP or (not full and not schema.get("minItems"))
            return [] if empty else [self.sample(schema.get("items", {}), field.rstrip("_"), full, depth + 1)]
        if schema.get("default") is not None:
            return schema["default"]
        if schema.get("format") == "uuid":
            return NO_SUCH_ID
        if schema.get("format") == "date-time":
            return DATE
        simple = {"string": "text", "boolean": False, "null": None}
        if schema.get("type") in ("integer", "number"):
            return max(1, int(schema.get("minimum", 0)))
        return simple.get(schema.get("type"), "anything")

    def _object(self, schema: dict, full: bool, depth: int) -> dict:
        required = schema.get("required", [])
        return {
            field: self.sample(value, field, full and depth < TOO_DEEP, depth + 1)
            for field, value in schema.get("properties", {}).items()
            if field in required or (full and depth < TOO_DEEP)
        }

    def variants(self, schema: dict, base: Any = None, field: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
        """Values for a place of this schema, each with what is special about it; many do not fit."""
        reference = schema.get("$ref")
        resolved = self.resolve(schema)
        yield from self._by_value(resolved, f"{reference} {field}")
        if reference in self._tried or depth > TOO_DEEP:
            return
        if reference is not None:
            self._tried.add(reference)
        for number, choice in enumerate(resolved.get("anyOf", [])):
            if "$ref" in choice or choice.get("type") in ("array", "object"):
                sample = self.sample(choice, field)
                yield f" as choice {number}", sample
                yield from (
                    (f" as choice {number}{label}", value)
                    for label, value in self.variants(choice, sample, field, depth + 1)
                    if label.startswith(("[", ".", " without", " with", " and"))
                )
        if resolved.get("type") == "array":
            for label, value in self.variants(resolved.get("items", {}), None, field.rstrip("_"), depth + 1):
                yield f"[0]{label}", [value]
        if "properties" in resolved:
            yield from self._by_field(resolved, base, depth)

    def _by_field(self, schema: dict, base: Any, depth: int) -> Iterator[tuple[str, Any]]:
        base = base if isinstance(base, dict) else self.sample(schema)
        yield " and nothing else", base
        yield " and everything", {**self.sample(schema, full=True), **base}
        yield " with an unknown field", {**base, "unknown_field": 1}
        for name, value_schema in schema["properties"].items():
            if name in schema.get("required", []):
                yield f" without {name}", {key: value for key, value in base.items() if key != name}
            else:
                yield f".{name} as usual", {**base, name: self.sample(value_schema, name, full=True)}
            for label, value in self.variants(value_schema, base.get(name), name, depth + 1):
                yield f".{name}{label}", {**base, name: value}

    def _by_value(self, schema: dict, place: str) -> Iterator[tuple[str, Any]]:
        types = self.types(schema)
        values = dict(ANYTHING)
        for type_name in sorted(types):
            values.update(BY_TYPE.get(type_name, {}))
        for bound in ("minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "minLength", "maxLength"):
            for choice in [schema, *schema.get("anyOf", [])]:
                if bound in choice:
                    values.update(around(bound, int(choice[bound])))
        # What only this type takes is always tried, what fits anywhere by turns.
        own = [label for label in values if label not in ANYTHING]
        others = random.Random(zlib.crc32(place.encode())).sample(list(ANYTHING), self._values_per_place)
        for label in [*others, *own]:
            yield f" is {label}", values[label]


def around(bound: str, limit: int) -> dict[str, Any]:
    """The values on both sides of a limit."""
    make = {"Items": lambda size: ["x"] * size, "Length": lambda size: "x" * size}.get(bound[3:], lambda size: size)
    return {f"{bound} {by:+d}": make(limit + by) for by in (-1, 0, 1) if limit + by >= 0 or bound[3:] == "imum"}
