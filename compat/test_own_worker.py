"""`sluice worker start` with the unmodified SDK: deployments of a directory, run, cancelled, crashed, abandoned."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import urllib.request
import uuid
from pathlib import Path

import pytest

from support.api import Api
from support.commands import Terminal
from support.own_worker import Worker
from support.reference import Reference
from support.servers import free_port
from support.waiting import eventually

FLOWS = Path(__file__).parent / "flows"
CASES = Path(__file__).parent.parent / "crates" / "worker" / "src" / "template" / "cases.json"


@pytest.fixture
def pool(name: str) -> str:
    """A pool that only this test uses."""
    return f"own-{name}"


@pytest.fixture
def start_worker(pool: str, tmp_path_factory: pytest.TempPathFactory):
    """Starts a worker of the pool; it is stopped when the test ends."""
    workers: list[Worker] = []

    def start(*options: str) -> Worker:
        # What still runs when a test ends is not waited for.
        options = ("--shutdown-grace", "0", *options) if "--shutdown-grace" not in options else options
        workers.append(Worker(tmp_path_factory.mktemp("worker") / "output", pool, *options))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def deploy(api: Api, terminal: Terminal, pool: str, name: str, tmp_path: Path):
    """`prefect deploy` of a flow in a directory; the pool must exist."""

    def deploy(function: str, file: str = "deployed.py", *options: str) -> dict:
        shutil.copy(FLOWS / file, tmp_path / file)
        terminal.prefect(
            "--no-prompt", "deploy", f"{file}:{function}", "--name", name, "--pool", pool, *options, directory=tmp_path,
        )  # fmt: skip
        deployment = api.deployment(function.replace("_", "-"), name)
        assert deployment is not None
        return deployment

    return deploy


def test_a_worker_creates_its_pool_and_runs_what_is_deployed(api: Api, start_worker, deploy, pool: str):
    worker = start_worker("--name", f"worker-{pool}", "--query-seconds", "300", "--prefetch-seconds", "0")
    found = api.get(f"/work_pools/{pool}").json()
    assert found["type"] == "process"
    assert found["base_job_template"]["job_configuration"]["env"] == "{{ env }}"

    run = api.run_deployment(deploy("adding")["id"], parameters={"number": 1})

    # It asks for runs every five minutes only: it was told.
    ended = api.await_end(run["id"], within=60)
    assert ended["state_type"] == "COMPLETED", ended["state"]
    api.await_log(run["id"], "the total is 42")
    names = [state["name"] for state in api.states_of(run["id"])]
    assert names == ["Scheduled", "Pending", "Submitting", "Running", "Completed"]
    assert ended["infrastructure_pid"].rpartition(":")[2].isdigit()
    assert ended["labels"]["prefect.worker.name"] == f"worker-{pool}"
    worker.await_output("the total is 42")
    events = eventually(
        lambda: worker_events(api, run["id"]), lambda events: len(events) == 2, within=30
    )
    assert [event["event"] for event in events] == [
        "prefect.worker.submitted-flow-run",
        "prefect.worker.executed-flow-run",
    ]
    assert events[1]["follows"] == events[0]["id"]


def worker_events(api: Api, flow_run_id: str) -> list[dict]:
    body = {
        "filter": {
            "event": {"prefix": ["prefect.worker."]},
            "any_resource": {"id": [f"prefect.flow-run.{flow_run_id}"]},
            "order": "ASC",
        }
    }
    return api.post("/events/filter", json=body).json()["events"]


@pytest.mark.parametrize("mode", ["fork", "standby", "off"])
def test_nothing_of_one_run_reaches_another(api: Api, start_worker, deploy, tmp_path: Path, mode: str):
    start_worker("--warm-python", mode)
    deployment = deploy("revealing", "own_worker.py", "--job-variable", f"env.TRACES={tmp_path}")

    def seen(given: str | None, **environment: str) -> dict:
        variables = {"env": {"GIVEN": given, **environment}} if given else {}
        run = api.run_deployment(deployment["id"], parameters={"mark": "of a run"}, job_variables=variables)
        ended = api.await_end(run["id"])
        assert ended["state_type"] == "COMPLETED", ended["state"]
        [line] = [log for log in api.await_log(run["id"], "seen ") if log["message"].startswith("seen ")]
        return json.loads(line["message"].removeprefix("seen "))

    first, second = seen("a"), seen(None)
    # What comes to a fork server for the third time has settings that are ready.
    debugging = [seen("b", PREFECT_LOGGING_LEVEL="DEBUG") for _ in range(3 if mode == "fork" else 1)]
    last = seen(None)

    clean = {"left": None, "module": False, "group": True, "term": True, "descriptors": [], "argv": []}
    for run, given in ((first, "a"), (second, None), *((run, "b") for run in debugging), (last, None)):
        assert {key: run[key] for key in clean} == clean
        assert run["given"] == given
        assert run["main"] == "prefect.engine"
        level = "DEBUG" if run in debugging else "INFO"
        assert (run["level"], run["effective"], run["levels_in_memory"]) == (level, level, [level])
        assert run["home"] == first["home"]
    assert first["cwd"] == second["cwd"] == str(tmp_path)


def test_a_crash_is_reported_with_its_code_and_the_last_lines(api: Api, start_worker, deploy):
    start_worker()
    exiting = api.run_deployment(deploy("exiting", "own_worker.py")["id"])
    killed = api.run_deployment(deploy("killing_itself")["id"])

    crashed = api.await_state(exiting["id"], "Crashed")
    assert "exited with non-zero status code 3" in crashed["state"]["message"]
    assert "last words" in crashed["state"]["message"]
    crashed = api.await_state(killed["id"], "Crashed")
    assert "status code 137" in crashed["state"]["message"]
    assert "SIGKILL" in crashed["state"]["message"]


def test_limits_of_memory_and_time_are_kept(api: Api, start_worker, deploy):
    start_worker("--memory-limit", "500m", "--time-limit", "20")
    hoarding = api.run_deployment(deploy("hoarding", "own_worker.py")["id"])
    sleeping = api.run_deployment(deploy("sleeping")["id"], parameters={"seconds": 600})

    crashed = api.await_state(hoarding["id"], "Crashed")
    assert "MiB of memory, more than the 500 MiB that it may" in crashed["state"]["message"]
    crashed = api.await_state(sleeping["id"], "Crashed")
    assert crashed["state"]["message"] == (
        "Flow run was stopped, because it took longer than the 20 seconds that it may."
    )
    pid = int(crashed["infrastructure_pid"].rpartition(":")[2])
    eventually(lambda: is_alive(pid), lambda alive: not alive)


def test_a_cancelled_run_ends_and_says_so(api: Api, start_worker, deploy):
    start_worker("--cancellation-poll-seconds", "300")
    run = api.run_deployment(deploy("sleeping")["id"])
    api.await_log(run["id"], "asleep in process")

    api.set_state(run["id"], "CANCELLING")

    cancelled = api.await_end(run["id"], within=40)
    assert cancelled["state_type"] == "CANCELLED"
    pid = int(cancelled["infrastructure_pid"].rpartition(":")[2])
    eventually(lambda: is_alive(pid), lambda alive: not alive)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_run_outlives_a_worker_that_is_killed(api: Api, start_worker, deploy):
    worker = start_worker("--orphan-grace", "1")
    deployment = deploy("sleeping")
    runs = [api.run_deployment(deployment["id"])["id"] for _ in range(10)]
    for run in runs:
        api.await_state(run, "Running")
    pids = [int(api.flow_run(run)["infrastructure_pid"].rpartition(":")[2]) for run in runs]

    os.kill(worker.pid, signal.SIGKILL)

    for run in runs:
        assert api.await_end(run, within=60)["state_type"] == "CRASHED"
    eventually(lambda: [pid for pid in pids if is_alive(pid)], lambda alive: not alive)


def test_runs_that_do_not_finish_in_time_are_handed_back(api: Api, start_worker, deploy):
    worker = start_worker("--shutdown-grace", "0", "--at-shutdown", "hand-back")
    run = api.run_deployment(deploy("sleeping")["id"], parameters={"seconds": 1000})
    api.await_log(run["id"], "asleep in process")

    worker.stop()

    handed_back = api.flow_run(run["id"])
    assert handed_back["state_type"] == "SCHEDULED", handed_back["state"]
    api.set_state(run["id"], "CANCELLED", force=True)


def test_limits_and_queues_are_kept(api: Api, terminal: Terminal, start_worker, deploy, pool: str):
    terminal.prefect("work-pool", "create", pool, "--type", "process")
    terminal.prefect("work-queue", "create", "urgent", "--pool", pool)
    start_worker("--work-queue", "urgent", "--limit", "1")
    elsewhere = api.run_deployment(deploy("adding")["id"])
    deployment = deploy("sleeping", "deployed.py", "--work-queue", "urgent")
    runs = [api.run_deployment(deployment["id"], parameters={"seconds": 2})["id"] for _ in range(2)]

    for run in runs:
        assert api.await_end(run)["state_type"] == "COMPLETED"

    first, second = sorted((api.flow_run(run) for run in runs), key=lambda run: run["start_time"])
    assert second["start_time"] >= first["end_time"]
    assert api.flow_run(elsewhere["id"])["state_type"] == "SCHEDULED"


def test_run_once_takes_what_is_due_and_ends(api: Api, terminal: Terminal, start_worker, deploy, pool: str):
    terminal.prefect("work-pool", "create", pool, "--type", "process")
    run = api.run_deployment(deploy("adding")["id"])

    assert start_worker("--run-once").wait() == 0

    assert api.flow_run(run["id"])["state_type"] == "COMPLETED"


def test_health_is_served(start_worker):
    port = free_port()
    start_worker("--with-healthcheck", "--health-host", "127.0.0.1", "--health-port", str(port))

    def ask() -> dict | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
                return json.load(answer)
        except OSError:
            return None

    assert eventually(ask, lambda answer: answer is not None) == {"message": "OK"}


def test_templates_become_what_the_reference_makes_of_them(monkeypatch: pytest.MonkeyPatch):
    """The crate has a test that says the same of our own rendering, over the same cases."""
    from prefect.utilities.annotations import NotSet
    from prefect.utilities.templating import apply_values
    from prefect.workers.base import BaseJobConfiguration

    monkeypatch.setenv("SLUICE_TEST_SET", "from the environment")
    cases = json.loads(CASES.read_text())
    for case in cases["apply_values"]:
        assert apply_values(case["template"], case["values"]) == case.get("expected", NotSet), case

    class Rendered(BaseJobConfiguration):
        """Keeps what was rendered as it is."""

        def __init__(self, **rendered):
            super().__init__()
            self._related_objects = rendered

    for case in cases["render"]:
        # As `resolve_for_flow_run` merges them.
        values = {**case["deployment"]}
        own = dict(case["flow_run"])
        if isinstance(values.get("env"), dict):
            values["env"] = values["env"] | own.pop("env", {})
        values |= own
        rendered = asyncio.run(Rendered.from_template_and_values(case["template"], values))
        assert rendered._related_objects == case["expected"], case


@pytest.mark.own_server
def test_the_worker_serves_the_reference_too(tmp_path: Path):
    reference = Reference().start()
    terminal = Terminal({"PREFECT_API_URL": f"{reference.url}/api"})
    try:
        pool = f"own-{uuid.uuid4().hex[:8]}"
        worker = Worker(tmp_path / "output", pool, "--query-seconds", "5", PREFECT_API_URL=f"{reference.url}/api")
        shutil.copy(FLOWS / "deployed.py", tmp_path / "deployed.py")
        terminal.prefect(
            "--no-prompt", "deploy", "deployed.py:adding", "--name", "own", "--pool", pool, directory=tmp_path
        )
        with reference.api() as api:
            deployment = api.deployment("adding", "own")
            run = api.run_deployment(deployment["id"])
            assert api.await_end(run["id"])["state_type"] == "COMPLETED"
        worker.stop()
    finally:
        terminal.close()
        reference.stop()
