"""Two servers on one PostgreSQL: together they behave as one."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from support.api import Api
from support.servers import Database, Server
from support.sockets import event, event_filter, open_socket
from support.waiting import eventually, eventually_async

pytestmark = [pytest.mark.own_server, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def shared_database(database_kind: str):
    if database_kind != "postgres":
        pytest.skip("replicas share a PostgreSQL; SQLite belongs to one process")
    database = Database(database_kind)
    yield database
    database.drop()


@pytest.fixture(scope="module")
def replicas(shared_database: Database):
    database = shared_database
    # Both at once: each of them finds the database without a schema.
    servers = [Server(database.url), Server(database.url)]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda server: server.start(), servers))
    yield servers
    for server in servers:
        if server.is_alive():
            server.stop()


@pytest.fixture(scope="module")
def apis(replicas: list[Server]):
    with Api(base_url=replicas[0].api_url, timeout=60) as first, Api(base_url=replicas[1].api_url, timeout=60) as second:
        yield first, second


def create_flow(api: Api) -> str:
    response = api.post("/flows/", json={"name": f"replicated-{uuid.uuid4().hex}"})
    assert response.status_code == 201, response.text
    return response.json()["id"]


def create_overdue_runs(api: Api, flow_id: str, count: int) -> list[str]:
    overdue = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": overdue}}
    return [api.post("/flow_runs/", json={"flow_id": flow_id, "state": state}).json()["id"] for _ in range(count)]


def test_write_to_one_replica_and_read_from_the_other(apis: tuple[Api, Api]):
    first, second = apis
    flow_id = create_flow(first)
    run = second.post("/flow_runs/", json={"flow_id": flow_id, "state": {"type": "PENDING"}}).json()

    first.set_state(run["id"], "RUNNING")
    second.set_state(run["id"], "COMPLETED")

    assert first.flow_run(run["id"])["state_type"] == "COMPLETED"
    assert [state["type"] for state in second.states_of(run["id"])] == ["PENDING", "RUNNING", "COMPLETED"]


def test_scheduled_runs_are_not_doubled(apis: tuple[Api, Api]):
    first, second = apis
    flow_id = create_flow(first)
    schedule = {"schedule": {"interval": 60, "anchor_date": "2026-01-01T00:00:00Z"}, "active": True}
    deployments = [
        apis[number % 2].post(
            "/deployments/", json={"name": f"every-minute-{number}", "flow_id": flow_id, "schedules": [schedule]}
        ).json()["id"]
        for number in range(6)
    ]  # fmt: skip

    for deployment_id in deployments:
        runs = eventually(lambda: second.flow_runs_of_deployment(deployment_id), lambda runs: len(runs) >= 3)
        # Give a second scheduler the chance to double them: it must have looked at least once since.
        first.post(f"/deployments/{deployment_id}/schedule", json={})
        second.post(f"/deployments/{deployment_id}/schedule", json={})
        runs = first.flow_runs_of_deployment(deployment_id)
        moments = [run["expected_start_time"] for run in runs]
        assert len(moments) == len(set(moments)) >= 3


def test_overdue_runs_become_late_exactly_once(apis: tuple[Api, Api]):
    first, second = apis
    run_ids = create_overdue_runs(first, create_flow(first), 30)

    for run_id in run_ids:
        second.await_state(run_id, "Late", within=60)

    for run_id in run_ids:
        assert [state["name"] for state in first.states_of(run_id)] == ["Scheduled", "Late"]


async def receive_events(socket, count: int) -> list[dict]:
    async with asyncio.timeout(30):
        return [json.loads(await socket.recv())["event"] for _ in range(count)]


async def test_an_event_sent_to_one_replica_reaches_a_subscriber_of_the_other(replicas: list[Server], name: str):
    first, second = replicas
    async with open_socket(second.websocket_url, "/events/out") as subscriber:
        await subscriber.send(event_filter(f"{name}."))
        async with open_socket(first.websocket_url, "/events/in") as sender:
            sent = [event(f"{name}.{number}") for number in range(20)]
            for each in sent:
                await sender.send(json.dumps(each))
            await (await sender.ping())
        received = await receive_events(subscriber, len(sent))

    assert [each["id"] for each in received] == [each["id"] for each in sent]


async def test_a_cancellation_at_one_replica_reaches_a_worker_at_the_other(
    replicas: list[Server], apis: tuple[Api, Api]
):
    first, second = apis
    run = first.post("/flow_runs/", json={"flow_id": create_flow(first), "state": {"type": "PENDING"}}).json()
    first.set_state(run["id"], "RUNNING")
    async with open_socket(replicas[1].websocket_url, "/events/out") as worker:
        await worker.send(event_filter("prefect.flow-run.Cancelling"))
        await asyncio.to_thread(first.set_state, run["id"], "CANCELLING")
        [received] = await receive_events(worker, 1)

    assert received["resource"]["prefect.resource.id"] == f"prefect.flow-run.{run['id']}"
    assert second.flow_run(run["id"])["state_type"] == "CANCELLING"


async def test_logs_written_at_one_replica_stream_from_the_other(replicas: list[Server], apis: tuple[Api, Api]):
    first, _ = apis
    run = first.post("/flow_runs/", json={"flow_id": create_flow(first)}).json()
    async with open_socket(replicas[1].websocket_url, "/logs/out") as subscriber:
        wanted = {"type": "filter", "filter": {"flow_run_id": {"any_": [run["id"]]}}}
        await subscriber.send(json.dumps(wanted))
        received: list[str] = []
        # The subscription has no acknowledgement: write until one arrives.
        for number in range(60):
            log = {"name": "a", "level": 20, "message": f"line {number}", "flow_run_id": run["id"],
                   "timestamp": datetime.now(UTC).isoformat()}  # fmt: skip
            assert (await asyncio.to_thread(first.post, "/logs/", json=[log])).status_code == 201
            try:
                async with asyncio.timeout(0.5):
                    received.append(json.loads(await subscriber.recv())["log"]["message"])
                    break
            except TimeoutError:
                continue
    assert received and received[0].startswith("line ")


async def test_background_tasks_go_to_one_subscriber_of_either_replica(
    replicas: list[Server], apis: tuple[Api, Api], name: str
):
    count = 12

    async def work(server: Server, delivered: list[str]) -> None:
        async with open_socket(server.websocket_url, "/task_runs/subscriptions/scheduled") as socket:
            await socket.send(json.dumps({"type": "subscribe", "keys": [name], "client_id": f"worker-{server.port}"}))
            while True:
                delivered.append(json.loads(await socket.recv())["id"])
                await socket.send(json.dumps({"type": "ack"}))

    delivered: list[str] = []
    workers = [asyncio.create_task(work(server, delivered)) for server in replicas]
    created = []
    for number in range(count):
        body = {"task_key": name, "dynamic_key": str(number), "flow_run_id": None,
                "state": {"type": "SCHEDULED", "state_details": {"deferred": True}}}  # fmt: skip
        response = await asyncio.to_thread(apis[number % 2].post, "/task_runs/", json=body)
        assert response.status_code == 201, response.text
        created.append(response.json()["id"])
    async with asyncio.timeout(60):
        while len(delivered) < count:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)

    assert sorted(delivered) == sorted(created)


def test_slots_are_shared_and_never_given_twice(apis: tuple[Api, Api], name: str):
    first, second = apis
    assert first.post("/v2/concurrency_limits/", json={"name": name, "limit": 5}).status_code == 201
    body = {"names": [name], "slots": 1, "lease_duration": 60}

    answers = [apis[number % 2].post("/v2/concurrency_limits/increment-with-lease", json=body) for number in range(10)]

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [423] * 5
    for number, answer in enumerate(answer for answer in answers if answer.status_code == 200):
        lease = {"lease_id": answer.json()["lease_id"]}
        assert apis[number % 2].post("/v2/concurrency_limits/decrement-with-lease", json=lease).status_code == 204
    assert second.get(f"/v2/concurrency_limits/{name}").json()["active_slots"] == 0


def run_for_each_event(api: Api, name: str) -> str:
    """An automation that runs a deployment for each event of this name: the deployment's id."""
    deployment = api.post("/deployments/", json={"name": name, "flow_id": create_flow(api)})
    deployment_id = deployment.json()["id"]
    action = {
        "type": "run-deployment",
        "deployment_id": deployment_id,
        "parameters": {"event": "{{ event.id }}"},
    }
    trigger = {"type": "event", "posture": "Reactive", "expect": [name]}
    created = api.post("/automations/", json={"name": name, "trigger": trigger, "actions": [action]})
    assert created.status_code == 201, created.text
    return deployment_id


