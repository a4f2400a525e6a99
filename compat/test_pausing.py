"""Flows that stop in the middle until somebody says go on."""

from __future__ import annotations

import json
import threading

import pytest
from prefect import flow, pause_flow_run, resume_flow_run, runtime, task
from prefect.exceptions import FlowPauseTimeout
from prefect.input import RunInput, receive_input, send_input

from support.api import Api
from support.waiting import eventually

POLL_SECONDS = 1


def in_background(function, *arguments) -> tuple[threading.Thread, list]:
    """Runs a flow beside the test; the list receives its result."""
    results: list = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)), daemon=True)
    thread.start()
    return thread, results


def await_paused(api: Api, flow_name: str) -> dict:
    [run] = eventually(
        lambda: api.flow_runs_named(flow_name), lambda runs: [run["state_type"] for run in runs] == ["PAUSED"]
    )
    return run


def test_pause_a_flow_run_and_resume_it(api: Api, name: str):
    @task
    def before() -> None: ...

    @task
    def after() -> None: ...

    @flow(name=name)
    def pausing() -> str:
        before()
        pause_flow_run(timeout=120, poll_interval=POLL_SECONDS)
        after()
        return "resumed"

    thread, results = in_background(pausing)
    run = await_paused(api, name)
    assert run["state"]["state_details"]["pause_timeout"] is not None

    resume_flow_run(run["id"])
    thread.join(60)

    assert results == ["resumed"]
    assert [state["name"] for state in api.states_of(run["id"])] == [
        "Pending", "Running", "Paused", "Running", "Completed",
    ]  # fmt: skip
    assert api.flow_run(run["id"])["run_count"] == 2
    assert len(api.await_task_runs(run["id"], 2)) == 2


def test_resume_a_run_that_is_not_paused_is_refused(api: Api, name: str):
    @flow(name=name)
    def plain() -> str:
        return runtime.flow_run.id

    run_id = plain()

    answer = api.post(f"/flow_runs/{run_id}/resume").json()
    assert (answer["status"], answer["details"]["reason"]) == ("ABORT", "Cannot resume a flow run that is not paused.")


def test_a_pause_that_nobody_ends_fails_the_flow_run(api: Api, name: str):
    @flow(name=name)
    def pausing() -> None:
        pause_flow_run(timeout=2, poll_interval=POLL_SECONDS)

    with pytest.raises(FlowPauseTimeout):
        pausing()

    [run] = api.flow_runs_named(name)
    assert api.await_end(run["id"])["state_type"] == "FAILED"


def test_wait_for_input_and_resume_with_it(api: Api, name: str):
    class Approval(RunInput):
        approved: bool
        reason: str = "none given"

    @flow(name=name)
    def asking() -> tuple:
        approval = pause_flow_run(wait_for_input=Approval, timeout=120, poll_interval=POLL_SECONDS)
        return approval.approved, approval.reason

    thread, results = in_background(asking)
    run = await_paused(api, name)
    keyset = run["state"]["state_details"]["run_input_keyset"]
    schema = json.loads(api.get(f"/flow_runs/{run['id']}/input/{keyset['schema']}").text)
    assert set(schema["properties"]) == {"approved", "reason"}

    refused = api.post(f"/flow_runs/{run['id']}/resume", json={"run_input": {"approved": "perhaps"}}).json()
    assert refused["status"] == "REJECT"
    resume_flow_run(run["id"], run_input={"approved": True, "reason": "looks fine"})
    thread.join(60)

    assert results == [(True, "looks fine")]


def test_send_input_to_a_running_flow_and_receive_it(api: Api, name: str):
    @flow(name=name)
    def receiving() -> list:
        received = []
        for greeting in receive_input(str, timeout=60, poll_interval=0.2):
            received.append(greeting)
            if len(received) == 2:
                return received
        return received

    thread, results = in_background(receiving)
    [run] = eventually(
        lambda: api.flow_runs_named(name), lambda runs: [run["state_type"] for run in runs] == ["RUNNING"]
    )
    send_input("hello", run["id"])
    send_input("goodbye", run["id"])
    thread.join(90)

    assert results == [["hello", "goodbye"]]
    assert api.read(f"/flow_runs/{run['id']}/input/filter", prefix="", limit=10) != []


def test_store_read_and_delete_flow_run_input(api: Api, name: str):
    @flow(name=name)
    def plain() -> str:
        return runtime.flow_run.id

    run_id = plain()
    path = f"/flow_runs/{run_id}/input"

    assert api.post(path, json={"key": "note-1", "value": '{"a": 1}'}).status_code == 201
    assert api.post(path, json={"key": "note-1", "value": "again"}).status_code == 409
    assert api.get(f"{path}/note-1").text == '{"a": 1}'
    assert [found["key"] for found in api.read(f"{path}/filter", prefix="note", limit=5, exclude_keys=[])] == ["note-1"]
    assert api.delete(f"{path}/note-1").status_code == 204
    assert api.get(f"{path}/note-1").status_code == 404
