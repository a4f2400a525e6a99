"""The `prefect` commands that people type, against the server."""

from __future__ import annotations

import pytest
from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_markdown_artifact

from support.api import Api
from support.commands import Terminal
from support.waiting import eventually


@pytest.fixture
def finished_run(api: Api, name: str) -> str:
    """The id of a completed flow run with a task and some logs."""

    @task
    def step() -> None:
        get_run_logger().info("a line to find")

    @flow(name=name)
    def finished() -> str:
        step()
        return runtime.flow_run.id

    run_id = finished()
    api.await_log(run_id, "Finished in state Completed()")
    return run_id


def test_list_inspect_read_the_logs_of_and_delete_a_flow_run(api: Api, terminal: Terminal, finished_run: str, name: str):
    listed = terminal.prefect("flow-run", "ls", "--flow-name", name)
    assert finished_run in listed.output
    assert terminal.prefect("flow-run", "ls", "--state", "Failed", "--flow-name", name).output.find(finished_run) == -1

    inspected = terminal.prefect("flow-run", "inspect", finished_run, "--output", "json").json()
    assert (inspected["id"], inspected["state_name"]) == (finished_run, "Completed")

    logs = terminal.prefect("flow-run", "logs", finished_run)
    assert "a line to find" in logs.output
    first = terminal.prefect("flow-run", "logs", finished_run, "--head", "--num-logs", "1")
    assert "Beginning flow run" in first.output and "a line to find" not in first.output

    terminal.prefect("flow-run", "delete", finished_run)
    assert api.get(f"/flow_runs/{finished_run}").status_code == 404
    gone = terminal.prefect("flow-run", "inspect", finished_run, exit_code=1)
    assert "not found" in gone.output


def test_list_and_inspect_task_runs_and_flows(api: Api, terminal: Terminal, finished_run: str, name: str):
    [task_run] = api.await_task_runs(finished_run, 1)

    inspected = terminal.prefect("task-run", "inspect", task_run["id"], "--output", "json").json()
    assert inspected["id"] == task_run["id"]
    assert task_run["id"] in terminal.prefect("task-run", "ls", "--limit", "200").output
    assert "a line to find" in terminal.prefect("task-run", "logs", task_run["id"]).output
    assert name in terminal.prefect("flow", "ls", "--limit", "200").output


def test_cancel_a_flow_run_that_has_ended(terminal: Terminal, finished_run: str):
    result = terminal.prefect("flow-run", "cancel", finished_run, exit_code=1)
    assert "Run is already in terminal state COMPLETED." in result.output


def test_create_change_pause_and_delete_a_work_pool(api: Api, terminal: Terminal, name: str):
    terminal.prefect("work-pool", "create", name, "--type", "process")
    again = terminal.prefect("work-pool", "create", name, "--type", "process", exit_code=1)
    assert "already exists" in again.output
    assert name in terminal.prefect("work-pool", "ls").output

    terminal.prefect("work-pool", "set-concurrency-limit", name, "5")
    assert api.get(f"/work_pools/{name}").json()["concurrency_limit"] == 5
    terminal.prefect("work-pool", "clear-concurrency-limit", name)
    terminal.prefect("work-pool", "pause", name)
    assert api.get(f"/work_pools/{name}").json()["status"] == "PAUSED"
    terminal.prefect("work-pool", "resume", name)
    terminal.prefect("work-pool", "update", name, "--description", "for the tests")
    inspected = terminal.prefect("work-pool", "inspect", name, "--output", "json").json()
    assert (inspected["description"], inspected["concurrency_limit"]) == ("for the tests", None)
    terminal.prefect("work-pool", "preview", name)

    terminal.prefect("work-pool", "delete", name)
    assert "not found" in terminal.prefect("work-pool", "inspect", name, exit_code=1).output


def test_create_pause_and_delete_a_work_queue(api: Api, terminal: Terminal, name: str):
    terminal.prefect("work-pool", "create", name, "--type", "process")
    terminal.prefect("work-queue", "create", "urgent", "--pool", name, "--priority", "1")
    queues = {queue["name"]: queue["priority"] for queue in api.read(f"/work_pools/{name}/queues/filter")}
    assert queues == {"urgent": 1, "default": 2}

    terminal.prefect("work-queue", "set-concurrency-limit", "urgent", "3", "--pool", name)
    terminal.prefect("work-queue", "pause", "urgent", "--pool", name)
    assert api.get(f"/work_pools/{name}/queues/urgent").json()["is_paused"] is True
    terminal.prefect("work-queue", "resume", "urgent", "--pool", name)
    assert "urgent" in terminal.prefect("work-queue", "ls", "--pool", name).output
    assert "urgent" in terminal.prefect("work-queue", "inspect", "urgent", "--pool", name).output
    terminal.prefect("work-queue", "delete", "urgent", "--pool", name)
    assert api.get(f"/work_pools/{name}/queues/urgent").status_code == 404


@pytest.mark.parametrize("pool_type", ["docker", "kubernetes", "ecs", "cloud-run", "cloud-run-v2", "vertex-ai",
                                       "azure-container-instance"])  # fmt: skip
