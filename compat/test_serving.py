"""`my_flow.serve(...)`: a long-lived process that runs what the server schedules."""

from __future__ import annotations

import datetime
import os
import re
import signal
from pathlib import Path

import pytest
from prefect.events import emit_event

from support.api import Api
from support.commands import Terminal
from support.waiting import eventually

SCRIPT = Path(__file__).parent / "flows" / "serving.py"


@pytest.fixture
def serve(api: Api, terminal: Terminal, name: str):
    """Serves a flow and returns the process and the deployment; Ctrl-C at the end."""
    started = []

    def serve(kind: str):
        process = terminal.start(SCRIPT, name, kind)
        started.append(process)
        flow_name = "served-sleeping" if kind == "sleeping" else "served"
        deployment = eventually(lambda: api.deployment(flow_name, name))
        return process, deployment

    yield serve
    for process in started:
        process.stop()


def moments(runs: list[dict]) -> list[datetime.datetime]:
    return sorted(datetime.datetime.fromisoformat(run["expected_start_time"]) for run in runs)


def test_serve_a_flow_with_an_interval_and_see_it_run_and_pause_on_shutdown(api: Api, serve):
    process, deployment = serve("interval")

    runs = eventually(
        lambda: api.flow_runs_of_deployment(deployment["id"]),
        lambda runs: any(run["state_type"] == "COMPLETED" for run in runs),
    )

    done = next(run for run in runs if run["state_type"] == "COMPLETED")
    api.await_log(done["id"], "said hello")
    gaps = {(later - earlier).total_seconds() for earlier, later in zip(moments(runs), moments(runs)[1:])}
    assert gaps == {8.0}
    process.stop()
    assert api.get(f"/deployments/{deployment['id']}").json()["paused"] is True
    eventually(lambda: [
        run for run in api.flow_runs_of_deployment(deployment["id"], state={"type": {"any_": ["SCHEDULED"]}})
        if run["expected_start_time"] > datetime.datetime.now(datetime.UTC).isoformat()
    ], lambda left: left == [])  # fmt: skip


def test_serve_a_flow_with_a_cron_schedule(api: Api, serve):
    _, deployment = serve("cron")

    runs = eventually(lambda: api.flow_runs_of_deployment(deployment["id"]), lambda runs: len(runs) >= 3)

    assert all(moment.minute % 5 == 0 and moment.second == 0 for moment in moments(runs))
    assert deployment["tags"] == ["cron"]


def test_serve_a_flow_with_a_recurrence_rule(api: Api, serve):
    _, deployment = serve("rrule")

    runs = eventually(lambda: api.flow_runs_of_deployment(deployment["id"]), lambda runs: len(runs) >= 3)

    gaps = {later - earlier for earlier, later in zip(moments(runs), moments(runs)[1:])}
    assert gaps == {datetime.timedelta(hours=2)}


def test_serve_a_flow_that_an_event_runs(api: Api, serve, name: str):
    _, deployment = serve("triggered")
    eventually(lambda: api.get(f"/automations/related-to/prefect.deployment.{deployment['id']}").json())

    emit_event(event=f"{name}.happened", resource={"prefect.resource.id": name})
    emit_event(
        event=f"{name}.happened",
        resource={"prefect.resource.id": name},
        related=[{"prefect.resource.id": "cause.1", "prefect.resource.role": "cause"}],
        payload={"word": "an event"},
    )

    runs = eventually(
        lambda: api.flow_runs_of_deployment(deployment["id"]),
        lambda runs: any(run["state_type"] == "COMPLETED" for run in runs),
    )
    assert [run["parameters"] for run in runs] == [{"word": "an event"}], "the first event has no cause"
    api.await_log(runs[0]["id"], "said an event")


def test_run_a_served_deployment_by_hand(api: Api, terminal: Terminal, serve, name: str):
    serve("none")

    terminal.prefect("deployment", "run", f"served/{name}", "--param", "word=goodbye")

    deployment = api.deployment("served", name)
    [run] = api.flow_runs_of_deployment(deployment["id"])
    assert api.await_end(run["id"])["state_name"] == "Completed"
    api.await_log(run["id"], "said goodbye")


def test_cancel_a_run_of_a_served_flow_through_the_api(api: Api, serve):
    _, deployment = serve("sleeping")
    run = api.run_deployment(deployment["id"])
    logs = api.await_log(run["id"], "asleep in process")
    pid = int(re.search(r"asleep in process (\d+)", " ".join(log["message"] for log in logs)).group(1))

    api.set_state(run["id"], "CANCELLING")

    assert api.await_end(run["id"], within=60)["state_name"] == "Cancelled"
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_kill_the_process_of_a_served_flow_and_see_it_crashed(api: Api, serve):
    _, deployment = serve("sleeping")
    run = api.run_deployment(deployment["id"])
    logs = api.await_log(run["id"], "asleep in process")
    pid = int(re.search(r"asleep in process (\d+)", " ".join(log["message"] for log in logs)).group(1))

    os.kill(pid, signal.SIGKILL)

    assert api.await_end(run["id"])["state_type"] == "CRASHED"
