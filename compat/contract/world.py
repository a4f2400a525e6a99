"""The two servers, and the same objects on both."""

from __future__ import annotations

import datetime
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from contract.answers import Answer
from contract.document import DATE
from support.waiting import eventually

PLACEHOLDER = re.compile(r"\$([a-z_]+)")
# Events of long ago are not listed by default.
AN_HOUR_AGO = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)).isoformat()
EVENT = {"event": "contract.seeded", "occurred": AN_HOUR_AGO, "resource": {"prefect.resource.id": "contract.thing"}}
SCHEMA = {
    "title": "Contract",
    "type": "object",
    "properties": {"text": {"type": "string"}, "secret": {"type": "string", "format": "password"}},
    "secret_fields": ["secret"],
    "block_type_slug": "contract",
}
TRIGGER = {
    "type": "event",
    "posture": "Reactive",
    "expect": ["contract.happened"],
    "match": {"prefect.resource.id": "contract.*"},
    "threshold": 1,
    "within": 60,
}

# What both servers have before anything is compared: its name, and the request that makes it.
SEED: list[tuple[str, str, str, Any]] = [
    ("flow", "POST", "/flows/", {"name": "flow", "tags": ["a", "b"], "labels": {"team": "data", "number": 1}}),
    ("other_flow", "POST", "/flows/", {"name": "other flow"}),
    ("pool", "POST", "/work_pools/", {"name": "pool", "type": "process", "concurrency_limit": 3}),
    ("other_pool", "POST", "/work_pools/", {"name": "other-pool", "type": "docker", "is_paused": True, "description": "paused"}),
    ("queue", "POST", "/work_pools/pool/queues", {"name": "queue", "priority": 2, "concurrency_limit": 4}),
    ("old_queue", "POST", "/work_queues/", {"name": "old-queue"}),
    ("worker", "POST", "/work_pools/pool/workers/heartbeat", {"name": "worker", "heartbeat_interval_seconds": 3600}),
    ("deployment", "POST", "/deployments/", {
        "name": "deployment", "flow_id": "$flow", "work_pool_name": "pool", "work_queue_name": "queue",
        "tags": ["a"], "parameters": {"x": 1}, "concurrency_limit": 5, "description": "described",
        "parameter_openapi_schema": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "schedules": [
            {"schedule": {"interval": 86400, "anchor_date": DATE}, "slug": "daily"},
            {"schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin"}, "active": False},
            {"schedule": {"rrule": "DTSTART:20240101T000000Z\nRRULE:FREQ=WEEKLY"}},
        ],
    }),
    ("other_deployment", "POST", "/deployments/", {"name": "other", "flow_id": "$flow", "paused": True}),
    ("schedule", "POST", "/deployments/$other_deployment/schedules", [
        {"schedule": {"interval": 3600, "anchor_date": DATE}, "active": True, "slug": "hourly"}]),
    ("of_deployment", "POST", "/deployments/$deployment/create_flow_run", {
        "name": "of-deployment", "idempotency_key": "of-deployment", "tags": ["b"],
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": DATE}}}),
    ("flow_run", "POST", "/flow_runs/", {
        "name": "flow-run", "flow_id": "$flow", "tags": ["a", "b"], "parameters": {"x": [1, None]},
        "context": {"k": "v"}, "flow_version": "1.0", "labels": {"l": 1.5},
        "state": {"type": "RUNNING", "name": "Running", "message": "going"}}),
    *[(f"{state.lower()}_run", "POST", "/flow_runs/", {
        "name": f"{state.lower()}-run", "flow_id": "$other_flow", "state": {"type": state, "name": state.title()}})
      for state in ("PENDING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED", "CANCELLING")],
    ("no_state_run", "POST", "/flow_runs/", {"name": "no-state-run", "flow_id": "$flow"}),
    ("task_run", "POST", "/task_runs/", {
        "name": "task-run", "task_key": "task", "dynamic_key": "0", "flow_run_id": "$flow_run", "tags": ["limited"],
        "task_inputs": {"x": [{"input_type": "parameter", "name": "y"}]}, "state": {"type": "RUNNING"}}),
    ("done_task_run", "POST", "/task_runs/", {
        "name": "done-task-run", "task_key": "task", "dynamic_key": "1", "flow_run_id": "$flow_run",
        "task_inputs": {"x": [{"input_type": "task_run", "id": "$task_run"}]},
        "state": {"type": "COMPLETED"}}),
    ("free_task_run", "POST", "/task_runs/", {
        "name": "free-task-run", "task_key": "task", "dynamic_key": "2", "flow_run_id": None}),
    ("child_run", "POST", "/flow_runs/", {
        "name": "child-run", "flow_id": "$other_flow", "parent_task_run_id": "$task_run",
        "state": {"type": "PENDING"}}),
    ("input", "POST", "/flow_runs/$flow_run/input", {"key": "seeded-input", "value": '{"a": 1}', "sender": "x"}),
    ("logs", "POST", "/logs/", [
        {"name": "logger", "level": level, "message": f"message {level}", "timestamp": DATE,
         "flow_run_id": "$flow_run", "task_run_id": task_run}
        for level, task_run in ((10, None), (20, "$task_run"), (40, "$task_run"))]),
    ("artifact", "POST", "/artifacts/", {
        "key": "artifact", "type": "markdown", "data": "# one", "flow_run_id": "$flow_run", "description": "first"}),
    ("new_artifact", "POST", "/artifacts/", {
        "key": "artifact", "type": "table", "data": [{"a": 1}], "flow_run_id": "$flow_run",
        "task_run_id": "$task_run", "metadata_": {"m": "1"}}),
    ("nameless_artifact", "POST", "/artifacts/", {"type": "result", "data": {"r": 1}}),
    ("variable", "POST", "/variables/", {"name": "variable", "value": {"deep": [1, "x"]}, "tags": ["a"]}),
    ("other_variable", "POST", "/variables/", {"name": "other_variable", "value": "text", "tags": []}),
    ("block_type", "POST", "/block_types/", {
        "name": "Contract", "slug": "contract", "description": "d", "logo_url": "https://example.com/logo.png"}),
    ("block_schema", "POST", "/block_schemas/", {
        "block_type_id": "$block_type", "fields": SCHEMA, "capabilities": ["read-path"]}),
    ("block_document", "POST", "/block_documents/", {
        "name": "document", "block_type_id": "$block_type", "block_schema_id": "$block_schema",
        "data": {"text": "plain", "secret": "hidden"}}),
    ("tag_limit", "POST", "/concurrency_limits/", {"tag": "tag", "concurrency_limit": 2}),
    ("limit", "POST", "/v2/concurrency_limits/", {"name": "limit", "limit": 100}),
    ("decaying", "POST", "/v2/concurrency_limits/", {
        "name": "decaying", "limit": 100, "slot_decay_per_second": 1.0, "active": False}),
    ("lease", "POST", "/v2/concurrency_limits/increment-with-lease", {
        "names": ["limit"], "slots": 1, "holder": {"type": "flow_run", "id": "$flow_run"}}),
    ("saved_search", "PUT", "/saved_searches/", {
        "name": "search", "filters": [
            {"object": "flow", "property": "name", "type": "string", "operation": "equals", "value": "x"}]}),
    ("automation", "POST", "/automations/", {
        "name": "automation", "description": "d", "trigger": TRIGGER, "tags": ["a"],
        "actions": [{"type": "run-deployment", "source": "selected", "deployment_id": "$deployment"}]}),
    ("other_automation", "POST", "/automations/", {
        "name": "other automation", "enabled": False, "owner_resource": "contract.owner",
        "trigger": {"type": "sequence", "within": 60, "triggers": [TRIGGER, TRIGGER]},
        "actions": [{"type": "do-nothing"}], "actions_on_trigger": [{"type": "do-nothing"}]}),
    ("events", "POST", "/events", [
        {**EVENT, "id": "11111111-0000-4000-8000-000000000001", "payload": {"number": 1}},
        {**EVENT, "id": "11111111-0000-4000-8000-000000000002", "follows": "11111111-0000-4000-8000-000000000001",
         "related": [{"prefect.resource.id": "contract.other", "prefect.resource.role": "part"}]},
        {**EVENT, "id": "11111111-0000-4000-8000-000000000003", "event": "contract.other"},
    ]),
]  # fmt: skip


class Side:
    """One of the two servers, and the ids that it gave to the seed."""

    def __init__(self, api_url: str, is_reference: bool = False):
        self.is_reference = is_reference
        self.client = httpx.Client(base_url=api_url, timeout=60)
        self.ids: dict[str, str] = {}
        # Whether the last answer is that to a second try, which may see what the first one did.
        self.was_asked_again = False

    def fill(self, value: Any, unique: str) -> Any:
        """`$name` becomes the id of this server, `$unique` a text that no other request has."""
        if isinstance(value, str) and "$" in value:
            known = {**self.ids, "unique": unique}
            return PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), value)
        if isinstance(value, dict):
            return {self.fill(key, unique): self.fill(item, unique) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, unique) for item in value]
        return value

    def send(self, method: str, path: str, body: Any = ..., unique: str = "", **options: Any) -> httpx.Response:
        if body is not ...:
            options["json"] = self.fill(body, unique)
        self.was_asked_again = False
        for pause in (0.1, 0.5, 1.0, 0.0):
            try:
                response = self.client.request(method, self.fill(path, unique), **options)
            except httpx.TransportError:
                # After some errors the reference closes a connection without saying so.
                if not self.is_reference or pause == 0.0:
                    raise
                self.was_asked_again = True
                continue
            # The reference says so now and then, when its database is locked.
            if response.status_code != 503:
                break
            self.was_asked_again = True
            time.sleep(pause)
        return response

    def make(self, name: str, method: str, path: str, body: Any) -> None:
        """Makes an object of the seed, and remembers its id."""
        response = self.send(method, path, body)
        assert response.is_success, f"{name}: {response.status_code} {response.text}"
        made = response.json() if response.content else None
        made = made[0] if isinstance(made, list) and made else made
        if isinstance(made, dict) and ("id" in made or "lease_id" in made):
            self.ids[name] = made.get("id") or made["lease_id"]
            self.ids[f"{name}_state"] = made.get("state_id") or ""

    def events(self) -> int:
        body = {"filter": {"event": {"prefix": ["contract."]}}}
        return self.client.post("/events/filter", json=body).json()["total"]