@pytest.mark.sqlite_only
def test_create_a_work_pool_of_every_published_type(api: Api, terminal: Terminal, name: str, pool_type: str):
    # The integration packages are not installed: the server's own worker metadata has to do.
    terminal.prefect("work-pool", "create", name, "--type", pool_type)
    pool = api.get(f"/work_pools/{name}").json()
    assert pool["type"] == pool_type
    assert "variables" in pool["base_job_template"]


def test_set_list_inspect_and_unset_a_variable(terminal: Terminal, name: str):
    variable = name.replace("-", "_")
    terminal.prefect("variable", "set", variable, '{"a": [1, 2]}', "--tag", "compat")
    assert "already exists" in terminal.prefect("variable", "set", variable, "2", exit_code=1).output
    assert variable in terminal.prefect("variable", "ls").output
    assert terminal.prefect("variable", "inspect", variable, "--output", "json").json()["value"] == {"a": [1, 2]}
    terminal.prefect("variable", "set", variable, "plain", "--overwrite")
    assert terminal.prefect("variable", "get", variable).output.strip() == '"plain"'
    terminal.prefect("variable", "unset", variable)
    assert "not found" in terminal.prefect("variable", "get", variable, exit_code=1).output


def test_create_inspect_reset_and_delete_a_tag_limit(terminal: Terminal, name: str):
    terminal.prefect("concurrency-limit", "create", name, "7")
    assert name in terminal.prefect("concurrency-limit", "ls").output
    assert "7" in terminal.prefect("concurrency-limit", "inspect", name).output
    terminal.prefect("concurrency-limit", "reset", name)
    terminal.prefect("concurrency-limit", "delete", name)
    terminal.prefect("concurrency-limit", "inspect", name, exit_code=1)


def test_create_update_disable_and_delete_a_global_limit(api: Api, terminal: Terminal, name: str):
    terminal.prefect("global-concurrency-limit", "create", name, "--limit", "3")
    assert name in terminal.prefect("gcl", "ls").output
    terminal.prefect("global-concurrency-limit", "update", name, "--limit", "4", "--slot-decay-per-second", "0.5")
    limit = api.get(f"/v2/concurrency_limits/{name}").json()
    assert (limit["limit"], limit["slot_decay_per_second"]) == (4, 0.5)
    terminal.prefect("global-concurrency-limit", "disable", name)
    assert api.get(f"/v2/concurrency_limits/{name}").json()["active"] is False
    terminal.prefect("global-concurrency-limit", "enable", name)
    assert terminal.prefect("gcl", "inspect", name, "--output", "json").json()["active"] is True
    terminal.prefect("global-concurrency-limit", "delete", name)
    assert api.get(f"/v2/concurrency_limits/{name}").status_code == 404


def test_list_inspect_and_delete_an_artifact(api: Api, terminal: Terminal, name: str):
    @flow(name=name)
    def reporting() -> None:
        create_markdown_artifact("# one", key=name)
        create_markdown_artifact("# two", key=name)

    reporting()

    assert name in terminal.prefect("artifact", "ls", "--limit", "200").output
    assert "# two" in terminal.prefect("artifact", "inspect", name).output
    terminal.prefect("artifact", "delete", name)
    assert api.get(f"/artifacts/{name}/latest").status_code == 404


def test_manage_the_schedules_of_a_deployment(api: Api, terminal: Terminal, name: str):
    @flow(name=name)
    def scheduled() -> None: ...

    flow_id = api.post("/flows/", json={"name": name}).json()["id"]
    deployment_id = api.post("/deployments/", json={"name": "nightly", "flow_id": flow_id}).json()["id"]
    full_name = f"{name}/nightly"

    terminal.prefect("deployment", "schedule", "create", full_name, "--cron", "0 3 * * *", "--timezone", "Europe/Berlin")
    [schedule] = api.get(f"/deployments/{deployment_id}/schedules").json()
    assert schedule["schedule"]["timezone"] == "Europe/Berlin"
    runs = eventually(lambda: api.flow_runs_of_deployment(deployment_id))
    assert {run["state_type"] for run in runs} == {"SCHEDULED"}
    assert "0 3 * * *" in terminal.prefect("deployment", "schedule", "ls", full_name).output

    terminal.prefect("deployment", "schedule", "pause", full_name, schedule["id"])
    assert eventually(lambda: api.flow_runs_of_deployment(deployment_id), lambda runs: runs == []) == []
    terminal.prefect("deployment", "schedule", "resume", full_name, schedule["id"])
    terminal.prefect("deployment", "schedule", "delete", full_name, schedule["id"], "-y")
    assert api.get(f"/deployments/{deployment_id}/schedules").json() == []
    assert full_name in terminal.prefect("deployment", "ls").output
    assert full_name.split("/")[1] in terminal.prefect("deployment", "inspect", full_name).output
    terminal.prefect("deployment", "delete", full_name)
    assert api.deployment(name, "nightly") is None
