"""The requests that are sent for each operation of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from contract.document import DATE, NO_SUCH_ID, Document
from contract.world import SCHEMA, TRIGGER

# The object of the seed that a parameter of a path means: by the first part of the path, and the parameter.
IN_PATHS: dict[tuple[str, str], str] = {
    ("artifacts", "id"): "$artifact",
    ("artifacts", "key"): "artifact",
    ("automations", "id"): "$automation",
    ("automations", "resource_id"): "prefect.deployment.$deployment",
    ("block_documents", "id"): "$block_document",
    ("block_schemas", "id"): "$block_schema",
    ("block_schemas", "checksum"): "sha256:none",
    ("block_types", "id"): "$block_type",
    ("block_types", "slug"): "contract",
    ("block_types", "block_document_name"): "document",
    ("collections", "view"): "aggregate-worker-metadata",
    ("concurrency_limits", "id"): "$tag_limit",
    ("concurrency_limits", "tag"): "tag",
    ("deployments", "id"): "$deployment",
    ("deployments", "flow_name"): "flow",
    ("deployments", "deployment_name"): "deployment",
    ("deployments", "schedule_id"): "$schedule",
    ("events", "countable"): "event",
    ("flow_run_states", "id"): "$flow_run_state",
    ("flow_runs", "id"): "$flow_run",
    ("flow_runs", "key"): "seeded-input",
    ("flows", "id"): "$flow",
    ("flows", "name"): "flow",
    ("saved_searches", "id"): "$saved_search",
    ("task_run_states", "id"): "$task_run_state",
    ("task_runs", "id"): "$task_run",
    ("ui", "id"): "$task_run",
    ("v2", "lease_id"): "$lease",
    ("v2", "id_or_name"): "limit",
    ("variables", "id"): "$variable",
    ("variables", "name"): "variable",
    ("work_pools", "name"): "pool",
    ("work_pools", "work_pool_name"): "pool",
    ("work_queues", "id"): "$queue",
    ("work_queues", "name"): "old-queue",
}
# Where the name of a parameter means another thing than usual.
PATHS: dict[str, str] = {
    "/work_pools/{work_pool_name}/queues/{name}": "/work_pools/pool/queues/queue",
    "/work_pools/{work_pool_name}/workers/{name}": "/work_pools/pool/workers/worker",
    "/deployments/{id}/schedules/{schedule_id}": "/deployments/$other_deployment/schedules/$schedule",
}
# Bodies that the schema cannot tell.
BODIES: dict[str, dict | list] = {
    "POST /automations/": {"name": "$unique", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]},
    "PUT /automations/{id}": {"name": "$unique", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]},
    "POST /block_schemas/": {"block_type_id": "$block_type", "fields": {**SCHEMA, "description": "$unique"}},
    "POST /block_types/": {"name": "$unique", "slug": "$unique"},
    "POST /concurrency_limits/": {"tag": "$unique", "concurrency_limit": 1},
    "POST /concurrency_limits/increment": {"names": ["tag"], "task_run_id": "$task_run"},
    "POST /concurrency_limits/decrement": {"names": ["tag"], "task_run_id": "$task_run"},
    "POST /flow_runs/{id}/input": {"key": "$unique", "value": "1"},
    "POST /flow_runs/history": {"history_start": DATE, "history_end": "2024-01-03T03:04:05Z",
                                "history_interval_seconds": 3600},
    "POST /task_runs/history": {"history_start": DATE, "history_end": "2024-01-03T03:04:05Z",
                                "history_interval_seconds": 3600},
    "POST /task_runs/": {"task_key": "task", "dynamic_key": "$unique", "flow_run_id": "$flow_run"},
    "POST /ui/schemas/validate": {"schema": SCHEMA, "values": {"text": "x"}},
    "POST /v2/concurrency_limits/": {"name": "$unique", "limit": 1},
    "POST /variables/": {"name": "$unique", "value": 1},
    "POST /work_queues/{id}/get_runs": {"agent_id": NO_SUCH_ID},
    "POST /events": [{"event": "contract.sent", "occurred": DATE, "resource": {"prefect.resource.id": "contract.x"},
                      "id": "22222222-0000-4000-8000-000000000001"}],
}  # fmt: skip
# Made anew before each request, for operations that work on an object once.
FRESH: dict[str, tuple[str, str, str, Any]] = {
    "PATCH /deployments/{id}": (
        "fresh", "POST", "/deployments/", {"name": "$unique", "flow_id": "$flow", "work_pool_name": "pool"}),
    "POST /flow_runs/{id}/set_state": (
        "fresh", "POST", "/flow_runs/", {"name": "fresh", "flow_id": "$flow", "state": {"type": "PENDING"}}),
    "POST /task_runs/{id}/set_state": (
        "fresh", "POST", "/task_runs/",
        {"task_key": "fresh", "dynamic_key": "$unique", "flow_run_id": "$flow_run", "state": {"type": "PENDING"}}),
    "POST /flow_runs/{id}/resume": (
        "fresh", "POST", "/flow_runs/",
        {"name": "fresh", "flow_id": "$flow", "state": {"type": "PAUSED", "name": "Paused",
         "state_details": {"pause_timeout": "2124-01-01T00:00:00Z"}}}),
}  # fmt: skip

# Operations that read although they are no GET.
READING = ("/filter", "/count", "/paginate", "/history", "/lateness", "/validate", "/next-runs", "-deployments",
           "-task-runs", "/counts", "/concurrency_status", "{countable}")  # fmt: skip


# They answer with some of many, and which is not defined: a page in the order of random ids, events as they arrive, the
# next priority after queues that only one of the servers could make.
OF_SOME = re.compile(r"limit|offset|page|bulk|^POST /events/|/queues ")


@dataclass
class Case:
    """One request; `path` and `body` may hold placeholders of the seed."""

    operation: str
    name: str
    path: str
    body: Any = ...
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def keys_only(self) -> bool:
        return OF_SOME.search(f"{self.operation} {self.name}") is not None

    @property
    def method(self) -> str:
        return self.operation.split()[0]


def phase(method: str, path: str) -> int:
    """Reading comes first, then writing, and deleting last: what one does, another could not find."""
    if method == "DELETE" or path.endswith("/bulk_delete"):
        return 3
    if path.endswith(("/bulk_set_state", "/reset")):
        return 2
    return 0 if method == "GET" or path.endswith(READING) else 1


def cases(document: Document) -> Iterator[Case]:
    operations = sorted(document.operations(), key=lambda entry: (phase(entry[0], entry[1]), entry[1], entry[0]))
    for method, path, operation in operations:
        key = f"{method} {path}"
        # Children are deleted before their parents, wrong paths are tried before right ones.
        yield from wrong_paths(key, path)
        yield from queries(key, path, operation)
        yield from versions(key, path)
        if (schema := document.body(operation)) is not None:
            yield from bodies(key, path, schema, document)
        elif not operation.get("parameters") or method == "GET":
            yield Case(key, "with a body that nobody asked for", right_path(path), {"key": "value"})
    yield from other_methods(document)
    yield from other_paths()


def right_path(path: str) -> str:
    first = path.split("/")[1]
    if path in PATHS:
        return PATHS[path]
    for parameter in parameters(path):
        path = path.replace(f"{{{parameter}}}", IN_PATHS[first, parameter])
    return path


def parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def wrong_paths(key: str, path: str) -> Iterator[Case]:
    for parameter in parameters(path):
        for label, value in (("no id", "nope"), ("no such id", NO_SUCH_ID), ("a space", "a b"), ("capitals", "ABC")):
            first = path.split("/")[1]
            broken = path.replace(f"{{{parameter}}}", quote(value))
            for other in parameters(broken):
                broken = broken.replace(f"{{{other}}}", IN_PATHS[first, other])
            body = BODIES.get(key, {}) if key.startswith(("POST", "PATCH", "PUT")) else ...
            yield Case(key, f"{parameter} is {label}", broken, body)


def queries(key: str, path: str, operation: dict) -> Iterator[Case]:
    names = [item["name"] for item in operation.get("parameters", []) if item["in"] == "query"]
    for name in names:
        for label, value in (("nothing", ""), ("a text", "text"), ("true", "true"), ("one", "1"), ("an id", NO_SUCH_ID),
                             ("an instant", DATE), ("the flow run", "$flow_run"), ("the task run", "$task_run")):  # fmt: skip
            yield Case(key, f"query {name} is {label}", f"{right_path(path)}?{name}={value}")
    if key.startswith("GET"):
        yield Case(key, "plain", right_path(path))
        yield Case(key, "with a query that nobody asked for", f"{right_path(path)}?unknown=1")


def versions(key: str, path: str) -> Iterator[Case]:
    for version in ("0.1.0", "lots"):
        headers = {"x-prefect-api-version": version}
        yield Case(key, f"version {version}", right_path(path), {}, {"headers": headers})


def bodies(key: str, path: str, schema: dict, document: Document) -> Iterator[Case]:
    where = right_path(path)
    if key in FRESH:
        where = re.sub(r"\$(flow_run|task_run|deployment)\b", "$fresh", where)
    headers = {"content-type": "application/json"}
    for label, content in (("no body", b""), ("half a body", b'{"name": '), ("two bodies", b"{} {}")):
        yield Case(key, label, where, ..., {"content": content, "headers": headers})
    base = BODIES.get(key)
    for label, value in document.variants(schema, base):
        yield Case(key, f"body{label}", where, value)
    if base is not None:
        yield Case(key, "a body that fits", where, base)


def other_methods(document: Document) -> Iterator[Case]:
    methods: dict[str, set[str]] = {}
    for method, path, _ in document.operations():
        methods.setdefault(right_path(path), set()).add(method)
    for path, allowed in sorted(methods.items()):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            if method not in allowed:
                yield Case(f"{method} {path}", "a method that is not served", path)


def other_paths() -> Iterator[Case]:
    for method in ("GET", "POST", "HEAD"):
        for path in ("/nothing", "/flows/name", "/flow_runs/a/b/c", "/"):
            yield Case(f"{method} {path}", "a path that is not served", path)
    origin = {"origin": "https://example.com"}
    yield Case("GET /health", "from another origin", "/health", ..., {"headers": origin})
    preflight = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    yield Case("OPTIONS /flows/filter", "before a request from another origin", "/flows/filter", ...,
               {"headers": preflight})  # fmt: skip