class World:
    """Both servers. What is sent goes to both at the same time."""

    def __init__(self, reference_url: str, our_url: str):
        self.reference = Side(reference_url, is_reference=True)
        self.ours = Side(our_url)
        self._threads = ThreadPoolExecutor(max_workers=1)
        self._unique = 0

    def seed(self) -> None:
        for side in (self.reference, self.ours):
            for name, method, path, body in SEED:
                side.make(name, method, path, body)
            # Events are stored behind the answer.
            eventually(side.events, lambda total: total == 3)

    def ask(
        self, method: str, path: str, body: Any = ..., keys_only: bool = False, **options: Any
    ) -> tuple[Answer, Answer]:
        """The answers of the reference and of our server."""
        self._unique += 1
        unique = f"unique{self._unique}"
        theirs = self._threads.submit(self.reference.send, method, path, body, unique, **options)
        ours = self.ours.send(method, path, body, unique, **options)
        return Answer.of(theirs.result(), keys_only), Answer.of(ours, keys_only)

    def make_on_both(self, name: str, method: str, path: str, body: Any) -> None:
        self._unique += 1
        for side in (self.reference, self.ours):
            side.make(name, method, path, side.fill(body, f"fresh{self._unique}"))

    def close(self) -> None:
        self._threads.shutdown()
        self.reference.client.close()
        self.ours.client.close()
