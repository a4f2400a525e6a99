"""Moving to us, and away again, with `prefect transfer`."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.api import Api
from support.reference import Reference
from support.servers import Database, Server

EVERYTHING = Path(__file__).with_name("flows") / "moving.py"
PROFILES = ["ours", "reference", "next"]

pytestmark = [pytest.mark.own_server, pytest.mark.sqlite_only]


def test_everything_moves_to_the_reference_and_from_there_to_us(tmp_path: Path):
    databases = [Database("sqlite"), Database("sqlite")]
    ours, next_server = (Server(database.url).start() for database in databases)
    reference = Reference().start()
    addresses = dict(zip(PROFILES, [ours.api_url, reference.api_url, next_server.api_url], strict=True))
    (tmp_path / "profiles.toml").write_text(
        'active = "ours"\n'
        + "".join(f'[profiles.{name}]\nPREFECT_API_URL = "{url}"\n' for name, url in addresses.items())
    )
    try:
        run(tmp_path, str(EVERYTHING), PREFECT_API_URL=ours.api_url)
        made = inventory(ours)
        assert all(made.values()), f"nothing was made of one kind: {made}"

        for source, target in itertools.pairwise(PROFILES):
            report = run(tmp_path, "-m", "prefect", "transfer", "--from", source, "--to", target)
            assert "failed" not in report.lower(), report

        assert inventory(next_server) == made
    finally:
        reference.stop()
        for server in (ours, next_server):
            server.stop()
        for database in databases:
            database.drop()


def run(home: Path, *arguments: str, **environment: str) -> str:
    """Runs Python without the address of the session's server: it would win over the profiles."""
    inherited = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    process = subprocess.run(
        [sys.executable, *arguments],
        env={**inherited, "PREFECT_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def inventory(server: Server) -> dict[str, list[dict]]:
    """What the server has, without what each server gives of its own: ids, times, and what refers to them."""
    with Api(base_url=server.api_url, timeout=60) as api:
        deployments = api.read("/deployments/filter")
        names = {deployment["id"]: deployment["name"] for deployment in deployments}
        return {
            "flows": fields(api.read("/flows/filter"), "name", "tags"),
            "variables": fields(api.read("/variables/filter"), "name", "value", "tags"),
            "block documents": fields(
                api.read("/block_documents/filter", include_secrets=True), "name", "data", "block_type_name"
            ),
            "work pools": fields(api.read("/work_pools/filter"), "name", "type", "is_paused", "concurrency_limit"),
            "work queues": fields(api.read("/work_queues/filter"), "name", "priority", "concurrency_limit"),
            "concurrency limits": fields(
                # Those of deployments come with the deployments, and are named by their ids.
                [limit for limit in api.read("/v2/concurrency_limits/filter") if names_no_deployment(limit)],
                "name",
                # Not its decay: the command leaves that behind.
                "limit",
            ),
            "deployments": fields(
                deployments,
                "name",
                "description",
                "tags",
                "parameters",
                "parameter_openapi_schema",
                "enforce_parameter_schema",
                "job_variables",
                "work_pool_name",
                "work_queue_name",
                "path",
                "entrypoint",
                "paused",
            ),
            "schedules": sorted(
                (
                    {"active": schedule["active"], **without_anchor(schedule["schedule"])}
                    for deployment in deployments
                    for schedule in deployment["schedules"]
                ),
                key=repr,
            ),
            "automations": [
                {
                    **{name: automation[name] for name in ("name", "description", "enabled")},
                    "expect": automation["trigger"]["expect"],
                    "threshold": automation["trigger"]["threshold"],
                    "within": automation["trigger"]["within"],
                    "pauses": [names.get(action["deployment_id"]) for action in automation["actions"]],
                }
                for automation in api.read("/automations/filter")
            ],
        }


def fields(objects: list[dict], *names: str) -> list[dict]:
    return sorted(({name: found[name] for name in names} for found in objects), key=lambda found: found["name"])


def names_no_deployment(limit: dict) -> bool:
    return not limit["name"].startswith("deployment:")


def without_anchor(schedule: dict) -> dict:
    """An interval begins when the schedule was made, unless it says when."""
    return {name: value for name, value in schedule.items() if name != "anchor_date"}
