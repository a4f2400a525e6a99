"""Our command line against the reference: it speaks the API, so it works with any server of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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


AUTOMATIONS = """
automations:
- name: failures
  description: as people write them
  tags: [written]
  trigger: {expect: [prefect.flow-run.Failed], match_related: {prefect.resource.role: flow}}
  actions: [{type: do-nothing}]
- name: silence
  enabled: no
  trigger: {posture: Proactive, expect: [landed]}
  actions: [{type: do-nothing}]
  actions_on_resolve: [{type: do-nothing}]
- name: both
  trigger:
    require: all
    within: 60
    triggers: [{expect: [one], within: 30, threshold: 2}, {expect: [two]}]
  actions: [{type: do-nothing}]
- name: in order
  trigger: {type: sequence, within: 60, triggers: [{expect: [one]}, {expect: [two]}]}
  actions: [{type: do-nothing}]
"""


def test_automations_of_a_file_are_those_that_prefect_makes(sluice, world, reference: Reference, tmp_path: Path):
    file = tmp_path / "automations.yaml"
    file.write_text(AUTOMATIONS)

    def made(delete: bool) -> list[dict]:
        with reference.api() as api:
            found = [one for one in api.post("/automations/filter", json={}).json() if one["name"] != "tell"]
            if delete:
                for one in found:
                    api.delete(f"/automations/{one['id']}").raise_for_status()
        return sorted((without_ids(one) for one in found), key=lambda one: one["name"])

    prefect = Path(sys.executable).with_name("prefect")
    environment = {**os.environ, "PREFECT_API_URL": reference.api_url}
    subprocess.run([prefect, "automation", "create", "-f", file], env=environment, capture_output=True, timeout=90, check=True)
    expected = made(delete=True)
    assert len(expected) == 4
    sluice("automation", "create", "--from-file", str(file))
    assert made(delete=False) == expected

    # What is printed can be given back, and changes nothing.
    printed = tmp_path / "both.json"
    printed.write_text(sluice("automation", "inspect", "both", "-o", "json").stdout)
    sluice("automation", "update", "both", "-f", str(printed))
    assert made(delete=False) == expected
    sluice("automation", "delete", "--all", "--yes")
    assert made(delete=False) == []


def without_ids(value):
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key not in ("id", "created", "updated")}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def test_slots_and_plain_requests(sluice, world):
    assert "Work pool 'laptop': " in sluice("work-pool", "slots", "laptop").stdout
    assert json.loads(sluice("work-queue", "slots", "urgent", "--pool", "laptop", "-o", "json").stdout)["active_slots"] == 0
    assert json.loads(sluice("api", "POST", "/flows/count").stdout) >= 1
    assert "error: " in sluice("api", "GET", "/flows/name/nothing", exit_code=3).stderr