def send(api: Api, name: str) -> str:
    sent = event(name)
    assert api.post("/events", json=[sent]).status_code == 204
    return sent["id"]


def events_acted_on(api: Api, deployment_id: str) -> list[str]:
    return sorted(run["parameters"]["event"] for run in api.flow_runs_of_deployment(deployment_id))


def test_each_firing_is_executed_once_whichever_replica_got_the_event(apis: tuple[Api, Api], name: str):
    deployment_id = run_for_each_event(apis[0], name)
    sent = sorted(send(apis[number % 2], name) for number in range(60))

    eventually(lambda: events_acted_on(apis[1], deployment_id), lambda acted: len(acted) >= len(sent))
    # Whoever would do it twice has had the time for it when this one is done.
    sent = sorted([*sent, send(apis[0], name)])
    acted = eventually(lambda: events_acted_on(apis[1], deployment_id), lambda acted: len(acted) >= len(sent))
    assert acted == sent


async def test_a_replica_dies_between_trigger_and_action(
    shared_database: Database, replicas: list[Server], apis: tuple[Api, Api], name: str
):
    """No action can end while the test holds a lock, so that the kill comes after the firing and before the action."""
    lock = 42
    deployment_id = await asyncio.to_thread(run_for_each_event, apis[0], name)
    sent: list[str] = []
    connection = await shared_database.connect()
    try:
        await connection.execute(
            f"""
            CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock_shared({lock}); RETURN NEW; END';
            CREATE TRIGGER wait_for_test BEFORE INSERT ON flow_run FOR EACH ROW
                WHEN (NEW.deployment_id = '{deployment_id}') EXECUTE FUNCTION wait_for_test();
            """
        )
        for number in range(4):
            victim = number % 2
            survivor = apis[1 - victim]
            await connection.execute("SELECT pg_advisory_lock($1)", lock)
            sent.append(await asyncio.to_thread(send, survivor, name))

            async def waiting() -> int:
                return await connection.fetchval("SELECT count(*) FROM automation_action")

            await eventually_async(waiting, lambda count: count == 1, within=60)
            assert len(await asyncio.to_thread(events_acted_on, survivor, deployment_id)) == number
            await asyncio.to_thread(replicas[victim].kill)
            await connection.execute("SELECT pg_advisory_unlock($1)", lock)
            acted = await eventually_async(
                lambda: asyncio.to_thread(events_acted_on, survivor, deployment_id),
                lambda acted: len(acted) > number,
                within=60,
            )
            assert acted == sorted(sent)
            await asyncio.to_thread(replicas[victim].start)
        await connection.execute("DROP TRIGGER wait_for_test ON flow_run")
    finally:
        await connection.close()
    # Another one, which comes after all that might still have been done twice.
    sent.append(await asyncio.to_thread(send, apis[0], name))
    acted = await eventually_async(
        lambda: asyncio.to_thread(events_acted_on, apis[0], deployment_id), lambda acted: len(acted) >= len(sent)
    )
    assert acted == sorted(sent)


def test_when_one_replica_dies_the_other_does_its_work(replicas: list[Server], apis: tuple[Api, Api]):
    """The last test of this file: it ends with one replica."""
    _, second = apis
    flow_id = create_flow(second)

    replicas[0].kill()

    run_ids = create_overdue_runs(second, flow_id, 5)
    for run_id in run_ids:
        second.await_state(run_id, "Late", within=120)
        assert [state["name"] for state in second.states_of(run_id)] == ["Scheduled", "Late"]
