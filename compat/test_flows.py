"""`python my_flow.py` with PREFECT_API_URL set, in this process."""

from __future__ import annotations

import asyncio
import datetime
import uuid

import pytest
from prefect import flow, get_run_logger, runtime, task, unmapped
from prefect.cache_policies import INPUTS
from prefect.client.orchestration import get_client
from prefect.futures import wait
from prefect.logging import get_logger
from prefect.states import Completed

from support.api import Api
from support.waiting import eventually


def test_run_a_flow_of_three_tasks_and_read_its_task_runs_and_logs(api: Api, name: str):
    @task
    def first() -> dict:
        get_run_logger().info("first speaks")
        return {"number": 1}

    @task
    def second(given: dict) -> int:
        return given["number"] + 1

    @task
    def third(number: int) -> int:
        return number * 10

    @flow(name=name)
    def three_tasks(start: int) -> tuple:
        get_run_logger().warning("starting at %s", start)
        return runtime.flow_run.id, third(second(first()))

    run_id, result = three_tasks(start=1)

    assert result == 20
    run = api.flow_run(run_id)
    assert (run["state_type"], run["state_name"], run["run_count"]) == ("COMPLETED", "Completed", 1)
    assert run["parameters"] == {"start": 1}
    assert run["start_time"] <= run["end_time"]
    assert [state["name"] for state in api.states_of(run_id)] == ["Pending", "Running", "Completed"]

    task_runs = api.await_task_runs(run_id, 3)
    by_name = {task_run["name"].split("-")[0]: task_run for task_run in task_runs}
    assert set(by_name) == {"first", "second", "third"}
    assert {task_run["state_name"] for task_run in task_runs} == {"Completed"}
    assert {task_run["run_count"] for task_run in task_runs} == {1}
    [upstream] = by_name["second"]["task_inputs"]["given"]
    assert (upstream["input_type"], upstream["id"]) == ("task_run", by_name["first"]["id"])
    states = api.get("/task_run_states/", params={"task_run_id": by_name["third"]["id"]}).json()
    assert [state["name"] for state in states] == ["Pending", "Running", "Completed"]

    logs = api.await_log(run_id, "Finished in state Completed()")
    messages = {log["message"]: log for log in logs}
    assert messages["starting at 1"]["level"] == 30
    assert messages["starting at 1"]["task_run_id"] is None
    assert messages["first speaks"]["task_run_id"] == by_name["first"]["id"]


async def test_run_an_async_flow_with_concurrent_async_tasks(api: Api, name: str):
    @task
    async def double(number: int) -> int:
        await asyncio.sleep(0.01)
        return number * 2

    @flow(name=name)
    async def async_flow() -> tuple:
        return runtime.flow_run.id, await asyncio.gather(*(double(number) for number in range(5)))

    run_id, result = await async_flow()

    assert result == [0, 2, 4, 6, 8]
    assert api.flow_run(run_id)["state_name"] == "Completed"
    assert len(api.await_task_runs(run_id, 5)) == 5


def test_submit_tasks_to_a_thread_pool_with_wait_for(api: Api, name: str):
    @task
    def step(label: str) -> str:
        return label

    @flow(name=name)
    def submitting() -> tuple:
        first = step.submit("a")
        second = step.submit("b", wait_for=[first])
        wait([first, second])
        return runtime.flow_run.id, first.task_run_id, second.task_run_id

    run_id, first_id, second_id = submitting()

    task_runs = {task_run["id"]: task_run for task_run in api.await_task_runs(run_id, 2)}
    [waited_for] = task_runs[str(second_id)]["task_inputs"]["wait_for"]
    assert waited_for["id"] == str(first_id)


