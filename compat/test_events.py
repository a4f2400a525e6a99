"""Events: emitted by users and by the server, streamed to subscribers, found again."""

from __future__ import annotations

import asyncio
import datetime
import json

from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter
from prefect.events.schemas.events import Event, Resource
from prefect.logging.clients import get_logs_subscriber

from support.api import Api
from support.commands import Terminal
from support.waiting import eventually, eventually_async


def stored_events(api: Api, prefix: str, **filters) -> list[dict]:
    body = {"filter": {"event": {"prefix": [prefix]}, "order": "ASC", **filters}, "limit": 50}
    response = api.post("/events/filter", json=body)
    assert response.status_code == 200, response.text
    return response.json()["events"]


def event_named(name: str, number: int = 0) -> Event:
    return Event(event=name, resource=Resource({"prefect.resource.id": f"{name}.{number}"}), payload={"number": number})


def test_emit_an_event_and_find_it_again(api: Api, name: str):
    emitted = emit_event(
        event=f"{name}.arrived",
        resource={"prefect.resource.id": f"{name}.ship", "flag": "LR"},
        related=[{"prefect.resource.id": f"{name}.harbour", "prefect.resource.role": "port"}],
        payload={"tons": 12},
    )

    [found] = eventually(lambda: stored_events(api, f"{name}."))
    assert found["id"] == str(emitted.id)
    assert (found["payload"], found["resource"]["flag"]) == ({"tons": 12}, "LR")
    assert stored_events(api, f"{name}.", related={"id": [f"{name}.harbour"]}) == [found]
    assert stored_events(api, f"{name}.", resource={"labels": {"flag": "XX"}}) == []


def test_a_flow_run_tells_its_story_in_events(api: Api, name: str):
    @flow(name=name)
    def plain() -> str:
        return runtime.flow_run.id

    run_id = plain()

    events = eventually(
        lambda: stored_events(api, "prefect.flow-run.", resource={"id": [f"prefect.flow-run.{run_id}"]}),
        lambda events: "prefect.flow-run.Completed" in [event["event"] for event in events],
    )
    states = [event for event in events if event["event"] != "prefect.flow-run.heartbeat"]
    assert [event["event"].removeprefix("prefect.flow-run.") for event in states] == ["Pending", "Running", "Completed"]
    assert [event["follows"] for event in states] == [None, states[0]["id"], states[1]["id"]]
    assert {related["prefect.resource.role"] for related in states[2]["related"]} >= {"flow"}
    assert states[2]["resource"]["prefect.state-type"] == "COMPLETED"
    assert api.flow_run(run_id)["state_id"] == states[2]["id"]


def test_page_through_many_events_and_count_them(api: Api, name: str):
    async def send() -> None:
        async with get_events_client() as client:
            for number in range(120):
                await client.emit(event_named(f"{name}.many", number))

    asyncio.run(send())

    def total() -> int:
        return api.post("/events/filter", json={"filter": {"event": {"prefix": [f"{name}."]}}}).json()["total"]

    assert eventually(total, lambda total: total == 120) == 120
    page = api.post("/events/filter", json={"filter": {"event": {"prefix": [f"{name}."]}}, "limit": 50}).json()
    seen = [event["id"] for event in page["events"]]
    while page["next_page"]:
        page = api.get(page["next_page"]).json()
        seen += [event["id"] for event in page["events"]]
    assert len(set(seen)) == 120
    [count] = api.post("/events/count-by/event", json={"filter": {"event": {"prefix": [f"{name}."]}}}).json()
    assert (count["value"], count["count"]) == (f"{name}.many", 120)


async def test_subscribe_and_see_events_from_before_and_after(api: Api, name: str):
    async with get_events_client() as client:
        await client.emit(event_named(f"{name}.before"))
    await eventually_async(lambda: stored_events(api, f"{name}."))

    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
    wanted = EventFilter(event=EventNameFilter(prefix=[f"{name}."]), occurred=EventOccurredFilter(since=since))
    seen = []
    async with get_events_subscriber(filter=wanted) as subscriber:
        async with get_events_client() as client:
            await client.emit(event_named(f"{name}.after", 1))
            await client.emit(event_named("compat-other.after", 1))
            await client.emit(event_named(f"{name}.after", 2))
        async with asyncio.timeout(30):
            async for event in subscriber:
                seen.append((event.event, event.payload["number"]))
                if len(seen) == 3:
                    break

    assert seen == [(f"{name}.before", 0), (f"{name}.after", 1), (f"{name}.after", 2)]


async def test_follow_the_logs_of_a_flow_run_as_they_are_written(name: str):
    async with get_client() as client:

        @flow(name=name)
        def silent() -> None: ...

        run = await client.create_flow_run(silent)
        from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId

        wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
        async with get_logs_subscriber(filter=wanted) as subscriber:
            await client.create_logs([
                {"name": "by.hand", "level": 30, "message": f"line {number}", "flow_run_id": str(run.id),
                 "timestamp": datetime.datetime.now(datetime.UTC).isoformat()} for number in range(3)
            ])  # fmt: skip
            seen = []
            async with asyncio.timeout(30):
                async for log in subscriber:
                    seen.append((log.level, log.message))
                    if len(seen) == 3:
                        break

    assert seen == [(30, "line 0"), (30, "line 1"), (30, "line 2")]


def test_watch_events_with_the_cli(terminal: Terminal, name: str):
    stream = terminal.start("prefect", "event", "stream", "--format", "json")
    stream.await_output("Subscribing to event stream")

    # Whether it is emitted before or after the subscription: the stream begins a minute ago.
    terminal.prefect(
        "event", "emit", f"{name}.from-the-cli", "--resource-id", f"{name}.thing", "--payload", json.dumps({"a": 1})
    )

    stream.await_output(f"{name}.from-the-cli")
    stream.stop()
    [line] = [line for line in stream.output.splitlines() if f"{name}.from-the-cli" in line]
    assert json.loads(line)["payload"] == {"a": 1}


def test_post_events_over_http(api: Api, name: str):
    event = json.loads(event_named(f"{name}.posted").model_dump_json())

    assert api.post("/events", json=[event]).status_code == 204
    assert api.post("/events", json=[event]).status_code == 204

    assert [found["id"] for found in eventually(lambda: stored_events(api, f"{name}."))] == [event["id"]]
