"""Images and runs on a real engine: `sluice deploy` builds and pushes, `sluice worker start` pulls and runs.

The image holds the project and nothing else; the interpreter that runs these tests is mounted into the containers. So
no image is needed from anywhere. `scripts/with-docker` starts an engine; without one these tests are left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support.api import Api
from support.own_worker import Worker
from support.servers import free_port
from support.waiting import eventually

ENGINE = os.environ.get("SLUICE_TEST_DOCKER_HOST")
DOCKER = next((path for path in ("/usr/bin/docker", shutil.which("docker")) if path and Path(path).exists()), None)

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(not ENGINE, reason="SLUICE_TEST_DOCKER_HOST names no Docker engine (scripts/with-docker starts one)"),
    pytest.mark.skipif(not DOCKER, reason="there is no docker command (Debian: apt-get install docker.io)"),
]

FLOW = """
import sys
import time

from prefect import flow


@flow(log_prints=True)
def contained(seconds: int = 0, how: str = "well"):
    print("begins", how)
    for second in range(seconds):
        sys.__stdout__.write(f"raw {second}\\n")
        sys.__stdout__.flush()
        time.sleep(1)
    if how == "badly":
        raise ValueError("it went badly")
    hoard = []
    while how == "hoarding":
        hoard.append(bytearray(10_000_000))
    print("ends", how)
