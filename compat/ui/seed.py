"""What a data team's server holds, made with the unmodified SDK: the pages are looked at with this in them."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field

from prefect import flow, get_client, get_run_logger, task
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
)
from prefect.blocks.system import Secret
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.concurrency.sync import concurrency
from prefect.events import emit_event
from prefect.utilities.callables import parameter_schema
from prefect.variables import Variable

from support.api import Api
from support.waiting import eventually


@dataclass
class World:
    """Names and ids of what was made; the keys of the mappings say which is which."""

    flow: str = ""
    flow_runs: dict[str, str] = field(default_factory=dict)
    task_run: str = ""
    deployments: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)
    block: str = ""
    automations: dict[str, str] = field(default_factory=dict)
    tag_limit: str = ""
    limit: str = ""
    queue: str = ""
    event: tuple[str, str] = ("", "")


@task(tags=["database"], log_prints=True)
def extract(part: int) -> int:
    print(f"reading part {part}")
    return part * 10


@task
def load(rows: int) -> int:
    return rows


@flow(name="clean-up")
def clean_up() -> None:
    load(0)


@flow(name="nightly-sales", log_prints=True)
def nightly_sales(day: datetime.date = datetime.date(2026, 1, 1), parts: int = 3, region: str = "north") -> int:
    logger = get_run_logger()
    logger.debug("a line for those who look closely")
    logger.warning("region %s is late", region)
    rows = [extract(part) for part in range(parts)]
    total = load(sum(rows))
    with concurrency("warehouse", occupy=1):
        create_markdown_artifact("# Sales\n\n| a | b |\n|---|---|\n| 1 | 2 |", key="sales-report", description="a *report*")
        create_table_artifact([{"day": str(day), "rows": total}], key="sales-table")
        create_link_artifact("http://127.0.0.1/", key="sales-link", link_text="the source")
        create_progress_artifact(62.5, key="sales-progress")
        create_image_artifact("data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", key="sales-image")
    clean_up()
    print(f"{total} rows")
    return total


@flow(name="failing")
def failing() -> None:
    raise ValueError("the source does not answer")


def seed(api: Api) -> World:
    world = World()
    with get_client(sync_client=True) as client:
        world.limit = created(api, "/v2/concurrency_limits/", name="warehouse", limit=5, slot_decay_per_second=0.0)["id"]
        world.tag_limit = created(api, "/concurrency_limits/", tag="database", concurrency_limit=10)["id"]
        made_pools(api, client, world)
        made_runs(api, world)
        made_deployments(api, client, world)
    Secret(value="s3cret").save("warehouse-password")
    [document] = [one for one in api.read("/block_documents/filter") if one["name"] == "warehouse-password"]
    world.block = document["id"]
    Variable.set("region", "north", tags=["sales"])
    Variable.set("settings", {"retries": 3})
    made_automations(api, world)
    made_event(api, world)
    return world


def created(api: Api, path: str, **body) -> dict:
    response = api.post(path, json=body)
    assert response.status_code in (200, 201), f"{path}: {response.status_code} {response.text}"
    return response.json()


def made_pools(api: Api, client, world: World) -> None:
    workers = api.get("/collections/views/aggregate-worker-metadata").json()
    for kind, package in [("process", "prefect"), ("docker", "prefect-docker")]:
        template = workers[package][kind]["default_base_job_configuration"]
        client.create_work_pool(WorkPoolCreate(name=f"{kind}-pool", type=kind, base_job_template=template))
    client.create_work_pool(WorkPoolCreate(name="paused-pool", type="process", is_paused=True, concurrency_limit=2))
    world.queue = created(api, "/work_pools/process-pool/queues/", name="urgent", priority=1, concurrency_limit=3)["id"]
    response = api.post("/work_pools/process-pool/workers/heartbeat", json={"name": "worker-1", "heartbeat_interval_seconds": 600})
    assert response.status_code == 204, response.text


def made_runs(api: Api, world: World) -> None:
    done = nightly_sales(return_state=True)
    world.flow_runs["completed"] = str(done.state_details.flow_run_id)
    failed = failing(return_state=True)
    world.flow_runs["failed"] = str(failed.state_details.flow_run_id)
    world.flow = api.flow_run(world.flow_runs["completed"])["flow_id"]
    now = datetime.datetime.now(datetime.UTC)
    for name, state in {
        "scheduled": {"type": "SCHEDULED", "state_details": {"scheduled_time": str(now + datetime.timedelta(hours=1))}},
        "late": {"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": str(now - datetime.timedelta(hours=1))}},
        "pending": {"type": "PENDING"},
        "running": {"type": "RUNNING"},
        "paused": {"type": "PAUSED", "state_details": {"pause_timeout": str(now + datetime.timedelta(hours=1))}},
        "cancelling": {"type": "CANCELLING"},
        "cancelled": {"type": "CANCELLED", "message": "not wanted"},
        "crashed": {"type": "CRASHED", "message": "the machine went away"},
    }.items():
        run = created(api, "/flow_runs/", flow_id=world.flow, name=f"{name}-run", tags=["seeded"], parameters={"parts": 2})
        api.set_state(run["id"], force=True, **{"state_type": state.pop("type"), **state})
        world.flow_runs[name] = run["id"]
    tasks = api.await_task_runs(world.flow_runs["completed"], 5)
    world.task_run = next(run["id"] for run in tasks if run["name"].startswith("extract"))
    api.await_log(world.flow_runs["completed"], "30 rows")
    for artifact in api.read("/artifacts/filter"):
        if artifact["key"]:
            world.artifacts[artifact["key"]] = artifact["id"]


def made_deployments(api: Api, client, world: World) -> None:
    flow_id = uuid.UUID(world.flow)
    schema = parameter_schema(nightly_sales).model_dump_for_openapi()
    every_day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    schedules = {
        "daily": IntervalSchedule(interval=datetime.timedelta(days=1), anchor_date=every_day, timezone="Europe/Berlin"),
        "weekdays": CronSchedule(cron="30 5 * * 1-5", timezone="America/New_York"),
        "monthly": RRuleSchedule(rrule="DTSTART:20260101T060000\nFREQ=MONTHLY;BYMONTHDAY=1", timezone="UTC"),
    }
    for name, options in {
        "every-night": {
            "schedules": [DeploymentScheduleCreate(schedule=one, active=True) for one in schedules.values()],
            "work_pool_name": "process-pool",
            "job_variables": {"env": {"LEVEL": "info"}},
            "description": "## What it does\n\nSums the *sales*.",
        },
        "without-pool": {"paused": True},
    }.items():
        world.deployments[name] = str(
            client.create_deployment(
                flow_id=flow_id, name=name, parameters={"parts": 2}, tags=["sales"], entrypoint="sales.py:nightly_sales",
                parameter_openapi_schema=schema, enforce_parameter_schema=True, **options,
            )
        )  # fmt: skip
    run = api.run_deployment(world.deployments["every-night"], name="run-of-a-deployment", parameters={"parts": 1})
    world.flow_runs["deployed"] = run["id"]


def made_automations(api: Api, world: World) -> None:
    event = {
        "type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 1, "within": 0,
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "match_related": {"prefect.resource.id": [f"prefect.flow.{world.flow}"], "prefect.resource.role": "flow"},
        "for_each": ["prefect.resource.id"],
    }  # fmt: skip
    silence = {**event, "posture": "Proactive", "after": ["prefect.flow-run.Running"], "within": 60}
    run = {"type": "run-deployment", "source": "selected", "deployment_id": world.deployments["every-night"], "parameters": {}}
    for name, trigger, actions in [
        ("run-again", event, [run]),
        ("too-silent", silence, [{"type": "cancel-flow-run"}]),
        ("both", {"type": "compound", "triggers": [event, event], "require": "all", "within": 60}, [{"type": "do-nothing"}]),
        ("one-after-the-other", {"type": "sequence", "triggers": [event, event], "within": 60}, [
            {"type": "change-flow-run-state", "state": "FAILED", "name": "Given up"},
            {"type": "pause-work-pool", "source": "inferred"},
        ]),
    ]:  # fmt: skip
        world.automations[name] = created(
            api, "/automations/", name=name, description="as needed", trigger=trigger, actions=actions, enabled=name != "both"
        )["id"]


def made_event(api: Api, world: World) -> None:
    emit_event("sales.file.arrived", resource={"prefect.resource.id": "sales.file.1"}, payload={"bytes": 12})
    found = eventually(
        lambda: api.post("/events/filter", json={"filter": {"event": {"name": ["sales.file.arrived"]}}}).json()["events"]
    )
    world.event = (found[0]["occurred"][:10], found[0]["id"])
