"""How fast a worker starts runs: ours, and the reference's beside it.

    SLUICE_BINARY=target/release/sluice python bench/worker.py [--runs 20] [--burst 50] [--reference]

Starts a server of ours and a worker, deploys two flows, and prints the milliseconds from the creation of a run until it
is RUNNING and COMPLETED, and for a burst how long all take and how much CPU each. `--reference` does the same with
`prefect worker start` on the same server, in the same minutes, and prints the ratios. Python with Prefect is the one
that runs this.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx

FLOWS = """
from prefect import flow, task

@flow
def nothing():
    pass

@task
def add(number):
    return number + 1

@flow
def three():
    return add(add(add(1)))
"""
DEPLOY = """
import sys
from prefect import flow
directory, pool = sys.argv[1:]
for name in ("nothing", "three"):
    flow.from_source(source=directory, entrypoint=f"flows.py:{name}").deploy(
        name=pool, work_pool_name=pool, build=False, push=False, print_next_steps=False
    )
"""
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
DEADLINE_SECONDS = 300
STOP_SECONDS = 60


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--burst", type=int, default=50)
    options.add_argument("--reference", action="store_true", help="measure `prefect worker start`, too")
    options = options.parse_args()
    binary = os.environ["SLUICE_BINARY"]
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as home:
        port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment |= {
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_HOME": f"{home}/prefect",
            "SLUICE_HOME": f"{home}/sluice",
            "DO_NOT_TRACK": "1",
        }
        Path(home, "flows.py").write_text(FLOWS)
        server = start([binary, "server", "start", "--port", str(port)], environment, home, "server")
        try:
            client = httpx.Client(base_url=environment["PREFECT_API_URL"], timeout=60)
            until(lambda: is_healthy(client))
            workers = {"sluice": [binary, "worker", "start", "--python", sys.executable]}
            if options.reference:
                workers["reference"] = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process"]
            figures = {
                name: measure(client, command, name, environment, home, options) for name, command in workers.items()
            }
        finally:
            stop(server)
    report(figures)


def measure(client: httpx.Client, command: list[str], pool: str, environment: dict, home: str, options) -> dict:
    """The figures of one worker, by name; all are better when they are smaller."""
    client.post("/work_pools/", json={"name": pool, "type": "process", "base_job_template": template(client)})
    subprocess.run([sys.executable, "-c", DEPLOY, home, pool], env=environment, check=True, capture_output=True)
    worker = start([*command, "--pool", pool], environment, home, pool)
    try:
        until(lambda: client.post(f"/work_pools/{pool}/workers/filter", json={}).json())
        figures = {}
        for flow in ("nothing", "three"):
            deployment = client.get(f"/deployments/name/{flow}/{pool}").json()["id"]
            one_after_the_other(client, deployment, 1)
            running, completed = one_after_the_other(client, deployment, options.runs)
            figures[f"{flow}: RUNNING after ms"] = running
            figures[f"{flow}: COMPLETED after ms"] = completed
        deployment = client.get(f"/deployments/name/nothing/{pool}").json()["id"]
        began = time.monotonic()
        runs = [create(client, deployment) for _ in range(options.burst)]
        states = [await_end(client, run) for run in runs]
        figures[f"burst of {options.burst}: s"] = time.monotonic() - began
        figures["burst: runs not COMPLETED"] = sum(state != "COMPLETED" for state in states)
        begun = [sum(state["type"] == "RUNNING" for state in states_of(client, run)) for run in runs]
        figures["burst: runs begun twice"] = sum(count > 1 for count in begun)
    finally:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        stop(worker)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A worker's use includes that of the processes that it waited for.
    total = 2 * (options.runs + 1) + options.burst
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures["CPU s a run, worker and runs"] = used / total
    return figures


def one_after_the_other(client: httpx.Client, deployment: str, count: int) -> tuple[float, float]:
    """Medians of the milliseconds until RUNNING and COMPLETED."""
    running, completed = [], []
    for _ in range(count):
        run = create(client, deployment)
        await_end(client, run)
        times = {state["type"]: moment(state["timestamp"]) for state in states_of(client, run)}
        running.append(1000 * (times["RUNNING"] - times["SCHEDULED"]))
        completed.append(1000 * (times["COMPLETED"] - times["SCHEDULED"]))
        time.sleep(0.2)
    return statistics.median(running), statistics.median(completed)


def report(figures: dict[str, dict[str, float]]) -> None:
    for name, ours in figures["sluice"].items():
        line = f"{name:36} {ours:10.2f}"
        if "reference" in figures:
            theirs = figures["reference"][name]
            line += f"   reference {theirs:10.2f}" + (f"   x {theirs / ours:.1f}" if ours else "")
        print(line)


def template(client: httpx.Client) -> dict:
    collections = client.get("/collections/views/aggregate-worker-metadata").json()
    return collections["prefect"]["process"]["default_base_job_configuration"]


def create(client: httpx.Client, deployment: str) -> str:
    body = {"state": {"type": "SCHEDULED"}}
    return client.post(f"/deployments/{deployment}/create_flow_run", json=body).raise_for_status().json()["id"]


def await_end(client: httpx.Client, run: str) -> str:
    return until(lambda: (state := client.get(f"/flow_runs/{run}").json()["state_type"]) in ENDED and state)


def states_of(client: httpx.Client, run: str) -> list[dict]:
    return client.get("/flow_run_states/", params={"flow_run_id": run}).json()


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def is_healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def until(look):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {DEADLINE_SECONDS} s")
        time.sleep(0.01)
    return found


def adopt_orphans() -> None:
    """Makes this process the parent of what its children leave behind (PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def start(command: list[str], environment: dict, home: str, name: str) -> subprocess.Popen:
    with Path(home, f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log, start_new_session=True)


def stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{process.args[0]} does not stop; killing it", file=sys.stderr)
        process.kill()
        process.wait()
    # What it leaves behind comes to us, and is counted when it is waited for.
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
