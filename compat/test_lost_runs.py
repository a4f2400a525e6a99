"""Workers and processes that are killed at every step: each run ends, and none is run twice."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import uuid
from pathlib import Path

import pytest

from support.api import Api
from support.commands import Running, Terminal
from support.servers import Database, Server
from support.waiting import eventually

pytestmark = [pytest.mark.own_server, pytest.mark.timeout(240)]

FLOWS = Path(__file__).parent / "flows"
ZOMBIE_AFTER_SECONDS = 6
# The defaults are meant for production.
SETTINGS = {
    "SLUICE_FOREMAN_LOOP_SECONDS": "1",
    "SLUICE_FLOW_RUN_HEARTBEAT_SECONDS": "1",
    "SLUICE_ZOMBIE_RUNS_AFTER_SECONDS": str(ZOMBIE_AFTER_SECONDS),
    "SLUICE_STRANDED_RUNS_CLAIM_SECONDS": "4",
    "SLUICE_STRANDED_RUNS_INFRASTRUCTURE_SECONDS": "4",
}


@pytest.fixture(scope="module")
def server(database_kind: str):
    database = Database(database_kind)
    server = Server(database.url, SETTINGS).start()
    yield server
    if server.is_alive():
        server.stop()
    database.drop()


@pytest.fixture(scope="module")
def lost_api(server: Server):
    with Api(base_url=server.api_url, timeout=60, follow_redirects=True) as api:
        yield api


@pytest.fixture(scope="module")
def lost_terminal(server: Server):
    terminal = Terminal({"PREFECT_API_URL": server.api_url})
    yield terminal
    terminal.close()


@pytest.fixture(scope="module")
def pool(lost_api: Api, lost_terminal: Terminal) -> str:
    pool = f"pool-{uuid.uuid4().hex[:8]}"
    lost_terminal.prefect("work-pool", "create", pool, "--type", "process")
    return pool


class Case:
    """A deployment with a queue of its own, and a directory in which its flow and its processes leave traces."""

    def __init__(self, api: Api, pool: str, directory: Path, function: str, gated: bool = False, **parameters):
        self.api = api
        self.directory = directory
        self.journal = directory / "journal"
        self.queue = f"queue-{uuid.uuid4().hex[:8]}"
        directory.mkdir()
        for file in ("watched.py", "gate.py"):
            shutil.copy(FLOWS / file, directory / file)
        flow_id = api.post("/flows/", json={"name": function}).json()["id"]
        response = api.post(
            "/deployments/",
            json={
                "name": self.queue,
                "flow_id": flow_id,
                "work_pool_name": pool,
                "work_queue_name": self.queue,
                "entrypoint": f"watched.py:{function}",
                "path": str(directory),
                "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(directory)}}],
                "parameters": {"journal": str(self.journal), **parameters},
                "job_variables": {"command": f"{sys.executable} {directory / 'gate.py'} {directory}"} if gated else {},
            },
        )
        assert response.status_code in (200, 201), response.text
        self.run_id = api.run_deployment(response.json()["id"])["id"]

    @property
    def state(self) -> str:
        return self.api.flow_run(self.run_id)["state_name"]

    def beginnings(self) -> list[int]:
        """The process ids of those that began the flow."""
        return [int(line) for line in self.journal.read_text().split()] if self.journal.exists() else []

    def await_process(self, number: int) -> int:
        waiting = self.directory / f"waiting-{number}"
        return int(eventually(lambda: waiting.exists() and waiting.read_text()))

    def open_gate(self, number: int) -> None:
        (self.directory / f"open-{number}").touch()

    def events(self, name: str) -> list[dict]:
        resource = {"id": [f"prefect.flow-run.{self.run_id}"]}
        return self.api.read("/events/filter", filter={"event": {"name": [name]}, "resource": resource})["events"]


def start_worker(
    terminal: Terminal, pool: str, *cases: Case, dies: str | None = None, heartbeat_seconds: int = 30
) -> Running:
    program = [str(FLOWS / "dying_worker.py"), dies] if dies else ["prefect"]
    queues = [argument for case in cases for argument in ("--work-queue", case.queue)]
    return terminal.start(
        *program, "worker", "start", "--pool", pool, "--type", "process", *queues,
        environment={"PREFECT_WORKER_HEARTBEAT_SECONDS": str(heartbeat_seconds)},
    )  # fmt: skip


def test_a_run_whose_worker_died_before_it_began_is_run_once(
    lost_api: Api, lost_terminal: Terminal, pool: str, tmp_path: Path
):
    cases = {step: Case(lost_api, pool, tmp_path / step, "counting") for step in ("claimed", "named", "submitting")}
    workers = [start_worker(lost_terminal, pool, case, dies=step, heartbeat_seconds=2) for step, case in cases.items()]
    late = Case(lost_api, pool, tmp_path / "late", "counting", gated=True)
    racing = Case(lost_api, pool, tmp_path / "racing", "counting", gated=True)
    shared = start_worker(lost_terminal, pool, late, racing, heartbeat_seconds=2)
    processes = [case.await_process(1) for case in (late, racing)]
    os.kill(shared.pid, signal.SIGKILL)
    for worker in workers:
        assert worker.wait().exit_code == -signal.SIGKILL
    everything = [*cases.values(), late, racing]
    for case in everything:
        assert case.state in ("Pending", "Submitting")

    eventually(lambda: {case.state for case in everything}, lambda states: states == {"Rescheduled"}, within=60)

    # Of the processes that the lost worker left behind, one starts before the run is claimed again.
    late.open_gate(1)
    eventually(lambda: not is_running(processes[0]))
    assert (late.state, late.beginnings()) == ("Rescheduled", [])
    # The other starts together with that of the new worker.
    successor = start_worker(lost_terminal, pool, *everything)
    late.await_process(2)
    late.open_gate(2)
    rival = racing.await_process(2)
    racing.open_gate(1)
    racing.open_gate(2)
    for case in everything:
        assert lost_api.await_end(case.run_id)["state_name"] == "Completed"
    for process in (processes[1], rival):
        eventually(lambda process=process: not is_running(process))
    for case in everything:
        assert len(case.beginnings()) == 1, f"{case.directory.name} began {len(case.beginnings())} times"
        assert case.state == "Completed"
        [event] = eventually(lambda case=case: case.events("sluice.flow-run.handed-out-again"))
        assert event["payload"]["times_before"] == 0
    successor.stop()


@pytest.mark.sqlite_only
def test_a_run_whose_process_and_worker_died_is_crashed(
    lost_api: Api, lost_terminal: Terminal, pool: str, tmp_path: Path
):
    case = Case(lost_api, pool, tmp_path / "killed", "lasting", seconds=300)
    worker = start_worker(lost_terminal, pool, case)
    eventually(case.beginnings)
    eventually(lambda: case.events("prefect.flow-run.heartbeat"))

    worker.kill()
    for process in case.beginnings():
        if is_running(process):
            os.kill(process, signal.SIGKILL)

    crashed = lost_api.await_end(case.run_id)
    assert crashed["state_name"] == "Crashed"
    assert crashed["state"]["message"].startswith("No heartbeat for ")
    [event] = eventually(lambda: case.events("sluice.flow-run.zombie-detected"))
    assert event["payload"]["seconds_without_heartbeat"] >= ZOMBIE_AFTER_SECONDS
    assert [state["name"] for state in lost_api.states_of(case.run_id)].count("Crashed") == 1


@pytest.mark.sqlite_only
def test_a_run_that_lives_is_left_alone_while_the_server_is_away(
    server: Server, lost_api: Api, lost_terminal: Terminal, pool: str, tmp_path: Path
):
    case = Case(lost_api, pool, tmp_path / "alive", "lasting", seconds=ZOMBIE_AFTER_SECONDS * 3)
    worker = start_worker(lost_terminal, pool, case)
    eventually(lambda: case.events("prefect.flow-run.heartbeat"))

    server.kill()
    time.sleep(ZOMBIE_AFTER_SECONDS + 1)
    server.start()

    lost_api.await_end(case.run_id, within=90)
    names = [state["name"] for state in lost_api.states_of(case.run_id)]
    assert (names[-1], names.count("Crashed")) == ("Completed", 0)
    assert len(case.beginnings()) == 1
    assert case.events("sluice.flow-run.zombie-detected") == []
    worker.stop()


def is_running(pid: int) -> bool:
    try:
        # A zombie has not been waited for, but runs no more.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
