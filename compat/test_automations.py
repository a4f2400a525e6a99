"""Automations: made with the SDK, the CLI and deployments; what they do, and that they do it once."""

from __future__ import annotations

import os
import time
import uuid
from datetime import timedelta

import httpx
import pytest
from prefect import flow
from prefect.automations import Automation
from prefect.events import DeploymentEventTrigger, emit_event
from prefect.events.actions import ChangeFlowRunState, DoNothing, PauseAutomation, RunDeployment
from prefect.events.schemas.automations import (
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    MetricTriggerOperator,
    MetricTriggerQuery,
    Posture,
    PrefectMetric,
)
from prefect.states import Failed

from support.api import Api
from support.commands import Terminal
from support.servers import Database, Server
from support.waiting import eventually

# Each takes ten seconds on PostgreSQL, until the leases of the dead process are over.
KILLS = int(os.environ.get("SLUICE_TEST_KILLS", "4"))


def deployment_of(api: Api, name: str) -> str:
    flow_id = api.post("/flows/", json={"name": name}).json()["id"]
    response = api.post("/deployments/", json={"name": name, "flow_id": flow_id})
    assert response.status_code == 201, response.text
    return response.json()["id"]


def events_of(api: Api, automation_id: uuid.UUID, event: str) -> list[dict]:
    body = {"filter": {"event": {"name": [event]}, "resource": {"id": [f"prefect.automation.{automation_id}"]}}}
    response = api.post("/events/filter", json=body)
    assert response.status_code == 200, response.text
    return response.json()["events"]