def test_a_task_that_fails_twice_is_retried_until_it_completes(api: Api, name: str):
    attempts = []

    @task(retries=3, retry_delay_seconds=0.05)
    def flaky() -> int:
        attempts.append(1)
        if len(attempts) < 3:
            raise ValueError("not yet")
        return len(attempts)

    @flow(name=name)
    def retrying_a_task() -> tuple:
        return runtime.flow_run.id, flaky()

    run_id, result = retrying_a_task()

    assert result == 3
    [task_run] = api.await_task_runs(run_id, 1)
    assert (task_run["state_name"], task_run["run_count"]) == ("Completed", 3)
    states = api.get("/task_run_states/", params={"task_run_id": task_run["id"]}).json()
    assert [state["name"] for state in states] == [
        "Pending", "Running", "AwaitingRetry", "Retrying", "AwaitingRetry", "Retrying", "Completed",
    ]  # fmt: skip


def test_a_flow_that_fails_once_is_retried_by_the_server(api: Api, name: str):
    attempts = []

    @flow(name=name, retries=2, retry_delay_seconds=0)
    def flaky() -> str:
        attempts.append(runtime.flow_run.id)
        if len(attempts) < 2:
            raise ValueError("not yet")
        return attempts[0]

    run_id = flaky()

    assert attempts == [run_id, run_id]
    run = api.flow_run(run_id)
    assert (run["state_name"], run["run_count"]) == ("Completed", 2)
    assert [state["name"] for state in api.states_of(run_id)] == [
        "Pending", "Running", "AwaitingRetry", "Running", "Completed",
    ]  # fmt: skip


def test_a_flow_that_raises_is_failed_with_its_message(api: Api, name: str):
    @flow(name=name)
    def failing() -> None:
        raise RuntimeError("the disk is on fire")

    with pytest.raises(RuntimeError, match="the disk is on fire"):
        failing()

    [run] = api.flow_runs_named(name)
    assert run["state_type"] == "FAILED"
    assert "the disk is on fire" in run["state"]["message"]


def test_return_a_state_of_ones_own(api: Api, name: str):
    @flow(name=name)
    def deciding():
        return Completed(name="Skipped", message="nothing to do")

    state = deciding(return_state=True)

    assert state.name == "Skipped"
    [run] = api.flow_runs_named(name)
    assert (run["state_name"], run["state"]["message"]) == ("Skipped", "nothing to do")


def test_call_a_flow_from_a_flow(api: Api, name: str):
    @task
    def inner_task() -> int:
        return 1

    @flow(name=f"{name}-child")
    def child(number: int) -> str:
        inner_task()
        return runtime.flow_run.id

    @flow(name=name)
    def parent() -> tuple:
        return runtime.flow_run.id, child(5)

    parent_id, child_id = parent()

    child_run = api.flow_run(child_id)
    assert child_run["state_name"] == "Completed"
    tracking = api.get(f"/task_runs/{child_run['parent_task_run_id']}").json()
    assert tracking["flow_run_id"] == parent_id
    assert tracking["state_type"] == "COMPLETED"
    assert tracking["state"]["state_details"]["child_flow_run_id"] == child_id
    [found] = api.read("/flow_runs/filter", flow_runs={"parent_flow_run_id": {"any_": [parent_id]}})
    assert found["id"] == child_id
    api.await_task_runs(child_id, 1)
    graph = api.get(f"/flow_runs/{parent_id}/graph-v2").json()
    assert [node["kind"] for _, node in graph["nodes"]] == ["flow-run"]


def test_map_500_tasks_and_find_every_task_run(api: Api, name: str):
    @task
    def square(number: int, offset: int) -> int:
        return number * number + offset

    @flow(name=name)
    def mapping() -> tuple:
        futures = square.map(range(500), offset=unmapped(1))
        return runtime.flow_run.id, futures.result()

    run_id, results = mapping()

    assert results == [number * number + 1 for number in range(500)]
    task_runs = api.await_task_runs(run_id, 500, within=90)
    assert len({task_run["id"] for task_run in task_runs}) == 500
    assert {task_run["state_name"] for task_run in task_runs} == {"Completed"}
    count = api.post("/task_runs/count", json={"flow_runs": {"id": {"any_": [run_id]}}}).json()
    assert count == 500


