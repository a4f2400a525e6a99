"""`prefect deploy`, `prefect worker start --type process`, and what happens to the runs."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from prefect import resume_flow_run

from support.api import Api
from support.commands import Running, Terminal
from support.waiting import eventually

FLOWS = Path(__file__).parent / "flows"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with the flows in it, from which a user deploys."""
    shutil.copy(FLOWS / "deployed.py", tmp_path / "deployed.py")
    return tmp_path


@pytest.fixture
def deploy(api: Api, terminal: Terminal, work_pool: str, project: Path, name: str):
    """`prefect deploy`; returns the deployment as the server knows it. Schedules end with the test."""
    deployments = []

    def deploy(function: str, *options: str, prefix: str = "") -> dict:
        deployment_name = f"{prefix}{name}"
        terminal.prefect(
            "--no-prompt", "deploy", f"deployed.py:{function}", "--name", deployment_name, "--pool", work_pool, *options,
            directory=project,
        )  # fmt: skip
        deployment = api.deployment(function.replace("_", "-"), deployment_name)
        assert deployment is not None
        deployments.append(deployment)
        return deployment

    yield deploy
    for deployment in deployments:
        api.delete(f"/deployments/{deployment['id']}")


def test_deploy_a_flow_and_let_a_worker_run_it_on_schedule(api: Api, worker: Running, deploy):
    deployment = deploy("adding", "--interval", "8", "--param", "number=1")

    assert deployment["work_pool_name"] is not None
    assert deployment["parameters"] == {"number": 1}
    [schedule] = deployment["schedules"]
    assert schedule["schedule"]["interval"] == 8.0
    runs = eventually(
        lambda: api.flow_runs_of_deployment(deployment["id"]),
        lambda runs: any(run["state_type"] == "COMPLETED" for run in runs),
    )
    api.patch(f"/deployments/{deployment['id']}", json={"paused": True})
    done = next(run for run in runs if run["state_type"] == "COMPLETED")
    assert done["auto_scheduled"] is True
    assert "auto-scheduled" in done["tags"]
    assert done["created_by"]["type"] == "SCHEDULE"
    assert done["infrastructure_pid"]
    api.await_log(done["id"], "the total is 42")
    api.await_task_runs(done["id"], 1)
    names = [state["name"] for state in api.states_of(done["id"])]
    assert (names[0], names[-2:]) == ("Scheduled", ["Running", "Completed"])
    assert "Pending" in names


def test_run_a_deployment_and_watch_it(api: Api, terminal: Terminal, worker: Running, deploy):
    deployment = deploy("adding")

    result = terminal.prefect("deployment", "run", f"adding/{deployment['name']}", "--param", "number=5", "--watch")

    assert "Flow run finished successfully" in result.output
    [run] = api.flow_runs_of_deployment(deployment["id"])
    assert (run["state_name"], run["parameters"]) == ("Completed", {"number": 5})
    assert run["created_by"] is None or run["created_by"]["type"] in ("DEPLOYMENT", "USER")


def test_run_a_deployment_with_parameters_that_do_not_fit_its_schema(api: Api, terminal: Terminal, deploy):
    deployment = deploy("adding")

    result = terminal.prefect(
        "deployment", "run", f"adding/{deployment['name']}", "--param", 'number="many"', exit_code=1
    )

    assert "Validation failed for field 'number'" in result.output
    assert api.flow_runs_of_deployment(deployment["id"]) == []


def test_deploy_again_and_keep_one_deployment(api: Api, deploy):
    first = deploy("adding", "--tag", "old", "--cron", "0 4 * * *")
    second = deploy("adding", "--tag", "new", "--cron", "0 5 * * *")

    assert first["id"] == second["id"]
    assert second["tags"] == ["new"]
    assert [schedule["schedule"]["cron"] for schedule in second["schedules"]] == ["0 5 * * *"]
    runs = eventually(
        lambda: api.flow_runs_of_deployment(first["id"]),
        lambda runs: runs and all(":00:00" in run["expected_start_time"] for run in runs),
    )
    hours = {datetime.datetime.fromisoformat(run["expected_start_time"]).hour for run in runs}
    assert len(hours) == 1


def test_cancel_a_run_with_the_cli_and_have_the_worker_kill_its_process(
    api: Api, terminal: Terminal, worker: Running, deploy
):
    deployment = deploy("sleeping")
    run = api.run_deployment(deployment["id"])
    pid = process_of(api, run["id"])

    terminal.prefect("flow-run", "cancel", run["id"])

    assert api.await_end(run["id"], within=60)["state_name"] == "Cancelled"
    eventually(lambda: not is_running(pid))
    names = [state["name"] for state in api.states_of(run["id"])]
    assert names[-2:] == ["Cancelling", "Cancelled"]


