"""`sluice up`: the server and a worker, on a laptop with a Python that has Prefect, or without one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from support.servers import free_port
from support.waiting import eventually

pytestmark = [pytest.mark.own_server, pytest.mark.sqlite_only]


@pytest.fixture
def up(tmp_path: Path):
    """Starts `sluice up` with a PATH; returns its process, its API and what it has said so far."""
    processes = []

    def start(path: str, *options: str):
        port = free_port()
        output = tmp_path / "output"
        environment = {**os.environ, "PATH": path, "SLUICE_HOME": str(tmp_path / "home")}
        environment.pop("VIRTUAL_ENV", None)
        with output.open("wb") as file:
            process = subprocess.Popen(
                [os.environ["SLUICE_BINARY"], "up", "--port", str(port), *options],
                env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
        processes.append(process)
        return process, f"http://127.0.0.1:{port}/api", lambda: output.read_text(errors="replace")

    yield start
    for process in processes:
        process.kill()
        process.wait()


def read(url: str) -> dict | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return None


def worker_is_online(api: str, pool: str) -> bool:
    request = urllib.request.Request(f"{api}/work_pools/{pool}/workers/filter", data=b"{}", method="POST")
    request.add_header("content-type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return any(worker["status"] == "ONLINE" for worker in json.load(answer))
    except (urllib.error.URLError, ConnectionError):
        return False


def workers_of(parent: int) -> list[int]:
    """The processes whose parent is `parent`."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        # A zombie has ended.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_up_starts_a_worker_that_ends_with_it(up, ending: signal.Signals):
    process, api, output = up(f"{Path(sys.executable).parent}:{os.environ['PATH']}", "--pool", "mine")
    eventually(lambda: worker_is_online(api, "mine"), within=60)
    assert 'A worker takes the runs of the pool "mine"' in output()
    workers = workers_of(process.pid)
    assert len(workers) == 1
    process.send_signal(ending)
    code = process.wait(60)
    assert code == (0 if ending == signal.SIGTERM else -signal.SIGKILL), output()
    eventually(lambda: not is_alive(workers[0]), within=60)


def test_up_without_prefect_says_so_and_serves(up, tmp_path: Path):
    bare = tmp_path / "bin"
    bare.mkdir()
    python = bare / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    process, api, output = up(str(bare))
    eventually(lambda: "No worker was started" in output(), within=60)
    assert "has no Prefect; pip install prefect, then start one with `sluice worker start --pool default`" in output()
    eventually(lambda: read(f"{api}/health") is True, within=30)
    process.terminate()
    assert process.wait(60) == 0