def test_cache_a_task_by_its_inputs(api: Api, name: str):
    calls = []

    @task(cache_policy=INPUTS, persist_result=True, cache_expiration=datetime.timedelta(hours=1))
    def expensive(key: str) -> str:
        calls.append(key)
        return key.upper()

    @flow(name=name)
    def caching(key: str) -> tuple:
        return runtime.flow_run.id, expensive(key), expensive(key)

    key = uuid.uuid4().hex
    first_id, *first = caching(key)
    second_id, *second = caching(key)

    assert first == second == [key.upper()] * 2
    assert calls == [key]
    first_names = sorted(task_run["state_name"] for task_run in api.await_task_runs(first_id, 2))
    second_names = sorted(task_run["state_name"] for task_run in api.await_task_runs(second_id, 2))
    assert (first_names, second_names) == (["Cached", "Completed"], ["Cached", "Cached"])


def test_name_and_tag_a_flow_run(api: Api, name: str):
    @flow(name=name, flow_run_name="for-{customer}")
    def tagged(customer: str) -> str:
        return runtime.flow_run.id

    from prefect import tags

    with tags("red", "green"):
        run_id = tagged("acme")

    run = api.flow_run(run_id)
    assert run["name"] == "for-acme"
    assert sorted(run["tags"]) == ["green", "red"]
    [found] = api.read("/flow_runs/filter", flow_runs={"name": {"any_": ["for-acme"]}, "tags": {"all_": ["red"]},
                                                       "id": {"any_": [run_id]}})  # fmt: skip
    assert found["id"] == run_id


def test_run_hooks_on_completion_and_failure(name: str):
    seen = []

    @flow(name=name, on_completion=[lambda flow, run, state: seen.append((run.name, state.name))])
    def hooked() -> None:
        pass

    hooked()
    assert [state for _, state in seen] == ["Completed"]


def test_a_flow_run_that_exceeds_its_timeout_fails(api: Api, name: str):
    @flow(name=name, timeout_seconds=0.5)
    async def slow() -> None:
        await asyncio.sleep(30)

    state = asyncio.run(slow(return_state=True))

    assert state.name == "TimedOut"
    [run] = api.flow_runs_named(name)
    assert (run["state_type"], run["state_name"]) == ("FAILED", "TimedOut")


async def test_read_and_change_things_with_the_python_client(api: Api, name: str):
    @flow(name=name)
    def plain() -> None:
        get_logger().debug("not sent")

    async with get_client() as client:
        run = await client.create_flow_run(plain, name=f"{name}-run", tags=["made-by-hand"])
        assert run.state.is_pending()
        await client.update_flow_run(run.id, name=f"{name}-renamed", tags=["renamed"])
        read = await client.read_flow_run(run.id)
        assert (read.name, read.tags) == (f"{name}-renamed", ["renamed"])
        flows = await client.read_flows(limit=200)
        assert read.flow_id in {each.id for each in flows}
        response = await client.set_flow_run_state(run.id, Completed())
        assert response.status.value == "ACCEPT"
        await client.delete_flow_run(run.id)
    assert api.get(f"/flow_runs/{run.id}").status_code == 404


def test_see_a_flow_run_in_the_counts_and_pages(api: Api, name: str):
    @flow(name=name)
    def counted() -> str:
        return runtime.flow_run.id

    ids = {counted() for _ in range(3)}

    by_flow = {"flows": {"name": {"any_": [name]}}}
    assert api.post("/flow_runs/count", json=by_flow).json() == 3
    page = api.post("/flow_runs/paginate", json={**by_flow, "limit": 2, "page": 2, "sort": "START_TIME_ASC"}).json()
    assert (page["count"], page["pages"], page["page"], len(page["results"])) == (3, 2, 2, 1)
    assert {run["id"] for run in api.flow_runs_named(name)} == ids
    [flow_row] = api.read("/flows/filter", flows={"name": {"any_": [name]}})
    assert eventually(lambda: api.get(f"/flows/{flow_row['id']}").json()["name"]) == name