def test_cancel_a_run_through_the_api_before_a_worker_takes_it(api: Api, deploy):
    deployment = deploy("sleeping", "--work-queue", "default")
    in_an_hour = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat()
    run = api.run_deployment(
        deployment["id"], state={"type": "SCHEDULED", "state_details": {"scheduled_time": in_an_hour}}
    )

    answer = api.set_state(run["id"], "CANCELLING")

    assert answer["status"] == "REJECT"
    assert answer["state"]["type"] == "CANCELLED"


def test_kill_the_process_of_a_flow_and_see_it_crashed(api: Api, worker: Running, deploy):
    deployment = deploy("sleeping")
    run = api.run_deployment(deployment["id"])
    pid = process_of(api, run["id"])

    os.kill(pid, signal.SIGKILL)

    assert api.await_end(run["id"])["state_type"] == "CRASHED"


def test_suspend_a_flow_run_and_resume_it_in_a_new_process(api: Api, worker: Running, deploy):
    deployment = deploy("suspending")
    run = api.run_deployment(deployment["id"])
    api.await_state(run["id"], "Suspended")

    resume_flow_run(run["id"])

    assert api.await_end(run["id"])["state_name"] == "Completed"
    messages = [log["message"] for log in api.await_log(run["id"], "after the suspension")]
    assert messages.count("before the suspension") == 2
    names = [state["name"] for state in api.states_of(run["id"])]
    assert names.index("Suspended") < names.index("Resuming") < names.index("Completed")


def test_suspend_for_input_and_resume_with_it(api: Api, worker: Running, deploy):
    deployment = deploy("suspending_for_input")
    run = api.run_deployment(deployment["id"])
    api.await_state(run["id"], "Suspended")

    resume_flow_run(run["id"], run_input={"approved": True, "reason": "signed"})

    assert api.await_end(run["id"])["state_name"] == "Completed"
    api.await_log(run["id"], "approved: True, because: signed")


def test_a_deployment_limit_queues_the_second_run(api: Api, worker: Running, deploy):
    deployment = deploy("sleeping", "--concurrency-limit", "1", "--collision-strategy", "ENQUEUE")
    first = api.run_deployment(deployment["id"])
    process_of(api, first["id"])

    second = api.run_deployment(deployment["id"], parameters={"seconds": 0.1})
    waiting = api.await_state(second["id"], "AwaitingConcurrencySlot")

    assert waiting["state_type"] == "SCHEDULED"
    limit = api.get(f"/deployments/{deployment['id']}").json()["global_concurrency_limit"]
    assert (limit["limit"], limit["active_slots"]) == (1, 1)
    api.set_state(first["id"], "CANCELLING")
    assert api.await_end(first["id"], within=60)["state_type"] == "CANCELLED"
    limit_now = eventually(
        lambda: api.get(f"/deployments/{deployment['id']}").json()["global_concurrency_limit"],
        lambda limit: limit["active_slots"] == 0,
    )
    assert limit_now["limit"] == 1


def test_a_deployment_limit_cancels_the_second_run(api: Api, worker: Running, deploy):
    deployment = deploy("sleeping", "--concurrency-limit", "1", "--collision-strategy", "CANCEL_NEW")
    first = api.run_deployment(deployment["id"])
    process_of(api, first["id"])

    second = api.run_deployment(deployment["id"])

    cancelled = api.await_end(second["id"])
    assert cancelled["state_name"] == "Cancelled"
    assert "concurrency limit" in cancelled["state"]["message"].lower()
    api.set_state(first["id"], "CANCELLED", force=True)


def test_a_run_for_which_no_worker_comes_is_late(api: Api, terminal: Terminal, deploy, name: str):
    deployment = deploy("adding")
    idle_pool = f"idle-{name}"
    terminal.prefect("work-pool", "create", idle_pool, "--type", "process")
    api.patch(f"/deployments/{deployment['id']}", json={"work_pool_name": idle_pool})
    a_minute_ago = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)).isoformat()

    run = api.run_deployment(
        deployment["id"], state={"type": "SCHEDULED", "state_details": {"scheduled_time": a_minute_ago}}
    )

    assert api.await_state(run["id"], "Late")["state_type"] == "SCHEDULED"


def test_see_the_worker_online_and_the_pool_ready(api: Api, terminal: Terminal, worker: Running, work_pool: str):
    [online] = eventually(lambda: api.read(f"/work_pools/{work_pool}/workers/filter"))
    assert (online["name"], online["status"]) == ("compat", "ONLINE")
    assert eventually(lambda: api.get(f"/work_pools/{work_pool}").json(), lambda pool: pool["status"] == "READY")
    assert "READY" in terminal.prefect("work-pool", "inspect", work_pool).output


def process_of(api: Api, flow_run_id: str) -> int:
    """The process id that a run of `sleeping` logs once it is asleep."""
    logs = api.await_log(flow_run_id, "asleep in process")
    return int(re.search(r"asleep in process (\d+)", " ".join(log["message"] for log in logs)).group(1))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie answers signals too.
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
