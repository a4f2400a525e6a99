"""`my_task.delay(...)` here, `prefect.task_worker.serve(my_task)` in another process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.api import Api
from support.commands import Terminal
from support.waiting import eventually

FLOWS = Path(__file__).parent / "flows"
sys.path.insert(0, str(FLOWS))
import background  # noqa: E402


@pytest.fixture(scope="module")
def task_worker(api: Api, terminal: Terminal):
    worker = terminal.start(FLOWS / "background.py", "serve")
    # One task by itself first. The SDK starts its log sender at the first log line of a task's thread, under a lock
    # that the worker's event loop needs to take up the next task, and waits for that loop: with several tasks at
    # once a fresh task worker can lock itself up for good, against any server.
    assert background.add.delay(0, 0).result(timeout=60) == 0
    yield worker
    worker.stop()


def test_delay_a_task_before_its_worker_is_there_and_find_it_run(api: Api, terminal: Terminal):
    future = background.add.delay(20, 22)
    waiting = api.get(f"/task_runs/{future.task_run_id}").json()
    assert (waiting["state_type"], waiting["flow_run_id"]) == ("SCHEDULED", None)

    worker = terminal.start(FLOWS / "background.py", "serve")
    try:
        future.wait(timeout=60)
        assert future.result(timeout=10) == 42
    finally:
        worker.stop()

    final = eventually(
        lambda: api.get(f"/task_runs/{future.task_run_id}").json(), lambda run: run["state_type"] == "COMPLETED"
    )
    assert final["run_count"] == 1


def test_delay_many_tasks_and_wait_for_each(api: Api, task_worker):
    futures = [background.add.delay(number, 1) for number in range(8)]

    for number, future in enumerate(futures):
        future.wait(timeout=60)
        assert future.result(timeout=10) == number + 1

    ids = [str(future.task_run_id) for future in futures]
    runs = eventually(
        lambda: api.read("/task_runs/filter", task_runs={"id": {"any_": ids}}),
        lambda runs: [run["state_type"] for run in runs] == ["COMPLETED"] * 8,
    )
    assert {run["run_count"] for run in runs} == {1}


def test_delay_a_task_that_fails(api: Api, task_worker):
    future = background.fail.delay()

    future.wait(timeout=60)

    assert future.state.is_failed()
    run = eventually(
        lambda: api.get(f"/task_runs/{future.task_run_id}").json(), lambda run: run["state_type"] == "FAILED"
    )
    assert "cannot" in run["state"]["message"]
