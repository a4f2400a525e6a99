"""Makes one object of each kind that `prefect transfer` takes along."""

import asyncio
from datetime import timedelta

from prefect import flow, get_client
from prefect.automations import Automation
from prefect.blocks.core import Block
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    GlobalConcurrencyLimitCreate,
    WorkPoolCreate,
)
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.events.actions import PauseDeployment
from prefect.events.schemas.automations import EventTrigger
from prefect.variables import Variable
from pydantic import SecretStr


class Warehouse(Block):
    """A block type that no server knows by itself."""

    host: str
    password: SecretStr


@flow
def move(city: str = "Rome"):
    pass


async def main() -> None:
    await Warehouse(host="db.internal", password="open sesame").save("main-warehouse")
    await Variable.aset("region", {"name": "eu", "zones": [1, 2]}, tags=["place"])
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="movers", type="process", concurrency_limit=7))
        await client.create_work_queue(name="fast", work_pool_name="movers", priority=3, concurrency_limit=2)
        await client.create_concurrency_limit("heavy", 4)
        await client.create_global_concurrency_limit(
            GlobalConcurrencyLimitCreate(name="lifts", limit=5, slot_decay_per_second=0.5)
        )
        deployment_id = await client.create_deployment(
            flow_id=await client.create_flow(move),
            name="nightly",
            work_pool_name="movers",
            work_queue_name="fast",
            path="/srv/flows",
            entrypoint="moving.py:move",
            description="every night",
            tags=["prod"],
            parameters={"city": "Paris"},
            parameter_openapi_schema={"type": "object", "properties": {"city": {"type": "string", "default": "Rome"}}},
            enforce_parameter_schema=True,
            job_variables={"env": {"STAGE": "prod"}},
            concurrency_limit=3,
            schedules=[
                DeploymentScheduleCreate(schedule=CronSchedule(cron="0 4 * * *", timezone="Europe/Berlin"), active=True),
                DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(hours=6)), active=False),
            ],
        )
    await Automation(
        name="stop after a failure",
        description="somebody has to look first",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Failed"},
            match_related={"prefect.resource.id": f"prefect.deployment.{deployment_id}"},
            posture="Reactive",
            threshold=2,
            within=timedelta(minutes=10),
        ),
        actions=[PauseDeployment(source="selected", deployment_id=deployment_id)],
    ).acreate()


asyncio.run(main())
