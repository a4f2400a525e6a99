"""Notifications: blocks and automations made with the SDK, messages sent by the server."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prefect import flow
from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.states import Failed

from support.api import Api
from support.waiting import eventually
from test_automations import events_of

EXECUTED = "prefect.automation.action.executed"
FAILED = "prefect.automation.action.failed"


class Service:
    """A web server that notes what it is sent. What is asked of a path below /away is answered 503 the first time."""

    def __init__(self):
        self.requests: list[tuple[str, dict[str, str], str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.requests.append((self.path, headers, body))
                is_away = self.path.startswith("/away") and len(service.sent_to(self.path)) == 1
                self.send_response(503 if is_away else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def sent_to(self, path: str) -> list[tuple[dict[str, str], str]]:
        return [(headers, body) for found, headers, body in list(self.requests) if found == path]


@pytest.fixture
def service():
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


def when_it_fails(name: str, *actions) -> Automation:
    return Automation(
        name=name,
        trigger=EventTrigger(
            expect={"prefect.flow-run.Failed"},
            match_related={"prefect.resource.name": name, "prefect.resource.role": "flow"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=list(actions),
    ).create()


def fail(name: str):
    @flow(name=name)
    def failing():
        return Failed(message="as it should")

    return failing(return_state=True)


def test_a_flow_fails_and_everybody_is_told_once(api: Api, service: Service, name: str):
    slack = SlackWebhook(url=f"{service.url}/slack", notify_type="failure").save(f"{name}-slack")
    custom = CustomWebhookNotificationBlock(
        name="custom",
        url=f"{service.url}/custom",
        json_data={"text": "{{subject}}: {{body}}", "token": "{{token}}"},
        headers={"X-From": "{{name}}"},
        secrets={"token": "confidential"},
    ).save(f"{name}-custom")
    webhook = Webhook(url=f"{service.url}/away/confidential", headers={"X-Token": "confidential"}).save(f"{name}-hook")
    automation = when_it_fails(
        name,
        SendNotification(
            block_document_id=slack,
            subject="{{ flow.name }} failed",
            body="{{ flow_run.state.name }}: {{ flow_run.state.message }} & more, {{ flow_run | ui_url }}",
        ),
        SendNotification(block_document_id=custom, subject="s", body="{{ flow_run.id }}"),
        CallWebhook(block_document_id=webhook, payload='{"run": "{{ flow_run.id }}"}'),
    )

    state = fail(name)

    run_id = str(state.state_details.flow_run_id)
    executed = eventually(lambda: events_of(api, automation.id, EXECUTED), lambda found: len(found) == 3)
    assert events_of(api, automation.id, FAILED) == []

    [(_, body)] = service.sent_to("/slack")
    [attachment] = json.loads(body)["attachments"]
    assert attachment["title"] == f"{name} failed"
    assert attachment["text"].startswith("Failed: as it should &amp; more, http")
    assert run_id in attachment["text"]
    assert attachment["color"] == "#A32037"

    [(headers, body)] = service.sent_to("/custom")
    assert json.loads(body) == {"text": f"s: {run_id}", "token": "confidential"}
    assert headers["x-from"] == "custom"

    # The first answer was 503.
    first, second = service.sent_to("/away/confidential")
    assert json.loads(second[1]) == {"run": run_id}
    assert first[0]["idempotency-key"] == second[0]["idempotency-key"]
    assert second[0]["x-token"] == "confidential"

    by_index = {event["payload"]["action_index"]: event for event in executed}
    assert [by_index[index]["payload"]["attempts"] for index in range(3)] == [1, 1, 2]
    assert by_index[2]["payload"]["response_body"] == "ok"
    related = {labels["prefect.resource.role"]: labels["prefect.resource.id"] for labels in by_index[0]["related"]}
    assert related["block"] == f"prefect.block-document.{slack}"
    assert related["block-type"] == "prefect.block-type.slack-webhook"
    assert "confidential" not in json.dumps(executed)
    automation.delete()


def test_blocks_may_forbid_private_addresses(api: Api, service: Service, name: str):
    block = SlackWebhook(url=f"{service.url}/slack", allow_private_urls=False).save(name)
    automation = when_it_fails(name, SendNotification(block_document_id=block, body="b"))

    fail(name)

    [failed] = eventually(lambda: events_of(api, automation.id, FAILED))
    assert failed["payload"]["reason"] == "Notification failed"
    assert "private address" in failed["payload"]["notification_log"]
    assert service.requests == []
    automation.delete()