"""
# `secret`, as `htpasswd -B` writes it.
PASSWORDS = "ada:$2a$04$f/q2Fb4.3zw7xF3.qFa56.ia8aLLCRczSLSwHUZBZAD6K8FZG2tYK\n"


def docker(*arguments: str) -> str:
    environment = {**os.environ, "DOCKER_HOST": ENGINE}
    return subprocess.run([DOCKER, *arguments], env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory):
    """A registry that asks who is there."""
    if not shutil.which("docker-registry"):
        pytest.skip("there is no registry to push to (Debian: apt-get install docker-registry)")
    directory, host = tmp_path_factory.mktemp("registry"), f"127.0.0.1:{free_port()}"
    (directory / "passwords").write_text(PASSWORDS)
    (directory / "registry.yml").write_text(json.dumps({
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(directory / "images")}},
        "http": {"addr": host},
        "auth": {"htpasswd": {"realm": "sluice", "path": str(directory / "passwords")}},
    }))  # fmt: skip
    process = subprocess.Popen(["docker-registry", "serve", str(directory / "registry.yml")], stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            return httpx.get(f"http://{host}/v2/").status_code == 401
        except httpx.HTTPError:
            return False

    eventually(answers)
    yield host
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def deployed(api: Api, registry: str, tmp_path_factory: pytest.TempPathFactory):
    """A project whose two deployments share an image, as `sluice deploy` leaves it: its pool, and what was said."""
    directory = tmp_path_factory.mktemp("contained")
    pool = f"docker-{free_port()}"
    api.post("/work_pools/", json={"name": pool, "type": "docker"}).raise_for_status()
    (directory / "flows.py").write_text(FLOW)
    (directory / "Dockerfile").write_text("FROM scratch\nCOPY flows.py /opt/project/flows.py\nWORKDIR /opt/project\n")
    login = {"username": "ada", "password": "secret", "registry_url": f"http://{registry}"}
    mounted = sorted({"/usr", "/lib", "/lib64", "/bin", "/etc/ssl", sys.prefix, sys.base_prefix})
    job = {
        "image": "{{ built.image }}",
        "auto_remove": True,
        "volumes": [f"{path}:{path}:ro" for path in mounted if Path(path).exists()] + ["/tmp"],
        "env": {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PREFECT_HOME": "/tmp/prefect"},
        "registry_credentials": {**login, "registry_url": registry},
    }
    steps = "prefect_docker.deployments.steps"
    (directory / "prefect.yaml").write_text(json.dumps({
        "name": "contained",
        "build": [{f"{steps}.build_docker_image": {
            "id": "built", "image_name": f"{registry}/team/contained", "tag": "1", "additional_tags": ["latest"],
            "pull": False, "labels": {"team": "data"},
        }}],
        "push": [{f"{steps}.push_docker_image": {
            "image_name": "{{ built.image_name }}", "tag": "{{ built.tag }}",
            "additional_tags": "{{ built.additional_tags }}", "credentials": login,
        }}],
        "pull": [{"prefect.deployments.steps.set_working_directory": {"directory": "/opt/project"}}],
        "deployments": [
            {"name": "one", "entrypoint": "flows.py:contained", "work_pool": {"name": pool, "job_variables": job}},
            {"name": "small", "entrypoint": "flows.py:contained", "push": None,
             "work_pool": {"name": pool, "job_variables": {**job, "mem_limit": "250m"}}},
        ],
    }))  # fmt: skip
    said = deploy(directory)
    assert said.returncode == 0, said.stdout + said.stderr
    # Only the registry has it now.
    names = [f"{registry}/team/contained:{tag}" for tag in ("1", "latest")]
    labels = json.loads(docker("image", "inspect", names[0]))[0]["Config"]["Labels"]
    docker("image", "rm", "--force", *names)
    yield {"pool": pool, "said": said.stderr, "labels": labels, "directory": directory}
    docker("image", "rm", "--force", names[0])


def deploy(directory: Path) -> subprocess.CompletedProcess:
    path = f"{Path(DOCKER).parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [os.environ["SLUICE_BINARY"], "deploy", "apply", "--all"],
        cwd=directory,
        env={**os.environ, "PATH": path, "DOCKER_HOST": ENGINE, "DOCKER_CONFIG": str(directory / "docker"), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def start_worker(deployed: dict, tmp_path: Path):
    workers: list[Worker] = []

    def start() -> Worker:
        output = tmp_path / f"worker-{len(workers)}"
        options = ("--name", f"of-{deployed['pool']}", "--shutdown-grace", "0")
        workers.append(Worker(output, deployed["pool"], *options, DOCKER_HOST=ENGINE, SLUICE_HOME=str(tmp_path)))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


def run(api: Api, deployment: str, job_variables: dict | None = None, **parameters) -> str:
    body = {"parameters": parameters, "job_variables": job_variables or {}}
    return api.run_deployment(api.deployment("contained", deployment)["id"], **body)["id"]


def containers_of(run_id: str) -> list[str]:
    return docker("ps", "--all", "--quiet", "--filter", f"label=io.sluice.flow-run-id={run_id}").split()


def test_an_image_is_built_and_pushed_once_with_a_login_that_does_not_stay(api: Api, registry: str, deployed: dict):
    assert deployed["said"].count("done before, with the same inputs") == 1, deployed["said"]
    assert deployed["labels"] == {"team": "data", "io.prefect.version": "3.8.8"}
    tags = httpx.get(f"http://{registry}/v2/team/contained/tags/list", auth=("ada", "secret")).json()["tags"]
    assert sorted(tags) == ["1", "latest"]
    for name in ("one", "small"):
        image = api.deployment("contained", name)["job_variables"]["image"]
        assert image == f"{registry}/team/contained:1"
    assert not (deployed["directory"] / "docker" / "config.json").exists()


def test_a_build_that_fails_shows_the_end_of_its_output(deployed: dict, tmp_path: Path):
    for name in ("flows.py", "prefect.yaml"):
        shutil.copy(deployed["directory"] / name, tmp_path / name)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY there-is-none /\n")
    failed = deploy(tmp_path)
    assert failed.returncode == 1
    assert "the step prefect_docker.deployments.steps.build_docker_image failed: docker ended with" in failed.stderr
    assert "there-is-none" in failed.stderr.splitlines()[-1], failed.stderr


def test_runs_in_containers_end_as_they_end(api: Api, start_worker, deployed: dict):
    worker = start_worker()
    well, badly, hoarding = run(api, "one"), run(api, "one", how="badly"), run(api, "small", how="hoarding")
    sleeping = run(api, "one", seconds=600)

    assert api.await_end(well, within=90)["state_type"] == "COMPLETED", worker.output
    api.await_log(well, "ends well")
    assert api.await_end(badly)["state_type"] == "FAILED"
    assert api.await_end(hoarding)["state_type"] == "CRASHED"
    api.await_log(hoarding, "out of memory: the limit is 250 MiB")
    api.await_log(sleeping, "begins well")
    api.set_state(sleeping, "CANCELLING")
    assert api.await_end(sleeping, within=60)["state_type"] == "CANCELLED"
    for ended in (well, badly, hoarding, sleeping):
        assert eventually(lambda: containers_of(ended), lambda left: not left) == []


def test_an_image_is_pulled_when_its_policy_says_so(api: Api, registry: str, start_worker, deployed: dict, tmp_path: Path):
    worker, name = start_worker(), f"{registry}/team/contained:1"
    # The engine has another image of that name than the registry.
    (tmp_path / "flows.py").write_text(FLOW.replace('"begins"', '"begins here"'))
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY flows.py /opt/project/flows.py\nWORKDIR /opt/project\n")
    docker("build", "--tag", name, str(tmp_path))
    of_engine = run(api, "one", {"image_pull_policy": "IfNotPresent"})
    absent = run(api, "one", {"image_pull_policy": "Never", "image": f"{registry}/team/contained:absent"})

    assert api.await_end(of_engine, within=90)["state_type"] == "COMPLETED", worker.output
    api.await_log(of_engine, "begins here well")
    assert api.await_end(absent)["state_type"] == "CRASHED"
    api.await_log(absent, "No such image")
    of_registry = run(api, "one", {"image_pull_policy": "Always"})
    assert api.await_end(of_registry, within=90)["state_type"] == "COMPLETED", worker.output
    api.await_log(of_registry, "begins well")


def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(api: Api, start_worker, deployed: dict):
    first = start_worker()
    runs = [run(api, "one", seconds=12) for _ in range(2)]
    for started in runs:
        api.await_log(started, "begins well", within=90)
    first.await_output("raw 2")
    first.kill()
    second = start_worker()

    for started in runs:
        assert api.await_end(started)["state_type"] == "COMPLETED"
        api.await_log(started, "ends well")
        assert eventually(lambda: containers_of(started), lambda left: not left) == []
    heard = [line for line in (first.output + second.output).splitlines() if line.startswith("raw ")]
    for second_of_run in range(12):
        assert heard.count(f"raw {second_of_run}") >= 2, (heard, first.output, second.output)
    # What was printed in the moment of the kill may come again, for each run.
    assert len(heard) <= 2 * 12 + 2, heard
