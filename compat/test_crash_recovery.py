"""`kill -9` of the server at a random moment under load, restart on the same database, again and again."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
import websockets

from support.servers import Database, Server
from support.sockets import event, open_socket
from support.waiting import eventually_async

pytestmark = [pytest.mark.own_server, pytest.mark.timeout(420)]

ROUNDS = 20
LEASE_SECONDS = 60
LIFECYCLE = ["PENDING", "RUNNING", "COMPLETED"]


@dataclass
class Run:
    """A flow run as its client knows it: what was acknowledged, and the transition that may be under way."""

    id: str
    acknowledged: list[str] = field(default_factory=list)
    next_transition_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def next_state(self) -> str | None:
        return LIFECYCLE[len(self.acknowledged)] if len(self.acknowledged) < len(LIFECYCLE) else None


@dataclass
class Journal:
    """Everything that the server has acknowledged, over all rounds."""

    runs: dict[str, Run] = field(default_factory=dict)
    leases: set[str] = field(default_factory=set)
    # A lease asked for or given back when the server died: it may be held or not.
    uncertain_leases: int = 0
    logs: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


@dataclass
class World:
    flow_id: str
    deployment_id: str
    limit: str
    log_run_id: str
    event_name: str


async def test_kill_the_server_twenty_times_under_load_and_lose_nothing(database: Database):
    choose = random.Random(20261122)
    server = Server(database.url).start()
    journal = Journal()
    try:
        async with httpx.AsyncClient(base_url=server.api_url, timeout=30) as client:
            world = await create_world(client)
        for _ in range(ROUNDS):
            await load_until_killed(server, world, journal, choose)
            server.start()
            async with httpx.AsyncClient(base_url=server.api_url, timeout=60) as client:
                await check_runs(client, journal, choose)
                await check_leases(client, world, journal)
        async with httpx.AsyncClient(base_url=server.api_url, timeout=60) as client:
            await check_logs(client, world, journal)
            await check_events(client, world, journal)
            await finish_every_run(client, world, journal)
            await release_every_lease(client, world, journal)
        assert len(journal.runs) > ROUNDS, "the load was too light to say anything"
        assert journal.events and journal.logs
        assert server.stop() == 0
    finally:
        if server.is_alive():
            server.kill()


async def create_world(client: httpx.AsyncClient) -> World:
    async def create(path: str, **body) -> dict:
        response = await client.post(path, json=body)
        assert response.status_code in (200, 201), f"{path}: {response.text}"
        return response.json()

    flow_id = (await create("/flows/", name="crashing"))["id"]
    deployment = await create("/deployments/", name="crashing", flow_id=flow_id, concurrency_limit=10_000)
    await create("/v2/concurrency_limits/", name="crashing", limit=10_000)
    log_run = await create("/flow_runs/", flow_id=flow_id)
    return World(flow_id, deployment["id"], "crashing", log_run["id"], f"crashing.{uuid.uuid4().hex}")


async def load_until_killed(server: Server, world: World, journal: Journal, choose: random.Random) -> None:
    """Runs all clients, kills the server in the middle, and waits until every client has noticed."""
    async with httpx.AsyncClient(base_url=server.api_url, timeout=10) as client:
        clients = [drive_runs(client, world, journal, with_deployment=number % 2 == 0) for number in range(4)]
        clients += [hold_leases(client, world, journal, choose) for _ in range(2)]
        clients += [write_logs(client, world, journal), send_events(server, world, journal)]
        tasks = [asyncio.create_task(until_the_connection_breaks(each)) for each in clients]
        await asyncio.sleep(choose.uniform(0.2, 0.9))
        server.kill()
        await asyncio.gather(*tasks)


async def until_the_connection_breaks(work: Callable[[], Awaitable[None]]) -> None:
    try:
        while True:
            await work()
    except (httpx.TransportError, websockets.ConnectionClosed, OSError):
        pass


def drive_runs(client: httpx.AsyncClient, world: World, journal: Journal, with_deployment: bool):
    async def drive() -> None:
        if with_deployment:
            path, body = f"/deployments/{world.deployment_id}/create_flow_run", {"state": {"type": "SCHEDULED"}}
        else:
            path, body = "/flow_runs/", {"flow_id": world.flow_id, "state": {"type": "SCHEDULED"}}
        response = await client.post(path, json=body)
        assert response.status_code == 201, response.text
        run = Run(response.json()["id"])
        journal.runs[run.id] = run
        while run.next_state:
            await advance(client, run)

    return drive


async def advance(client: httpx.AsyncClient, run: Run) -> None:
    """The next transition of a run. Sent again after a crash, as the SDK does, it has happened once."""
    state = {"type": run.next_state, "state_details": {"transition_id": run.next_transition_id}}
    response = await client.post(f"/flow_runs/{run.id}/set_state", json={"state": state})
    assert response.status_code in (200, 201), response.text
    answer = response.json()
    happened_before = answer["status"] == "REJECT" and "already made this state transition" in answer["details"]["reason"]
    assert answer["status"] == "ACCEPT" or happened_before, answer
    run.acknowledged.append(run.next_state)
    run.next_transition_id = str(uuid.uuid4())


def hold_leases(client: httpx.AsyncClient, world: World, journal: Journal, choose: random.Random):
    async def hold() -> None:
        journal.uncertain_leases += 1
        response = await client.post(
            "/v2/concurrency_limits/increment-with-lease",
            json={"names": [world.limit], "slots": 1, "lease_duration": LEASE_SECONDS},
        )
        assert response.status_code == 200, response.text
        lease = response.json()["lease_id"]
        journal.leases.add(lease)
        journal.uncertain_leases -= 1
        if choose.random() < 0.7:
            journal.leases.discard(lease)
            journal.uncertain_leases += 1
            response = await client.post("/v2/concurrency_limits/decrement-with-lease", json={"lease_id": lease})
            assert response.status_code == 204, response.text
            journal.uncertain_leases -= 1

    return hold


def write_logs(client: httpx.AsyncClient, world: World, journal: Journal):
    async def write() -> None:
        messages = [uuid.uuid4().hex for _ in range(10)]
        now = datetime.now(UTC).isoformat()
        logs = [
            {"name": "crash", "level": 20, "message": message, "timestamp": now, "flow_run_id": world.log_run_id}
            for message in messages
        ]
        response = await client.post("/logs/", json=logs)
        assert response.status_code == 201, response.text
        journal.logs.update(messages)
        await asyncio.sleep(0.02)

    return write


def send_events(server: Server, world: World, journal: Journal):
    async def send() -> None:
        async with open_socket(server.websocket_url, "/events/in") as socket:
            while True:
                batch = [event(world.event_name) for _ in range(10)]
                for each in batch:
                    await socket.send(json.dumps(each))
                # The pong says that everything before it is safe.
                await (await socket.ping())
                journal.events.update(each["id"] for each in batch)

    return send


async def check_runs(client: httpx.AsyncClient, journal: Journal, choose: random.Random) -> None:
    """A sample of all runs, and every unfinished one: state, history and row tell the same story."""
    unfinished = [run for run in journal.runs.values() if run.next_state]
    finished = [run for run in journal.runs.values() if not run.next_state]
    for run in unfinished + choose.sample(finished, min(20, len(finished))):
        response = await client.get(f"/flow_runs/{run.id}")
        assert response.status_code == 200, f"the run {run.id} was acknowledged and is gone"
        row = response.json()
        history = (await client.get("/flow_run_states/", params={"flow_run_id": run.id})).json()
        types = [state["type"] for state in history]
        expected = ["SCHEDULED", *run.acknowledged]
        assert types[: len(expected)] == expected, f"{run.id}: acknowledged {expected}, found {types}"
        assert len(types) <= len(expected) + 1, f"{run.id}: more states than were ever asked for: {types}"
        assert (row["state_id"], row["state_type"]) == (history[-1]["id"], types[-1]), f"{run.id} is in a half state"
        assert (row["end_time"] is not None) == (types[-1] == "COMPLETED")


async def check_leases(client: httpx.AsyncClient, world: World, journal: Journal) -> None:
    """Every lease that was acknowledged and not given back is alive, and slots are held for these alone."""
    for lease in journal.leases:
        response = await client.post(
            f"/v2/concurrency_limits/leases/{lease}/renew", json={"lease_duration": LEASE_SECONDS}
        )
        assert response.status_code == 204, f"the lease {lease} did not survive: {response.status_code}"
    limit = (await client.get(f"/v2/concurrency_limits/{world.limit}")).json()
    held = len(journal.leases)
    assert held <= limit["active_slots"] <= held + journal.uncertain_leases


async def check_logs(client: httpx.AsyncClient, world: World, journal: Journal) -> None:
    found: set[str] = set()
    offset = 0
    while True:
        response = await client.post(
            "/logs/filter",
            json={
                "logs": {"flow_run_id": {"any_": [world.log_run_id]}},
                "sort": "TIMESTAMP_ASC",
                "limit": 200,
                "offset": offset,
            },
        )
        page = response.json()
        found.update(log["message"] for log in page)
        offset += len(page)
        if len(page) < 200:
            break
    assert journal.logs <= found, f"{len(journal.logs - found)} of {len(journal.logs)} acknowledged logs are gone"


async def check_events(client: httpx.AsyncClient, world: World, journal: Journal) -> None:
    found: set[str] = set()
    page = (
        await client.post("/events/filter", json={"filter": {"event": {"name": [world.event_name]}}, "limit": 50})
    ).json()
    while True:
        found.update(each["id"] for each in page["events"])
        if not page["next_page"]:
            break
        page = (await client.get(page["next_page"])).json()
    assert journal.events <= found, f"{len(journal.events - found)} of {len(journal.events)} acknowledged events are gone"


async def finish_every_run(client: httpx.AsyncClient, world: World, journal: Journal) -> None:
    """No run is stranded: each goes on from where it was, and the deployment's slots are all free again."""
    for run in journal.runs.values():
        while run.next_state:
            await advance(client, run)
        assert (await client.get(f"/flow_runs/{run.id}")).json()["state_type"] == "COMPLETED"

    # A run whose creation was not acknowledged holds no slot: it never became pending.
    limit = (await client.get(f"/deployments/{world.deployment_id}")).json()["global_concurrency_limit"]
    assert limit["active_slots"] == 0


async def release_every_lease(client: httpx.AsyncClient, world: World, journal: Journal) -> None:
    """What nobody answers for any more goes back when its lease ends."""
    for lease in journal.leases:
        response = await client.post("/v2/concurrency_limits/decrement-with-lease", json={"lease_id": lease})
        assert response.status_code == 204

    async def active_slots() -> float:
        return (await client.get(f"/v2/concurrency_limits/{world.limit}")).json()["active_slots"]

    assert await active_slots() <= journal.uncertain_leases
    started = time.monotonic()
    await eventually_async(active_slots, lambda slots: slots == 0, within=LEASE_SECONDS + 60, every=1)
    assert time.monotonic() - started < LEASE_SECONDS + 60