def test_a_flow_fails_and_a_deployment_runs_once(api: Api, name: str):
    deployment_id = deployment_of(api, f"{name}-answer")
    automation = Automation(
        name=name,
        trigger=EventTrigger(
            expect={"prefect.flow-run.Failed"},
            match_related={"prefect.resource.name": name, "prefect.resource.role": "flow"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            RunDeployment(
                deployment_id=deployment_id,
                parameters={"failed": "{{ flow_run.id }}", "text": "{{ flow.name }} is {{ flow_run.state.name }}"},
            )
        ],
    ).create()

    @flow(name=name)
    def failing():
        return Failed(message="as it should")

    state = failing(return_state=True)

    runs = eventually(lambda: api.flow_runs_of_deployment(deployment_id))
    executed = eventually(lambda: events_of(api, automation.id, "prefect.automation.action.executed"))
    assert len(runs) == len(executed) == 1
    assert runs[0]["parameters"] == {
        "failed": str(state.state_details.flow_run_id),
        "text": f"{name} is Failed",
    }
    assert runs[0]["created_by"]["type"] == "AUTOMATION"
    assert runs[0]["created_by"]["display_value"] == name
    assert automation.delete()


def test_silence_is_noticed(api: Api, name: str):
    automation = Automation(
        name=name,
        trigger=EventTrigger(
            after={f"{name}.started"},
            expect={f"{name}.ended"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=10),
        ),
        actions=[DoNothing()],
    ).create()

    for resource in ["slow", "quick"]:
        emit_event(event=f"{name}.started", resource={"prefect.resource.id": f"{name}.{resource}"})
    emit_event(event=f"{name}.ended", resource={"prefect.resource.id": f"{name}.quick"})

    fired = eventually(lambda: events_of(api, automation.id, "prefect.automation.triggered"), within=60)
    assert [event["payload"]["triggering_labels"] for event in fired] == [{"prefect.resource.id": f"{name}.slow"}]
    automation.delete()


def test_a_compound_trigger_pauses_its_own_automation(api: Api, name: str):
    part = {"posture": Posture.Reactive, "threshold": 1, "within": timedelta(0)}
    automation = Automation(
        name=name,
        trigger=CompoundTrigger(
            triggers=[EventTrigger(expect={f"{name}.{letter}"}, **part) for letter in "ab"],
            require="all",
            within=timedelta(seconds=60),
        ),
        actions=[DoNothing()],
    ).create()
    automation.actions = [PauseAutomation(automation_id=automation.id)]
    automation.update()

    for letter in "aab":
        emit_event(event=f"{name}.{letter}", resource={"prefect.resource.id": name})

    eventually(lambda: Automation.read(id=automation.id).enabled is False)
    # The event is told after the commit that paused the automation.
    eventually(lambda: events_of(api, automation.id, "prefect.automation.triggered"))
    assert len(events_of(api, automation.id, "prefect.automation.triggered")) == 1
    automation.delete()


@pytest.mark.parametrize("metric", list(PrefectMetric))
def test_a_metric_trigger_is_kept_as_it_was_made(api: Api, terminal: Terminal, name: str, metric: PrefectMetric):
    """That it fires is tested with a clock that is moved, in the services: it takes five minutes at least."""
    trigger = MetricTrigger(
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related={"prefect.resource.role": "flow", "prefect.resource.name": name},
        metric=MetricTriggerQuery(
            name=metric,
            threshold=0.5,
            operator=MetricTriggerOperator.LTE,
            range=timedelta(minutes=10),
            firing_for=timedelta(minutes=7),
        ),
    )
    automation = Automation(name=name, trigger=trigger, actions=[DoNothing()]).create()

    read = Automation.read(id=automation.id)
    assert isinstance(read.trigger, MetricTrigger)
    assert read.trigger.metric == trigger.metric
    assert read.trigger.match == trigger.match and read.trigger.match_related == trigger.match_related
    assert metric.value in terminal.prefect("automation", "inspect", name).output

    automation.trigger.metric.threshold = 0.75
    automation.update()
    stored = api.get(f"/automations/{automation.id}").json()["trigger"]
    assert stored["type"] == "metric" and stored["posture"] == "Metric"
    assert stored["metric"] | {"range": 600.0, "firing_for": 420.0} == stored["metric"]
    assert (stored["metric"]["threshold"], stored["metric"]["operator"]) == (0.75, "<=")
    too_short = {"name": name, "trigger": {**stored, "metric": {**stored["metric"], "range": 299}}, "actions": []}
    assert api.post("/automations/", json=too_short).status_code == 422
    automation.delete()


def test_the_command_line_creates_pauses_inspects_and_deletes(api: Api, terminal: Terminal, name: str, tmp_path):
    file = tmp_path / "automation.yaml"
    file.write_text(
        f"""
name: {name}
description: made with the command line
trigger:
  type: event
  posture: Reactive
  expect: ["{name}.happened"]
actions:
  - type: change-flow-run-state
    state: CANCELLED
"""
    )
    terminal.prefect("automation", "create", "--from-file", str(file))
    assert name in terminal.prefect("automation", "ls").output
    assert "made with the command line" in terminal.prefect("automation", "inspect", name).output
    terminal.prefect("automation", "pause", name)
    assert Automation.read(name=name).enabled is False
    terminal.prefect("automation", "resume", name)
    automation = Automation.read(name=name)
    assert automation.enabled and isinstance(automation.actions[0], ChangeFlowRunState)
    terminal.prefect("automation", "delete", name)
    assert api.get(f"/automations/{automation.id}").status_code == 404


def test_a_deployment_brings_its_triggers(api: Api, terminal: Terminal, name: str, tmp_path):
    (tmp_path / "flows.py").write_text("from prefect import flow\n\n@flow\ndef triggered():\n    pass\n")
    (tmp_path / "prefect.yaml").write_text(
        f"""
deployments:
  - name: {name}
    entrypoint: flows.py:triggered
    work_pool: {{name: {name}}}
    triggers:
      - type: event
        enabled: true
        expect: ["{name}.happened"]
        parameters: {{}}
"""
    )
    terminal.prefect("work-pool", "create", name, "--type", "process")
    for _ in range(2):
        terminal.prefect("--no-prompt", "deploy", "--all", directory=tmp_path)
    deployment_id = api.deployment("triggered", name)["id"]
    related = api.get(f"/automations/related-to/prefect.deployment.{deployment_id}").json()
    assert len(related) == 1, "each deploy makes its automations anew"

    emit_event(event=f"{name}.happened", resource={"prefect.resource.id": name})

    assert len(eventually(lambda: api.flow_runs_of_deployment(deployment_id))) == 1


def test_a_deployment_that_code_deploys_brings_its_triggers(api: Api, terminal: Terminal, name: str, tmp_path):
    (tmp_path / "flows.py").write_text("from prefect import flow\n\n@flow\ndef triggered(number: int = 0):\n    pass\n")
    terminal.prefect("work-pool", "create", name, "--type", "process")
    trigger = DeploymentEventTrigger(
        name=name,
        expect={f"{name}.happened"},
        for_each={"prefect.resource.id"},
        threshold=2,
        within=timedelta(minutes=5),
        parameters={"number": 7},
    )
    triggered = flow.from_source(source=str(tmp_path), entrypoint="flows.py:triggered")
    for _ in range(2):
        deployment_id = triggered.deploy(name, work_pool_name=name, triggers=[trigger], build=False, push=False)
    related = api.get(f"/automations/related-to/prefect.deployment.{deployment_id}").json()
    assert [automation["name"] for automation in related] == [name], "each deploy makes its automations anew"

    for resource in ("one", "other", "one"):
        emit_event(event=f"{name}.happened", resource={"prefect.resource.id": f"{name}.{resource}"})

    runs = eventually(lambda: api.flow_runs_of_deployment(str(deployment_id)))
    assert [run["parameters"] for run in runs] == [{"number": 7}]


@pytest.mark.own_server
@pytest.mark.timeout(900)
def test_a_server_that_is_killed_between_trigger_and_action_acts_once(database: Database):
    """The server dies when the trigger has fired and nothing was done yet, and again when the run was just made."""
    environment = {"SLUICE_SERVICES_DISABLED": ""}
    server = Server(database.url, environment)
    try:
        once = Once(server.start())
        for _ in range(KILLS):
            server.kill()
            environment["SLUICE_SERVICES_DISABLED"] = "actions"
            server.start()
            once.happen()
            eventually(once.firings, lambda firings: firings == len(once.ids), within=30)
            assert once.made() == once.ids[:-1], "nothing was done yet"
            server.kill()
            environment["SLUICE_SERVICES_DISABLED"] = ""
            server.start()
            assert eventually(once.made, lambda made: len(made) >= len(once.ids), within=30) == once.ids
        once.settle()
        assert server.stop() == 0
    finally:
        if server.is_alive():
            server.kill()


@pytest.mark.own_server
@pytest.mark.timeout(300)
def test_a_server_that_is_killed_soon_after_an_event_acts_once(database: Database):
    """The server dies at another moment after each event; every event has made one run in the end."""
    server = Server(database.url)
    try:
        once = Once(server.start())
        for number in range(5 * KILLS):
            once.happen()
            time.sleep(number % 20 * 0.003)
            server.kill()
            server.start()
        once.settle()
        assert server.stop() == 0
    finally:
        if server.is_alive():
            server.kill()


class Once:
    """An automation that makes a flow run for each event, and what has become of the events."""

    def __init__(self, server: Server):
        self.server = server
        self.ids: list[str] = []
        flow_id = self.ask("/flows/", {"name": "once"})["id"]
        self.deployment_id = self.ask("/deployments/", {"name": "once", "flow_id": flow_id})["id"]
        action = {
            "type": "run-deployment",
            "deployment_id": self.deployment_id,
            "parameters": {"event": "{{ event.id }}"},
        }
        trigger = {"type": "event", "posture": "Reactive", "expect": ["once.happened"]}
        self.ask("/automations/", {"name": "once", "trigger": trigger, "actions": [action]})

    def ask(self, path: str, body: object) -> dict | list | None:
        response = httpx.post(self.server.api_url + path, json=body, timeout=30)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def happen(self) -> None:
        event = {
            "id": str(uuid.uuid4()),
            "event": "once.happened",
            "occurred": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "resource": {"prefect.resource.id": "once"},
        }
        self.ask("/events", [event])
        self.ids.append(event["id"])

    def firings(self) -> int:
        filter = {"event": {"name": ["prefect.automation.triggered"]}}
        return self.ask("/events/filter", {"filter": filter})["total"]

    def made(self) -> list[str]:
        """The events of the runs, in the order of the events; what came twice is there twice."""
        body = {"deployments": {"id": {"any_": [self.deployment_id]}}}
        runs = [run["parameters"]["event"] for run in self.ask("/flow_runs/filter", body)]
        return sorted(runs, key=self.ids.index)

    def settle(self) -> None:
        """Actions are taken in their order: when that of one more event is done, nothing waits."""
        self.happen()
        made = eventually(self.made, lambda made: self.ids[-1] in made and len(made) >= len(self.ids), within=60)
        assert made == self.ids
