"""How fast a server with a million runs answers what dashboards ask.

    SLUICE_BINARY=target/release/sluice python bench/dashboards.py [--flow-runs 1000000] [--task-runs 2000000]
        [--requests 200] [--postgres URL] [--keep DIRECTORY]

Fills a database (`seed_sluice.py`: some minutes for a million), starts a server on it, waits until the runs are
counted, and prints for each question the median and the 99th percentile of its time, and the CPU that the server took for one
(without that of PostgreSQL). Then the same while runs are created. `--postgres` names a role that may create databases
(`scripts/with-postgres`); without it the database is SQLite's. With `--keep` the filled database stays in the directory,
and is used again. Ends with 1 when a 99th percentile is above 50 ms, or above 20 ms for a page of flow runs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

TARGET_MILLISECONDS = 50
PAGE_TARGET_MILLISECONDS = 20
START_SECONDS = 60
COUNTED_SECONDS = 1800
# What changes all the time is never counted: the present hour.
FEW_UNCOUNTED = 5
UNCOUNTED = """SELECT (SELECT count(*) FROM run_tally WHERE by_expected IS NULL)
    + (SELECT count(*) FROM (SELECT DISTINCT workspace_id, kind, start FROM run_tally_change) AS changed)"""
STATES = {
    "SCHEDULED": ["Scheduled", "Late"],
    "PENDING": ["Pending"],
    "RUNNING": ["Running"],
    "COMPLETED": ["Completed"],
    "FAILED": ["Failed"],
    "CANCELLED": ["Cancelled"],
    "CRASHED": ["Crashed"],
    "PAUSED": ["Paused"],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--flow-runs", type=int, default=1_000_000)
    options.add_argument("--task-runs", type=int, default=2_000_000)
    options.add_argument("--requests", type=int, default=200)
    options.add_argument("--postgres")
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.keep or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        database = Database(home, chosen.postgres)
        if not database.is_filled():
            fill(database, chosen.flow_runs, chosen.task_runs)
        with Server(database) as server:
            print(f"counted after {wait_until_counted(server):.1f} s")
            failures = measure(server, chosen.requests, "at rest")
            with Writer(server):
                failures += measure(server, chosen.requests, "while runs are created")
    if failures:
        sys.exit(f"too slow: {', '.join(failures)}")


class Database:
    """A SQLite file in the directory, or a database of its own on PostgreSQL, whose name is kept there."""

    def __init__(self, home: Path, postgres: str | None) -> None:
        self.home = home
        self.mark = home / "filled"
        self.is_sqlite = not postgres
        self.url = f"sqlite:///{home}/sluice.db"
        self.target = f"{home}/sluice.db"
        if postgres:
            kept = home / "postgres-database"
            name = kept.read_text() if kept.exists() else f"dashboards_{uuid.uuid4().hex}"
            base, _, _ = postgres.rpartition("/")
            if not kept.exists():
                kept.write_text(name)
                subprocess.run(["psql", "--quiet", postgres, "--command", f"CREATE DATABASE {name}"], check=True)
            self.url = self.target = f"{base}/{name}"

    def is_filled(self) -> bool:
        return self.mark.exists()

    def uncounted(self) -> int:
        """How many periods the server has still to count."""
        if self.is_sqlite:
            with closing(sqlite3.connect(f"file:{self.target}?mode=ro", uri=True)) as connection:
                return connection.execute(UNCOUNTED).fetchone()[0]
        command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", self.target, "--command", UNCOUNTED]
        return int(subprocess.run(command, text=True, check=True, stdout=subprocess.PIPE).stdout)


class Server:
    def __init__(self, database: Database) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = database

    def __enter__(self) -> Server:
        environment = os.environ | {
            "SLUICE_HOME": str(self.database.home),
            "SLUICE_DATABASE_URL": self.database.url,
            "SLUICE_LOG_LEVEL": "warn",
        }
        binary = os.environ.get("SLUICE_BINARY", "target/release/sluice")
        command = [binary, "server", "start", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.ask("GET", "/api/health")
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        sys.exit("the server does not answer")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)

    def ask(self, method: str, path: str, body: object = None) -> object:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            return asked(connection, method, path, body)
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def asked(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> object:
    return json.loads(answered(connection, method, path, body))


def answered(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> bytes:
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"content-type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        sys.exit(f"{method} {path}: {answer.status} {content[:300]!r}")
    return content


def fill(database: Database, flow_runs: int, task_runs: int) -> None:
    with Server(database) as server:
        flow = server.ask("POST", "/api/flows/", {"name": "template"})["id"]
        pool = {"name": "template", "type": "process", "base_job_template": {}}
        server.ask("POST", "/api/work_pools/", pool)
        deployment = {"name": "template", "flow_id": flow, "work_pool_name": "template"}
        server.ask("POST", "/api/deployments/", deployment)
        for state_type, names in STATES.items():
            for name in names:
                run = {"flow_id": flow, "name": "template", "state": {"type": "PENDING"}}
                run = server.ask("POST", "/api/flow_runs/", run)["id"]
                for state in ([] if state_type in ("SCHEDULED", "PENDING") else [{"type": "RUNNING"}]) + [
                    {"type": state_type, "name": name}
                ]:
                    server.ask("POST", f"/api/flow_runs/{run}/set_state", {"state": state, "force": True})
        task = {
            "flow_run_id": run,
            "name": "template",
            "task_key": "template",
            "dynamic_key": "0",
            "state": {"type": "PENDING"},
        }
        task = server.ask("POST", "/api/task_runs/", task)["id"]
        for state in ({"type": "RUNNING"}, {"type": "COMPLETED"}):
            server.ask("POST", f"/api/task_runs/{task}/set_state", {"state": state, "force": True})
    started = time.monotonic()
    script = Path(__file__).with_name("seed_sluice.py")
    subprocess.run([sys.executable, script, database.target, str(flow_runs), str(task_runs)], check=True)
    database.mark.touch()
    print(f"filled in {time.monotonic() - started:.0f} s")


def wait_until_counted(server: Server) -> float:
    """Until the server has counted the runs; it does so unasked."""
    started = time.monotonic()
    while server.database.uncounted() > FEW_UNCOUNTED and time.monotonic() - started < COUNTED_SECONDS:
        time.sleep(2)
    return time.monotonic() - started


def questions() -> dict[str, tuple[str, object]]:
    now = datetime.now(UTC)
    at = lambda days: (now - timedelta(days=days)).isoformat()  # noqa: E731
    window = lambda days: {"after_": at(days), "before_": at(0)}  # noqa: E731
    runs = lambda days, **more: {"expected_start_time": window(days), **more}  # noqa: E731
    tasks = lambda days, **more: {"start_time": window(days), "subflow_runs": {"exists_": False}, **more}  # noqa: E731
    states = lambda *types: {"state": {"type": {"any_": list(types)}}}  # noqa: E731
    named = lambda *names: {"state": {"name": {"any_": list(names)}}}  # noqa: E731
    top = {"parent_task_run_id": {"is_null_": True}}
    history = lambda days: {  # noqa: E731
        "history_start": at(days),
        "history_end": at(0),
        "history_interval_seconds": days * 86400 // 20,
    }
    ended = ("COMPLETED", "FAILED", "CRASHED")
    return {
        "history of flow runs, 1 day": ("flow_runs/history", history(1)),
        "history of flow runs, 14 days": ("flow_runs/history", history(14)),
        "history of task runs, 14 days": (
            "task_runs/history",
            {**history(14), "flow_runs": {}, "task_runs": {"start_time": window(14)}},
        ),
        "count of all flow runs": ("flow_runs/count", {}),
        "count, 14 days": ("flow_runs/count", {"flow_runs": runs(14)}),
        "count, 14 days, completed": ("flow_runs/count", {"flow_runs": runs(14, **states("COMPLETED"))}),
        "count, 14 days, failed or crashed, no subflows": (
            "flow_runs/count",
            {"flow_runs": runs(14, **states("FAILED", "CRASHED"), **top)},
        ),
        "count, late": ("flow_runs/count", {"flow_runs": named("Late")}),
        "count, running": ("flow_runs/count", {"flow_runs": states("RUNNING")}),
        "count by start, 7 days": ("flow_runs/count", {"flow_runs": {"start_time": window(7)}}),
        "lateness, 14 days": ("flow_runs/lateness", {"flow_runs": runs(14)}),
        "count of task runs, 14 days": ("task_runs/count", {"task_runs": tasks(14)}),
        "count of task runs, 14 days, ended": (
            "task_runs/count",
            {"task_runs": tasks(14, **states(*ended)), "flow_runs": top},
        ),
        "counts of the dashboard, 14 days": (
            "ui/task_runs/dashboard/counts",
            {"task_runs": {"start_time": window(14)}},
        ),
        "counts of task runs by state": ("ui/task_runs/count", {}),
        "page of 200": ("flow_runs/filter", {"limit": 200, "sort": "EXPECTED_START_TIME_DESC"}),
        "page of 200, 14 days": (
            "flow_runs/filter",
            {"limit": 200, "sort": "EXPECTED_START_TIME_DESC", "flow_runs": runs(14)},
        ),
        "page of 200, 14 days, by start": (
            "flow_runs/filter",
            {"limit": 200, "sort": "START_TIME_DESC", "flow_runs": runs(14)},
        ),
        "page of 200, 14 days, failed": (
            "flow_runs/filter",
            {"limit": 200, "sort": "START_TIME_DESC", "flow_runs": runs(14, **states("FAILED"))},
        ),
        "page of 200, 14 days, failed, by expected start": (
            "flow_runs/filter",
            {"limit": 200, "sort": "EXPECTED_START_TIME_DESC", "flow_runs": runs(14, **states("FAILED"))},
        ),
        "page of 200, crashed, the earliest start first": (
            "flow_runs/filter",
            {"limit": 200, "sort": "START_TIME_ASC", "flow_runs": states("CRASHED")},
        ),
        "page of 200, named Cancelled": (
            "flow_runs/filter",
            {"limit": 200, "sort": "START_TIME_DESC", "flow_runs": named("Cancelled")},
        ),
        "page of the runs, 7 days, with its count": (
            "flow_runs/paginate",
            {"limit": 100, "sort": "START_TIME_DESC", "flow_runs": {"start_time": window(7)}},
        ),
        "runs to draw": (
            "ui/flow_runs/history",
            {"limit": 1000, "sort": "EXPECTED_START_TIME_DESC", "flow_runs": runs(1)},
        ),
        "upcoming": (
            "flow_runs/filter",
            {
                "limit": 10,
                "sort": "EXPECTED_START_TIME_ASC",
                "flow_runs": {"expected_start_time": {"after_": at(0)}, **states("SCHEDULED")},
            },
        ),
        "late runs": (
            "flow_runs/filter",
            {"limit": 50, "sort": "EXPECTED_START_TIME_ASC", "flow_runs": named("Late")},
        ),
    }


def measure(server: Server, requests: int, when: str) -> list[str]:
    """Prints a line for each question; returns those that take too long."""
    print(f"\n{when:<50} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}")
    failures = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    for name, (path, body) in questions().items():
        asked(connection, "POST", f"/api/{path}", body)
        times, before = [], server.cpu_seconds()
        for _ in range(requests):
            started = time.perf_counter()
            answered(connection, "POST", f"/api/{path}", body)
            times.append((time.perf_counter() - started) * 1e3)
        cpu = (server.cpu_seconds() - before) / requests * 1e3
        slow = statistics.quantiles(times, n=100)[98]
        print(f"{name:<50} {statistics.median(times):8.2f} {slow:8.2f} {cpu:8.2f}", flush=True)
        target = PAGE_TARGET_MILLISECONDS if path == "flow_runs/filter" else TARGET_MILLISECONDS
        if slow > target:
            failures.append(f"{name} {when} (above {target} ms)")
    return failures


class Writer:
    """Creates runs and takes them to COMPLETED, one after the other, until it is left. In a process of its own: whoever
    measures does not wait for it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.is_over = multiprocessing.Event()
        self.process = multiprocessing.Process(target=self.write)

    def __enter__(self) -> None:
        self.process.start()

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.process.join()

    def write(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        flow = asked(connection, "POST", "/api/flows/", {"name": "template"})["id"]
        while not self.is_over.wait(0.01):
            run = {"flow_id": flow, "state": {"type": "PENDING"}}
            run = asked(connection, "POST", "/api/flow_runs/", run)["id"]
            for state in ("RUNNING", "COMPLETED"):
                asked(connection, "POST", f"/api/flow_runs/{run}/set_state", {"state": {"type": state}})


if __name__ == "__main__":
    main()
