"""Our command line against the reference: it speaks the API, so it works with any server of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable

import pytest

from support.reference import Reference

pytestmark = [pytest.mark.own_server, pytest.mark.sqlite_only]

PREFECT = "3.8.8"


@pytest.fixture(scope="module")
def reference():
    reference = Reference().start()
    yield reference
    reference.stop()


@pytest.fixture(scope="module")
def sluice(reference: Reference) -> Callable[..., subprocess.CompletedProcess]:
    def run(*arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment |= {"PREFECT_API_URL": reference.api_url}
        command = [os.environ["SLUICE_BINARY"], *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == exit_code, f"{arguments}: {ended.stdout}{ended.stderr}"
        return ended

    return run


@pytest.fixture(scope="module")
def world(reference: Reference, sluice) -> dict[str, str]:
    """One of everything, and the ids of what is named by its id."""
    with reference.api() as api:

        def post(path: str, **body) -> dict:
            answer = api.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json() if answer.content else {}

        flow = post("/flows/", name="etl")["id"]
        run = post("/flow_runs/", flow_id=flow, name="brave-fox", state={"type": "COMPLETED"})["id"]
        task_run = post("/task_runs/", flow_run_id=run, name="extract", task_key="extract", dynamic_key="0")["id"]
        post("/artifacts/", key="report", type="markdown", data="# text")
        sluice("work-pool", "create", "laptop", "--type", "process")
        sluice("work-queue", "create", "urgent", "--pool", "laptop")
        api.post("/work_pools/laptop/workers/heartbeat", json={"name": "bee"}).raise_for_status()
        schema = {"type": "object", "properties": {}}
        post("/deployments/", flow_id=flow, name="nightly", work_pool_name="laptop", parameter_openapi_schema=schema)
        sluice("deployment", "schedule", "create", "etl/nightly", "--cron", "0 3 * * *")
        sluice("variable", "set", "region", "eu")
        sluice("concurrency-limit", "create", "database", "3")
        sluice("global-concurrency-limit", "create", "api", "--limit", "5")
        trigger = {"type": "event", "posture": "Reactive", "expect": ["x"], "threshold": 1, "within": 0}
        automation = {"name": "tell", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
        sluice("automation", "create", "--from-json", json.dumps(automation))
        kind = api.get("/block_types/slug/secret").json()["id"]
        schemas = api.post("/block_schemas/filter", json={"block_schemas": {"block_type_id": {"any_": [kind]}}}).json()
        block = {"name": "token", "data": {"value": "x"}, "block_type_id": kind, "block_schema_id": schemas[0]["id"]}
        post("/block_documents/", **block)
        return {"flow_run": run, "task_run": task_run}


@pytest.mark.parametrize(
    "group", "flow flow-run task-run deployment work-pool work-queue worker block variable artifact concurrency-limit "
    "global-concurrency-limit automation".split()
)  # fmt: skip
def test_everything_is_listed(sluice, world, group: str):
    assert json.loads(sluice(group, "ls", "--output", "json").stdout), "it is not listed"
    assert len(sluice(group, "ls").stdout.splitlines()) > 1


@pytest.mark.parametrize(
    ("group", "name", "field"),
    [
        ("flow-run", "brave-fox", "name"),
        ("task-run", "extract", "name"),
        ("deployment", "etl/nightly", "name"),
        ("work-pool", "laptop", "name"),
        ("work-queue", "urgent", "name"),
        ("worker", "bee", "name"),
        ("block", "secret/token", "name"),
        ("variable", "region", "name"),
        ("concurrency-limit", "database", "tag"),
        ("global-concurrency-limit", "api", "name"),
        ("automation", "tell", "name"),
    ],
)
def test_everything_is_inspected(sluice, world, group: str, name: str, field: str):
    inspected = json.loads(sluice(group, "inspect", name, "--output", "json").stdout)
    assert inspected[field] == name.rpartition("/")[2]
    assert name.rpartition("/")[2] in sluice(group, "inspect", name).stdout
    assert "nothing-like-it" in sluice(group, "inspect", "nothing-like-it", exit_code=3).stderr


def test_runs_are_made_cancelled_watched_and_deleted(sluice, world):
    made = json.loads(sluice("deployment", "run", "etl/nightly", "--flow-run-name", "one", "-o", "json").stdout)
    assert sluice("work-pool", "preview", "laptop").stdout.count("one") == 1
    sluice("flow-run", "cancel", made["id"])
    watched = sluice("flow-run", "watch", "one", "--timeout", "20", exit_code=1)
    assert "ended as Cancelled" in watched.stderr
    assert "is Completed" in sluice("flow-run", "watch", world["flow_run"]).stdout
    sluice("flow-run", "delete", made["id"], "--yes")
    sluice("flow-run", "inspect", made["id"], exit_code=3)


def test_the_server_is_looked_at(sluice, world):
    assert PREFECT in sluice("server", "status").stdout
    checks = {check["check"]: check["health"] for check in json.loads(sluice("doctor", "-o", "json").stdout)}
    assert [checks[name] for name in ("server", "version", "database", "streams", "clock")] == ["ok"] * 5
